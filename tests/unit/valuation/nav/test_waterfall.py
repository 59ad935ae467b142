"""The whole-fund waterfall tier by tier, and its way back from investors' NAV to the value before carry."""

import numpy as np
import pytest

from exchange.valuation.nav.waterfall import (
    CarryTerms,
    WaterfallPosition,
    advance_position,
    carry_behind,
    carry_terms,
    liquidation,
    opening_position,
    value_before_carry,
)


def a_position(capital: float = 100.0, due: float = 8.0, paid: float = 0.0, profit: float = 0.0) -> WaterfallPosition:
    return WaterfallPosition(*(np.array([value]) for value in (capital, due, paid, profit)))


@pytest.mark.parametrize(
    ("available", "capital", "preferred", "catch_up", "carry"),
    [
        (60, 60, 0, 0, 0),
        (100, 100, 0, 0, 0),
        (105, 100, 5, 0, 0),
        (109, 100, 8, 1, 1),
        (110, 100, 8, 2, 2),
        (130, 100, 8, 2, 6),
    ],
)
def test_each_tier_fills_before_the_next(
    available: float, capital: float, preferred: float, catch_up: float, carry: float
) -> None:
    split = liquidation(np.array([float(available)]), a_position(), carry_terms(1, 0.2, 0.08))
    parts = (split.capital, split.preferred, split.catch_up, split.carry, split.investors)
    assert [float(part[0]) for part in parts] == pytest.approx([capital, preferred, catch_up, carry, available - carry])


def test_a_partial_catch_up_ends_at_the_same_share_of_profit() -> None:
    split = liquidation(np.array([200.0]), a_position(), carry_terms(1, 0.2, 0.08, 0.5))
    assert split.carry[0] == pytest.approx(0.2 * 100)
    assert split.catch_up[0] == pytest.approx(0.5 * (0.2 * 8 / 0.3))


def test_without_catch_up_carry_is_a_share_of_what_exceeds_the_preferred_return() -> None:
    split = liquidation(np.array([200.0]), a_position(), carry_terms(1, 0.2, 0.08, 0.0))
    assert split.carry[0] == pytest.approx(0.2 * 92)


def test_the_position_compounds_the_preferred_return_and_pays_capital_first() -> None:
    terms = carry_terms(1, 0.2, 0.08)
    day, called, paid = np.array([[1, 366]]), np.array([[100.0, 0.0]]), np.array([[0.0, 60.0]])
    start, end = np.array([0]), np.array([731])
    position = advance_position(opening_position(1), terms, start, day, called, paid, end)
    assert position.capital_due[0] == pytest.approx(40.0)
    assert position.preferred_due[0] == pytest.approx(8.0 + (40 + 8) * 0.08)
    assert position.profit_paid[0] == 0.0


def test_distributions_beyond_capital_and_preferred_return_are_profit() -> None:
    terms = carry_terms(1, 0.2, 0.08)
    day, called, paid = np.array([[1, 366]]), np.array([[100.0, 0.0]]), np.array([[0.0, 132.0]])
    position = advance_position(opening_position(1), terms, np.array([0]), day, called, paid, np.array([366]))
    assert position.preferred_paid[0] == pytest.approx(8.0)
    assert position.profit_paid[0] == pytest.approx(24.0)
    # the carry behind it makes one fifth of all profit: 8 = 20 % of 8 + 24 + 8
    assert carry_behind(position.profit_paid, position.preferred_paid, terms)[0] == pytest.approx(8.0)
    # a later liquidation splits 80 / 20 at once: the catch-up is over
    assert liquidation(np.array([50.0]), position, terms).carry[0] == pytest.approx(10.0)


@pytest.mark.parametrize("catch_up", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("nav", [50.0, 104.0, 108.0, 109.0, 125.0, 400.0])
def test_liquidating_the_value_before_carry_leaves_the_nav(nav: float, catch_up: float) -> None:
    terms = carry_terms(1, 0.2, 0.08, catch_up)
    value = value_before_carry(np.array([nav]), a_position(), terms)
    assert liquidation(value, a_position(), terms).investors[0] == pytest.approx(nav)


def test_terms_that_no_waterfall_follows_are_out_of_range() -> None:
    terms = CarryTerms(
        np.array([0.2, 0.2, 1.0, 0.2, -0.1, 0.2]),
        np.array([0.08, 0.08, 0.08, -0.1, 0.08, 0.08]),
        np.array([1.0, 0.1, 1.0, 1.0, 1.0, 1.5]),
    )
    assert terms.are_out_of_range().tolist() == [False, True, True, True, True, True]
