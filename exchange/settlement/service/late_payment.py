"""The money of a signed deal does not come: overdue, a first notice, then default; paying cures until then."""

from datetime import date, datetime, timedelta

from exchange.access.actor import SYSTEM
from exchange.core.clock import end_of_market_day, market_date
from exchange.infra.database import Tx
from exchange.rulebook import service as rulebook
from exchange.settlement.deadlines import DealDeadline
from exchange.settlement.deal import DealEvent
from exchange.settlement.lateness import Lateness, last_day_of, later
from exchange.settlement.service.falling import fall
from exchange.settlement.service.progress import set_deadline, tell
from exchange.settlement.tables.deals import DealRow

REASONS = {Lateness.OVERDUE: "funding_overdue", Lateness.NOTICE: "funding_noticed", Lateness.DEFAULT: "not_funded"}
"""How late the money of a deal is, as its status reason says it."""

_STAGES = {reason: stage for stage, reason in REASONS.items()}


def funding_due(tx: Tx, now: datetime, row: DealRow) -> None:
    """A locked, signed deal was not funded by its day; in default its deposit is the seller's [D]."""
    stage = later(_STAGES.get(row.status_reason, Lateness.IN_TIME))
    if stage is Lateness.DEFAULT:
        fall(tx, SYSTEM, now, row, DealEvent.DEFAULT, reason=REASONS[stage], forfeits_deposit=True)
        return
    if stage is None or row.due_at is None:
        return
    tell(tx, SYSTEM, now, row, "deal.overdue" if stage is Lateness.OVERDUE else "deal.funding_noticed")
    row.status_reason = REASONS[stage]
    day = next_day_of(tx, row, now, stage, row.due_at)
    if day is not None:
        rule = rulebook.profile(row.profile, market_date(now)).funding_default_working_days.rule_id
        is_provisional = rulebook.calendar(tx).is_provisional(day)
        set_deadline(tx, now, row, DealDeadline(end_of_market_day(day), rule, is_provisional))


def next_day_of(tx: Tx, deal: DealRow, now: datetime, stage: Lateness, due_at: datetime) -> date | None:
    """The last day before a late payment's next stage; ``due_at`` is the end of the day it was due on."""
    profile = rulebook.profile(deal.profile, market_date(now))
    return last_day_of(profile, rulebook.calendar(tx), stage, market_date(due_at - timedelta(microseconds=1)))
