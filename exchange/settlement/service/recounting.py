"""A year of the calendar was loaded: deadlines of deals that were counted into it on plain weekdays are counted again.

Only a deadline that is what a former calendar gives is replaced, so a second run changes nothing, and one that somebody
set otherwise stands. Its dated event is written anew; the old one finds that it is early and does nothing.
"""

from datetime import date, datetime, timedelta

from exchange.access.actor import SYSTEM
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.rulebook import service as rulebook
from exchange.settlement.bust import bust_until
from exchange.settlement.deadlines import DealDeadline, deadline_of
from exchange.settlement.deal import DealStatus
from exchange.settlement.lateness import Lateness
from exchange.settlement.obligation import ObligationStatus, duties
from exchange.settlement.service.backups import recount_offers
from exchange.settlement.service.late_payment import REASONS
from exchange.settlement.service.notices import AGREEING
from exchange.settlement.service.obligations import move_days
from exchange.settlement.service.progress import lock_deal, set_deadline, tell
from exchange.settlement.store import deals as store
from exchange.settlement.store import duties as duty_store
from exchange.settlement.store import steps as step_store
from exchange.settlement.tables.deals import DealRow

LATE = frozenset({REASONS[Lateness.OVERDUE], REASONS[Lateness.NOTICE]})
"""Reasons of a signed deal whose money is late."""


def recount(tx: Tx, now: datetime, year: int) -> None:
    """Count again what reaches into a newly published year: due dates of deals and of what runs within a
    status, answers of backups, days to file, ends of bust windows.
    """
    start = end_of_market_day(date(year - 1, 12, 31))
    recount_offers(tx, now, start)
    for deal_id in store.deals_due_after(tx, start):
        _recount_due(tx, now, lock_deal(tx, deal_id))
    for deal_id in store.deals_transferred_after(tx, start - timedelta(days=366)):
        row = lock_deal(tx, deal_id)
        _recount_duties(tx, now, row)
        _recount_window(tx, now, row)


def _recount_due(tx: Tx, now: datetime, row: DealRow) -> None:
    if row.due_at is None:
        return
    inner = _inner_period(tx, row)
    if inner is not None:
        until = rulebook.recounted_end(tx, row.due_at, *inner)
        if until is not None:
            _move_due(tx, now, row, DealDeadline(until, row.due_rule, rulebook.is_provisional(tx, until)))
        return
    profile = rulebook.profile(row.profile, market_date(row.status_at))
    counted = deadline_of(profile, rulebook.calendar(tx), row.status, row.status_at)
    former = [deadline_of(profile, known, row.status, row.status_at) for known in rulebook.former_calendars(tx)]
    stored = (row.due_at, row.due_rule)
    if counted is None or (counted.at, counted.rule) == stored:
        return
    if stored not in {(known.at, known.rule) for known in former if known is not None}:
        return
    _move_due(tx, now, row, counted)


def _move_due(tx: Tx, now: datetime, row: DealRow, counted: DealDeadline) -> None:
    set_deadline(tx, now, row, counted)
    data: dict[str, object] = {"rule": counted.rule, "due_at": counted.at.isoformat()}
    tell(tx, SYSTEM, now, row, "deal.deadline_moved", data)


def _inner_period(tx: Tx, row: DealRow) -> tuple[list[date], int] | None:
    """Periods that begin within a status: from which days they may have been counted, and how many working days.

    The partners who exercise agree from the last answer, or from the end of the notice; a late payment is noticed from
    its due day and in default from its notice.
    """
    profile = rulebook.profile(row.profile, market_date(row.status_at))
    if row.status is DealStatus.NOTICED and row.status_reason == AGREEING:
        answers = [market_date(item.answered_at) for item in step_store.answers(tx, row.id)]
        ends = [market_date(item.closes_at) for item in step_store.notices(tx, row.id)]
        return [*answers, *ends], profile.pre_emption_agreement_working_days.value
    if row.status is not DealStatus.SIGNED or row.status_reason not in LATE:
        return None
    known = [*rulebook.former_calendars(tx), rulebook.calendar(tx)]
    funding, notice = profile.funding_working_days.value, profile.funding_notice_working_days.value
    due_days = {each.add_working_days(market_date(row.status_at), funding) for each in known}
    if row.status_reason == REASONS[Lateness.OVERDUE]:
        return sorted(due_days), notice
    noticed = {each.add_working_days(day, notice) for each in known for day in due_days}
    return sorted(noticed), max(0, profile.funding_default_working_days.value - notice)


def _recount_duties(tx: Tx, now: datetime, deal: DealRow) -> None:
    if deal.transferred_at is None:
        return
    day = market_date(deal.transferred_at)
    profile, is_state_owned = rulebook.profile(deal.profile, day), deal.seller_is_state_owned
    known = [*rulebook.former_calendars(tx), rulebook.calendar(tx)]
    counts = [
        {duty.kind: duty for duty in duties(profile, each, day, seller_is_state_owned=is_state_owned)} for each in known
    ]
    for row in duty_store.obligations_of_deal(tx, deal.id):
        new, stored = counts[-1].get(row.kind), (row.due_on, row.breach_on)
        if row.status is not ObligationStatus.OPEN or new is None or (new.due_on, new.breach_on) == stored:
            continue
        if stored in {(old[row.kind].due_on, old[row.kind].breach_on) for old in counts[:-1]}:
            move_days(tx, now, deal, row, due_on=new.due_on, breach_on=new.breach_on)


def _recount_window(tx: Tx, now: datetime, row: DealRow) -> None:
    """Look again at the end of a window whose last day has moved; the job looks what the day is."""
    if row.status is not DealStatus.TRANSFERRED or row.transferred_at is None:
        return
    profile = rulebook.profile(row.profile, market_date(row.transferred_at))
    until = bust_until(profile, rulebook.calendar(tx), row.transferred_at)
    former = [bust_until(profile, known, row.transferred_at) for known in rulebook.former_calendars(tx)]
    if former and until not in former:
        data: dict[str, object] = {"final_at": until.isoformat()}
        emit(tx, now, Event("deal.final_due", row.id, (), data, row.book_id), due_at=until)
