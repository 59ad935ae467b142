"""A year of the calendar loaded by two operators: counted from then on, and what was provisional is counted again."""

from datetime import date, datetime, timedelta

import pytest

from exchange.access.approval import ApprovalStatus
from exchange.access.errors import ApprovalPending, SamePerson
from exchange.access.service import approvals
from exchange.core.clock import MARKET_ZONE, end_of_market_day, market_date
from exchange.core.errors import Forbidden
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.oversight import service as oversight
from exchange.reactions import REACTIONS, Job, resolve
from exchange.rulebook import service as rulebook
from exchange.rulebook.calendars import Calendar, LoadedYear
from exchange.rulebook.errors import CalendarYearInvalid, CalendarYearUnknown
from exchange.settlement.service import offers
from tests.integration.matching.exchange_world import Market, a_listing, bid, proposals, settle, wait
from tests.integration.settlement.deal_world import a_deal, deal, second_operator_decides


def calendar() -> Calendar:
    """Days as the exchange counts them now."""
    with transaction() as tx:
        return rulebook.calendar(tx)


def next_year(market: Market) -> LoadedYear:
    """The year after this one, with its first five weekdays as holidays and the Saturday after them worked."""
    with transaction() as tx:
        year = market_date(business_now(tx)).year + 1
    days = [day for offset in range(12) if (day := date(year, 1, 1) + timedelta(days=offset)).weekday() < 5][:5]
    saturday = days[-1] + timedelta(days=5 - days[-1].weekday())
    return LoadedYear(year, tuple(days), (saturday,), "test notice")


def to_the_last_days_of_the_year() -> None:
    """Move the clock to noon of 30 December."""
    with transaction() as tx:
        now = business_now(tx)
    wait(datetime(market_date(now).year, 12, 30, 12, tzinfo=MARKET_ZONE) - now)


def propose(market: Market, loaded: LoadedYear) -> str:
    """One operator asks."""
    with transaction() as tx:
        return rulebook.propose_year(tx, market.operator, business_now(tx), loaded=loaded).id


def test_a_loaded_year_moves_the_deadlines_that_were_counted_on_weekdays(market: Market) -> None:
    to_the_last_days_of_the_year()
    year, weekdays = next_year(market), calendar()
    row = a_deal(market)
    listing_id = a_listing(market, amount=5)
    bid(market, listing_id, "social", 5, 900_000)
    settle()
    (waiting,) = proposals(listing_id)
    assert row.due_at is not None
    assert weekdays.is_provisional(market_date(row.due_at - timedelta(seconds=1)))
    started = market_date(row.status_at)
    counted = weekdays.working_days_between(started, market_date(row.due_at - timedelta(seconds=1)))
    second_operator_decides(market, propose(market, year), ApprovalStatus.APPROVED)

    published = calendar()
    moved, again = deal(row.id), proposals(listing_id)[0]
    assert moved.due_at == end_of_market_day(published.add_working_days(started, counted)) > row.due_at
    assert again.lapses_at > waiting.lapses_at
    assert not published.is_provisional(market_date(moved.due_at))
    wait(row.due_at - moved.status_at + timedelta(minutes=1))  # the old dates come and do nothing
    assert proposals(listing_id)[0].status is waiting.status
    settle()
    assert deal(row.id).version == moved.version


def test_a_year_takes_two_persons_and_sound_days_or_nothing_changes(market: Market) -> None:
    year, before = next_year(market), calendar()
    wrong = (
        LoadedYear(year.year, (), (), "empty"),
        LoadedYear(year.year, (year.worked_weekend_days[0],), (), "a Saturday as a holiday"),
        LoadedYear(year.year, (year.holidays[0], year.holidays[0]), (), "twice"),
        LoadedYear(year.year + 1, year.holidays, (), "another year"),
        LoadedYear(year.year, year.holidays, (year.holidays[0],), "a weekday as worked"),
    )
    for loaded in wrong:
        with pytest.raises(CalendarYearInvalid):
            propose(market, loaded)
    with transaction() as tx, pytest.raises(Forbidden):
        rulebook.propose_year(tx, market.seller, business_now(tx), loaded=year)
    asked = propose(market, year)
    with pytest.raises(ApprovalPending):
        propose(market, year)
    with transaction() as tx, pytest.raises(SamePerson):
        approvals.decide(tx, market.operator, business_now(tx), asked, ApprovalStatus.APPROVED, reason="alone")
    second_operator_decides(market, asked, ApprovalStatus.REJECTED)
    assert calendar() == before
    with transaction() as tx, pytest.raises(CalendarYearUnknown):
        rulebook.calendar_year(tx, year.year)


def test_a_correction_is_another_version_and_what_stood_before_is_known(market: Market) -> None:
    year, before = next_year(market), calendar()
    second_operator_decides(market, propose(market, year), ApprovalStatus.APPROVED)
    with transaction() as tx:
        between = business_now(tx)
    corrected = LoadedYear(year.year, year.holidays[:2], (), "corrected notice")
    second_operator_decides(market, propose(market, corrected), ApprovalStatus.APPROVED)
    with transaction() as tx:
        assert rulebook.calendar_year(tx, year.year) == (corrected, 2)
        assert rulebook.calendar_as_of(tx, between).holidays == before.holidays.union(year.holidays)
        assert rulebook.recounting(tx).former[0] == before
    assert calendar().holidays == before.holidays.union(corrected.holidays)
    assert calendar().worked_weekend_days == before.worked_weekend_days


def test_moved_to_each_next_deadline_the_sandbox_clock_runs_the_jobs_of_real_time(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = a_deal(market)
    assert row.due_at is not None
    ran: list[str] = []

    def noted(path: str) -> Job:
        ran.append(path)
        return resolve(path)

    monkeypatch.setattr("exchange.reactions.resolve", noted)
    settle()
    ran.clear()
    now = row.status_at
    while now < row.due_at:
        with transaction() as tx:
            now = oversight.move_clock(
                tx, market.operator, business_now(tx), working_days=0, hours=0, to_next_deadline=True
            )
        assert now <= row.due_at  # no deadline is jumped over
        settle()
    assert set(REACTIONS["deal.due"]) <= set(ran)
    with transaction() as tx:
        told = [event.type for event in offers.timeline_of(tx, market.operator, deal_id=row.id)]
    assert told.count("deal.overdue") == 1
