"""Jobs of participants: reactions to deadlines, safe to run again."""

from datetime import datetime

from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.parties import service


def class_ended(tx: Tx, _: datetime, event: Event) -> None:
    """The deadline of an investor class has come (``investor_class.ended``)."""
    service.class_ended(tx, event.subject_id)
