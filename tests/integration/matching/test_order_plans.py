"""Auction bids with payment plans of their own: ranked as cash, refused where none are taken, kept with the deal."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import select

from exchange.core.errors import ExchangeError, RulesBroken
from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.listings.payment_plan import ALL_AT_CLOSING, LaterPart, PaymentPlan, Security
from exchange.listings.tables import ListingRow
from exchange.matching.errors import OrderNotFound
from exchange.matching.proof import is_proven
from exchange.matching.service import awards, order_plans
from exchange.matching.service import proposals as proposal_service
from exchange.matching.tables import AwardRow, OrderPlanRow, ProposalRow
from exchange.settlement.tables.deals import DealRow
from tests.integration.matching.exchange_world import MILLION, Market, a_listing, bid, proposals, settle, wait

YEAR_LATER = PaymentPlan((LaterPart(700_000, 365),), 0, Security.BANK_GUARANTEE)
HALF_LATER = PaymentPlan((LaterPart(500_000, 365),), 0, Security.BANK_GUARANTEE)
RATE_PPM = 120_000


def an_auction(
    market: Market, *, rate_ppm: int | None = RATE_PPM, policy: PriorityPolicy = PriorityPolicy.PRICE_FIRST
) -> str:
    """An auction of 100 million over ten days that compares plans at 12 % a year, or takes none."""
    listing_id = a_listing(market, mode=MatchingMode.ONE_WAY_AUCTION, policy=policy, days=10, price_ppm=800_000)
    with transaction() as tx:
        row = tx.get_one(ListingRow, listing_id)
        row.plan_discount_ppm = rate_ppm
        tx.add(row)
    return listing_id


def state(market: Market, buyer: str, order_id: str, plan: PaymentPlan) -> OrderPlanRow:
    """A bidder says how it would pay."""
    with transaction() as tx:
        actor = market.buyers[buyer]
        return order_plans.state_order_plan(tx, actor, business_now(tx), order_id=order_id, plan=plan)


def stated() -> int:
    """How many plans were written."""
    with transaction() as tx:
        return int(tx.exec(select(func.count()).select_from(OrderPlanRow)).one())


def refusal(market: Market, buyer: str, order_id: str, plan: PaymentPlan) -> list[tuple[str, str]]:
    """The rules a plan breaks; nothing is written."""
    before = stated()
    with pytest.raises(RulesBroken) as caught:
        state(market, buyer, order_id, plan)
    assert stated() == before
    return [(breach.rule, breach.code) for breach in caught.value.breaches]


def confirmed(market: Market, listing_id: str) -> None:
    """The seller accepts, every winner confirms, the deals are opened."""
    with transaction() as tx:
        award = tx.exec(select(AwardRow).where(AwardRow.listing_id == listing_id)).one()
        assert is_proven(award.proof, award.proof_hash)
        awards.accept(tx, market.seller, business_now(tx), award_id=award.id)
    buyers = {actor.organisation_id: actor for actor in market.buyers.values()}
    for row in proposals(listing_id):
        with transaction() as tx:
            proposal_service.confirm(tx, buyers[row.buyer_organisation_id], business_now(tx), proposal_id=row.id)
    settle()


def deal_of(order: ProposalRow) -> dict[str, Any]:
    """The payment plan of the deal of a proposal."""
    with transaction() as tx:
        query = select(DealRow).where(DealRow.buyer_organisation_id == order.buyer_organisation_id)
        return tx.exec(query).one().plan


def test_a_higher_price_that_is_paid_later_ranks_by_what_it_is_worth_as_cash(market: Market) -> None:
    listing_id = an_auction(market)
    cash = bid(market, listing_id, "social", 60, 880_000)
    later = bid(market, listing_id, "second", 100, 900_000)
    settle()
    # 90 % of NAV, 70 % of it after a year at 12 %: 0.9 x (0.3 + 0.7 / 1.12) = 83.25 %
    assert state(market, "second", later, YEAR_LATER).equivalent_price_ppm == 832_500
    wait(timedelta(days=10, minutes=1))
    rows = proposals(listing_id)
    taken = [(row.buy_order_id, row.price_ppm, row.amount_minor // MILLION) for row in rows]
    assert taken == [(cash, 880_000, 60), (later, 900_000, 40)]
    confirmed(market, listing_id)
    assert [deal_of(row) for row in rows] == [
        {},
        {"later": [{"share_ppm": 700_000, "days": 365}], "interest_ppm": 0, "security": "bank_guarantee"},
    ]


def test_who_takes_a_winner_s_price_under_the_match_right_takes_its_plan_too(market: Market) -> None:
    listing_id = an_auction(market, policy=PriorityPolicy.MATCH_RIGHT)
    best = bid(market, listing_id, "second", 100, 950_000)
    guidance = bid(market, listing_id, "guidance", 40, 830_000)
    settle()
    assert state(market, "second", best, HALF_LATER).equivalent_price_ppm == 899_107
    wait(timedelta(days=10, minutes=1))
    with transaction() as tx:
        award_id = tx.exec(select(AwardRow.id).where(AwardRow.listing_id == listing_id)).one()
        actor = market.buyers["guidance"]
        amount = 40 * MILLION
        awards.take(tx, actor, business_now(tx), award_id=award_id, order_id=guidance, amount_minor=amount)
    settle()
    wait(timedelta(days=2, minutes=1))
    rows = {row.buy_order_id: row for row in proposals(listing_id)}
    assert {order: row.price_ppm for order, row in rows.items()} == {best: 950_000, guidance: 950_000}
    confirmed(market, listing_id)
    plan = {"later": [{"share_ppm": 500_000, "days": 365}], "interest_ppm": 0, "security": "bank_guarantee"}
    assert [deal_of(row) for row in rows.values()] == [plan, plan]


def test_the_last_word_before_the_close_counts_and_an_empty_plan_is_cash_again(market: Market) -> None:
    listing_id = an_auction(market)
    cash = bid(market, listing_id, "social", 60, 880_000)
    later = bid(market, listing_id, "second", 100, 900_000)
    settle()
    state(market, "second", later, YEAR_LATER)
    assert state(market, "second", later, ALL_AT_CLOSING).equivalent_price_ppm == 900_000
    wait(timedelta(days=10, minutes=1))
    assert [(row.buy_order_id, row.amount_minor // MILLION) for row in proposals(listing_id)] == [(later, 100)]
    assert cash not in {row.buy_order_id for row in proposals(listing_id)}


def test_a_plan_worth_less_than_the_floor_leaves_the_bid_out(market: Market) -> None:
    listing_id = an_auction(market)
    low = bid(market, listing_id, "second", 100, 820_000)
    settle()
    assert state(market, "second", low, YEAR_LATER).equivalent_price_ppm == 758_500
    wait(timedelta(days=10, minutes=1))
    assert proposals(listing_id) == []


def test_a_listing_that_announced_no_plans_takes_none(market: Market) -> None:
    listing_id = an_auction(market, rate_ppm=None)
    order_id = bid(market, listing_id, "second", 100, 900_000)
    settle()
    assert refusal(market, "second", order_id, YEAR_LATER) == [("D-EQUIVALENT", "PLANS_NOT_TAKEN")]


def test_a_plan_keeps_the_least_first_part_the_longest_time_and_a_security(market: Market) -> None:
    listing_id = an_auction(market)
    order_id = bid(market, listing_id, "second", 100, 900_000)
    settle()
    plan = PaymentPlan((LaterPart(710_000, 366),), 0, Security.NONE)
    found = refusal(market, "second", order_id, plan)
    assert [code for _, code in found] == ["FIRST_PART_TOO_SMALL", "LAST_PART_TOO_LATE", "LATER_PARTS_UNSECURED"]


def test_in_the_locked_part_a_plan_may_only_get_better(market: Market) -> None:
    listing_id = an_auction(market)
    order_id = bid(market, listing_id, "second", 100, 900_000)
    settle()
    state(market, "second", order_id, HALF_LATER)
    wait(timedelta(days=9, minutes=1))
    assert refusal(market, "second", order_id, YEAR_LATER) == [("X-LOCK", "IMPROVE_ONLY")]
    assert state(market, "second", order_id, ALL_AT_CLOSING).equivalent_price_ppm == 900_000
    wait(timedelta(days=1))
    with pytest.raises(ExchangeError):
        state(market, "second", order_id, ALL_AT_CLOSING)


def test_nobody_else_states_or_reads_the_plan_of_a_bid(market: Market) -> None:
    listing_id = an_auction(market)
    order_id = bid(market, listing_id, "second", 100, 900_000)
    settle()
    with pytest.raises(OrderNotFound):
        state(market, "social", order_id, HALF_LATER)
    with transaction() as tx, pytest.raises(OrderNotFound):
        order_plans.order_plan_of(tx, market.buyers["social"], order_id=order_id)
    assert stated() == 0
