"""Every period that reaches into a year is counted again when the year is loaded, and its old end does nothing."""

from datetime import date, datetime, timedelta

from sqlmodel import select

from exchange.access.approval import ApprovalStatus
from exchange.core.clock import MARKET_ZONE, end_of_market_day, market_date
from exchange.core.terms import PriorityPolicy
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.infra.tables import EventRow
from exchange.listings.lifecycle import ListingStatus
from exchange.reactions import REACTIONS, resolve
from exchange.rulebook import service as rulebook
from exchange.rulebook.calendars import Calendar, LoadedYear
from exchange.settlement.backup import BackupStatus
from exchange.settlement.deal import DealStatus
from exchange.settlement.pre_emption import AnswerKind
from exchange.settlement.service import obligations
from exchange.settlement.tables.backups import BackupOfferRow
from tests.integration.matching.exchange_world import Market, a_listing, listing_status, settle, wait
from tests.integration.settlement.deal_world import (
    a_funded_deal,
    a_signed_deal,
    deal,
    register,
    second_operator_decides,
)
from tests.integration.settlement.test_backups import a_sale, fell
from tests.integration.settlement.test_calendar_years import calendar, next_year, propose
from tests.integration.settlement.test_first_refusal import a_noticed_deal, answer


def go_to(day: date) -> None:
    """Move the clock to noon of a day."""
    wait(datetime.combine(day, datetime.min.time(), MARKET_ZONE) + timedelta(hours=12) - now())


def last_working_day() -> date:
    """Of the running year, or of the next one when this one has hardly three weeks left."""
    with transaction() as tx:
        year = (market_date(business_now(tx)) + timedelta(days=21)).year
    days = (date(year, 12, 31) - timedelta(days=offset) for offset in range(7))
    return next(day for day in days if calendar().is_working_day(day))


def load(market: Market) -> Calendar:
    """Two operators load the next year; the calendar as it is then."""
    second_operator_decides(market, propose(market, next_year(market)), ApprovalStatus.APPROVED)
    settle()
    return calendar()


def repeat(market: Market) -> None:
    """The jobs of the load run a second time."""
    with transaction() as tx:
        row = tx.exec(select(EventRow).where(EventRow.type == "calendar.year_loaded")).one()
    with transaction() as tx:
        at = business_now(tx)
        for path in REACTIONS["calendar.year_loaded"]:
            resolve(path)(tx, at, row)  # type: ignore[arg-type]


def number(name: str) -> int:
    """A number of the market profile."""
    with transaction() as tx:
        return int(rulebook.profile("CN_BJ", market_date(business_now(tx))).rules()[name].value)


def end_of(known: Calendar, day: date, name: str) -> datetime:
    """The end of a period of working days after a day."""
    return end_of_market_day(known.add_working_days(day, number(name)))


def test_days_to_file_and_the_window_to_bust_follow_the_year(market: Market) -> None:
    row = a_funded_deal(market)
    day = last_working_day()
    go_to(day)
    register(market, row)
    with transaction() as tx:
        before = {item.kind: item.due_on for item in obligations.obligations_of(tx, market.operator, deal_id=row.id)}
    old_end = end_of(calendar(), day, "bust_request_working_days")
    published = load(market)
    with transaction() as tx:
        after = {item.kind: item.due_on for item in obligations.obligations_of(tx, market.operator, deal_id=row.id)}
    moved = {kind for kind, due in after.items() if due != before[kind]}
    assert moved
    assert all(after[kind] > before[kind] for kind in moved)
    new_end = end_of(published, day, "bust_request_working_days")
    assert new_end > old_end
    wait(old_end - now() + timedelta(minutes=1))
    assert deal(row.id).proceeds_held_minor > 0
    wait(new_end - old_end)
    assert deal(row.id).proceeds_held_minor == 0
    assert told(row.id, "deal.became_final") == 1


def told(subject_id: str, kind: str) -> int:
    """How often something was written about a subject."""
    with transaction() as tx:
        return len(tx.exec(select(EventRow).where(EventRow.subject_id == subject_id, EventRow.type == kind)).all())


def test_a_window_to_bust_that_becomes_shorter_ends_on_its_new_last_day_and_is_told_once(market: Market) -> None:
    row = a_funded_deal(market)
    year = last_working_day().year + 1
    friday = next(day for offset in range(7, 14) if (day := date(year, 1, offset)).weekday() == 4)
    go_to(friday)
    register(market, row)
    saturday, monday = friday + timedelta(days=1), friday + timedelta(days=3)
    assert end_of(calendar(), friday, "bust_request_working_days") == end_of_market_day(monday)
    loaded = LoadedYear(year, (friday + timedelta(days=7),), (saturday,), "test notice")
    with transaction() as tx:
        asked = rulebook.propose_year(tx, market.operator, business_now(tx), loaded=loaded).id
    second_operator_decides(market, asked, ApprovalStatus.APPROVED)
    settle()
    repeat(market)
    assert deal(row.id).proceeds_held_minor > 0
    wait(end_of_market_day(saturday) - now() + timedelta(minutes=1))
    assert (deal(row.id).proceeds_held_minor, told(row.id, "deal.became_final")) == (0, 1)
    wait(end_of_market_day(monday) - now() + timedelta(minutes=1))
    assert told(row.id, "deal.became_final") == 1


def before_day(day: date, name: str) -> date:
    """The day after which a period of working days ends on this one."""
    start = day
    while calendar().add_working_days(start - timedelta(days=1), number(name)) >= day:
        start -= timedelta(days=1)
    return start - timedelta(days=1) if calendar().add_working_days(start, number(name)) > day else start


def now() -> datetime:
    """The market's clock."""
    with transaction() as tx:
        return business_now(tx)


def test_a_late_payment_is_noticed_on_the_day_the_year_makes_of_it(market: Market) -> None:
    due_day = last_working_day()
    go_to(before_day(due_day, "funding_working_days"))
    row, year = a_signed_deal(market), next_year(market)
    assert row.due_at == end_of_market_day(due_day)
    wait(row.due_at - row.status_at + timedelta(minutes=1))
    late, plain = deal(row.id), calendar()
    assert late.status_reason == "funding_overdue"
    assert late.due_at == end_of(plain, due_day, "funding_notice_working_days")
    second_operator_decides(market, propose(market, year), ApprovalStatus.APPROVED)
    settle()
    moved = deal(row.id)
    assert moved.due_at == end_of(calendar(), due_day, "funding_notice_working_days") > late.due_at
    repeat(market)
    assert deal(row.id).due_at == moved.due_at
    wait(late.due_at - now() + timedelta(minutes=1))
    assert deal(row.id).status_reason == "funding_overdue"
    wait(moved.due_at - late.due_at)
    assert deal(row.id).status_reason == "funding_noticed"


def test_a_late_payment_is_in_default_on_the_day_the_year_makes_of_it(market: Market) -> None:
    noticed_on = last_working_day()
    due_day = before_day(noticed_on, "funding_notice_working_days")
    go_to(before_day(due_day, "funding_working_days"))
    row, year = a_signed_deal(market), next_year(market)
    wait(end_of_market_day(due_day) - now() + timedelta(minutes=1))
    wait(end_of_market_day(noticed_on) - now() + timedelta(minutes=1))
    late = deal(row.id)
    assert late.status_reason == "funding_noticed"
    second_operator_decides(market, propose(market, year), ApprovalStatus.APPROVED)
    settle()
    moved, left = deal(row.id), number("funding_default_working_days") - number("funding_notice_working_days")
    assert late.due_at is not None
    assert moved.due_at == end_of_market_day(calendar().add_working_days(noticed_on, left)) > late.due_at
    repeat(market)
    assert deal(row.id).due_at == moved.due_at
    wait(late.due_at - now() + timedelta(minutes=1))
    assert deal(row.id).status is DealStatus.SIGNED
    wait(moved.due_at - late.due_at)
    assert deal(row.id).status is DealStatus.DEFAULTED


def test_partners_who_exercise_get_the_days_of_the_year_to_agree(market: Market) -> None:
    day = last_working_day()
    go_to(day)
    row = a_noticed_deal(market, {"second": 5, "guidance": 5})
    for name in ("second", "guidance"):
        answer(market, row, name, AnswerKind.EXERCISE, 20)
    waiting = deal(row.id)
    assert waiting.due_at == end_of(calendar(), day, "pre_emption_agreement_working_days")
    published = load(market)
    moved = deal(row.id)
    assert moved.due_at == end_of(published, day, "pre_emption_agreement_working_days")
    repeat(market)
    assert deal(row.id).due_at == moved.due_at
    assert (moved.status_reason, moved.due_rule) == ("partners_agree", waiting.due_rule)
    assert waiting.due_at is not None
    assert moved.due_at is not None
    wait(waiting.due_at - now() + timedelta(minutes=1))
    assert deal(row.id).status is DealStatus.NOTICED
    wait(moved.due_at - waiting.due_at)
    assert deal(row.id).status is DealStatus.ROFR_EXERCISED


def test_a_backup_has_the_days_of_the_year_to_answer(market: Market) -> None:
    row = a_sale(market, ("social", 20, 880_000), ("second", 20, 870_000))
    day = last_working_day()
    go_to(day)
    fell(row)
    settle()
    before = an_offer()
    assert before.lapses_at == end_of(calendar(), day, "confirm_window_working_days")
    published = load(market)
    moved = an_offer()
    assert moved.lapses_at == end_of(published, day, "confirm_window_working_days") > before.lapses_at
    wait(before.lapses_at - before.created_at + timedelta(minutes=1))
    assert an_offer().status is BackupStatus.OFFERED
    wait(moved.lapses_at - before.lapses_at)
    ended = an_offer()
    assert ended.status is BackupStatus.LAPSED
    repeat(market)
    assert an_offer().version == ended.version  # what is answered or over stays


def an_offer() -> BackupOfferRow:
    """The only offer to a backup."""
    with transaction() as tx:
        return tx.exec(select(BackupOfferRow)).one()


def test_a_window_for_guidance_funds_lasts_the_working_days_of_the_year(market: Market) -> None:
    day = last_working_day()
    go_to(day)
    listing_id = a_listing(market, amount=10, policy=PriorityPolicy.GUIDANCE_WINDOW)
    assert listing_status(listing_id) is ListingStatus.PRIORITY_WINDOW
    old_end = end_of(calendar(), day, "priority_window_working_days")
    published = load(market)
    new_end = end_of(published, day, "priority_window_working_days")
    wait(old_end - now() + timedelta(minutes=1))
    assert listing_status(listing_id) is ListingStatus.PRIORITY_WINDOW
    wait(new_end - old_end)
    assert listing_status(listing_id) is ListingStatus.OPEN
