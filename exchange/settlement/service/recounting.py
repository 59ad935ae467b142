"""A year of the calendar was loaded: deadlines of deals that were counted into it on plain weekdays are counted again.

Only a deadline that is what a former calendar gives is replaced, so a second run changes nothing, and one that somebody
set otherwise stands. Its dated event is written anew; the old one finds that it is early and does nothing.
"""

from datetime import date, datetime, timedelta
from functools import partial

from exchange.access.actor import SYSTEM
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.rulebook import service as rulebook
from exchange.rulebook.calendars import Calendar, Recounting
from exchange.settlement.bust import bust_until
from exchange.settlement.deadlines import DealDeadline, deadline_of
from exchange.settlement.deal import DealStatus
from exchange.settlement.lateness import Lateness
from exchange.settlement.obligation import ObligationKind, ObligationStatus, duties
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


def recount(tx: Tx, now: datetime, start: datetime) -> None:
    """Count again what reaches into a newly published year, which begins at ``start``.

    Due dates of deals and of what runs within a status, answers of backups, days to file, ends of bust windows.
    """
    known = rulebook.recounting(tx)
    recount_offers(tx, now, start, known)
    for deal_id in store.deals_due_after(tx, start):
        _recount_due(tx, now, lock_deal(tx, deal_id), known)
    for deal_id in store.deals_transferred_after(tx, start - timedelta(days=366)):
        row = lock_deal(tx, deal_id)
        if row.transferred_at is not None:
            _recount_duties(tx, now, row, market_date(row.transferred_at), known)
            _recount_window(tx, now, row, row.transferred_at, known)


def _recount_due(tx: Tx, now: datetime, row: DealRow, known: Recounting) -> None:
    if row.due_at is None:
        return
    inner = _inner_period(tx, row, known)
    if inner is not None:
        due_at = known.end(row.due_at, *inner)
    else:
        profile = rulebook.profile(row.profile, market_date(row.status_at))

        def counted(calendar: Calendar) -> tuple[datetime, str] | None:
            found = deadline_of(profile, calendar, row.status, row.status_at)
            return None if found is None else (found.at, found.rule)

        moved = known.moved((row.due_at, row.due_rule), counted)
        due_at = None if moved is None else moved[0]
    if due_at is None:
        return
    set_deadline(tx, now, row, DealDeadline(due_at, row.due_rule, rulebook.is_provisional(tx, due_at)))
    data: dict[str, object] = {"rule": row.due_rule, "due_at": due_at.isoformat()}
    tell(tx, SYSTEM, now, row, "deal.deadline_moved", data)


def _inner_period(tx: Tx, row: DealRow, known: Recounting) -> tuple[list[date], int] | None:
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
    states = (*known.former, known.calendar)
    funding, notice = profile.funding_working_days.value, profile.funding_notice_working_days.value
    due_days = {each.add_working_days(market_date(row.status_at), funding) for each in states}
    if row.status_reason == REASONS[Lateness.OVERDUE]:
        return sorted(due_days), notice
    noticed = {each.add_working_days(day, notice) for each in states for day in due_days}
    return sorted(noticed), max(0, profile.funding_default_working_days.value - notice)


def _recount_duties(tx: Tx, now: datetime, deal: DealRow, day: date, known: Recounting) -> None:
    profile, is_state_owned = rulebook.profile(deal.profile, day), deal.seller_is_state_owned

    def days(kind: ObligationKind, calendar: Calendar) -> tuple[date, date] | None:
        found = duties(profile, calendar, day, seller_is_state_owned=is_state_owned)
        return next(((duty.due_on, duty.breach_on) for duty in found if duty.kind is kind), None)

    for row in duty_store.obligations_of_deal(tx, deal.id):
        if row.status is not ObligationStatus.OPEN:
            continue
        moved = known.moved((row.due_on, row.breach_on), partial(days, row.kind))
        if moved is not None:
            move_days(tx, now, deal, row, due_on=moved[0], breach_on=moved[1])


def _recount_window(tx: Tx, now: datetime, row: DealRow, transferred_at: datetime, known: Recounting) -> None:
    """Look again at the end of a window whose last day has moved; the job looks what the day is."""
    if row.status is not DealStatus.TRANSFERRED:
        return
    profile = rulebook.profile(row.profile, market_date(transferred_at))
    until = bust_until(profile, known.calendar, transferred_at)
    former = [bust_until(profile, each, transferred_at) for each in known.former]
    if former and until not in former:
        data: dict[str, object] = {"final_at": until.isoformat()}
        emit(tx, now, Event("deal.final_due", row.id, (), data, row.book_id), due_at=until)
