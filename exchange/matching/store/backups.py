"""SQL of bids that may be called after a deal fell away."""

from collections.abc import Sequence

from sqlmodel import col, select

from exchange.core.terms import Side
from exchange.infra.database import Tx
from exchange.matching.lifecycle import OrderReason, OrderStatus, ProposalStatus
from exchange.matching.tables import OrderRow, ProposalRow


def orders(tx: Tx, order_ids: Sequence[str]) -> dict[str, OrderRow]:
    """Orders by id."""
    query = select(OrderRow).where(col(OrderRow.id).in_(list(order_ids)))
    return {row.id: row for row in tx.exec(query)}


def orders_left_over(tx: Tx, book_id: str, at_least_ppm: int) -> list[OrderRow]:
    """Bids of a book that were open to the end of its listing, at the ask or above."""
    query = select(OrderRow).where(
        OrderRow.book_id == book_id,
        OrderRow.side == Side.BUY,
        OrderRow.status == OrderStatus.CANCELLED,
        OrderRow.reason == OrderReason.LISTING_ENDED.value,
        OrderRow.price_ppm >= at_least_ppm,
        OrderRow.cancelled_minor > 0,
    )
    return list(tx.exec(query))


def orders_that_refused(tx: Tx, listing_id: str) -> list[str]:
    """Bids whose match of a listing was declined or lapsed: they were asked once."""
    query = select(ProposalRow.buy_order_id).where(
        ProposalRow.listing_id == listing_id,
        col(ProposalRow.status).in_([ProposalStatus.DECLINED, ProposalStatus.LAPSED]),
    )
    return list(tx.exec(query.distinct()))
