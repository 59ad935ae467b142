"""What workers do for checklists. Each job may run twice or late: it reads the rows under their locks."""

from datetime import datetime

from exchange.core.events import Event
from exchange.diligence.service import checklists, findings, items
from exchange.infra.database import Tx


def item_expiry_due(tx: Tx, now: datetime, event: Event) -> None:
    """The last day of an accepted paper is over."""
    items.expire(tx, now, event.subject_id)


def item_answer_due(tx: Tx, now: datetime, event: Event) -> None:
    """The day is over by which a paper was asked for."""
    items.remind_overdue(tx, now, event.subject_id, str(event.data.get("on", "")))


def finding_check_due(tx: Tx, now: datetime, event: Event) -> None:
    """An accepted paper may have grown stale."""
    findings.check_again(tx, now, event.subject_id)


def bidder_changed(tx: Tx, now: datetime, event: Event) -> None:
    """The registers say something else of an organisation: its class, its owners."""
    checklists.bidder_changed(tx, now, event.subject_id)
