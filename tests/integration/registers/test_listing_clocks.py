"""The operators' time to review and the seller's time to correct, as events that fire by the market's clock."""

from datetime import date, datetime, timedelta

from sqlmodel import select

from exchange.access.approval import ApprovalStatus
from exchange.access.service import approvals
from exchange.core.clock import MARKET_ZONE, market_date
from exchange.custody import service as custody
from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import transaction
from exchange.infra.tables import EventRow
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingReason, ListingStatus
from exchange.reactions import react_due
from exchange.relay import publish_all
from exchange.rulebook import service as rulebook
from exchange.rulebook.calendars import LoadedYear
from tests.builders import Exchange, a_draft, a_fund, a_gp, a_holding, a_nav_statement, an_investor, at_work


def a_submitted_listing(exchange: Exchange) -> tuple[str, str]:
    """A listing that waits for its review, and its holding."""
    gp = a_gp(exchange)
    fund_id = a_fund(gp)
    a_nav_statement(fund_id, gp, days_ago=60)
    held = a_holding(fund_id, gp, an_investor(exchange))
    listing_id = a_draft(held, gp, amount="20000000.00")
    with at_work() as (tx, now):
        listings.submit(tx, gp, now, listing_id=listing_id)
    return listing_id, held.id


def days_later(days: int) -> None:
    """Move the market's clock and let everything that fell due happen."""
    with transaction() as tx:
        set_business_now(tx, business_now(tx) + timedelta(days=days))
    publish_all()
    react_due()
    publish_all()


def overdue(listing_id: str) -> int:
    """How often it was raised that the review is overdue."""
    with transaction() as tx:
        query = select(EventRow).where(EventRow.type == "listing.review_overdue", EventRow.subject_id == listing_id)
        return len(tx.exec(query).all())


def test_a_review_that_takes_too_long_is_raised_with_the_operators_once(exchange: Exchange) -> None:
    listing_id, _ = a_submitted_listing(exchange)
    with at_work() as (tx, now):
        due = listings.review_due_at(tx, listings.lock_listing(tx, listing_id))
        assert due is not None
        assert now + timedelta(days=4) < due < now + timedelta(days=20)
    days_later(1)
    assert overdue(listing_id) == 0
    days_later(20)
    assert overdue(listing_id) == 1
    days_later(20)
    assert overdue(listing_id) == 1


def test_a_returned_listing_that_is_not_corrected_ends_and_frees_its_interest(exchange: Exchange) -> None:
    listing_id, holding_id = a_submitted_listing(exchange)
    with at_work() as (tx, now):
        listings.return_listing(tx, exchange.maker, now, listing_id=listing_id, reason="amount")
    days_later(5)
    with transaction() as tx:
        assert listings.listing_facts(tx, listing_id).status is ListingStatus.RETURNED
    days_later(25)
    with transaction() as tx:
        row = listings.lock_listing(tx, listing_id)
        assert (row.status, row.status_reason) == (ListingStatus.REJECTED, ListingReason.NOT_CORRECTED)
        assert custody.holding_facts(tx, holding_id).frozen_minor == 0
    assert overdue(listing_id) == 0


def to_the_end_of_the_year() -> int:
    """Noon of 30 December; the year."""
    with transaction() as tx:
        year = market_date(business_now(tx) + timedelta(days=2)).year
        set_business_now(tx, datetime(year, 12, 30, 12, tzinfo=MARKET_ZONE))
    return year


def load_next(exchange: Exchange, year: int) -> None:
    """Two operators load the next year, whose first five weekdays are holidays."""
    days = [day for offset in range(12) if (day := date(year + 1, 1, 1) + timedelta(days=offset)).weekday() < 5][:5]
    with at_work() as (tx, now):
        loaded = LoadedYear(year + 1, tuple(days), (), "test notice")
        asked = rulebook.propose_year(tx, exchange.maker, now, loaded=loaded)
        approvals.decide(tx, exchange.checker, now, asked.id, ApprovalStatus.APPROVED, reason="seen")
    days_later(0)


def test_a_review_and_a_correction_last_the_working_days_of_a_loaded_year(exchange: Exchange) -> None:
    year = to_the_end_of_the_year()
    reviewed, _ = a_submitted_listing(exchange)
    corrected, _ = a_submitted_listing(exchange)
    with at_work() as (tx, now):
        listings.return_listing(tx, exchange.maker, now, listing_id=corrected, reason="amount")
        plain = rulebook.calendar(tx)
        rules = rulebook.profile("CN_BJ", market_date(now))
        start = market_date(now)
    old_review = plain.add_working_days(start, rules.review_working_days.value)
    old_correction = plain.add_working_days(start, rules.returned_working_days.value)
    load_next(exchange, year)
    with transaction() as tx:
        published = rulebook.calendar(tx)
    days_later((old_review - start).days + 1)
    assert overdue(reviewed) == 0
    days_later((old_correction - old_review).days)
    assert overdue(reviewed) == 1
    with transaction() as tx:
        assert listings.listing_facts(tx, corrected).status is ListingStatus.RETURNED
    end = published.add_working_days(start, rules.returned_working_days.value)
    assert end > old_correction
    days_later((end - old_correction).days)
    with transaction() as tx:
        assert listings.listing_facts(tx, corrected).status is ListingStatus.REJECTED
