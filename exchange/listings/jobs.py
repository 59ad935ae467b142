"""Deadlines of listings that need no book."""

from datetime import datetime

from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.listings import service


def draft_expires(tx: Tx, now: datetime, event: Event) -> None:
    """A draft that stood for the profile's days ends; one that was submitted meanwhile is left alone."""
    service.expire_draft(tx, now, listing_id=event.subject_id)
