"""Rows of schedules of investments."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from exchange.core.ids import new_id
from exchange.funds.schedule import Investment, Schedule
from exchange.funds.tables import InvestmentRow, InvestmentScheduleRow
from exchange.infra.database import Tx


def schedules(
    tx: Tx, fund_id: str, *, as_of: date | None = None, before: date | None = None, limit: int = 200
) -> list[InvestmentScheduleRow]:
    """Current schedules of a fund, newest date first; of one date when it is named."""
    query = select(InvestmentScheduleRow).where(
        InvestmentScheduleRow.fund_id == fund_id, col(InvestmentScheduleRow.is_current)
    )
    if as_of is not None:
        query = query.where(InvestmentScheduleRow.as_of == as_of)
    if before is not None:
        query = query.where(col(InvestmentScheduleRow.as_of) < before)
    query = query.order_by(col(InvestmentScheduleRow.as_of).desc()).limit(limit)
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def latest_schedules(tx: Tx, fund_ids: Sequence[str], until: date) -> list[InvestmentScheduleRow]:
    """The newest current schedule of each fund up to a date."""
    query = (
        select(InvestmentScheduleRow)
        .where(
            col(InvestmentScheduleRow.fund_id).in_(fund_ids),
            col(InvestmentScheduleRow.is_current),
            col(InvestmentScheduleRow.as_of) <= until,
        )
        .ext(distinct_on(col(InvestmentScheduleRow.fund_id)))
        .order_by(col(InvestmentScheduleRow.fund_id), col(InvestmentScheduleRow.as_of).desc())
    )
    return list(tx.exec(query).all())


def investments(tx: Tx, schedule_ids: Sequence[str]) -> dict[str, list[InvestmentRow]]:
    """The companies of schedules, in the order given."""
    query = select(InvestmentRow).where(col(InvestmentRow.schedule_id).in_(schedule_ids))
    found: dict[str, list[InvestmentRow]] = {schedule_id: [] for schedule_id in schedule_ids}
    for row in tx.exec(query.order_by(col(InvestmentRow.schedule_id), col(InvestmentRow.place))):
        found[row.schedule_id].append(row)
    return found


def add_schedule(tx: Tx, schedule: Schedule, version: int, now: datetime) -> InvestmentScheduleRow:
    """Write a schedule as the current version of its date; the one it replaces stays. The fund is locked."""
    for earlier in schedules(tx, schedule.fund_id, as_of=schedule.as_of):
        earlier.is_current = False
    tx.flush()
    row = InvestmentScheduleRow(
        id=new_id("investment_schedule"),
        fund_id=schedule.fund_id,
        as_of=schedule.as_of,
        version=version,
        cash_minor=schedule.cash_minor,
        other_assets_minor=schedule.other_assets_minor,
        debt_minor=schedule.debt_minor,
        fees_payable_minor=schedule.fees_payable_minor,
        accrued_carry_minor=schedule.accrued_carry_minor,
        investor_share_ppm=schedule.investor_share_ppm,
        source_mark=schedule.source_mark,
        source=schedule.source,
        recorded_at=now,
    )
    tx.add(row)
    tx.flush()
    tx.add_all(_investment_row(row.id, place, item) for place, item in enumerate(schedule.investments))
    tx.flush()
    return row


def _investment_row(schedule_id: str, place: int, item: Investment) -> InvestmentRow:
    return InvestmentRow(
        schedule_id=schedule_id,
        place=place,
        name=item.name,
        owned_ppm=item.owned_ppm,
        fair_value_minor=item.fair_value_minor,
        method=item.method,
        lock_up_days=item.lock_up_days,
        volatility_ppm=item.volatility_ppm,
        dividend_yield_ppm=item.dividend_yield_ppm,
        source_mark=item.source_mark,
        source=item.source,
    )
