"""What a page about many items needs: bidders for the exchange alone, histories of readable papers, passed gates."""

from exchange.access.actor import Actor
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemState
from exchange.diligence.service.overview import bidders_of, funds_of_listings, histories_of, passed_at
from exchange.diligence.service.reading import checklist_of
from tests.builders import Exchange, at_work
from tests.integration.diligence.deal_world import Deal, a_deal, hand_in, settle, settle_up_to


def histories(deal: Deal, actor: Actor, code: str) -> tuple[int, list[ItemState]] | None:
    """How many papers and which decided states somebody is shown of an item."""
    with at_work() as (tx, now):
        view = checklist_of(tx, actor, now, deal.listing_id)
        found = histories_of(tx, actor, view.items)
        row = next(item.row for item in view.items if item.spec.code == code)
        if row is None or row.id not in found:
            return None
        history = found[row.id]
        return len(history.submissions), [decision.state_after for decision in history.decisions]


def test_histories_are_of_papers_that_the_caller_may_read(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle(deal, ["C01"])
    hand_in(deal, ["C02"])
    assert histories(deal, exchange.maker, "C01") == (
        1,
        [ItemState.REQUESTED, ItemState.SUBMITTED, ItemState.IN_REVIEW, ItemState.ACCEPTED],
    ) or histories(deal, exchange.maker, "C01") == (1, [ItemState.SUBMITTED, ItemState.IN_REVIEW, ItemState.ACCEPTED])
    assert histories(deal, deal.seller, "C02") is not None
    assert histories(deal, deal.bidder, "C02") is None  # a bidder learns the state alone


def test_bidders_are_named_to_the_exchange_alone(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    with at_work() as (tx, _):
        assert bidders_of(tx, exchange.maker, listing_id=deal.listing_id) == [deal.bidder.organisation_id]
        assert [bidders_of(tx, side, listing_id=deal.listing_id) for side in (deal.seller, deal.gp, deal.bidder)] == [
            [],
            [],
            [],
        ]
        assert funds_of_listings(tx, deal.bidder, [deal.listing_id]) == {deal.listing_id: deal.fund_id}


def test_a_passed_gate_tells_when(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle_up_to(deal, Gate.LIST_SUBMIT)
    deal.pass_gate(Gate.LIST_SUBMIT)
    with at_work() as (tx, now):
        found = passed_at(tx, deal.seller, listing_id=deal.listing_id)
        assert set(found) == {Gate.LIST_SUBMIT}
        assert found[Gate.LIST_SUBMIT] <= now
