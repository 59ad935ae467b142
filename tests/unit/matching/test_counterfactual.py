"""The worked table of the priority policies: what the priority cost the seller."""

from exchange.core.terms import Side
from exchange.matching.counterfactual import first_part, money_cost, price_first_fills, priority_cost, value
from exchange.matching.engine_events import RankedFill
from exchange.matching.order_book import Order, Party

BIDS = {
    "B1": (88, 60, 3, 1),
    "B4": (87, 40, 3, 3),
    "B2": (86, 50, 0, 5),
    "B3": (88, 30, 0, 9),
}


def the_bids() -> list[Order]:
    return [
        Order(name, Side.BUY, percent * 10_000, amount, Party(name, rank), sequence=sequence)
        for name, (percent, amount, rank, sequence) in BIDS.items()
    ]


GUIDANCE_FIRST = (RankedFill("B3", 880_000, 30), RankedFill("B2", 860_000, 50), RankedFill("B1", 880_000, 20))
PRICE_FIRST = (RankedFill("B3", 880_000, 30), RankedFill("B1", 880_000, 60), RankedFill("B4", 870_000, 10))


def test_worked_table_costs_792_000_on_a_nav_of_88_million() -> None:
    fills = price_first_fills(Party("seller"), 100, 850_000, the_bids())
    assert fills == PRICE_FIRST
    assert value(fills) == 100 * 879_000
    assert value(GUIDANCE_FIRST) == 100 * 870_000
    cost = priority_cost(fills, GUIDANCE_FIRST)
    assert cost == 900_000
    assert money_cost(cost, 88_000_000, 100) == 792_000
    assert money_cost(-cost, 88_000_000, 100) == -792_000


def test_bids_below_the_limit_or_of_related_parties_are_left_out() -> None:
    assert price_first_fills(Party("B1"), 100, 870_000, the_bids()) == (
        RankedFill("B3", 880_000, 30),
        RankedFill("B4", 870_000, 40),
    )


def test_comparison_is_cut_to_the_amount_sold() -> None:
    assert first_part(PRICE_FIRST, 50) == (RankedFill("B3", 880_000, 30), RankedFill("B1", 880_000, 20))
    assert first_part(PRICE_FIRST, 0) == ()


def test_money_is_rounded_half_away_from_zero_once() -> None:
    assert [money_cost(cost, 1, 1) for cost in (499_999, 500_000, -500_000, -499_999)] == [0, 1, -1, 0]
