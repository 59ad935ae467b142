"""A continuous book of one fund, halts of a book and of the market, bids that follow their owner's standing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.access.approval import ApprovalStatus
from exchange.access.errors import SamePerson
from exchange.access.service import approvals
from exchange.core.ids import new_id
from exchange.core.terms import BuyerClass, MatchingMode, PriorityPolicy
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.listings.lifecycle import ListingStatus
from exchange.matching.lifecycle import BookPhase, OrderStatus
from exchange.matching.refusals import AlreadyHalted, AlreadyLifted
from exchange.matching.service import books, halts
from exchange.matching.store import intake
from exchange.parties.tables import StandingRow
from tests.integration.matching.exchange_world import (
    MILLION,
    Market,
    a_listing,
    bid,
    book_of,
    listing_status,
    order_row,
    proposals,
    settle,
    trades,
    wait,
)


def on_open_venue(market: Market, amount: int, price_ppm: int = 850_000) -> str:
    """A listing in the fund's continuous book."""
    return a_listing(
        market, amount=amount, price_ppm=price_ppm, mode=MatchingMode.CONTINUOUS, profile="OPEN",
        policy=PriorityPolicy.PRICE_FIRST,
    )  # fmt: skip


def test_two_listings_of_a_fund_share_one_continuous_book_and_trade_at_once(market: Market) -> None:
    first, second = on_open_venue(market, 30, 850_000), on_open_venue(market, 30, 840_000)
    assert book_of(first).id == book_of(second).id
    bid(market, first, "social", 40, 860_000)
    settle()
    assert [(trade.listing_id, trade.price_ppm, trade.amount_minor // MILLION) for trade in trades()] == [
        (second, 840_000, 30),
        (first, 850_000, 10),
    ]
    assert listing_status(second) is ListingStatus.AWARDED
    assert listing_status(first) is ListingStatus.OPEN


def test_every_listing_of_a_continuous_book_leads_the_order_path_to_it(market: Market) -> None:
    first, second = on_open_venue(market, 30), on_open_venue(market, 30)
    with transaction() as tx:
        found = intake.read(
            tx, book_ids=[], listing_ids=[first, second], organisation_ids=[], keys=[], locked=True
        ).book_of_listing
    assert found == dict.fromkeys((first, second), book_of(first).id)


def test_halted_book_does_not_match_and_goes_on_when_lifted(market: Market) -> None:
    listing_id = a_listing(market, days=5)
    book_id, closes_at = book_of(listing_id).id, book_of(listing_id).closes_at
    assert closes_at is not None
    with transaction() as tx:
        halt = halts.halt_book(tx, market.operator, business_now(tx), book_id=book_id, reason="news")
    settle()
    assert (book_of(listing_id).phase, listing_status(listing_id)) == (BookPhase.HALTED, ListingStatus.HALTED)
    wait(timedelta(hours=3))
    with transaction() as tx:
        halts.lift(tx, market.operator, business_now(tx), halt_id=halt.id)
    settle()
    moved = book_of(listing_id).closes_at
    assert moved is not None
    assert timedelta(hours=3) <= moved - closes_at < timedelta(hours=3, minutes=1)
    bid(market, listing_id, "social", 10, 860_000)
    settle()
    assert len(proposals(listing_id)) == 1
    wait(closes_at - moved + timedelta(days=5))
    assert book_of(listing_id).phase is BookPhase.OPEN
    wait(timedelta(hours=3, minutes=1))
    assert book_of(listing_id).phase is BookPhase.CLOSED


def test_halt_and_lift_happen_once(market: Market) -> None:
    book_id = book_of(a_listing(market)).id
    with transaction() as tx:
        halt = halts.halt_book(tx, market.operator, business_now(tx), book_id=book_id, reason="news")
    with transaction() as tx, pytest.raises(AlreadyHalted):
        halts.halt_book(tx, market.operator, business_now(tx), book_id=book_id, reason="news")
    with transaction() as tx:
        halts.lift(tx, market.operator, business_now(tx), halt_id=halt.id)
    with transaction() as tx, pytest.raises(AlreadyLifted):
        halts.lift(tx, market.operator, business_now(tx), halt_id=halt.id)


def test_halt_of_the_market_stops_every_book_and_delays_openings(market: Market) -> None:
    running = a_listing(market, amount=30)
    coming = a_listing(market, amount=30, opens_in=timedelta(hours=1))
    with transaction() as tx:
        asked = halts.ask_market_halt(tx, market.operator, business_now(tx), reason="fault of a system")
    with transaction() as tx, pytest.raises(SamePerson):
        approvals.decide(tx, market.operator, business_now(tx), asked.id, ApprovalStatus.APPROVED, reason="mine")
    assert book_of(running).phase is BookPhase.OPEN
    second = replace(market.operator, user_id=new_id("user"))
    with transaction() as tx:
        approvals.decide(tx, second, business_now(tx), asked.id, ApprovalStatus.APPROVED, reason="seen")
        halt = next(row for row in halts.halts_of(tx, active_only=True) if row.book_id is None)
    assert halt.halted_by == market.operator.user_id
    wait(timedelta(hours=2))
    assert {book_of(running).phase, book_of(coming).phase} == {BookPhase.HALTED}
    assert listing_status(coming) is ListingStatus.APPROVED
    with transaction() as tx:
        halts.lift(tx, market.operator, business_now(tx), halt_id=halt.id)
    settle()
    assert listing_status(running) is ListingStatus.OPEN
    assert listing_status(coming) is ListingStatus.OPEN


def test_bids_follow_a_change_of_class(market: Market) -> None:
    listing_id = a_listing(market, opens_in=timedelta(hours=1))
    order_id = bid(market, listing_id, "guidance", 60, 860_000)
    bid(market, listing_id, "social", 60, 870_000)
    settle()
    organisation_id = market.buyers["guidance"].organisation_id
    with transaction() as tx:
        standing = tx.get(StandingRow, organisation_id)
        assert standing is not None
        standing.buyer_class = BuyerClass.OTHER
    with transaction() as tx:
        books.follow_standing(tx, business_now(tx), organisation_id)
    wait(timedelta(hours=1, seconds=1))
    assert [row.price_ppm for row in proposals(listing_id)] == [870_000, 860_000]
    assert order_row(order_id).buyer_class is BuyerClass.OTHER


def test_bids_of_a_suspended_organisation_leave(market: Market) -> None:
    listing_id = a_listing(market, opens_in=timedelta(hours=1))
    order_id = bid(market, listing_id, "social", 60, 870_000)
    settle()
    organisation_id = market.buyers["social"].organisation_id
    with transaction() as tx:
        standing = tx.get(StandingRow, organisation_id)
        assert standing is not None
        standing.is_approved = False
    with transaction() as tx:
        books.follow_standing(tx, business_now(tx), organisation_id)
    settle()
    row = order_row(order_id)
    assert (row.status, row.reason, row.hold_minor) == (OrderStatus.CANCELLED, "organisation_not_admitted", 0)


def test_related_parties_are_passed_over_and_the_pass_is_recorded(market: Market) -> None:
    from sqlmodel import select

    from exchange.matching.tables import SkipRow
    from tests.integration.matching.exchange_world import a_buyer

    a_buyer(market, "cousin", groups=(market.seller.organisation_id,))
    listing_id = a_listing(market)
    bid(market, listing_id, "cousin", 10, 900_000)
    settle()
    assert not proposals(listing_id)
    with transaction() as tx:
        assert [row.reason for row in tx.exec(select(SkipRow))] == ["related_party"]
