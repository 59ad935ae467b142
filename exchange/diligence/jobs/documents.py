"""What workers do for documents."""

from datetime import datetime

from exchange.core.events import Event
from exchange.diligence.service import scans
from exchange.infra.database import Tx


def scan_due(tx: Tx, now: datetime, event: Event) -> None:
    """Scan bytes that no scanner has judged yet, unless one has meanwhile."""
    attempt = event.data.get("attempt", 0)
    scans.scan_again(tx, now, sha256=event.subject_id, attempt=attempt if isinstance(attempt, int) else 0)
