"""SQL of single orders and lists of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange.core.quantity import NavBasis
from exchange.core.terms import BuyerClass, Side, TimeInForce
from exchange.infra.database import Tx, cursor
from exchange.matching.lifecycle import OrderStatus
from exchange.matching.order_terms import OrderState

_COLUMNS = """
o.id, o.book_id, o.listing_id, o.fund_id, o.side, o.status, o.reason, o.organisation_id, o.buyer_class, o.price_ppm,
o.amount_minor, o.leaves_minor, o.filled_minor, o.cancelled_minor, o.hold_minor, o.settled_minor, o.time_in_force,
o.expires_at, o.all_or_none, o.minimum_fill_minor, o.sequence, o.last_sequence, o.accepted_at, b.currency, b.nav_minor,
b.subscribed_minor, b.is_simulated
"""
_ORDER = f"SELECT {_COLUMNS} FROM market_order o JOIN book b ON b.id = o.book_id WHERE o.id = %s"  # noqa: S608
_LIST = f"""
SELECT {_COLUMNS} FROM market_order o JOIN book b ON b.id = o.book_id
WHERE (%(organisation_id)s::text IS NULL OR o.organisation_id = %(organisation_id)s)
AND (%(book_id)s::text IS NULL OR o.book_id = %(book_id)s)
AND (%(listing_id)s::text IS NULL OR o.listing_id = %(listing_id)s)
AND (%(status)s::text IS NULL OR o.status = %(status)s)
AND (%(before)s::text IS NULL OR o.id < %(before)s)
ORDER BY o.id DESC LIMIT %(limit)s
"""  # noqa: S608 - the columns are the constant above
_TOUCH = "UPDATE market_order SET last_sequence = %s, hold_minor = hold_minor + %s WHERE id = %s"
_PARTIES = "SELECT account_id FROM market_order WHERE id = %s"
_LISTING = "SELECT amount_minor, floor_price_ppm, entered_by_organisation_id FROM listing WHERE id = %s"
_MATCHED = "SELECT book_id, matched_sequence FROM book_progress WHERE book_id = ANY(%s::text[])"


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """What a change of an ask needs of its listing: what is frozen for it, its floor, who entered it."""

    amount_minor: int
    floor_price_ppm: int
    entered_by_organisation_id: str


def order(tx: Tx, order_id: str, *, locked: bool = False) -> OrderState | None:
    """One order, read anew; with ``locked`` its row is locked until the commit."""
    with cursor(tx) as sql:
        sql.execute(_ORDER + (" FOR NO KEY UPDATE OF o" if locked else ""), (order_id,))
        row: Any = sql.fetchone()
    return _state(row) if row else None


def account_of(tx: Tx, order_id: str) -> str | None:
    """The account that holds an order's deposit."""
    with cursor(tx) as sql:
        sql.execute(_PARTIES, (order_id,))
        row: Any = sql.fetchone()
    return row[0] if row else None


def orders(
    tx: Tx,
    *,
    organisation_id: str | None,
    book_id: str | None,
    listing_id: str | None,
    status: OrderStatus | None,
    before: str | None,
    limit: int,
) -> list[OrderState]:
    """Orders, newest first, of one organisation or of all (None)."""
    wanted = {
        "organisation_id": organisation_id,
        "book_id": book_id,
        "listing_id": listing_id,
        "status": status.value if status else None,
        "before": before,
        "limit": limit,
    }
    with cursor(tx) as sql:
        sql.execute(_LIST, wanted)
        rows: list[Any] = sql.fetchall()
    return [_state(row) for row in rows]


def listing_facts(tx: Tx, listing_id: str) -> ListingFacts | None:
    """What a change of an ask needs of its listing."""
    with cursor(tx) as sql:
        sql.execute(_LISTING, (listing_id,))
        row: Any = sql.fetchone()
    return ListingFacts(*row) if row else None


def touch(tx: Tx, order_id: str, *, sequence: int, hold_delta_minor: int) -> None:
    """Note the last command given for an order and what more is held for it."""
    with cursor(tx) as sql:
        sql.execute(_TOUCH, (sequence, hold_delta_minor, order_id))


def matched_sequences(tx: Tx, book_ids: Sequence[str]) -> Mapping[str, int]:
    """How far the matcher has come in each of these books."""
    with cursor(tx) as sql:
        sql.execute(_MATCHED, (list(book_ids),))
        rows: list[Any] = sql.fetchall()
    return {row[0]: row[1] for row in rows}


def _state(row: Sequence[Any]) -> OrderState:
    return OrderState(
        id=row[0],
        book_id=row[1],
        listing_id=row[2],
        fund_id=row[3],
        side=Side(row[4]),
        status=OrderStatus(row[5]),
        reason=row[6],
        organisation_id=row[7],
        buyer_class=BuyerClass(row[8]) if row[8] else None,
        price_ppm=row[9],
        amount_minor=row[10],
        leaves_minor=row[11],
        filled_minor=row[12],
        cancelled_minor=row[13],
        hold_minor=row[14],
        settled_minor=row[15],
        time_in_force=TimeInForce(row[16]),
        expires_at=row[17],
        all_or_none=row[18],
        minimum_fill_minor=row[19],
        sequence=row[20],
        last_sequence=row[21],
        accepted_at=row[22],
        currency=row[23],
        basis=NavBasis(row[24], row[25]),
        is_simulated=row[26],
    )
