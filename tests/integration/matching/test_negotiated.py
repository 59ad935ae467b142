"""A negotiated listing from its window to its end: guidance first, confirmed, declined, lapsed, withdrawn."""

from datetime import timedelta

import pytest

from exchange.core.errors import IllegalTransition, RulesBroken
from exchange.core.terms import PriorityPolicy, TimeInForce
from exchange.custody import service as custody
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingStatus
from exchange.matching.lifecycle import BookPhase, OrderStatus, ProposalStatus
from exchange.matching.refusals import ProposalLapsed, ProposalNotFound
from exchange.matching.service import proposals as service
from exchange.matching.tables import ProposalRow
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


def four_bids(market: Market, listing_id: str) -> dict[str, str]:
    """The worked example of the priority policies."""
    return {
        "B1": bid(market, listing_id, "social", 60, 880_000),
        "B4": bid(market, listing_id, "second", 40, 870_000),
        "B2": bid(market, listing_id, "guidance", 50, 860_000),
        "B3": bid(market, listing_id, "guidance2", 30, 880_000),
    }


def opened_over_waiting_bids(market: Market, **terms: object) -> tuple[str, dict[str, str]]:
    """A listing whose window opens while the four bids wait."""
    listing_id = a_listing(market, opens_in=timedelta(hours=1), **terms)  # type: ignore[arg-type]
    orders = four_bids(market, listing_id)
    wait(timedelta(hours=1, seconds=1))
    return listing_id, orders


def confirm_all(market: Market, rows: list[ProposalRow]) -> None:
    """Seller and buyer of each open proposal say yes."""
    actors = {actor.organisation_id: actor for actor in [market.seller, *market.buyers.values()]}
    for row in rows:
        if row.status is ProposalStatus.PROPOSED:
            for organisation in (row.seller_organisation_id, row.buyer_organisation_id):
                with transaction() as tx:
                    service.confirm(tx, actors[organisation], business_now(tx), proposal_id=row.id)
    settle()


def test_waiting_bids_are_matched_guidance_first_when_the_window_opens(market: Market) -> None:
    listing_id = a_listing(market, opens_in=timedelta(hours=1))
    assert book_of(listing_id).phase is BookPhase.COLLECTING
    orders = four_bids(market, listing_id)
    settle()
    assert not proposals(listing_id)
    wait(timedelta(hours=1, seconds=1))
    assert listing_status(listing_id) is ListingStatus.OPEN
    rows = proposals(listing_id)
    assert [(row.buy_order_id, row.price_ppm, row.amount_minor // MILLION) for row in rows] == [
        (orders["B3"], 880_000, 30),
        (orders["B2"], 860_000, 50),
        (orders["B1"], 880_000, 20),
    ]
    assert sum(row.priority_cost_minor for row in rows) == 792_000_00
    assert rows[0].counterfactual["cost_minor"] == 792_000_00
    assert [line["amount_minor"] // MILLION for line in rows[0].counterfactual["fills"]] == [30, 60, 10]


def test_confirmed_by_both_becomes_a_trade_and_a_sold_listing_ends_and_releases_the_rest(market: Market) -> None:
    listing_id, orders = opened_over_waiting_bids(market)
    confirm_all(market, proposals(listing_id))
    assert sum(trade.amount_minor for trade in trades()) == 100 * MILLION
    assert listing_status(listing_id) is ListingStatus.AWARDED
    waiting = order_row(orders["B4"])
    assert (waiting.status, waiting.hold_minor) == (OrderStatus.CANCELLED, 0)
    assert book_of(listing_id).phase is BookPhase.CLOSED


def test_declined_proposal_calls_the_next_in_rank_as_backup(market: Market) -> None:
    listing_id, orders = opened_over_waiting_bids(market)
    second = next(row for row in proposals(listing_id) if row.buy_order_id == orders["B2"])
    with transaction() as tx:
        buyer = market.buyers["guidance"]
        service.decline(tx, buyer, business_now(tx), proposal_id=second.id, reason="no budget")
    settle()
    loser = order_row(orders["B2"])
    assert (loser.filled_minor, loser.cancelled_minor, loser.hold_minor) == (0, 50 * MILLION, 0)
    backups = [row for row in proposals(listing_id) if row.is_backup]
    assert [(row.buy_order_id, row.amount_minor // MILLION) for row in backups] == [
        (orders["B1"], 40),
        (orders["B4"], 10),
    ]


def test_unconfirmed_proposal_lapses_after_two_working_days_and_calls_the_backup(market: Market) -> None:
    listing_id, orders = opened_over_waiting_bids(market, amount=30)
    (row,) = proposals(listing_id)
    assert row.buy_order_id == orders["B3"]
    with transaction() as tx:
        service.confirm(tx, market.seller, business_now(tx), proposal_id=row.id)
    wait(row.lapses_at - row.created_at + timedelta(minutes=1))
    lapsed, backup = proposals(listing_id)
    assert (lapsed.status, lapsed.status_reason) == (ProposalStatus.LAPSED, "not_confirmed_by_buyer")
    assert (backup.buy_order_id, backup.is_backup) == (orders["B2"], True)


def test_late_confirmation_is_refused(market: Market) -> None:
    listing_id, _ = opened_over_waiting_bids(market, amount=30)
    (row,) = proposals(listing_id)
    with transaction() as tx, pytest.raises(ProposalLapsed):
        service.confirm(tx, market.seller, row.lapses_at + timedelta(seconds=1), proposal_id=row.id)


def test_decided_proposal_takes_no_other_decision(market: Market) -> None:
    listing_id, _ = opened_over_waiting_bids(market, amount=30)
    confirm_all(market, proposals(listing_id))
    (row,) = proposals(listing_id)
    with transaction() as tx, pytest.raises(IllegalTransition):
        service.decline(tx, market.seller, business_now(tx), proposal_id=row.id, reason="late")


def test_foreign_proposal_does_not_exist(market: Market) -> None:
    listing_id, _ = opened_over_waiting_bids(market, amount=30)
    (row,) = proposals(listing_id)
    with transaction() as tx, pytest.raises(ProposalNotFound):
        service.confirm(tx, market.buyers["social"], business_now(tx), proposal_id=row.id)


def test_state_owned_seller_cannot_refuse_a_valid_highest_bid(market: Market) -> None:
    listing_id = a_listing(market, amount=30, policy=PriorityPolicy.PRICE_FIRST)
    bid(market, listing_id, "social", 30, 880_000)
    settle()
    with transaction() as tx:
        row = listings.lock_listing(tx, listing_id)
        row.seller_is_state_owned = True
    (proposal,) = proposals(listing_id)
    with transaction() as tx, pytest.raises(RulesBroken) as refused:
        service.decline(tx, market.seller, business_now(tx), proposal_id=proposal.id, reason="low")
    assert refused.value.breaches[0].rule == "R-42"
    assert proposals(listing_id)[0].status is ProposalStatus.PROPOSED


def test_buyer_that_no_longer_qualifies_cannot_confirm(market: Market) -> None:
    from exchange.parties.tables import StandingRow

    listing_id = a_listing(market, amount=30)
    bid(market, listing_id, "social", 30, 880_000)
    settle()
    with transaction() as tx:
        standing = tx.get(StandingRow, market.buyers["social"].organisation_id)
        assert standing is not None
        standing.suitable_until = None
    (row,) = proposals(listing_id)
    with transaction() as tx, pytest.raises(RulesBroken) as refused:
        service.confirm(tx, market.buyers["social"], business_now(tx), proposal_id=row.id)
    assert "SUITABILITY_MISSING" in [breach.code for breach in refused.value.breaches]


def test_withdrawn_listing_releases_its_interest_and_every_hold(market: Market) -> None:
    listing_id, orders = opened_over_waiting_bids(market, amount=60)
    with transaction() as tx:
        listings.withdraw(tx, market.seller, business_now(tx), listing_id=listing_id, reason="changed mind")
    settle()
    assert all(order_row(order_id).hold_minor == 0 for order_id in orders.values())
    assert {row.status for row in proposals(listing_id)} == {ProposalStatus.DECLINED}
    with transaction() as tx:
        from exchange.custody import service as custody

        assert custody.holding_facts(tx, market.holding_id).frozen_minor == 0


def test_window_that_closes_unsold_expires_the_listing_and_releases_everything(market: Market) -> None:
    listing_id = a_listing(market, days=3)
    order_id = bid(market, listing_id, "social", 60, 840_000)
    wait(timedelta(days=3, seconds=1))
    assert listing_status(listing_id) is ListingStatus.EXPIRED
    assert order_row(order_id).hold_minor == 0


def test_window_that_closes_with_open_proposals_ends_when_they_are_decided(market: Market) -> None:
    listing_id = a_listing(market, days=1)
    bid(market, listing_id, "social", 60, 880_000)
    settle()
    wait(timedelta(days=1, seconds=1))
    assert listing_status(listing_id) is ListingStatus.OPEN
    confirm_all(market, proposals(listing_id))
    assert listing_status(listing_id) is ListingStatus.AWARDED


def test_a_listing_sold_in_part_keeps_only_what_it_sold_frozen(market: Market) -> None:
    listing_id = a_listing(market, days=1)
    bid(market, listing_id, "social", 60, 880_000)
    settle()
    wait(timedelta(days=1, seconds=1))
    assert frozen(listing_id) == 100 * MILLION
    confirm_all(market, proposals(listing_id))
    assert (listing_status(listing_id), frozen(listing_id)) == (ListingStatus.AWARDED, 60 * MILLION)


def frozen(listing_id: str) -> int:
    """What custody keeps frozen for a listing, in minor units."""
    with transaction() as tx:
        return custody.frozen_for(tx, listings.listing_facts(tx, listing_id).holding_id, listing_id)


def test_dated_order_expires_at_its_time(market: Market) -> None:
    from exchange.core.events import Event
    from exchange.infra.outbox import emit

    listing_id = a_listing(market)
    with transaction() as tx:
        ends = business_now(tx) + timedelta(hours=2)
    order_id = bid(market, listing_id, "social", 60, 840_000, TimeInForce.DAY, ends)
    with transaction() as tx:
        emit(tx, business_now(tx), Event("order.expiry_due", order_id, (), {}), due_at=ends)
    wait(timedelta(hours=2, seconds=1))
    row = order_row(order_id)
    assert (row.status, row.hold_minor) == (OrderStatus.EXPIRED, 0)


def test_guidance_window_considers_others_only_after_its_working_days(market: Market) -> None:
    listing_id, orders = opened_over_waiting_bids(market, policy=PriorityPolicy.GUIDANCE_WINDOW)
    assert listing_status(listing_id) is ListingStatus.PRIORITY_WINDOW
    assert {row.buy_order_id for row in proposals(listing_id)} == {orders["B3"], orders["B2"]}
    confirm_all(market, proposals(listing_id))
    wait(timedelta(days=10))
    assert listing_status(listing_id) is ListingStatus.OPEN
    assert proposals(listing_id)[-1].buy_order_id == orders["B1"]
