"""What has happened, in the past tense. An event is audit entry, outbox message and stream message at once.

``audience`` says who besides operators and auditors may see it: ``market`` (every signed-in participant) or
organisation ids. Data holds ids, integers and text only, so that its canonical JSON is stable.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

MARKET = "market"

EventData = Mapping[str, object]

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. ``type`` is dotted past tense (``order.accepted``); ``subject_id`` is what it happened to."""

    type: str
    subject_id: str
    audience: tuple[str, ...] = ()
    data: EventData = field(default_factory=dict)
    book_id: str | None = None
    listing_id: str | None = None


def canonical_json(value: object) -> str:
    """JSON with sorted keys, no spaces, UTF-8 kept: the text that is hashed."""
    return _CANONICAL.encode(value)


def chained_content(
    *,
    event_id: str,
    event: Event,
    at: datetime,
    actor_id: str | None,
) -> str:
    """The canonical text of an event that its link in the audit chain is hashed over; instants in UTC."""
    return canonical_json(
        {
            "id": event_id,
            "type": event.type,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor_id": actor_id,
            "subject_id": event.subject_id,
            "book_id": event.book_id,
            "listing_id": event.listing_id,
            "audience": list(event.audience),
            "data": dict(event.data),
        }
    )


def chain_hash(previous: str, content: str) -> str:
    """sha256 over the previous hash and the canonical content, in hexadecimal."""
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


GENESIS_HASH = "0" * 64
