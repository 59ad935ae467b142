"""SQL of the relay and of reactions: publish what is due, chain it, hand out what it asks for.

One publisher at a time by an advisory lock of the transaction, so the chain never forks and a dead publisher frees it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from exchange.core.events import GENESIS_HASH, Event, chain_hash, chained_content
from exchange.infra.clock import business_now
from exchange.infra.database import Tx, cursor, id_array
from exchange.infra.outbox import emit

PUBLISHER = 7_312_100
BATCH = 2_000
BACKOFF_SECONDS = (1, 5, 30, 120, 600, 1800, 3600)
ATTEMPTS_MAX = 8

_DUE = """
SELECT e.id, e.type, e.at, e.actor_id, e.subject_id, e.book_id, e.listing_id, e.audience, e.data
FROM outbox o JOIN event e ON e.id = o.event_id WHERE o.due_at <= %s
ORDER BY o.due_at, o.event_id LIMIT %s FOR UPDATE OF o SKIP LOCKED
"""
_AFTER = """
SELECT c.number, e.at, e.type, e.subject_id, e.audience, e.data, e.book_id, e.listing_id
FROM audit_chain c JOIN event e ON e.id = c.event_id WHERE c.number > %s ORDER BY c.number LIMIT %s
"""
_TAKE = """
SELECT r.id, r.job, e.type, e.subject_id, e.audience, e.data, e.book_id, e.listing_id FROM reaction r
JOIN event e ON e.id = r.event_id WHERE NOT r.dead AND r.run_at <= %s
ORDER BY r.run_at, r.id LIMIT 1 FOR UPDATE OF r SKIP LOCKED
"""
_WORK = """
SELECT EXISTS (SELECT 1 FROM book b JOIN book_progress p ON p.book_id = b.id
               WHERE b.last_sequence > p.matched_sequence)
    OR EXISTS (SELECT 1 FROM reaction WHERE NOT dead AND run_at <= %s)
"""


@dataclass(frozen=True, slots=True)
class Published:
    """One turn of the publisher: how many events, the top number, how many jobs they ask for."""

    events: int
    top: int
    reactions: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A reaction this transaction holds: its id, the job's dotted path and the event it reacts to."""

    id: int
    job: str
    event: Event


def publish_due(tx: Tx, jobs_of: Callable[[str], Sequence[str]]) -> Published | None:
    """Number, chain and hand out a batch of due events; None while another publisher is at it."""
    with cursor(tx) as sql:
        sql.execute("SELECT pg_try_advisory_xact_lock(%s)", (PUBLISHER,))
        if not _row(sql.fetchone())[0]:
            return None
        now = business_now(tx)
        sql.execute(_DUE, (now, BATCH))
        rows = cast("list[tuple[Any, ...]]", sql.fetchall())
        if not rows:
            return Published(0, 0, 0)
        sql.execute("SELECT number, hash FROM audit_chain ORDER BY number DESC LIMIT 1")
        last = cast("tuple[int, str] | None", sql.fetchone())
        number, head = last or (0, GENESIS_HASH)
        wanted: list[tuple[object, ...]] = []
        links: list[str] = []
        for row in rows:
            event = Event(row[1], row[4], tuple(row[7]), row[8], row[5], row[6])
            content = chained_content(event_id=row[0], event=event, at=row[2], actor_id=row[3])
            previous, head, number = head, chain_hash(head, content), number + 1
            links.append(f"{number}\t{row[0]}\t{previous}\t{head}\t{now.isoformat()}\n")
            wanted += [(row[0], job, row[4], now, 0, False) for job in jobs_of(row[1])]
        with sql.copy("COPY audit_chain (number, event_id, previous_hash, hash, chained_at) FROM STDIN") as chain:
            chain.write("".join(links))
        if wanted:
            with sql.copy("COPY reaction (event_id, job, subject_id, run_at, attempts, dead) FROM STDIN") as reactions:
                for reaction in wanted:
                    reactions.write_row(reaction)
        sql.execute("DELETE FROM outbox WHERE event_id = ANY(%s::text[])", (id_array(row[0] for row in rows),))
    return Published(len(rows), number, len(wanted))


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event with its number in the chain, which is its position in the stream."""

    number: int
    at: datetime
    event: Event


def published_after(tx: Tx, number: int, limit: int) -> list[PublishedEvent]:
    """Published events after a position, in order."""
    with cursor(tx) as sql:
        sql.execute(_AFTER, (number, limit))
        rows = cast("list[tuple[Any, ...]]", sql.fetchall())
    return [
        PublishedEvent(row[0], row[1], Event(row[2], row[3], tuple(row[4]), row[5], row[6], row[7])) for row in rows
    ]


def last_position(tx: Tx) -> int:
    """The position of the newest published event, zero when there is none."""
    with cursor(tx) as sql:
        sql.execute("SELECT number FROM audit_chain ORDER BY number DESC LIMIT 1")
        row = sql.fetchone()
    return cast("int", row[0]) if row else 0


def is_work_waiting(tx: Tx) -> bool:
    """Whether a book waits for the matcher or a reaction is due."""
    with cursor(tx) as sql:
        sql.execute(_WORK, (business_now(tx),))
        return bool(_row(sql.fetchone())[0])


def take_reaction(tx: Tx, now: datetime) -> Taken | None:
    """The next due reaction that nobody else has."""
    with cursor(tx) as sql:
        sql.execute(_TAKE, (now,))
        row = cast("tuple[Any, ...] | None", sql.fetchone())
    if row is None:
        return None
    return Taken(row[0], row[1], Event(row[2], row[3], tuple(row[4]), row[5], row[6], row[7]))


def finish_reaction(tx: Tx, reaction_id: int) -> None:
    """Forget a reaction with the effect it had."""
    with cursor(tx) as sql:
        sql.execute("DELETE FROM reaction WHERE id = %s", (reaction_id,))


def postpone_reaction(tx: Tx, now: datetime, taken: Taken, error: str) -> None:
    """Try again later; after the last attempt the reaction is dead, and operators hear of it."""
    with cursor(tx) as sql:
        sql.execute("SELECT attempts FROM reaction WHERE id = %s AND NOT dead FOR UPDATE SKIP LOCKED", (taken.id,))
        row = sql.fetchone()
        if row is None:
            return
        attempts = cast("int", row[0]) + 1
        dead = attempts >= ATTEMPTS_MAX
        pause = BACKOFF_SECONDS[min(attempts, len(BACKOFF_SECONDS)) - 1]
        sql.execute(
            "UPDATE reaction SET attempts = %s, dead = %s, run_at = %s, last_error = %s WHERE id = %s",
            (attempts, dead, now + timedelta(seconds=pause), error[:500], taken.id),
        )
    if dead:
        data: dict[str, object] = {"job": taken.job, "error": error[:500], "type": taken.event.type}
        emit(tx, now, Event("reaction.died", taken.event.subject_id, (), data, taken.event.book_id))


def _row(row: "tuple[object, ...] | None") -> tuple[object, ...]:
    if row is None:
        raise LookupError("no row")
    return row
