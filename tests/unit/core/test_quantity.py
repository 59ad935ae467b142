"""Price, amount and NAV turned into money, by the worked numbers of a transfer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.quantity import NavBasis, nearest_ticks, price_from_text, price_text

# Commitment 100,000,000.00 with a NAV of 88,000,000.00.
BASIS = NavBasis(nav_minor=8_800_000_000, subscribed_minor=10_000_000_000)


def test_the_base_price_of_the_worked_example() -> None:
    assert BASIS.value_minor(10_000_000_000, 825_000) == 7_260_000_000


def test_forty_percent_of_it_cost_forty_percent() -> None:
    assert BASIS.value_minor(4_000_000_000, 825_000) == 2_904_000_000


def test_the_three_forms_of_a_price_say_the_same() -> None:
    assert BASIS.unit_price(825_000) == "0.726000"
    assert BASIS.price_of_unit("0.726") == 825_000
    assert BASIS.price_of_total(10_000_000_000, 7_260_000_000) == 825_000


def test_the_nav_of_an_amount_is_its_share() -> None:
    assert BASIS.nav_share_minor(2_500_000_000) == 2_200_000_000


@pytest.mark.parametrize(
    ("text", "ppm", "shown"),
    [("0.855", 855_000, "0.8550"), ("1", 1_000_000, "1.0000"), ("0.82505", 825_050, "0.825050")],
)
def test_a_price_is_read_and_shown(text: str, ppm: int, shown: str) -> None:
    assert (price_from_text(text), price_text(ppm)) == (ppm, shown)


def test_the_nearest_prices_of_the_grid() -> None:
    assert nearest_ticks(844_321, 500) == (844_000, 844_500)
    assert nearest_ticks(844_500, 500) == (844_500, 844_500)


@given(st.integers(1, 10**13), st.integers(1, 10**13), st.integers(1, 10**12), st.integers(1, 2_000_000))
def test_the_price_of_a_value_is_the_price_where_a_step_is_worth_a_unit_or_more(
    nav: int, subscribed: int, amount: int, price: int
) -> None:
    basis = NavBasis(nav, subscribed)
    value = basis.value_minor(amount, price)
    step = basis.value_minor(amount, 1)
    if step >= 2:
        assert basis.price_of_total(amount, value) == price


@given(st.integers(1, 10**13), st.integers(1, 10**12), st.integers(0, 2_000_000), st.integers(0, 2_000_000))
def test_a_better_price_never_costs_less(nav: int, amount: int, one: int, other: int) -> None:
    basis = NavBasis(nav, 10**12)
    low, high = sorted((one, other))
    assert basis.value_minor(amount, low) <= basis.value_minor(amount, high)
