"""SQL of the journals: append under the book's lock, read in order, one matcher a book at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from psycopg.types.json import Jsonb

from exchange.core.quantity import NavBasis
from exchange.core.terms import MatchingMode, PriorityPolicy, Side, TimeInForce
from exchange.infra.database import Tx, cursor
from exchange.matching.journal import Command
from exchange.matching.lifecycle import CommandKind

_COLUMNS = (
    "book_id, sequence, kind, order_id, side, price_ppm, amount_minor, class_rank, organisation_id, group_keys, "
    "time_in_force, all_or_none, minimum_fill_minor, detail"
)
_DIRTY = """
SELECT b.id FROM book b JOIN book_progress p ON p.book_id = b.id
WHERE b.last_sequence > p.matched_sequence AND NOT (b.id = ANY(%s)) ORDER BY p.matched_at NULLS FIRST, b.id LIMIT %s
"""
_LOCK = "SELECT id FROM unnest(%s::text[]) AS w(id) WHERE pg_try_advisory_xact_lock(hashtextextended(id, 7312))"
_FACTS = """
SELECT b.id, b.fund_id, b.listing_id, b.mode, b.policy, b.profile, b.currency, b.nav_minor, b.subscribed_minor,
       b.deposit_ppm, b.is_simulated, b.last_sequence, p.matched_sequence, p.fill_count, p.state_hash
FROM book b JOIN book_progress p ON p.book_id = b.id WHERE b.id = ANY(%s) ORDER BY b.id
"""
_IS_SKIPPED = (
    "EXISTS (SELECT 1 FROM skipped_command s WHERE s.book_id = c.book_id AND s.sequence = c.sequence) AS skipped"
)
_NEXT = f"""
SELECT c.{_COLUMNS.replace(", ", ", c.")}, {_IS_SKIPPED} FROM unnest(%s::text[], %s::bigint[]) AS w(id, after)
CROSS JOIN LATERAL (
    SELECT * FROM book_command x WHERE x.book_id = w.id AND x.sequence > w.after ORDER BY x.sequence LIMIT %s
) c ORDER BY c.book_id, c.sequence
"""  # noqa: S608 - the columns above
_HISTORY = (
    f"SELECT {_COLUMNS}, {_IS_SKIPPED} FROM book_command c "  # noqa: S608
    "WHERE book_id = %s AND sequence > %s AND sequence <= %s "
    "ORDER BY sequence LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class MatchingBook:
    """What the matcher needs of a book, read under its lock."""

    id: str
    fund_id: str
    listing_id: str | None
    mode: MatchingMode
    policy: PriorityPolicy
    profile: str
    currency: str
    basis: NavBasis
    deposit_ppm: int
    is_simulated: bool
    last_sequence: int
    matched_sequence: int
    fill_count: int
    state_hash: str


def dirty_books(tx: Tx, *, without: Sequence[str], limit: int) -> list[str]:
    """Ids of books whose journal is ahead of the matcher, the longest unmatched first."""
    with cursor(tx) as sql:
        sql.execute(_DIRTY, (list(without), limit))
        return [str(row[0]) for row in sql.fetchall()]


def all_books(tx: Tx) -> list[str]:
    """Ids of all books, in order."""
    with cursor(tx) as sql:
        sql.execute("SELECT id FROM book ORDER BY id")
        return [str(row[0]) for row in sql.fetchall()]


def try_lock_books(tx: Tx, book_ids: Sequence[str]) -> list[str]:
    """The books that this transaction alone may match from now on; those another worker has are left out."""
    with cursor(tx) as sql:
        sql.execute(_LOCK, (list(book_ids),))
        return [str(row[0]) for row in sql.fetchall()]


def matching_books(tx: Tx, book_ids: Sequence[str]) -> list[MatchingBook]:
    """Facts and progress of books, in id order."""
    with cursor(tx) as sql:
        sql.execute(_FACTS, (list(book_ids),))
        return [_book(cast("tuple[Any, ...]", row)) for row in sql.fetchall()]


def _book(row: tuple[Any, ...]) -> MatchingBook:
    return MatchingBook(
        row[0],
        row[1],
        row[2],
        MatchingMode(row[3]),
        PriorityPolicy(row[4]),
        row[5],
        row[6],
        NavBasis(row[7], row[8]),
        *row[9:],
    )


def next_commands(tx: Tx, after: Mapping[str, int], *, per_book: int) -> dict[str, list[Command]]:
    """The commands that follow a sequence number, at most so many a book, in order."""
    found: dict[str, list[Command]] = defaultdict(list)
    with cursor(tx) as sql:
        sql.execute(_NEXT, (list(after), list(after.values()), per_book))
        for row in sql.fetchall():
            values = cast("tuple[Any, ...]", row)
            found[values[0]].append(command_from(values))
    return found


def history(tx: Tx, book_id: str, *, after: int, until: int, limit: int) -> list[Command]:
    """Commands of one book after one sequence number up to another, at most ``limit``."""
    with cursor(tx) as sql:
        sql.execute(_HISTORY, (book_id, after, until, limit))
        return [command_from(cast("tuple[Any, ...]", row)) for row in sql.fetchall()]


def command_from(row: tuple[Any, ...]) -> Command:
    """A command from its stored columns."""
    return Command(
        sequence=row[1],
        kind=CommandKind(row[2]),
        order_id=row[3],
        side=Side(row[4]) if row[4] else None,
        price_ppm=row[5],
        amount_minor=row[6],
        class_rank=row[7],
        organisation_id=row[8],
        group_keys=tuple(row[9] or ()),
        time_in_force=TimeInForce(row[10]) if row[10] else None,
        all_or_none=row[11],
        minimum_fill_minor=row[12],
        detail=row[13] or {},
        skipped=row[14],
    )


def append(tx: Tx, now: datetime, book_id: str, commands: Sequence[Command]) -> int:
    """Number the commands and write them; locks the book's row. Returns the last number."""
    with cursor(tx) as sql:
        sql.execute(
            "UPDATE book SET last_sequence = last_sequence + %s WHERE id = %s RETURNING last_sequence",
            (len(commands), book_id),
        )
        row = sql.fetchone()
        if row is None:
            raise LookupError(book_id)
        last = cast("int", row[0])
        first = last - len(commands) + 1
        with sql.copy(f"COPY book_command ({_COLUMNS}, at) FROM STDIN") as rows:
            for number, command in enumerate(commands, first):
                rows.write_row((book_id, number, *_values(command), now))
    return last


def _values(command: Command) -> tuple[object, ...]:
    return (
        command.kind.value,
        command.order_id,
        command.side and command.side.value,
        command.price_ppm,
        command.amount_minor,
        command.class_rank,
        command.organisation_id,
        list(command.group_keys) if command.organisation_id else None,
        command.time_in_force and command.time_in_force.value,
        command.all_or_none,
        command.minimum_fill_minor,
        Jsonb(dict(command.detail)) if command.detail else None,
    )
