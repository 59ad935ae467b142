"""Deadlines of the directory and of quotes, and rooms that open after an adviser has begun."""

from datetime import datetime

from exchange.core.events import Event
from exchange.diligence.service import advisers, engagements
from exchange.infra.database import Tx


def adviser_lapse_due(tx: Tx, now: datetime, event: Event) -> None:
    """An admission that was not renewed ends."""
    advisers.lapse(tx, now, organisation_id=event.subject_id, until=str(event.data.get("admitted_until")))


def quotes_due(tx: Tx, now: datetime, event: Event) -> None:
    """Sealed quotes are opened, all at once; a request without any has been declined."""
    engagements.unseal(tx, now, engagement_id=event.subject_id)


def room_opened(tx: Tx, now: datetime, event: Event) -> None:
    """Advisers at work on the listing get their part of the room."""
    if event.listing_id is not None:
        engagements.let_in(tx, now, listing_id=event.listing_id)


def room_awarded(tx: Tx, now: datetime, event: Event) -> None:
    """Advisers of bidders that did not buy leave the room."""
    if event.listing_id is not None:
        engagements.shut_out(tx, now, listing_id=event.listing_id)
