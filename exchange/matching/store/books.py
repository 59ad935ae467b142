"""SQL of books, halts and standing orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlmodel import col, select

from exchange.core.terms import BuyerClass, MatchingMode, Side
from exchange.infra.database import Tx, cursor
from exchange.matching.lifecycle import LIVE_ORDER, BookPhase
from exchange.matching.tables import BookProgressRow, BookRow, HaltRow, OrderRow

_DEPTH = """
SELECT side, price_ppm, sum(leaves_minor)::bigint, count(*)::int,
       coalesce(sum(leaves_minor) FILTER (WHERE buyer_class = 'guidance_fund'), 0)::bigint,
       coalesce(sum(leaves_minor) FILTER (WHERE organisation_id = %(own)s), 0)::bigint
FROM market_order WHERE book_id = %(book)s AND leaves_minor > 0 AND status IN ('accepted', 'resting')
  AND (NOT %(only_own)s OR organisation_id = %(own)s)
GROUP BY side, price_ppm ORDER BY side, price_ppm DESC
"""


@dataclass(frozen=True, slots=True)
class DepthRow:
    """All open orders of one side at one price, in minor units; ``own_minor`` is the caller's part."""

    side: Side
    price_ppm: int
    amount_minor: int
    count: int
    guidance_minor: int
    own_minor: int


def add_book(tx: Tx, row: BookRow) -> None:
    """Write a new book with its progress at zero."""
    tx.add(row)
    tx.flush()
    tx.add(BookProgressRow(book_id=row.id))
    tx.flush()


def book(tx: Tx, book_id: str) -> BookRow | None:
    """One book."""
    return tx.get(BookRow, book_id, populate_existing=True)


def progress(tx: Tx, book_id: str) -> BookProgressRow | None:
    """How far the matcher has come in a book."""
    return tx.get(BookProgressRow, book_id, populate_existing=True)


def lock_book(tx: Tx, book_id: str) -> BookRow | None:
    """One book, locked until the end of the transaction; nobody appends to its journal meanwhile."""
    return tx.get(BookRow, book_id, with_for_update={"key_share": True}, populate_existing=True)


def lock_books(tx: Tx, book_ids: Sequence[str]) -> list[BookRow]:
    """Several books in id order, locked."""
    query = select(BookRow).where(col(BookRow.id).in_(book_ids)).order_by(col(BookRow.id))
    return list(tx.exec(query.with_for_update(key_share=True), execution_options={"populate_existing": True}))


def continuous_book(tx: Tx, fund_id: str, profile: str, *, is_simulated: bool) -> BookRow | None:
    """The open continuous book of a fund under a profile. The caller holds the fund's lock."""
    query = select(BookRow).where(
        BookRow.fund_id == fund_id,
        BookRow.profile == profile,
        BookRow.mode == MatchingMode.CONTINUOUS,
        BookRow.is_simulated == is_simulated,
        BookRow.phase != BookPhase.CLOSED,
    )
    return tx.exec(query.order_by(col(BookRow.id)).limit(1)).first()


def books(tx: Tx, *, fund_id: str | None, after: str | None, limit: int) -> list[BookRow]:
    """Books in id order."""
    query = select(BookRow).order_by(col(BookRow.id)).limit(limit)
    if fund_id is not None:
        query = query.where(BookRow.fund_id == fund_id)
    if after is not None:
        query = query.where(col(BookRow.id) > after)
    return list(tx.exec(query))


def books_to_halt(tx: Tx) -> list[str]:
    """Ids of all books that are neither closed nor halted."""
    query = select(BookRow.id).where(col(BookRow.phase).not_in([BookPhase.CLOSED, BookPhase.HALTED]))
    return list(tx.exec(query))


def depth(tx: Tx, book_id: str, *, own: str, only_own: bool) -> list[DepthRow]:
    """Open orders by side and price, best bids first; ``only_own`` counts the caller's alone."""
    with cursor(tx) as sql:
        sql.execute(_DEPTH, {"book": book_id, "own": own, "only_own": only_own})
        rows = cast("list[tuple[Any, ...]]", sql.fetchall())
    return [DepthRow(Side(row[0]), *row[1:]) for row in rows]


def add_order(tx: Tx, row: OrderRow) -> None:
    """Write an order."""
    tx.add(row)
    tx.flush()


def order(tx: Tx, order_id: str) -> OrderRow | None:
    """One order, read anew."""
    return tx.get(OrderRow, order_id, populate_existing=True)


def lock_order(tx: Tx, order_id: str) -> OrderRow | None:
    """One order, locked until the end of the transaction."""
    return tx.get(OrderRow, order_id, with_for_update={"key_share": True}, populate_existing=True)


def has_live_bid(tx: Tx, book_id: str) -> bool:
    """Whether a bid with something open waits in a book, matched into it yet or not."""
    query = select(OrderRow.id).where(
        OrderRow.book_id == book_id,
        OrderRow.side == Side.BUY,
        col(OrderRow.status).in_(LIVE_ORDER),
        OrderRow.leaves_minor > 0,
    )
    return tx.exec(query.limit(1)).first() is not None


def ask_of(tx: Tx, book_id: str, listing_id: str) -> OrderRow | None:
    """The sell order of a listing in its book, if its window has opened."""
    query = select(OrderRow).where(
        OrderRow.book_id == book_id, OrderRow.listing_id == listing_id, OrderRow.side == Side.SELL
    )
    return tx.exec(query, execution_options={"populate_existing": True}).first()


def live_orders_of(tx: Tx, organisation_id: str) -> list[OrderRow]:
    """Buy orders of an organisation with something open."""
    query = select(OrderRow).where(
        OrderRow.organisation_id == organisation_id,
        OrderRow.side == Side.BUY,
        col(OrderRow.status).in_(LIVE_ORDER),
        OrderRow.leaves_minor > 0,
    )
    return list(tx.exec(query.order_by(col(OrderRow.book_id), col(OrderRow.id))))


def standing(tx: Tx, organisation_id: str) -> tuple[tuple[str, ...], BuyerClass, bool, Any] | None:
    """(group keys, class, approved, class valid to) of an organisation, as the order path reads it."""
    with cursor(tx) as sql:
        sql.execute(
            "SELECT group_keys, buyer_class, is_approved, class_valid_to FROM standing WHERE organisation_id = %s",
            (organisation_id,),
        )
        row = cast("tuple[Any, ...] | None", sql.fetchone())
    return (tuple(row[0]), BuyerClass(row[1]), row[2], row[3]) if row else None


def add_halt(tx: Tx, row: HaltRow) -> None:
    """Write a halt."""
    tx.add(row)
    tx.flush()


def lock_halt(tx: Tx, halt_id: str) -> HaltRow | None:
    """One halt, locked."""
    return tx.get(HaltRow, halt_id, with_for_update=True, populate_existing=True)


def active_halt(tx: Tx, book_id: str | None) -> HaltRow | None:
    """The halt in force of a book, or of the market for None."""
    query = select(HaltRow).where(col(HaltRow.lifted_at).is_(None))
    query = query.where(HaltRow.book_id == book_id) if book_id else query.where(col(HaltRow.book_id).is_(None))
    return tx.exec(query.order_by(col(HaltRow.halted_at).desc()).limit(1)).first()


def halts_of_market_halt(tx: Tx, halted_at: datetime, halted_by: str) -> list[HaltRow]:
    """The halts of single books that one halt of the market made, in book order."""
    query = select(HaltRow).where(
        col(HaltRow.book_id).is_not(None),
        HaltRow.halted_at == halted_at,
        HaltRow.halted_by == halted_by,
        col(HaltRow.lifted_at).is_(None),
    )
    return list(tx.exec(query.order_by(col(HaltRow.book_id)).with_for_update()))


def halts(tx: Tx, *, active_only: bool, limit: int) -> list[HaltRow]:
    """Halts, newest first."""
    query = select(HaltRow).order_by(col(HaltRow.halted_at).desc(), col(HaltRow.id).desc()).limit(limit)
    if active_only:
        query = query.where(col(HaltRow.lifted_at).is_(None))
    return list(tx.exec(query))


def books_waiting_to_open(tx: Tx, now: datetime) -> list[BookRow]:
    """Books of one listing whose window should be open and is not."""
    query = select(BookRow).where(
        BookRow.phase == BookPhase.COLLECTING, col(BookRow.listing_id).is_not(None), col(BookRow.opens_at) <= now
    )
    return list(tx.exec(query.order_by(col(BookRow.id))))
