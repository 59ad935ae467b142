"""The operators' time to review and the seller's time to correct, as events that fire by the market's clock."""

from datetime import timedelta

from sqlmodel import select

from exchange.custody import service as custody
from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import transaction
from exchange.infra.tables import EventRow
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingReason, ListingStatus
from exchange.reactions import react_due
from exchange.relay import publish_all
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
