"""SQL of notices, answers and approvals of deals."""

from collections.abc import Sequence

from sqlmodel import col, select

from exchange.infra.database import Tx
from exchange.settlement.tables.steps import DealApprovalRow, DealNoticeRow, PartnerAnswerRow


def add(tx: Tx, row: DealNoticeRow | PartnerAnswerRow | DealApprovalRow) -> None:
    """Write a new or changed row."""
    tx.add(row)
    tx.flush()


def notices(tx: Tx, deal_id: str) -> list[DealNoticeRow]:
    """Notices of a deal, in the order of their partners."""
    query = select(DealNoticeRow).where(DealNoticeRow.deal_id == deal_id)
    return list(tx.exec(query.order_by(col(DealNoticeRow.partner_organisation_id))))


def notices_to(tx: Tx, organisation_id: str, limit: int) -> list[DealNoticeRow]:
    """Notices an organisation was served as a partner, newest first."""
    query = select(DealNoticeRow).where(DealNoticeRow.partner_organisation_id == organisation_id)
    return list(tx.exec(query.order_by(col(DealNoticeRow.id).desc()).limit(limit)))


def answers_of_partner(tx: Tx, organisation_id: str, deal_ids: Sequence[str]) -> list[PartnerAnswerRow]:
    """What a partner answered about deals."""
    query = select(PartnerAnswerRow).where(
        PartnerAnswerRow.partner_organisation_id == organisation_id, col(PartnerAnswerRow.deal_id).in_(deal_ids)
    )
    return list(tx.exec(query))


def answers(tx: Tx, deal_id: str) -> list[PartnerAnswerRow]:
    """Answers of a deal's partners, oldest first."""
    query = select(PartnerAnswerRow).where(PartnerAnswerRow.deal_id == deal_id)
    found = tx.exec(
        query.order_by(col(PartnerAnswerRow.answered_at), col(PartnerAnswerRow.id)),
        execution_options={"populate_existing": True},
    )
    return list(found)


def approvals(tx: Tx, deal_id: str) -> list[DealApprovalRow]:
    """Approvals of a deal, in the order they were asked for."""
    query = select(DealApprovalRow).where(DealApprovalRow.deal_id == deal_id).order_by(col(DealApprovalRow.id))
    return list(tx.exec(query, execution_options={"populate_existing": True}))


def approval(tx: Tx, approval_id: str) -> DealApprovalRow | None:
    """One approval, read anew."""
    return tx.get(DealApprovalRow, approval_id, populate_existing=True)
