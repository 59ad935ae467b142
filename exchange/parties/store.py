"""SQL of organisations, their records, ownership, and the standing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import col, or_, select

from exchange.infra.database import Tx, cursor
from exchange.parties.lifecycle import OrganisationKind, OrganisationStatus, RecordStatus
from exchange.parties.relations import Edge
from exchange.parties.standing import COLUMNS, Standing, standing_of
from exchange.parties.tables import (
    InvestorClassRow,
    OrganisationRow,
    OwnershipRow,
    StandingRow,
    SuitabilityRow,
)

FILINGS_MAX = 500
STANDINGS = f"SELECT {COLUMNS} FROM standing WHERE organisation_id = ANY(%s)"  # noqa: S608 - names of a constant
# UNION (not ALL) drops rows seen before, so a cross-holding ends the walk.
UPSTREAM = """
WITH RECURSIVE up AS (
  SELECT id, owner_id, owned_id, share_ppm FROM ownership
  WHERE owned_id = %(organisation)s AND (ended_on IS NULL OR ended_on > %(today)s)
  UNION
  SELECT o.id, o.owner_id, o.owned_id, o.share_ppm FROM ownership o JOIN up ON o.owned_id = up.owner_id
  WHERE o.ended_on IS NULL OR o.ended_on > %(today)s
) SELECT owner_id, owned_id, share_ppm FROM up ORDER BY id
"""
UPSTREAM_OF_ALL = UPSTREAM.replace("= %(organisation)s AND", "= ANY(%(organisations)s) AND")
DOWNSTREAM = """
WITH RECURSIVE down AS (
  SELECT %(organisation)s::text AS id
  UNION
  SELECT o.owned_id FROM ownership o JOIN down ON o.owner_id = down.id
) SELECT id FROM down ORDER BY id
"""
# One writer of the graph at a time: shares are added up over rows that two writers would not see of each other.
LOCK_GRAPH = "SELECT pg_advisory_xact_lock(7312011)"


def add(tx: Tx, row: OrganisationRow | InvestorClassRow | SuitabilityRow | OwnershipRow) -> None:
    """Add a row and send it, so that constraints speak at once."""
    tx.add(row)
    tx.flush()


def organisation(tx: Tx, organisation_id: str) -> OrganisationRow | None:
    """An organisation by id."""
    return tx.get(OrganisationRow, organisation_id)


def organisations_by_id(tx: Tx, ids: Sequence[str]) -> dict[str, OrganisationRow]:
    """Organisations by id, in one statement."""
    rows = tx.exec(select(OrganisationRow).where(col(OrganisationRow.id).in_(list(ids)))).all()
    return {row.id: row for row in rows}


def lock_organisation(tx: Tx, organisation_id: str) -> OrganisationRow | None:
    """An organisation by id, locked."""
    return tx.get(OrganisationRow, organisation_id, with_for_update=True, populate_existing=True)


def organisation_by_code(tx: Tx, credit_code: str) -> OrganisationRow | None:
    """An organisation by its unified social credit code."""
    return tx.exec(select(OrganisationRow).where(col(OrganisationRow.credit_code) == credit_code)).first()


def organisations_by_code(tx: Tx, credit_codes: Sequence[str]) -> dict[str, OrganisationRow]:
    """Organisations by unified social credit code, in one statement."""
    query = select(OrganisationRow).where(col(OrganisationRow.credit_code).in_(credit_codes))
    return {row.credit_code: row for row in tx.exec(query).all()}


def has_operator(tx: Tx) -> bool:
    """Whether any operator organisation exists."""
    query = select(OrganisationRow.id).where(col(OrganisationRow.kind) == OrganisationKind.OPERATOR).limit(1)
    return tx.exec(query).first() is not None


def organisations(
    tx: Tx, status: OrganisationStatus | None, kind: OrganisationKind | None, after: str, limit: int
) -> Sequence[OrganisationRow]:
    """Organisations in the order of their ids."""
    query = select(OrganisationRow).where(col(OrganisationRow.id) > after)
    if status is not None:
        query = query.where(col(OrganisationRow.status) == status)
    if kind is not None:
        query = query.where(col(OrganisationRow.kind) == kind)
    return tx.exec(query.order_by(col(OrganisationRow.id)).limit(limit)).all()


def classes_of(tx: Tx, organisation_id: str) -> Sequence[InvestorClassRow]:
    """Class records, newest first."""
    return tx.exec(
        select(InvestorClassRow)
        .where(col(InvestorClassRow.organisation_id) == organisation_id)
        .order_by(col(InvestorClassRow.id).desc())
    ).all()


def class_record(tx: Tx, record_id: str) -> InvestorClassRow | None:
    """A class record, locked."""
    return tx.get(InvestorClassRow, record_id, with_for_update=True, populate_existing=True)


def filed_classes(tx: Tx, organisation_id: str | None = None) -> Sequence[InvestorClassRow]:
    """Class records that investors filed and nobody has taken up, of one organisation or of all, oldest first."""
    query = select(InvestorClassRow).where(InvestorClassRow.status == RecordStatus.FILED)
    if organisation_id is not None:
        query = query.where(InvestorClassRow.organisation_id == organisation_id)
    return tx.exec(query.order_by(col(InvestorClassRow.id)).limit(FILINGS_MAX)).all()


def filed_suitability(tx: Tx, organisation_id: str | None = None) -> Sequence[SuitabilityRow]:
    """Suitability records that investors filed and nobody has taken up, likewise."""
    query = select(SuitabilityRow).where(SuitabilityRow.status == RecordStatus.FILED)
    if organisation_id is not None:
        query = query.where(SuitabilityRow.organisation_id == organisation_id)
    return tx.exec(query.order_by(col(SuitabilityRow.id)).limit(FILINGS_MAX)).all()


def approved_class(tx: Tx, organisation_id: str) -> InvestorClassRow | None:
    """The approved class record, whether still valid or not."""
    return tx.exec(
        select(InvestorClassRow).where(
            col(InvestorClassRow.organisation_id) == organisation_id,
            col(InvestorClassRow.status) == RecordStatus.APPROVED,
        )
    ).first()


def suitability_records(tx: Tx, organisation_id: str) -> Sequence[SuitabilityRow]:
    """Suitability records, newest first."""
    return tx.exec(
        select(SuitabilityRow)
        .where(col(SuitabilityRow.organisation_id) == organisation_id)
        .order_by(col(SuitabilityRow.id).desc())
    ).all()


def suitability_record(tx: Tx, record_id: str) -> SuitabilityRow | None:
    """A suitability record, locked."""
    return tx.get(SuitabilityRow, record_id, with_for_update=True, populate_existing=True)


def approved_suitability(tx: Tx, organisation_id: str) -> SuitabilityRow | None:
    """The approved suitability record, whether still valid or not."""
    return tx.exec(
        select(SuitabilityRow).where(
            col(SuitabilityRow.organisation_id) == organisation_id,
            col(SuitabilityRow.status) == RecordStatus.APPROVED,
        )
    ).first()


def lock_graph(tx: Tx) -> None:
    """Be the only writer of ownership until the end of the transaction."""
    with cursor(tx) as raw:
        raw.execute(LOCK_GRAPH)


def owners_of(tx: Tx, organisation_id: str, today: date) -> Sequence[OwnershipRow]:
    """Direct owners whose holding has not ended."""
    return tx.exec(
        select(OwnershipRow)
        .where(
            col(OwnershipRow.owned_id) == organisation_id,
            or_(col(OwnershipRow.ended_on).is_(None), col(OwnershipRow.ended_on) > today),
        )
        .order_by(col(OwnershipRow.id))
    ).all()


def ownership(tx: Tx, ownership_id: str) -> OwnershipRow | None:
    """An edge of ownership, locked."""
    return tx.get(OwnershipRow, ownership_id, with_for_update=True, populate_existing=True)


def upstream(tx: Tx, organisation_id: str, today: date) -> list[Edge]:
    """Every edge that leads to the organisation, through any number of links."""
    with cursor(tx) as raw:
        rows: list[Any] = raw.execute(UPSTREAM, {"organisation": organisation_id, "today": today}).fetchall()
    return [Edge(owner, owned, share) for owner, owned, share in rows]


def upstream_of_all(tx: Tx, organisation_ids: Sequence[str], today: date) -> list[Edge]:
    """Every edge that leads to any of the organisations, in one statement."""
    with cursor(tx) as raw:
        parameters = {"organisations": list(organisation_ids), "today": today}
        rows: list[Any] = raw.execute(UPSTREAM_OF_ALL, parameters).fetchall()
    return [Edge(owner, owned, share) for owner, owned, share in rows]


def downstream(tx: Tx, organisation_id: str) -> list[str]:
    """The organisation and everything below it."""
    with cursor(tx) as raw:
        rows: list[Any] = raw.execute(DOWNSTREAM, {"organisation": organisation_id}).fetchall()
    return [organisation for (organisation,) in rows]


def standing_row(tx: Tx, organisation_id: str) -> StandingRow | None:
    """The stored standing, locked."""
    return tx.get(StandingRow, organisation_id, with_for_update=True, populate_existing=True)


def write_standing(tx: Tx, standing: Standing) -> None:
    """Store a standing, new or again."""
    row = standing_row(tx, standing.organisation_id)
    if row is None:
        row = StandingRow(organisation_id=standing.organisation_id, group_keys=[])
        tx.add(row)
    row.is_approved = standing.is_approved
    row.is_simulated = standing.is_simulated
    row.buyer_class = standing.buyer_class
    row.class_valid_to = standing.class_valid_to
    row.suitable_until = standing.suitable_until
    row.suitability_currency = standing.suitability_currency
    row.net_assets_minor = standing.net_assets_minor
    row.financial_assets_minor = standing.financial_assets_minor
    row.risk_rating = standing.risk_rating
    row.risk_statement_signed = standing.risk_statement_signed
    row.no_nominee_declared = standing.no_nominee_declared
    row.group_keys = list(standing.group_keys)
    row.deemed_kind = standing.deemed.kind if standing.deemed else None
    row.deemed_manager_id = standing.deemed.manager_organisation_id if standing.deemed else None
    tx.flush()


def standings(tx: Tx, ids: Sequence[str]) -> dict[str, Standing]:
    """Standings by organisation, in one statement."""
    with cursor(tx) as raw:
        rows: list[Any] = raw.execute(STANDINGS, (list(ids),)).fetchall()
    return {row[0]: standing_of(row) for row in rows}
