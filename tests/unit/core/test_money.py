"""Rounding, splitting and reading of money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.money import Money, allocate, divide_half_up, money_from_text, scale_decimal, unscale_decimal


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (5, 10, 1),
        (4, 10, 0),
        (-5, 10, -1),
        (-4, 10, 0),
        (15, 10, 2),
        (25, 10, 3),
        (0, 7, 0),
        (10**30 + 1, 2, 5 * 10**29 + 1),
    ],
)
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert divide_half_up(numerator, denominator) == rounded


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**20))
def test_a_rounding_is_never_off_by_more_than_a_half(numerator: int, denominator: int) -> None:
    assert 2 * abs(divide_half_up(numerator, denominator) * denominator - numerator) <= denominator


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**20))
def test_a_rounding_has_no_side(numerator: int, denominator: int) -> None:
    assert divide_half_up(-numerator, denominator) == -divide_half_up(numerator, denominator)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_rounding_refuses_a_denominator_that_is_not_positive(denominator: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        divide_half_up(1, denominator)


def test_the_worked_split_of_one_hundred() -> None:
    assert allocate(100, [60, 45, 40]) == [41, 31, 28]


def test_a_tie_of_remainders_goes_to_the_earlier_part() -> None:
    assert allocate(1, [1, 1]) == [1, 0]


@given(st.integers(0, 10**18), st.lists(st.integers(0, 10**15), min_size=1, max_size=20).filter(any))
def test_parts_sum_to_the_whole_and_none_is_off_by_one(total: int, weights: list[int]) -> None:
    parts, whole = allocate(total, weights), sum(weights)
    assert sum(parts) == total
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [0, 0]), (1, [2, -1])])
def test_a_split_refuses_negative_totals_and_weights(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="allocate needs"):
        allocate(total, weights)


@given(st.integers(-(10**16), 10**16), st.lists(st.integers(0, 10**9), min_size=1, max_size=9).filter(any))
def test_split_money_keeps_its_sign_and_sums(minor: int, weights: list[int]) -> None:
    assert sum(part.minor for part in Money(minor, "CNY").split(weights)) == minor


@pytest.mark.parametrize(
    ("text", "digits", "scaled"),
    [("0", 2, 0), ("1.5", 2, 150), ("-0.05", 2, -5), ("1.500", 2, 150), ("0.8550", 6, 855_000), ("7", 6, 7_000_000)],
)
def test_strict_decimals_are_read_exactly(text: str, digits: int, scaled: int) -> None:
    assert scale_decimal(text, digits) == scaled


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "+1",
        "01",
        "1.",
        ".5",
        "1e5",
        "1_000",
        "1,000",
        "NaN",
        "Infinity",
        "１２",
        "1.005",
        "--1",
        "0x1",
        "1\n",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"strict decimal|fractional digits"):
        scale_decimal(text, 2)


@given(st.integers(-(10**16), 10**16))
def test_money_survives_the_wire(minor: int) -> None:
    assert money_from_text(Money(minor, "CNY").text(), "CNY").minor == minor


@given(st.integers(-(10**14), 10**14), st.integers(0, 6))
def test_decimals_survive_the_wire(number: int, digits: int) -> None:
    assert scale_decimal(unscale_decimal(number, digits), digits) == number


def test_two_currencies_never_add() -> None:
    with pytest.raises(ValueError, match="do not add"):
        _ = Money(1, "CNY") + Money(1, "USD")
    assert (Money(5, "CNY") + Money(2, "CNY") - Money(3, "CNY"), -Money(4, "CNY")) == (
        Money(4, "CNY"),
        Money(-4, "CNY"),
    )


@pytest.mark.parametrize(
    ("text", "currency"), [("1.00", "XYZ"), ("1000000000000000.01", "CNY"), ("999999999999999.99", "")]
)
def test_money_of_unknown_currency_or_out_of_bounds_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"unknown currency|strict decimal|out of bounds"):
        money_from_text(text, currency)
