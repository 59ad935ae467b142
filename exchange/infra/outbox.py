"""Emit events inside the transaction that caused them. Publishing is the relay's work."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from exchange.core.events import Event, EventData, canonical_json
from exchange.core.ids import new_id
from exchange.infra.database import Tx, cursor, id_array
from exchange.infra.tables import EventRow, OutboxRow

_COPY_EVENTS = "COPY event (id, type, at, actor_id, subject_id, book_id, listing_id, audience, data) FROM STDIN"


def emit(tx: Tx, now: datetime, event: Event, *, actor_id: str | None = None, due_at: datetime | None = None) -> str:
    """Write one event and queue it; with ``due_at`` in the future it is a deadline. Returns its id."""
    return emit_all(tx, now, [event], actor_id=actor_id, due_at=due_at)[0]


def emit_all(
    tx: Tx,
    now: datetime,
    events: Sequence[Event],
    *,
    actor_id: str | None = None,
    due_at: datetime | None = None,
) -> list[str]:
    """Write several events in the order given; returns their ids."""
    ids = sorted(new_id("event") for _ in events)  # ids of one instant sort by chance: keep the order given
    rows = [
        EventRow(
            id=event_id,
            type=event.type,
            at=now,
            actor_id=actor_id,
            subject_id=event.subject_id,
            book_id=event.book_id,
            listing_id=event.listing_id,
            audience=list(event.audience),
            data=dict(event.data),
        )
        for event_id, event in zip(ids, events, strict=True)
    ]
    tx.add_all(rows)
    tx.flush()
    tx.add_all([OutboxRow(event_id=row.id, due_at=due_at or now) for row in rows])
    return [row.id for row in rows]


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event as it was told: who caused it, when, and its data."""

    id: str
    type: str
    at: datetime
    actor_id: str | None
    data: EventData


def events_about(tx: Tx, subject_id: str, *, but_for: Collection[str] = (), limit: int = 500) -> list[PastEvent]:
    """What happened to a subject, oldest first, types of ``but_for`` left out."""
    query = select(EventRow).where(EventRow.subject_id == subject_id, col(EventRow.type).not_in(list(but_for)))
    rows = tx.exec(query.order_by(col(EventRow.id)).limit(limit))
    return [PastEvent(row.id, row.type, row.at, row.actor_id, row.data) for row in rows]


def has_happened(tx: Tx, subject_id: str, kind: str) -> bool:
    """Whether an event of this type was ever written about a subject."""
    query = select(EventRow.id).where(EventRow.subject_id == subject_id, EventRow.type == kind)
    return tx.exec(query.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Emission:
    """An event with who caused it and, for a deadline, when it falls due."""

    event: Event
    actor_id: str | None = None
    due_at: datetime | None = None


def emit_bulk(tx: Tx, now: datetime, emissions: Sequence[Emission]) -> list[str]:
    """Write many events with two COPY statements, in the order given; returns their ids."""
    if not emissions:
        return []
    ids = sorted(new_id("event") for _ in emissions)  # ids of one instant sort by chance: keep the order given
    with cursor(tx) as sql:
        with sql.copy(_COPY_EVENTS) as rows:
            for event_id, emission in zip(ids, emissions, strict=True):
                event = emission.event
                rows.write_row(
                    (
                        event_id,
                        event.type,
                        now,
                        emission.actor_id,
                        event.subject_id,
                        event.book_id,
                        event.listing_id,
                        id_array(event.audience),
                        canonical_json(dict(event.data)),
                    )
                )
        due = [f"{event_id}\t{(e.due_at or now).isoformat()}\n" for event_id, e in zip(ids, emissions, strict=True)]
        with sql.copy("COPY outbox (event_id, due_at) FROM STDIN") as rows:
            rows.write("".join(due))
    return ids
