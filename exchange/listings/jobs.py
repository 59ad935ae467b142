"""Deadlines of listings that need no book."""

from datetime import date, datetime

from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.listings import service
from exchange.listings.service import clocks, notes


def draft_expires(tx: Tx, now: datetime, event: Event) -> None:
    """A draft that stood for the profile's days ends; one that was submitted meanwhile is left alone."""
    service.expire_draft(tx, now, listing_id=event.subject_id)


def review_due(tx: Tx, now: datetime, event: Event) -> None:
    """A listing that still waits for the operators is overdue."""
    clocks.review_overdue(tx, now, listing_id=event.subject_id, submitted_at=str(event.data.get("submitted_at")))


def correction_due(tx: Tx, now: datetime, event: Event) -> None:
    """A returned listing that was not corrected ends."""
    day = event.data.get("returned_on")
    clocks.end_uncorrected(
        tx,
        now,
        listing_id=event.subject_id,
        submitted_at=str(event.data.get("submitted_at")),
        returned_on=date.fromisoformat(str(day)) if day else None,
    )


def submitted(tx: Tx, now: datetime, event: Event) -> None:
    """A submitted listing is valued for the note that its publication waits for."""
    notes.ask_for_note(tx, now, listing_id=event.subject_id)


def valuation_computed(tx: Tx, now: datetime, event: Event) -> None:
    """The valuation a listing waited for is there: its note is handed in."""
    if event.listing_id is not None:
        notes.hand_in_note(tx, now, listing_id=event.listing_id, valuation_id=event.subject_id)
