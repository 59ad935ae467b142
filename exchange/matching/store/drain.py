"""Set-wise SQL of the matcher: one statement for each kind of row, whatever their number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from psycopg.types.json import Jsonb
from pydantic_core import to_json

from exchange.core.terms import BuyerClass, Side, TimeInForce
from exchange.infra.database import Tx, cursor, id_array
from exchange.matching.journal import Command
from exchange.matching.lifecycle import CommandKind
from exchange.matching.order_book import Order, Party, Terms
from exchange.matching.outcome import OrderChange, SkipRecord
from exchange.matching.priority import LAST_CLASS_RANK

CLASSES = [buyer_class.value for buyer_class in BuyerClass]

# Row by row from the primary key: a plan cached while the table was small must never scan a large one.
_LOCK_ORDERS = """
SELECT o.* FROM unnest(%s::text[]) AS w(id) CROSS JOIN LATERAL (
    SELECT m.id, m.account_id, m.hold_minor, m.last_sequence, m.listing_id, m.organisation_id, m.side, m.price_ppm,
        m.leaves_minor + m.filled_minor - m.settled_minor, m.settled_minor
    FROM market_order m WHERE m.id = w.id FOR NO KEY UPDATE
) o
"""
_UPDATE_ORDERS = """
UPDATE market_order o SET price_ppm = v.price_ppm, amount_minor = v.amount, leaves_minor = v.leaves,
    filled_minor = v.filled, cancelled_minor = v.cancelled, place = v.place, status = v.status, reason = v.reason,
    buyer_class = coalesce(v.buyer_class, o.buyer_class), hold_minor = v.hold
FROM json_to_recordset(%s::json) AS v(id text, price_ppm bigint, amount bigint, leaves bigint, filled bigint,
    cancelled bigint, place bigint, status text, reason text, buyer_class text, hold bigint)
WHERE o.id = v.id
"""
_SKIPS = """
INSERT INTO skip (book_id, sequence, order_id, resting_order_id, reason, at)
SELECT v.*, %s FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
    AS v(book_id, sequence, order_id, resting_order_id, reason)
ON CONFLICT DO NOTHING
"""
_PROGRESS = """
UPDATE book_progress p SET matched_sequence = v.sequence, fill_count = v.fills, state_hash = v.hash, matched_at = %s
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[]) AS v(id, sequence, fills, hash)
WHERE p.book_id = v.id AND p.matched_sequence < v.sequence
"""
_STORED_ORDERS = """
SELECT o.id, o.side, o.price_ppm, o.amount_minor, o.leaves_minor, o.cancelled_minor, o.place, o.buyer_class,
       c.organisation_id, c.group_keys, c.time_in_force, c.all_or_none, c.minimum_fill_minor
FROM market_order o JOIN book_command c ON c.book_id = o.book_id AND c.sequence = o.sequence
WHERE o.book_id = %s AND o.sequence <= %s AND o.status <> 'rejected'
  AND (o.leaves_minor > 0 OR (%s AND o.filled_minor > 0))
"""
_STEERING = """
SELECT sequence, kind, class_rank FROM book_command c
WHERE book_id = %s AND sequence <= %s AND kind IN ('open', 'halt', 'lift', 'consider', 'close', 'lock')
  AND NOT EXISTS (SELECT 1 FROM skipped_command s WHERE s.book_id = c.book_id AND s.sequence = c.sequence)
ORDER BY sequence
"""


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """What the matcher needs of a stored order while it writes."""

    account_id: str | None
    hold_minor: int
    last_sequence: int
    listing_id: str | None
    organisation_id: str
    side: Side
    price_ppm: int
    open_minor: int
    settled_minor: int


def lock_orders(tx: Tx, order_ids: Sequence[str]) -> dict[str, LockedOrder]:
    """Lock orders in id order and read what their holds depend on."""
    with cursor(tx) as sql:
        sql.execute(_LOCK_ORDERS, (id_array(sorted(order_ids)),), prepare=False)
        rows = cast("list[tuple[Any, ...]]", sql.fetchall())
    return {row[0]: LockedOrder(row[1], row[2], row[3], row[4], row[5], Side(row[6]), *row[7:]) for row in rows}


def update_orders(tx: Tx, changes: Sequence[OrderChange], holds: Mapping[str, int]) -> None:
    """Write the new state of locked orders; ``holds`` by order id in minor units of money."""
    if not changes:
        return
    rows = [
        {
            "id": change.order_id,
            "price_ppm": change.price_ppm,
            "amount": change.amount,
            "leaves": change.leaves,
            "filled": change.filled,
            "cancelled": change.cancelled,
            "place": change.place,
            "status": change.status,
            "reason": change.reason,
            "buyer_class": CLASSES[change.class_rank] if change.side == "buy" else None,
            "hold": holds[change.order_id],
        }
        for change in changes
    ]
    with cursor(tx) as sql:
        sql.execute(_UPDATE_ORDERS, (to_json(rows).decode(),), prepare=False)


def update_holds(tx: Tx, holds: Mapping[str, int]) -> None:
    """Set what is held for locked orders whose amounts did not change."""
    if not holds:
        return
    with cursor(tx) as sql:
        sql.execute(
            "UPDATE market_order o SET hold_minor = v.hold FROM unnest(%s::text[], %s::bigint[]) AS v(id, hold) "
            "WHERE o.id = v.id",
            (list(holds), list(holds.values())),
        )


def copy_rows(tx: Tx, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """COPY rows into one of our tables; mappings become JSON."""
    if not rows:
        return
    with cursor(tx) as sql, sql.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as target:
        for row in rows:
            target.write_row([Jsonb(value) if isinstance(value, dict) else value for value in row])


def insert_skips(tx: Tx, now: datetime, skips: Sequence[tuple[str, SkipRecord]]) -> None:
    """Record which orders passed each other over, once a command."""
    if not skips:
        return
    with cursor(tx) as sql:
        sql.execute(
            _SKIPS,
            (
                now,
                [book_id for book_id, _ in skips],
                [skip.sequence for _, skip in skips],
                [skip.order_id for _, skip in skips],
                [skip.resting_order_id for _, skip in skips],
                [skip.reason for _, skip in skips],
            ),
        )


def move_progress(tx: Tx, now: datetime, moved: Sequence[tuple[str, int, int, str]]) -> int:
    """Set (book id, matched sequence, fill count, state hash); returns how many rows moved on."""
    with cursor(tx) as sql:
        columns = [list(column) for column in zip(*moved, strict=True)]
        sql.execute(_PROGRESS, (now, *columns))
        return sql.rowcount


def proposals_of_listings(tx: Tx, listing_ids: Sequence[str]) -> dict[str, int]:
    """How many proposals each listing has had."""
    if not listing_ids:
        return {}
    with cursor(tx) as sql:
        sql.execute(
            "SELECT w.id, (SELECT count(*) FROM proposal p WHERE p.listing_id = w.id) FROM unnest(%s::text[]) AS w(id)",
            (list(listing_ids),),
        )
        return {str(row[0]): cast("int", row[1]) for row in sql.fetchall()}


def was_reported(tx: Tx, book_id: str, sequence: int) -> bool:
    """Whether a failure of the matcher at this command was reported before."""
    with cursor(tx) as sql:
        sql.execute(
            "SELECT 1 FROM event WHERE subject_id = %s AND type = 'book.matching_failed' "
            "AND (data->>'sequence')::bigint = %s LIMIT 1",
            (book_id, sequence),
        )
        return sql.fetchone() is not None


def steering(tx: Tx, book_id: str, *, until: int) -> list[Command]:
    """The commands that moved the book's phase, in order."""
    with cursor(tx) as sql:
        sql.execute(_STEERING, (book_id, until))
        rows = cast("list[tuple[Any, ...]]", sql.fetchall())
    return [Command(row[0], CommandKind(row[1]), class_rank=row[2]) for row in rows]


def stored_orders(tx: Tx, book_id: str, *, until: int, remembered: bool) -> list[Order]:
    """The orders that rest or (``remembered``) may come back, as the matcher left them."""
    with cursor(tx) as sql:
        sql.execute(_STORED_ORDERS, (book_id, until, remembered))
        return [_order(cast("tuple[Any, ...]", row)) for row in sql.fetchall()]


def _order(row: tuple[Any, ...]) -> Order:
    rank = CLASSES.index(row[7]) if row[7] else LAST_CLASS_RANK
    return Order(
        row[0],
        Side(row[1]),
        row[2],
        row[3],
        Party(row[8], rank, tuple(row[9] or ())),
        Terms(TimeInForce(row[10]) if row[10] else TimeInForce.GOOD_TILL_CANCELLED, row[11], row[12]),
        row[6],
        row[4],
        row[5],
    )


def stored_fills(tx: Tx, book_id: str) -> list[tuple[int, str, str, int, int]]:
    """(number, the two orders in id order, price, amount) of every fill of a book, in their order."""
    with cursor(tx) as sql:
        sql.execute(
            'SELECT fill_number, least(buy_order_id COLLATE "C", sell_order_id), '
            'greatest(buy_order_id COLLATE "C", sell_order_id), '
            "price_ppm, amount_minor FROM fill WHERE book_id = %s ORDER BY fill_number",
            (book_id,),
        )
        return cast("list[tuple[int, str, str, int, int]]", sql.fetchall())
