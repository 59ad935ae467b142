"""Figures as both languages show them."""

import string
from datetime import UTC, date, datetime, timedelta

import pytest

from exchange.core.money import Money
from exchange.web.catalogue import catalogue
from exchange.web.formatting import Formatter

ZH = Formatter(catalogue("zh"))
EN = Formatter(catalogue("en"))


@pytest.mark.parametrize(
    ("minor", "currency", "chinese", "english"),
    [
        (12_345_678_900, "CNY", "1.23 亿元", "RMB 123.46m"),
        (3_500_000_000, "CNY", "3,500.00 万元", "RMB 35.00m"),
        (999_900, "CNY", "9,999.00 元", "RMB 9,999.00"),
        (150_000_000_000, "USD", "15.00 亿美元", "USD 1.50bn"),
        (-3_500_000_000, "CNY", "-3,500.00 万元", "RMB -35.00m"),
        (0, "USD", "0.00 美元", "USD 0.00"),
    ],
)
def test_money_is_shown_in_the_unit_of_its_size(minor: int, currency: str, chinese: str, english: str) -> None:
    assert ZH.money_text(Money(minor, currency)) == chinese
    assert EN.money_text(Money(minor, currency)) == english


def test_the_exact_amount_stands_in_the_tip() -> None:
    shown = ZH.money(Money(12_345_678_901, "CNY"))
    assert 'data-tip="123,456,789.01 元"' in shown
    assert 'value="123456789.01"' in shown


def test_a_column_has_one_unit_that_hides_no_figure() -> None:
    unit = ZH.column_unit([Money(50_000_000_000, "CNY"), Money(3_500_000_000, "CNY"), None])
    assert (unit.name, ZH.unit_label(unit, "CNY")) == ("万", "万元")
    assert ZH.in_unit(Money(50_000_000_000, "CNY"), unit) == "50,000.00"


def test_a_missing_figure_is_a_dash_with_its_reason_and_never_zero() -> None:
    shown = ZH.money(None)
    assert ">—<" in shown
    assert "管理人未披露" in shown
    assert "0" not in shown.replace('tabindex="0"', "")


def test_a_price_is_said_in_full() -> None:
    assert ZH.price(855_000) == "净值的 85.50%（折价 14.50%）"
    assert EN.price(1_020_000) == "102.00% of NAV (premium 2.00%)"
    assert ZH.price(1_000_000) == "净值的 100.00%（平价）"


def test_a_price_off_the_hundredth_shows_four_digits() -> None:
    assert ZH.percent(855_550) == "85.5550%"


def test_a_change_has_a_sign_and_an_arrow() -> None:
    assert "▲" in ZH.change(12_500)
    assert "+1.25%" in ZH.change(12_500)
    assert "−0.80%" in ZH.change(-8_000)


def test_times_are_shown_in_the_markets_zone() -> None:
    assert ZH.clock(datetime(2026, 7, 15, 1, 30, tzinfo=UTC)) == "2026-07-15 09:30"
    assert ZH.long_date(date(2026, 6, 30)) == "2026年6月30日"
    assert EN.quarter(date(2026, 6, 30)) == "2026Q2"


def test_a_duration_names_its_two_largest_parts() -> None:
    assert ZH.duration(timedelta(days=3, hours=4, minutes=5)) == "3 天 4 小时"
    assert EN.duration(timedelta(minutes=5, seconds=7)) == "5 min 07 s"
    assert EN.duration(timedelta(seconds=-1)) == "ended"


def test_a_nav_is_stale_after_180_days() -> None:
    today = date(2026, 9, 27)
    assert not ZH.is_stale(date(2026, 3, 31), today)
    assert ZH.is_stale(date(2026, 3, 30), today)


def test_figures_are_escaped() -> None:
    assert "<script>" not in ZH.code("<script>alert(1)</script>")


def test_both_catalogues_have_the_same_keys_and_placeholders() -> None:
    chinese, english = catalogue("zh").entries, catalogue("en").entries
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        assert _names(text) == _names(english[key]), key


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
