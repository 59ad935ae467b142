"""Business time inside a transaction: system time plus the sandbox offset kept in PostgreSQL."""

from datetime import datetime, timedelta

from exchange.core.clock import system_now
from exchange.infra.database import Tx
from exchange.infra.settings import settings
from exchange.infra.tables import SandboxClockRow


def business_now(tx: Tx) -> datetime:
    """Now on the market's clock. Outside a sandbox this is system time and costs no query."""
    if not settings().sandbox:
        return system_now()
    row = tx.get(SandboxClockRow, 1)
    return system_now() + timedelta(microseconds=row.offset_microseconds if row else 0)


def set_business_now(tx: Tx, moment: datetime) -> None:
    """Move the sandbox clock so that business time is this moment. The caller checks that it only moves on."""
    offset = moment - system_now()
    row = tx.get(SandboxClockRow, 1, with_for_update=True, populate_existing=True)
    if row is None:
        row = SandboxClockRow()
        tx.add(row)
    row.offset_microseconds = offset // timedelta(microseconds=1)
