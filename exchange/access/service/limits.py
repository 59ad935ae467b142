"""How often something may be done from one address, counted in PostgreSQL so that every process knows."""

import hashlib
from datetime import datetime

from exchange.access import store
from exchange.access.session_rules import FAILURE_WINDOW
from exchange.core.errors import TooMany
from exchange.infra.database import Tx


def demand(tx: Tx, now: datetime, what: str, address: str, *, at_most: int) -> None:
    """Count one use within the window; TooMany (429) with the seconds to wait beyond the limit. System time."""
    key = f"{what}:{hashlib.sha256(address.encode()).hexdigest()[:40]}"
    count, started_at = store.count_failure(tx, key, now, now - FAILURE_WINDOW)
    if count > at_most:
        raise TooMany(seconds=int((started_at + FAILURE_WINDOW - now).total_seconds()) + 1)
