"""SQL of deals."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, or_, select

from exchange.infra.database import Tx
from exchange.settlement.deal import FALLEN, DealStatus
from exchange.settlement.tables.deals import DealRow


def add(tx: Tx, row: DealRow) -> None:
    """Write a new deal."""
    tx.add(row)
    tx.flush()


def save(tx: Tx, row: DealRow) -> None:
    """Write a changed deal under its next version."""
    row.version += 1
    tx.add(row)
    tx.flush()


def deal(tx: Tx, deal_id: str) -> DealRow | None:
    """One deal, read anew."""
    return tx.get(DealRow, deal_id, populate_existing=True)


def deals_by_id(tx: Tx, deal_ids: Collection[str]) -> dict[str, DealRow]:
    """Deals by their ids."""
    query = select(DealRow).where(col(DealRow.id).in_(deal_ids))
    return {row.id: row for row in tx.exec(query)}


def lock_deal(tx: Tx, deal_id: str) -> DealRow | None:
    """One deal, locked until the end of the transaction."""
    return tx.get(DealRow, deal_id, with_for_update=True, populate_existing=True)


def deals_due_after(tx: Tx, moment: datetime) -> list[str]:
    """Ids of deals whose deadline lies after an instant, in the order of locking."""
    query = select(DealRow.listing_id, DealRow.id).where(col(DealRow.due_at) > moment)
    return [deal_id for _, deal_id in sorted(tx.exec(query))]


def deals_transferred_after(tx: Tx, moment: datetime) -> list[str]:
    """Ids of deals registered after an instant, in the order of locking."""
    query = select(DealRow.listing_id, DealRow.id).where(col(DealRow.transferred_at) > moment)
    return [deal_id for _, deal_id in sorted(tx.exec(query))]


def deal_of_trade(tx: Tx, trade_id: str) -> DealRow | None:
    """The first deal of a trade; the deals that replace it name it."""
    query = select(DealRow).where(DealRow.trade_id == trade_id, col(DealRow.replaces_deal_id).is_(None))
    return tx.exec(query).one_or_none()


def deals(
    tx: Tx,
    *,
    organisation_id: str | None,
    listing_id: str | None = None,
    statuses: Collection[DealStatus] = (),
    before: str | None = None,
    limit: int = 200,
) -> list[DealRow]:
    """Deals, newest first; of one organisation as buyer, seller or manager, or of all."""
    query = select(DealRow).order_by(col(DealRow.id).desc()).limit(limit)
    if organisation_id is not None:
        query = query.where(
            or_(
                DealRow.buyer_organisation_id == organisation_id,
                DealRow.seller_organisation_id == organisation_id,
                DealRow.manager_organisation_id == organisation_id,
            )
        )
    if listing_id is not None:
        query = query.where(DealRow.listing_id == listing_id)
    if statuses:
        query = query.where(col(DealRow.status).in_(list(statuses)))
    if before is not None:
        query = query.where(col(DealRow.id) < before)
    return list(tx.exec(query))


def first_deals_of_listing(tx: Tx, listing_id: str) -> list[DealRow]:
    """The deals of a listing's own trades, oldest first, whatever became of them."""
    query = select(DealRow).where(DealRow.listing_id == listing_id, col(DealRow.replaces_deal_id).is_(None))
    return list(tx.exec(query.order_by(col(DealRow.id))))


def live_deals_of_listing(tx: Tx, listing_id: str) -> list[DealRow]:
    """Deals of a listing that have not fallen away, oldest first."""
    query = select(DealRow).where(DealRow.listing_id == listing_id, col(DealRow.status).not_in(list(FALLEN)))
    return list(tx.exec(query.order_by(col(DealRow.id))))
