"""Amounts and prices as people type them."""

import pytest

from exchange.web.amounts import parse_amount, parse_decimal, parse_percent, parse_rate
from exchange.web.capitals import in_capitals


@pytest.mark.parametrize(
    "text",
    [
        "3500万",
        "0.35亿",
        "35,000,000",
        "35000000",
        "35m",
        "35 m",
        "３５００万元",
        "¥35,000,000.00",
        "35,000,000元",
        "0.035bn",
    ],
)
def test_thirty_five_million_is_read_in_every_form(text: str) -> None:
    assert parse_amount(text) == 3_500_000_000


@pytest.mark.parametrize(
    "text", ["", "abc", "-5", "0", "1e9", "NaN", "3,5,00", "12,34", "35万亿万", "0.001", "9" * 30, "٣٥"]
)
def test_an_unclear_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_amount(text)


def test_percentages_are_read_in_parts_per_million() -> None:
    assert parse_percent("85.5") == 855_000
    assert parse_percent("85.50%") == 855_000
    assert parse_percent("１０２.0５") == 1_020_500


@pytest.mark.parametrize("text", ["", "0", "-1", "85,5", "1e2", "85.55555555"])
def test_an_unclear_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_percent(text)


def test_rates_may_be_zero_and_negative() -> None:
    assert parse_rate("18") == 180_000
    assert parse_rate("-2.5%") == -25_000
    assert parse_rate("−２.５％") == -25_000
    assert parse_rate("0") == 0


@pytest.mark.parametrize("text", ["", "--1", "1.23456", "1e2", "NaN", "+5", "1234567"])
def test_an_unclear_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_rate(text)


def test_unit_prices_become_strict_decimal_text() -> None:
    assert parse_decimal("0.726500") == "0.726500"
    assert parse_decimal(" 1 ") == "1"
    with pytest.raises(ValueError, match="too many"):
        parse_decimal("0.12345678")


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        (3_500_000_000, "叁仟伍佰万元整"),
        (10_000_500, "壹拾万零伍元整"),
        (100_000_000_000, "壹拾亿元整"),
        (1_000_100_000_000, "壹佰亿零壹佰万元整"),
        (123_456_789_012, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (5, "伍分"),
        (0, "零元整"),
        (1_000_000_001, "壹仟万元零壹分"),
    ],
)
def test_amounts_are_written_in_chinese_capitals(minor: int, words: str) -> None:
    assert in_capitals(minor) == words


def test_other_currencies_name_themselves_in_capitals() -> None:
    assert in_capitals(100, "USD") == "美元壹元整"
