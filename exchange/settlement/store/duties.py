"""SQL of what is due after a transfer."""

from collections.abc import Collection

from sqlmodel import col, or_, select

from exchange.infra.database import Tx
from exchange.settlement.instalment import InstalmentStatus
from exchange.settlement.obligation import ObligationStatus
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.duties import InstalmentRow, ObligationRow, PlanStatementRow

Duty = ObligationRow | InstalmentRow


def add(tx: Tx, rows: Collection[Duty | PlanStatementRow]) -> None:
    """Write new rows."""
    tx.add_all(rows)
    tx.flush()


def save(tx: Tx, row: Duty) -> None:
    """Write a changed row under its next version."""
    row.version += 1
    tx.add(row)
    tx.flush()


def obligation(tx: Tx, obligation_id: str) -> ObligationRow | None:
    """One obligation, read anew. Its deal's lock covers it."""
    return tx.get(ObligationRow, obligation_id, populate_existing=True)


def instalment(tx: Tx, instalment_id: str) -> InstalmentRow | None:
    """One later part, read anew. Its deal's lock covers it."""
    return tx.get(InstalmentRow, instalment_id, populate_existing=True)


def obligations_of_deal(tx: Tx, deal_id: str) -> list[ObligationRow]:
    """The obligations of a deal in the order they were opened."""
    query = select(ObligationRow).where(ObligationRow.deal_id == deal_id).order_by(col(ObligationRow.id))
    return list(tx.exec(query, execution_options={"populate_existing": True}))


def instalments_of_deal(tx: Tx, deal_id: str) -> list[InstalmentRow]:
    """The later parts of a deal in the order they fall due."""
    query = select(InstalmentRow).where(InstalmentRow.deal_id == deal_id).order_by(col(InstalmentRow.number))
    return list(tx.exec(query, execution_options={"populate_existing": True}))


def obligations(
    tx: Tx,
    *,
    organisation_id: str | None,
    deal_id: str | None,
    status: ObligationStatus | None,
    before: str | None,
    limit: int,
) -> list[ObligationRow]:
    """Obligations, newest first; of the deals one organisation follows, or of all."""
    query = select(ObligationRow).order_by(col(ObligationRow.id).desc()).limit(limit)
    if organisation_id is not None:
        query = query.join(DealRow, col(DealRow.id) == ObligationRow.deal_id).where(
            or_(
                DealRow.buyer_organisation_id == organisation_id,
                DealRow.seller_organisation_id == organisation_id,
                DealRow.manager_organisation_id == organisation_id,
            )
        )
    if deal_id is not None:
        query = query.where(ObligationRow.deal_id == deal_id)
    if status is not None:
        query = query.where(ObligationRow.status == status)
    if before is not None:
        query = query.where(col(ObligationRow.id) < before)
    return list(tx.exec(query))


def has_unpaid(tx: Tx, deal_id: str) -> bool:
    """Whether a later part of a deal is still due."""
    query = select(InstalmentRow.id).where(
        InstalmentRow.deal_id == deal_id, InstalmentRow.status == InstalmentStatus.DUE
    )
    return tx.exec(query.limit(1)).first() is not None


def latest_plan(tx: Tx, deal_id: str, organisation_id: str) -> PlanStatementRow | None:
    """The plan a party stated last."""
    query = select(PlanStatementRow).where(
        PlanStatementRow.deal_id == deal_id, PlanStatementRow.organisation_id == organisation_id
    )
    return tx.exec(query.order_by(col(PlanStatementRow.id).desc())).first()


def plan_statements(tx: Tx, deal_id: str) -> list[PlanStatementRow]:
    """Every plan stated for a deal, oldest first."""
    query = select(PlanStatementRow).where(PlanStatementRow.deal_id == deal_id)
    return list(tx.exec(query.order_by(col(PlanStatementRow.id))))
