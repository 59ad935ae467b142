"""Partners who exercise their first refusal in the auction, and sales by a court: from the listing to the deal."""

from datetime import timedelta

import pytest
from sqlmodel import select

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import RulesBroken
from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.listings import service as listings
from exchange.listings.sale import SaleCause
from exchange.listings.service import first_refusal
from exchange.listings.tables import ListingRow
from exchange.matching.service import awards
from exchange.matching.tables import AwardRow
from exchange.settlement.deal import DealStatus
from exchange.settlement.store import steps
from exchange.settlement.tables.deals import DealRow
from tests.evidence import all_accepted
from tests.integration.matching.exchange_world import Market, a_listing, bid, proposals, settle, wait
from tests.integration.matching.test_negotiated import confirm_all
from tests.integration.settlement.deal_world import deal, deal_of_listing, status_of
from tests.integration.settlement.test_first_refusal import make_partner, serve

WINDOW = timedelta(days=31, minutes=1)


def an_auction(market: Market, mode: FirstRefusalMode) -> str:
    """An auction by price of 20 million in which partners exercise in this way, open for 31 days."""
    return a_listing(
        market,
        amount=20,
        mode=MatchingMode.ONE_WAY_AUCTION,
        policy=PriorityPolicy.PRICE_FIRST,
        days=31,
        first_refusal=mode,
    )


def award_of(listing_id: str) -> AwardRow:
    """The listing's award."""
    with transaction() as tx:
        return tx.exec(select(AwardRow).where(AwardRow.listing_id == listing_id)).one()


def winners(market: Market, listing_id: str) -> list[str]:
    """Who got something, best rank first."""
    names = {buyer.organisation_id: name for name, buyer in market.buyers.items()}
    return [names[row.buyer_organisation_id] for row in proposals(listing_id)]


def awarded_deal(market: Market, listing_id: str) -> DealRow:
    """The deal of an auction whose award the seller accepts and everybody confirms."""
    with transaction() as tx:
        now = business_now(tx)
        awards.accept(tx, market.seller, now, award_id=award_of(listing_id).id)
    settle()
    confirm_all(market, proposals(listing_id))
    with transaction() as tx:
        bidders = [buyer.organisation_id for buyer in market.buyers.values()]
        all_accepted(tx, business_now(tx), listing_id, bidders)
    return deal_of_listing(listing_id)


def test_partners_are_told_at_publication_and_win_at_an_equal_price(market: Market) -> None:
    make_partner(market, "second", 5)
    listing_id = an_auction(market, FirstRefusalMode.BIDS_ALONG)
    with transaction() as tx:
        partner = market.buyers["second"]
        assert set(listings.partners_called(tx, listing_id)) == {partner.organisation_id}
        assert [call.listing_id for call in first_refusal.calls_to(tx, partner)] == [listing_id]
        assert first_refusal.calls_to(tx, market.buyers["social"]) == []
        seen = {who: len(first_refusal.calls_of(tx, who, listing_id=listing_id)) for who in readers(market)}
        assert list(seen.values()) == [1, 1, 1, 0]
    bid(market, listing_id, "social", 20, 880_000)
    bid(market, listing_id, "second", 20, 880_000)
    wait(WINDOW)
    assert winners(market, listing_id) == ["second"]
    assert award_of(listing_id).proof["policy"]["first_refusal"] == "bids_along"
    with transaction() as tx:
        assert first_refusal.calls_to(tx, partner) == []


def readers(market: Market) -> list[Actor]:
    """An operator, the seller, the partner that was called, and somebody else."""
    return [market.operator, market.seller, market.buyers["second"], market.buyers["social"]]


def test_an_outsider_who_bid_more_is_offered_to_nobody_again(market: Market) -> None:
    make_partner(market, "second", 5)
    listing_id = an_auction(market, FirstRefusalMode.BIDS_ALONG)
    bid(market, listing_id, "second", 20, 870_000)
    bid(market, listing_id, "social", 20, 880_000)
    wait(WINDOW)
    row = awarded_deal(market, listing_id)
    serve(market, row)
    row = deal(row.id)
    assert (row.status, row.status_reason) == (DealStatus.ROFR_CLEARED, "exercised_on_exchange")
    with transaction() as tx:
        assert steps.notices(tx, row.id) == []
        called = listings.partners_called(tx, listing_id)[market.buyers["second"].organisation_id]
    assert row.notice_served_at == called


def test_a_partner_who_was_not_told_is_offered_the_match(market: Market) -> None:
    make_partner(market, "second", 5)
    listing_id = an_auction(market, FirstRefusalMode.BIDS_ALONG)
    make_partner(market, "guidance", 5)
    bid(market, listing_id, "social", 20, 880_000)
    wait(WINDOW)
    row = awarded_deal(market, listing_id)
    serve(market, row)
    assert status_of(row.id) is DealStatus.NOTICED
    with transaction() as tx:
        noticed = {item.partner_organisation_id for item in steps.notices(tx, row.id)}
    assert noticed == {market.buyers[name].organisation_id for name in ("second", "guidance")}


def test_a_partner_takes_at_the_best_price_after_the_bidding(market: Market) -> None:
    make_partner(market, "second", 5)
    listing_id = an_auction(market, FirstRefusalMode.MATCHES_BEST)
    bid(market, listing_id, "social", 20, 880_000)
    mine = bid(market, listing_id, "second", 20, 860_000)
    wait(WINDOW)
    award = award_of(listing_id)
    with transaction() as tx:
        buyer = market.buyers["second"]
        amount = awards.offers_for(award, buyer.organisation_id)[0].up_to_minor
        assert awards.offers_for(award, market.buyers["social"].organisation_id) == []
        awards.take(tx, buyer, business_now(tx), award_id=award.id, order_id=mine, amount_minor=amount)
    wait(timedelta(days=3))
    assert [(row.price_ppm, row.buyer_organisation_id) for row in proposals(listing_id)] == [
        (880_000, market.buyers["second"].organisation_id)
    ]


def test_a_published_auction_that_ends_too_early_for_its_partners_is_refused(market: Market) -> None:
    with pytest.raises(RulesBroken) as refused:
        a_listing(
            market,
            mode=MatchingMode.ONE_WAY_AUCTION,
            policy=PriorityPolicy.PRICE_FIRST,
            days=10,
            first_refusal=FirstRefusalMode.BIDS_ALONG,
        )
    assert [breach.code for breach in refused.value.breaches] == ["PARTNERS_NEED_TIME"]
    with transaction() as tx:
        assert tx.exec(select(ListingRow)).all() == []


def test_in_a_sale_by_a_court_silence_waives_after_twenty_days(market: Market) -> None:
    make_partner(market, "second", 5)
    listing_id = a_listing(market, amount=20, cause=SaleCause.COURT_ORDER)
    bid(market, listing_id, "social", 20, 850_000)
    settle()
    confirm_all(market, proposals(listing_id))
    with transaction() as tx:
        all_accepted(tx, business_now(tx), listing_id, [market.buyers["social"].organisation_id])
    row = deal_of_listing(listing_id)
    serve(market, row)
    row = deal(row.id)
    assert row.status is DealStatus.NOTICED
    assert row.due_at is not None
    assert row.notice_served_at is not None
    last_day = market_date(row.due_at - timedelta(seconds=1))
    assert (last_day - market_date(row.notice_served_at), row.due_rule) == (timedelta(days=20), "R-37")
    wait(timedelta(days=21))
    row = deal(row.id)
    assert (row.status, row.status_reason) == (DealStatus.ROFR_CLEARED, "waived")
