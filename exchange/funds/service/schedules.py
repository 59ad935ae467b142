"""Schedules of investments: what a fund owned on a date, corrections as new versions, and histories for valuation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.events import MARKET, Event
from exchange.funds.errors import ScheduleInvalid
from exchange.funds.schedule import Investment, Schedule, check_schedule
from exchange.funds.service.reporting import fund_of, managed_fund
from exchange.funds.store import reporting
from exchange.funds.store import schedules as store
from exchange.funds.tables import CashFlowRow, NavStatementRow
from exchange.funds.tables import InvestmentRow as InvestmentRow
from exchange.funds.tables import InvestmentScheduleRow as InvestmentScheduleRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit


@dataclass(frozen=True, slots=True)
class FoundSchedule:
    """A schedule of investments with its companies."""

    row: InvestmentScheduleRow
    investments: tuple[InvestmentRow, ...]


@dataclass(frozen=True, slots=True)
class Histories:
    """All that is reported about several funds up to a date, in date order, by fund id."""

    statements: Mapping[str, Sequence[NavStatementRow]]
    flows: Mapping[str, Sequence[CashFlowRow]]
    schedules: Mapping[str, FoundSchedule]


def record_schedule(tx: Tx, actor: Actor, now: datetime, *, schedule: Schedule) -> FoundSchedule:
    """The whole schedule of a date from the fund's manager; a differing one becomes the next version."""
    actor.require("funds:write")
    managed_fund(tx, actor, schedule.fund_id)
    if fields := check_schedule(schedule, market_date(now)):
        raise ScheduleInvalid(fields=fields)
    reporting.lock_funds(tx, [schedule.fund_id])
    known = _with_investments(tx, store.schedules(tx, schedule.fund_id, as_of=schedule.as_of))
    if known and _as_reported(known[0]) == schedule:
        return known[0]
    row = store.add_schedule(tx, schedule, known[0].row.version + 1 if known else 1, now)
    data = {"fund_id": row.fund_id, "as_of": row.as_of.isoformat(), "version": row.version}
    emit(tx, now, Event("investment_schedule.recorded", row.id, (MARKET,), data), actor_id=actor.user_id)
    return _with_investments(tx, [row])[0]


def schedules_of(
    tx: Tx, actor: Actor, fund_id: str, *, before: date | None = None, limit: int = 200
) -> list[FoundSchedule]:
    """Schedules of a fund, newest first, as they are known today."""
    fund_of(tx, actor, fund_id)
    return _with_investments(tx, store.schedules(tx, fund_id, before=before, limit=limit))


def histories(tx: Tx, fund_ids: Sequence[str], until: date) -> Histories:
    """What is reported about several funds up to a date, set-wise; for valuation."""
    latest = _with_investments(tx, store.latest_schedules(tx, fund_ids, until))
    return Histories(
        statements=reporting.nav_histories(tx, fund_ids, until),
        flows=reporting.flow_histories(tx, fund_ids, until),
        schedules={found.row.fund_id: found for found in latest},
    )


def latest_schedule(tx: Tx, fund_id: str, until: date) -> FoundSchedule | None:
    """What a fund owned by its newest schedule up to a date; None when it reported none."""
    found = _with_investments(tx, store.latest_schedules(tx, [fund_id], until))
    return found[0] if found else None


def _with_investments(tx: Tx, rows: Sequence[InvestmentScheduleRow]) -> list[FoundSchedule]:
    lines = store.investments(tx, [row.id for row in rows])
    return [FoundSchedule(row, tuple(lines[row.id])) for row in rows]


def _as_reported(found: FoundSchedule) -> Schedule:
    names = [field for field in Schedule.__dataclass_fields__ if field != "investments"]
    parts = Investment.__dataclass_fields__
    investments = tuple(Investment(**{name: getattr(line, name) for name in parts}) for line in found.investments)
    return Schedule(**{name: getattr(found.row, name) for name in names}, investments=investments)
