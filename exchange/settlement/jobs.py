"""What workers do for settlement. Each job may run twice or late."""

from datetime import datetime

from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.settlement.service import clocks, opening, transfer
from exchange.settlement.service.progress import lock_deal


def trade_made(tx: Tx, now: datetime, event: Event) -> None:
    """Open the deal of a trade."""
    opening.open_deal(tx, now, event.subject_id)


def deal_due(tx: Tx, now: datetime, event: Event) -> None:
    """Look at a deal whose deadline has come."""
    clocks.due(
        tx,
        now,
        deal_id=event.subject_id,
        status=str(event.data["status"]),
        version=int(str(event.data["version"])),
    )


def became_final(tx: Tx, now: datetime, event: Event) -> None:
    """The time to bust a transfer is over: the seller may use what it was paid."""
    transfer.become_final(tx, now, lock_deal(tx, event.subject_id))
