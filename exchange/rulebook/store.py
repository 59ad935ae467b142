"""SQL of the rule book: loaded years of the calendar."""

from sqlalchemy import text
from sqlmodel import col, select

from exchange.infra.database import Tx, cursor
from exchange.rulebook.tables import CalendarYearRow


def newest_load(tx: Tx) -> str:
    """The id of the newest loaded year, or an empty text. One look-up: it is asked wherever days are counted."""
    # A plain cursor: the ORM cannot read an answer while its connection pipelines statements.
    with cursor(tx) as raw:
        row = raw.execute("SELECT id FROM calendar_year ORDER BY number DESC LIMIT 1").fetchone()
    return str(row[0]) if row else ""


def loads(tx: Tx) -> list[CalendarYearRow]:
    """Every version of every loaded year, in the order of loading."""
    return list(tx.exec(select(CalendarYearRow).order_by(col(CalendarYearRow.number))))


def lock_loads(tx: Tx) -> None:
    """Wait for whoever loads a year: numbers and versions have no gap."""
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('calendar_year'))"))


def add(tx: Tx, row: CalendarYearRow) -> None:
    """Write a loaded year."""
    tx.add(row)
    tx.flush()
