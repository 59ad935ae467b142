"""What happens when a deal has not left its status in time. Real and sandbox time come through here alike."""

from collections.abc import Callable, Mapping
from datetime import datetime

from exchange.access.actor import SYSTEM
from exchange.infra.database import Tx
from exchange.settlement.deal import DealStatus
from exchange.settlement.service import late_payment, notices, statements
from exchange.settlement.service.progress import lock_deal, tell
from exchange.settlement.tables.deals import DealRow

Handler = Callable[[Tx, datetime, DealRow], None]


def _overdue(tx: Tx, now: datetime, row: DealRow) -> None:
    """Nothing lapses by itself: those who wait are told, with the rule."""
    tell(tx, SYSTEM, now, row, "deal.overdue", {"rule": row.due_rule})


HANDLERS: Mapping[DealStatus, Handler] = {
    DealStatus.NOTICED: notices.evaluate,
    DealStatus.SIGNED: late_payment.funding_due,
    DealStatus.CLOSING: statements.end_of_silence,
}
"""Statuses whose deadline does more than tell."""


def due(tx: Tx, now: datetime, *, deal_id: str, status: str, version: int) -> None:
    """Look at a deal whose deadline has come; does nothing when it has moved on since the deadline was set."""
    row = lock_deal(tx, deal_id)
    if row.status.value != status or row.due_at is None or now < row.due_at or version > row.version:
        return
    HANDLERS.get(row.status, _overdue)(tx, now, row)
