"""Ranks and level keys."""

import pytest

from exchange.core.terms import BuyerClass, PriorityPolicy, Side
from exchange.matching.priority import ask_key, bid_key, class_leads, class_rank, rank_in_key, threshold


def test_classes_rank_as_the_measure_names_them() -> None:
    assert [class_rank(buyer_class) for buyer_class in BuyerClass] == [0, 1, 2, 3]


def test_class_leads_only_under_guidance_first() -> None:
    assert [policy for policy in PriorityPolicy if class_leads(policy)] == [PriorityPolicy.GUIDANCE_FIRST]


def test_keys_put_price_before_class_and_remember_the_class() -> None:
    keys = [bid_key(880_000, 0), bid_key(880_000, 3), bid_key(879_999, 0)]
    assert keys == sorted(keys, reverse=True)
    assert [rank_in_key(key) for key in keys] == [0, 3, 0]
    assert ask_key(850_000) > ask_key(850_001)


@pytest.mark.parametrize("rank", range(4))
def test_threshold_reaches_exactly_the_prices_that_cross(rank: int) -> None:
    for price in (849_999, 850_000, 850_001):
        assert (bid_key(price, rank) >= threshold(Side.SELL, 850_000)) == (price >= 850_000)
        assert (ask_key(price) >= threshold(Side.BUY, 850_000)) == (price <= 850_000)
