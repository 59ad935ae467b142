"""A listing without a buyer: its window is extended, it opens again, or it is listed anew; clocks of the review."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from exchange.core.clock import market_date
from exchange.core.errors import IllegalTransition, RulesBroken
from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.infra.tables import EventRow
from exchange.listings import service as listings
from exchange.listings.errors import ListingNotUnsold, NotListingParty
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.tables import ListingRow
from exchange.matching.lifecycle import ProposalStatus
from exchange.matching.service import extension
from exchange.rulebook.service import shipped_calendar
from tests.integration.matching.exchange_world import (
    Market,
    a_listing,
    bid,
    book_of,
    listing_status,
    proposals,
    settle,
    wait,
)

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def row_of(listing_id: str) -> ListingRow:
    """The listing as it is stored."""
    with transaction() as tx:
        return tx.exec(select(ListingRow).where(ListingRow.id == listing_id)).one()


def extend(market: Market, listing_id: str, closes_at: datetime) -> None:
    """The seller extends."""
    with transaction() as tx:
        extension.extend(tx, market.seller, business_now(tx), listing_id=listing_id, closes_at=closes_at)
    settle()


def codes(refused: pytest.ExceptionInfo[RulesBroken]) -> set[str]:
    """Codes of the rules that stand in the way."""
    return {breach.code for breach in refused.value.breaches}


def test_an_extension_moves_the_close_of_listing_and_book(market: Market) -> None:
    listing_id = a_listing(market, amount=20, days=10)
    settle()
    closes_at = row_of(listing_id).closes_at + timedelta(days=14)
    extend(market, listing_id, closes_at)
    assert (row_of(listing_id).closes_at, book_of(listing_id).closes_at) == (closes_at, closes_at)
    wait(timedelta(days=11))
    assert listing_status(listing_id) is ListingStatus.OPEN
    bid(market, listing_id, "social", 5, 860_000)
    settle()
    assert len(proposals(listing_id)) == 1
    wait(timedelta(days=14))
    assert listing_status(listing_id) is not ListingStatus.OPEN


def test_an_extension_lasts_five_working_days_and_needs_a_book_without_bids(market: Market) -> None:
    listing_id = a_listing(market, amount=20, days=10, mode=MatchingMode.ONE_WAY_AUCTION)
    settle()
    before = row_of(listing_id).closes_at
    earliest = shipped_calendar().add_working_days(market_date(before), 5)
    with pytest.raises(RulesBroken) as refused:
        extend(market, listing_id, before + (earliest - market_date(before)) - timedelta(days=1))
    assert codes(refused) == {"EXTENSION_TOO_SHORT"}
    with pytest.raises(RulesBroken) as refused:
        extend(market, listing_id, before + timedelta(days=400))
    assert codes(refused) == {"WINDOW_TOO_LONG"}
    bid(market, listing_id, "social", 5, 860_000)
    with pytest.raises(RulesBroken) as refused:
        extend(market, listing_id, before + timedelta(days=14))
    assert codes(refused) == {"EXTENSION_HAS_BIDS"}
    assert row_of(listing_id).closes_at == before


def test_only_the_sellers_side_extends(market: Market) -> None:
    listing_id = a_listing(market, amount=20, days=10)
    settle()
    with transaction() as tx, pytest.raises(NotListingParty):
        extension.extend(
            tx,
            market.buyers["social"],
            business_now(tx),
            listing_id=listing_id,
            closes_at=row_of(listing_id).closes_at + timedelta(days=14),
        )


def test_an_auction_without_a_bid_opens_again_in_a_new_book(market: Market) -> None:
    listing_id = a_listing(
        market, amount=20, days=10, mode=MatchingMode.ONE_WAY_AUCTION, policy=PriorityPolicy.PRICE_FIRST
    )
    wait(timedelta(days=10, minutes=1))
    assert listing_status(listing_id) is ListingStatus.NO_BID
    first = book_of(listing_id).id
    extend(market, listing_id, row_of(listing_id).closes_at + timedelta(days=14))
    assert listing_status(listing_id) is ListingStatus.OPEN
    assert row_of(listing_id).book_id != first
    bid(market, listing_id, "social", 20, 880_000)
    wait(timedelta(days=14, minutes=1))
    assert listing_status(listing_id) is ListingStatus.AWARD_PROPOSED
    assert [row.status for row in proposals(listing_id)] == [ProposalStatus.PROPOSED]


def test_what_found_no_buyer_is_listed_anew_as_a_draft_with_the_old_terms(market: Market) -> None:
    listing_id = a_listing(
        market, amount=20, days=10, mode=MatchingMode.ONE_WAY_AUCTION, policy=PriorityPolicy.PRICE_FIRST
    )
    with transaction() as tx, pytest.raises(ListingNotUnsold):
        listings.relist(tx, market.seller, NOW, listing_id=listing_id, opens_at=NOW, closes_at=NOW + timedelta(days=30))
    wait(timedelta(days=10, minutes=1))
    with transaction() as tx:
        now = business_now(tx)
        draft = listings.relist(
            tx, market.seller, now, listing_id=listing_id, opens_at=now, closes_at=now + timedelta(days=30)
        )
        assert (draft.relisted_from, draft.status, draft.amount_minor) == (
            listing_id,
            ListingStatus.DRAFT,
            row_of(listing_id).amount_minor,
        )
        told = tx.exec(select(EventRow).where(EventRow.type == "listing.relisted")).one()
    assert (told.subject_id, told.data["draft_id"]) == (listing_id, draft.id)
    assert listing_status(listing_id) is ListingStatus.EXPIRED
    with pytest.raises(IllegalTransition):
        extend(market, listing_id, row_of(listing_id).closes_at + timedelta(days=60))
