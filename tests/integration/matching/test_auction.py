"""A one-way auction: collected, locked, allocated at its close, accepted, lapsed to a backup, match right taken."""

from datetime import timedelta

import pytest
from sqlmodel import select

from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.custody import service as custody
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.listings.lifecycle import ListingStatus
from exchange.matching.lifecycle import AwardStatus, BookPhase, OrderStatus, ProposalStatus
from exchange.matching.proof import is_proven
from exchange.matching.refusals import AwardNotFound, NoMatchRight
from exchange.matching.service import awards as service
from exchange.matching.service import proposals as proposal_service
from exchange.matching.tables import AwardRow
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

AUCTION = MatchingMode.ONE_WAY_AUCTION


def award_of(listing_id: str) -> AwardRow:
    """The listing's award."""
    with transaction() as tx:
        return tx.exec(select(AwardRow).where(AwardRow.listing_id == listing_id)).one()


def an_auction(market: Market, policy: PriorityPolicy = PriorityPolicy.PRICE_FIRST) -> tuple[str, dict[str, str]]:
    """An auction of 100 million over ten days with the four bids of the worked example."""
    listing_id = a_listing(market, mode=AUCTION, policy=policy, days=10)
    orders = {
        "B1": bid(market, listing_id, "social", 60, 880_000),
        "B4": bid(market, listing_id, "second", 40, 870_000),
        "B2": bid(market, listing_id, "guidance", 50, 860_000),
        "B3": bid(market, listing_id, "guidance2", 30, 880_000),
    }
    settle()
    return listing_id, orders


def test_auction_is_locked_before_its_close_and_awarded_after_it(market: Market) -> None:
    listing_id, orders = an_auction(market)
    assert not proposals(listing_id)
    wait(timedelta(days=9, minutes=1))
    assert (book_of(listing_id).phase, listing_status(listing_id)) == (BookPhase.LOCKED, ListingStatus.LOCKED)
    wait(timedelta(days=1))
    assert listing_status(listing_id) is ListingStatus.AWARD_PROPOSED
    rows = [(row.buy_order_id, row.price_ppm, row.amount_minor // MILLION) for row in proposals(listing_id)]
    assert rows == [(orders["B3"], 880_000, 30), (orders["B1"], 880_000, 60), (orders["B4"], 870_000, 10)]
    award = award_of(listing_id)
    assert award.status is AwardStatus.PROPOSED
    assert is_proven(award.proof, award.proof_hash)


def test_class_first_award_states_what_the_priority_cost(market: Market) -> None:
    listing_id, _ = an_auction(market, PriorityPolicy.GUIDANCE_FIRST)
    wait(timedelta(days=10, minutes=1))
    assert award_of(listing_id).priority_cost_minor == 792_000_00
    assert {row.award_id for row in proposals(listing_id)} == {award_of(listing_id).id}


def test_accepted_award_and_confirming_winners_complete_the_listing(market: Market) -> None:
    listing_id, orders = an_auction(market)
    wait(timedelta(days=10, minutes=1))
    with transaction() as tx:
        service.accept(tx, market.seller, business_now(tx), award_id=award_of(listing_id).id)
    buyers = {actor.organisation_id: actor for actor in market.buyers.values()}
    for row in proposals(listing_id):
        with transaction() as tx:
            proposal_service.confirm(tx, buyers[row.buyer_organisation_id], business_now(tx), proposal_id=row.id)
    settle()
    assert listing_status(listing_id) is ListingStatus.AWARDED
    assert sum(trade.amount_minor for trade in trades()) == 100 * MILLION
    loser = order_row(orders["B2"])
    assert (loser.status, loser.hold_minor) == (OrderStatus.CANCELLED, 0)


def test_winner_that_lets_it_lapse_is_followed_by_the_backup(market: Market) -> None:
    listing_id, orders = an_auction(market)
    wait(timedelta(days=10, minutes=1))
    buyers = {actor.organisation_id: actor for actor in market.buyers.values()}
    with transaction() as tx:
        service.accept(tx, market.seller, business_now(tx), award_id=award_of(listing_id).id)
    for row in proposals(listing_id):
        if row.buy_order_id != orders["B1"]:
            with transaction() as tx:
                proposal_service.confirm(tx, buyers[row.buyer_organisation_id], business_now(tx), proposal_id=row.id)
    last = proposals(listing_id)[0]
    wait(last.lapses_at - last.created_at + timedelta(minutes=1))
    backups = [row for row in proposals(listing_id) if row.is_backup]
    assert [(row.buy_order_id, row.amount_minor // MILLION) for row in backups] == [
        (orders["B4"], 30),
        (orders["B2"], 30),
    ]
    assert order_row(orders["B1"]).hold_minor == 0


def test_an_accepted_award_is_the_sellers_yes_to_its_backups_too(market: Market) -> None:
    listing_id, _ = an_auction(market)
    wait(timedelta(days=10, minutes=1))
    with transaction() as tx:
        service.accept(tx, market.seller, business_now(tx), award_id=award_of(listing_id).id)
    winner = proposals(listing_id)[0]
    buyers = {actor.organisation_id: actor for actor in market.buyers.values()}
    with transaction() as tx:
        proposal_service.decline(
            tx, buyers[winner.buyer_organisation_id], business_now(tx), proposal_id=winner.id, reason="no budget"
        )
    settle()
    called = [row for row in proposals(listing_id) if row.is_backup]
    assert called
    assert {row.seller_confirmed_by for row in called} == {market.seller.user_id}
    with transaction() as tx:
        again = proposal_service.confirm(tx, market.seller, business_now(tx), proposal_id=called[0].id)
        assert (again.status, again.seller_confirmed_by) == (ProposalStatus.PROPOSED, market.seller.user_id)
    with transaction() as tx:
        buyer = buyers[called[0].buyer_organisation_id]
        done = proposal_service.confirm(tx, buyer, business_now(tx), proposal_id=called[0].id)
        assert done.status is ProposalStatus.CONFIRMED


def test_a_backup_called_before_the_award_is_accepted_waits_for_the_seller(market: Market) -> None:
    listing_id, _ = an_auction(market)
    wait(timedelta(days=10, minutes=1))
    winner = proposals(listing_id)[0]
    buyers = {actor.organisation_id: actor for actor in market.buyers.values()}
    with transaction() as tx:
        proposal_service.decline(
            tx, buyers[winner.buyer_organisation_id], business_now(tx), proposal_id=winner.id, reason="no budget"
        )
    settle()
    assert {row.seller_confirmed_at for row in proposals(listing_id) if row.is_backup} == {None}
    with transaction() as tx:
        service.accept(tx, market.seller, business_now(tx), award_id=award_of(listing_id).id)
    assert None not in {row.seller_confirmed_at for row in proposals(listing_id) if row.is_backup}


def test_an_auction_sold_in_part_keeps_only_what_it_sold_frozen(market: Market) -> None:
    listing_id = a_listing(market, mode=AUCTION, policy=PriorityPolicy.PRICE_FIRST, days=10)
    bid(market, listing_id, "social", 60, 880_000)
    wait(timedelta(days=10, minutes=1))
    assert frozen(market, listing_id) == 100 * MILLION
    with transaction() as tx:
        service.accept(tx, market.seller, business_now(tx), award_id=award_of(listing_id).id)
    (row,) = proposals(listing_id)
    with transaction() as tx:
        proposal_service.confirm(tx, market.buyers["social"], business_now(tx), proposal_id=row.id)
    settle()
    assert (listing_status(listing_id), frozen(market, listing_id)) == (ListingStatus.AWARDED, 60 * MILLION)


def test_a_refused_award_keeps_frozen_what_was_sold_before_it(market: Market) -> None:
    listing_id, orders = an_auction(market)
    wait(timedelta(days=10, minutes=1))
    row = next(row for row in proposals(listing_id) if row.buy_order_id == orders["B3"])
    for actor in (market.seller, market.buyers["guidance2"]):
        with transaction() as tx:
            proposal_service.confirm(tx, actor, business_now(tx), proposal_id=row.id)
    with transaction() as tx:
        service.refuse(tx, market.seller, business_now(tx), award_id=award_of(listing_id).id, reason="too low")
    settle()
    assert (listing_status(listing_id), frozen(market, listing_id)) == (ListingStatus.WITHDRAWN, 30 * MILLION)


def frozen(market: Market, listing_id: str) -> int:
    """What custody keeps frozen for a listing, in minor units."""
    with transaction() as tx:
        return custody.frozen_for(tx, market.holding_id, listing_id)


def test_auction_without_a_valid_bid_ends_without_one(market: Market) -> None:
    listing_id = a_listing(market, mode=AUCTION, policy=PriorityPolicy.PRICE_FIRST, days=10)
    order_id = bid(market, listing_id, "social", 10, 840_000)
    wait(timedelta(days=10, minutes=1))
    assert listing_status(listing_id) is ListingStatus.NO_BID
    assert award_of(listing_id).status is AwardStatus.NO_BID
    assert order_row(order_id).hold_minor == 0


def test_match_right_is_taken_at_the_clearing_price(market: Market) -> None:
    listing_id, orders = an_auction(market, PriorityPolicy.MATCH_RIGHT)
    wait(timedelta(days=10, minutes=1))
    award = award_of(listing_id)
    assert award.status is AwardStatus.MATCH_RIGHT_OFFERED
    assert not proposals(listing_id)
    with transaction() as tx:
        service.take(
            tx, market.buyers["guidance"], business_now(tx), award_id=award.id, order_id=orders["B2"],
            amount_minor=50 * MILLION,
        )  # fmt: skip
    settle()
    wait(timedelta(days=2, minutes=1))
    rows = {row.buy_order_id: (row.price_ppm, row.amount_minor // MILLION) for row in proposals(listing_id)}
    assert rows == {orders["B3"]: (880_000, 30), orders["B2"]: (880_000, 50), orders["B1"]: (880_000, 20)}
    assert award_of(listing_id).priority_cost_minor == -88_000_00


def test_match_right_is_not_for_others(market: Market) -> None:
    listing_id, orders = an_auction(market, PriorityPolicy.MATCH_RIGHT)
    wait(timedelta(days=10, minutes=1))
    with transaction() as tx, pytest.raises(NoMatchRight):
        service.take(
            tx, market.buyers["second"], business_now(tx), award_id=award_of(listing_id).id,
            order_id=orders["B4"], amount_minor=MILLION,
        )  # fmt: skip


def test_refused_award_ends_the_listing_and_releases_every_bid(market: Market) -> None:
    listing_id, orders = an_auction(market)
    wait(timedelta(days=10, minutes=1))
    award_id = award_of(listing_id).id
    with transaction() as tx:
        service.refuse(tx, market.seller, business_now(tx), award_id=award_id, reason="too low")
    settle()
    assert listing_status(listing_id) is ListingStatus.WITHDRAWN
    assert {row.status for row in proposals(listing_id)} == {ProposalStatus.DECLINED}
    assert all(order_row(order_id).hold_minor == 0 for order_id in orders.values())


def test_award_does_not_exist_for_strangers(market: Market) -> None:
    from tests.integration.matching.exchange_world import a_buyer

    a_buyer(market, "stranger")
    listing_id, _ = an_auction(market)
    wait(timedelta(days=10, minutes=1))
    with transaction() as tx, pytest.raises(AwardNotFound):
        service.award_of(tx, market.buyers["stranger"], award_of(listing_id).id)
