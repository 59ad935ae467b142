"""Deadlines of listings that need no book."""

from datetime import datetime

from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.listings import service
from exchange.listings.service import clocks


def draft_expires(tx: Tx, now: datetime, event: Event) -> None:
    """A draft that stood for the profile's days ends; one that was submitted meanwhile is left alone."""
    service.expire_draft(tx, now, listing_id=event.subject_id)


def review_due(tx: Tx, now: datetime, event: Event) -> None:
    """A listing that still waits for the operators is overdue."""
    clocks.review_overdue(tx, now, listing_id=event.subject_id, submitted_at=str(event.data.get("submitted_at")))


def correction_due(tx: Tx, now: datetime, event: Event) -> None:
    """A returned listing that was not corrected ends."""
    clocks.end_uncorrected(tx, now, listing_id=event.subject_id, submitted_at=str(event.data.get("submitted_at")))
