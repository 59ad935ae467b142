"""Listings, bids and confirmations ask the gates of their checklist, and the exchange makes the papers it owes."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from exchange.access.actor import Actor
from exchange.core.errors import ExchangeError, RulesBroken
from exchange.core.ids import new_id
from exchange.custody import service as custody
from exchange.custody.roll import Holding
from exchange.diligence.errors import GateBlocked
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemState
from exchange.diligence.service import checklists, gates, items
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.infra.database import transaction
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingStatus
from exchange.matching import jobs
from exchange.matching.order_terms import Limit, NewOrder, PriceForm
from exchange.matching.service import proposals as matches
from exchange.matching.service.place import PlaceAnswer, Submission, place_batch
from tests.builders import Exchange, a_draft, a_fund, a_gp, a_holding, a_nav_statement, an_investor, at_work
from tests.evidence import complete
from tests.integration.diligence.deal_world import work_through
from tests.integration.matching.exchange_world import (
    MILLION,
    Market,
    a_buyer,
    a_listing,
    a_market,
    bid,
    proposals,
    settle,
    trades,
)

NOTE, CONFIRMATION, FUNDS_PROOF = "X01", "X02", "G08"


@pytest.fixture
def market(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """A market of matching beside the founded exchange, without Redis."""
    jobs.matcher.cache_clear()
    yield a_market()
    settle()
    jobs.matcher.cache_clear()


def an_offer(exchange: Exchange) -> tuple[Actor, Holding, str]:
    """A manager, a holder's interest, and a draft of it without any paper."""
    gp = a_gp(exchange)
    fund_id = a_fund(gp)
    a_nav_statement(fund_id, gp)
    held = a_holding(fund_id, gp, an_investor(exchange))
    return gp, held, a_draft(held, gp, with_papers=False)


def item(listing_id: str, code: str, organisation_id: str | None = None) -> ChecklistItemRow:
    """An item of a listing or of one of its bidders."""
    with transaction() as tx:
        query = select(ChecklistItemRow).where(
            ChecklistItemRow.listing_id == listing_id,
            ChecklistItemRow.code == code,
            ChecklistItemRow.organisation_id == organisation_id,
        )
        return tx.exec(query).one()


def stands(listing_id: str, held: Holding) -> tuple[ListingStatus, int]:
    """Where a listing stands and how much of its interest is frozen."""
    with transaction() as tx:
        return listings.listing_facts(tx, listing_id).status, custody.holding_facts(tx, held.id).frozen_minor


def codes_of(refused: "pytest.ExceptionInfo[GateBlocked]") -> set[str]:
    """The codes of the papers a refusal names."""
    assert refused.value.code == "GATE_BLOCKED"
    return {missing.code for missing in refused.value.verdict.missing}


def test_a_listing_without_its_papers_is_neither_submitted_nor_published(exchange: Exchange) -> None:
    gp, held, listing_id = an_offer(exchange)
    with pytest.raises(GateBlocked) as refused, at_work() as (tx, now):
        listings.submit(tx, gp, now, listing_id=listing_id)
    assert {"A05"} < codes_of(refused)
    assert {"H01", NOTE}.isdisjoint(codes_of(refused)), "what publication asks for may come later"
    assert stands(listing_id, held) == (ListingStatus.DRAFT, 0)

    complete(listing_id, but_for=(NOTE, "H01"))
    with at_work() as (tx, now):
        listings.submit(tx, gp, now, listing_id=listing_id)
    submitted = (ListingStatus.SUBMITTED, 20 * MILLION)
    assert stands(listing_id, held) == submitted
    with pytest.raises(GateBlocked) as refused, at_work() as (tx, now):
        listings.publish(tx, exchange.maker, now, listing_id=listing_id)
    assert codes_of(refused) == {NOTE, "H01"}
    assert stands(listing_id, held) == submitted

    work_through()
    note = item(listing_id, NOTE)
    assert (note.state, note.document_version) == (ItemState.SUBMITTED, 1), "the worker made the note and handed it in"
    complete(listing_id)
    with at_work() as (tx, now):
        items.accept(tx, exchange.checker, now, item_id=note.id)
        listings.publish(tx, exchange.maker, now, listing_id=listing_id)
    assert stands(listing_id, held)[0] is ListingStatus.APPROVED


def place(buyer: Actor, listing_id: str) -> PlaceAnswer | ExchangeError:
    """A bid of ten million far below the ask, or why it is refused."""
    order = NewOrder(10 * MILLION, Limit(PriceForm.RATIO, number=900_000), listing_id=listing_id)
    with transaction() as tx:
        return place_batch(tx, [Submission(buyer, new_id("request"), "a" * 64, (order,))])[0]


def refusal(buyer: Actor, listing_id: str) -> tuple[str, set[str]]:
    """The one rule that a bid breaks, and the papers it names."""
    answer = place(buyer, listing_id)
    assert isinstance(answer, RulesBroken), answer
    (breach,) = answer.breaches
    return breach.code, set(filter(None, breach.parameters.get("codes", "").split(", ")))


def test_a_bid_is_taken_only_while_its_bidders_papers_are_in(market: Market) -> None:
    listing_id = a_listing(market)
    a_buyer(market, "newcomer", with_papers=False)
    newcomer = market.buyers["newcomer"]
    assert refusal(newcomer, listing_id) == ("DILIGENCE_NOT_BEGUN", set())

    with at_work() as (tx, now):
        checklists.open_bidder(tx, now, listing_id, newcomer.organisation_id)
    code, named = refusal(newcomer, listing_id)
    assert code == "DILIGENCE_GATE_SHUT"
    assert {"G06", "P04"} <= named

    complete(listing_id, newcomer.organisation_id, but_for=("P04",))
    assert refusal(newcomer, listing_id) == ("DILIGENCE_GATE_SHUT", {"P04"})
    complete(listing_id, newcomer.organisation_id)
    answer = place(newcomer, listing_id)
    assert isinstance(answer, PlaceAnswer), answer

    with at_work() as (tx, now):
        items.return_(tx, market.operator, now, item_id=item(listing_id, "H01").id, reason="outdated")
    for bidder in (newcomer, market.buyers["social"]):
        assert refusal(bidder, listing_id) == ("DILIGENCE_GATE_SHUT", {"-"}), "another side's paper is not named"


def test_a_buyer_confirms_with_its_funds_proven_and_the_trade_brings_its_confirmation(market: Market) -> None:
    listing_id = a_listing(market)
    a_buyer(market, "newcomer", with_papers=False)
    newcomer = market.buyers["newcomer"]
    complete(listing_id, newcomer.organisation_id, but_for=(FUNDS_PROOF,))
    bid(market, listing_id, "newcomer", 10, 900_000)
    settle()
    (match,) = proposals(listing_id)
    with pytest.raises(GateBlocked) as refused, at_work() as (tx, now):
        matches.confirm(tx, newcomer, now, proposal_id=match.id)
    assert codes_of(refused) == {FUNDS_PROOF}
    (match,) = proposals(listing_id)
    assert match.buyer_confirmed_at is None

    complete(listing_id, newcomer.organisation_id)
    with at_work() as (tx, now):
        matches.confirm(tx, newcomer, now, proposal_id=match.id)
    proof = item(listing_id, FUNDS_PROOF, newcomer.organisation_id)
    with at_work() as (tx, now):
        items.return_(tx, market.operator, now, item_id=proof.id, reason="not the bank's")
    with pytest.raises(GateBlocked) as refused, at_work() as (tx, now):
        matches.confirm(tx, market.seller, now, proposal_id=match.id)
    assert codes_of(refused) == {FUNDS_PROOF}, "what was returned since the buyer's yes shuts the gate again"
    with at_work() as (tx, now):
        items.waive(tx, market.operator, now, item_id=proof.id, reason="seen at the bank")
        matches.confirm(tx, market.seller, now, proposal_id=match.id)
    (trade,) = trades()
    with transaction() as tx:
        assert (
            gates.passed_gate(tx, listing_id=listing_id, gate=Gate.AWARD, organisation_id=newcomer.organisation_id)
            is None
        ), "the confirmation is made after the trade"
    settle()
    paper = item(listing_id, CONFIRMATION, newcomer.organisation_id)
    assert (paper.state, paper.structured) == (ItemState.ACCEPTED, {"trade_id": trade.id})
    assert (paper.reviewer_organisation_id, paper.reviewer_user_id) == (newcomer.organisation_id, newcomer.user_id)
    with transaction() as tx:
        passed = gates.passed_gate(tx, listing_id=listing_id, gate=Gate.AWARD, organisation_id=newcomer.organisation_id)
    assert passed is not None
