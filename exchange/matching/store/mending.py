"""SQL of books that are set aside: where they stand, and the commands that operators let them skip."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from exchange.infra.database import Tx, cursor
from exchange.matching.tables import SkippedCommandRow

_SET_ASIDE = """
SELECT b.id, b.listing_id, b.fund_id, c.sequence, c.kind, c.order_id, e.data->>'error', e.at,
       b.last_sequence - c.sequence
FROM book b
JOIN book_progress p ON p.book_id = b.id
JOIN book_command c ON c.book_id = b.id AND c.sequence = p.matched_sequence + 1
JOIN LATERAL (
    SELECT data, at FROM event WHERE subject_id = b.id AND type = 'book.matching_failed'
    AND (data->>'sequence')::bigint = c.sequence ORDER BY id DESC LIMIT 1
) e ON true
WHERE b.last_sequence > p.matched_sequence AND (%s::text IS NULL OR b.id = %s)
  AND NOT EXISTS (SELECT 1 FROM skipped_command s WHERE s.book_id = b.id AND s.sequence = c.sequence)
ORDER BY e.at, b.id LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A book that its matchers cannot carry on: the command it stands at, the fault, what waits behind."""

    book_id: str
    listing_id: str | None
    fund_id: str
    sequence: int
    kind: str
    order_id: str | None
    error: str
    since: datetime
    waiting: int


def set_aside(tx: Tx, book_id: str | None = None) -> list[SetAside]:
    """The books that are set aside, the longest first; or the one named, if it is."""
    with cursor(tx) as sql:
        sql.execute(_SET_ASIDE, (book_id, book_id))
        return [SetAside(*cast("tuple[Any, ...]", row)) for row in sql.fetchall()]


def add_skip(tx: Tx, row: SkippedCommandRow) -> None:
    """Write that a command is skipped."""
    tx.add(row)
    tx.flush()
