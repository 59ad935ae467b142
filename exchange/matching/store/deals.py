"""SQL of proposals and trades."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, or_, select

from exchange.infra.database import Tx
from exchange.matching.lifecycle import ProposalStatus
from exchange.matching.tables import BookRow, ProposalRow, TradeRow


def proposal(tx: Tx, proposal_id: str) -> ProposalRow | None:
    """One proposal, read anew."""
    return tx.get(ProposalRow, proposal_id, populate_existing=True)


def lock_proposal(tx: Tx, proposal_id: str) -> ProposalRow | None:
    """One proposal, locked until the end of the transaction."""
    return tx.get(ProposalRow, proposal_id, with_for_update=True, populate_existing=True)


def open_proposals(tx: Tx, listing_id: str) -> list[ProposalRow]:
    """Proposals of a listing that wait for somebody, locked, in rank order."""
    query = select(ProposalRow).where(
        ProposalRow.listing_id == listing_id, ProposalRow.status == ProposalStatus.PROPOSED
    )
    query = query.order_by(col(ProposalRow.rank)).with_for_update()
    return list(tx.exec(query, execution_options={"populate_existing": True}))


def proposals_lapsing_after(tx: Tx, moment: datetime) -> list[tuple[str, str, str]]:
    """(listing, proposal, profile) of open proposals that lapse after an instant, in the order of locking."""
    query = select(ProposalRow.listing_id, ProposalRow.id, BookRow.profile).join(
        BookRow, col(BookRow.id) == ProposalRow.book_id
    )
    query = query.where(ProposalRow.status == ProposalStatus.PROPOSED, col(ProposalRow.lapses_at) > moment)
    return sorted((str(listing), str(proposal), str(name)) for listing, proposal, name in tx.exec(query))


def save(tx: Tx, row: ProposalRow) -> None:
    """Write a changed proposal under its next version."""
    row.version += 1
    tx.add(row)
    tx.flush()


def proposals(
    tx: Tx,
    *,
    organisation_id: str | None,
    listing_id: str | None,
    status: ProposalStatus | None,
    before: str | None,
    limit: int,
) -> list[ProposalRow]:
    """Proposals, newest first; of one organisation as buyer or seller, or of all."""
    query = select(ProposalRow).order_by(col(ProposalRow.id).desc()).limit(limit)
    if organisation_id is not None:
        query = query.where(
            or_(
                ProposalRow.buyer_organisation_id == organisation_id,
                ProposalRow.seller_organisation_id == organisation_id,
            )
        )
    if listing_id is not None:
        query = query.where(ProposalRow.listing_id == listing_id)
    if status is not None:
        query = query.where(ProposalRow.status == status)
    if before is not None:
        query = query.where(col(ProposalRow.id) < before)
    return list(tx.exec(query))


def add_trade(tx: Tx, row: TradeRow) -> None:
    """Write a trade."""
    tx.add(row)
    tx.flush()


def trade(tx: Tx, trade_id: str) -> TradeRow | None:
    """One trade."""
    return tx.get(TradeRow, trade_id)


def trades(
    tx: Tx, *, organisation_id: str | None, fund_id: str | None, before: str | None, limit: int
) -> list[TradeRow]:
    """Trades, newest first."""
    query = select(TradeRow).order_by(col(TradeRow.id).desc()).limit(limit)
    if organisation_id is not None:
        query = query.where(
            or_(TradeRow.buyer_organisation_id == organisation_id, TradeRow.seller_organisation_id == organisation_id)
        )
    if fund_id is not None:
        query = query.where(TradeRow.fund_id == fund_id)
    if before is not None:
        query = query.where(col(TradeRow.id) < before)
    return list(tx.exec(query))


def sold_minor(tx: Tx, listing_id: str) -> int:
    """What trades have taken of a listing, in minor units of subscribed capital."""
    query = select(func.coalesce(func.sum(col(TradeRow.amount_minor)), 0)).where(TradeRow.listing_id == listing_id)
    return int(tx.exec(query).one())
