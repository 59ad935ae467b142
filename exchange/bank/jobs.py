"""What workers do for the bank desk. Each job may run twice or late."""

from datetime import datetime

from exchange.bank.service import simulated
from exchange.core.events import Event
from exchange.infra.database import Tx


def simulated_due(tx: Tx, now: datetime, event: Event) -> None:
    """Money of the sandbox's bank arrives."""
    simulated.arrive(
        tx,
        now,
        message_id=event.subject_id,
        reference=str(event.data["reference"]),
        amount_minor=int(str(event.data["amount_minor"])),
        currency=str(event.data["currency"]),
    )
