"""Business time inside a transaction: system time plus the sandbox offset kept in PostgreSQL."""

from datetime import datetime, timedelta

from exchange.core.clock import system_now
from exchange.infra.database import Tx, cursor
from exchange.infra.settings import settings
from exchange.infra.tables import SandboxClockRow


def business_now(tx: Tx) -> datetime:
    """Now on the market's clock. Outside a sandbox this is system time and costs no query."""
    if not settings().sandbox:
        return system_now()
    # A plain cursor: the ORM cannot read an answer while its connection pipelines statements.
    with cursor(tx) as raw:
        row = raw.execute("SELECT offset_microseconds FROM sandbox_clock WHERE id = 1").fetchone()
    return system_now() + timedelta(microseconds=int(str(row[0])) if row else 0)


def hold_clock(tx: Tx) -> datetime:
    """Business time of a sandbox, with its clock locked until the transaction ends: who moves it next waits."""
    with cursor(tx) as raw:
        row = raw.execute("SELECT offset_microseconds FROM sandbox_clock WHERE id = 1 FOR UPDATE").fetchone()
    return system_now() + timedelta(microseconds=int(str(row[0])) if row else 0)


def set_business_now(tx: Tx, moment: datetime) -> None:
    """Move the sandbox clock so that business time is this moment. The caller checks that it only moves on."""
    offset = moment - system_now()
    row = tx.get(SandboxClockRow, 1, with_for_update=True, populate_existing=True)
    if row is None:
        row = SandboxClockRow()
        tx.add(row)
    row.offset_microseconds = offset // timedelta(microseconds=1)
    tx.flush()


def is_seeded(tx: Tx) -> bool:
    """True when the demo world was loaded into this database."""
    row = tx.get(SandboxClockRow, 1)
    return row is not None and row.seeded_at is not None


def mark_seeded(tx: Tx, now: datetime) -> None:
    """Remember that the demo world is loaded."""
    row = tx.get(SandboxClockRow, 1, with_for_update=True, populate_existing=True)
    if row is not None:
        row.seeded_at = now
