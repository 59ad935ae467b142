"""Which figures apply to a fund: its region, its strategy, the newest day, and nothing from elsewhere."""

from datetime import date
from typing import Any

import pytest

from exchange.core.terms import SourceMark
from exchange.funds.kinds import HoldingMethod
from exchange.valuation.market import StrategyClass, preferred_strategies, regions_of, strategy_class
from exchange.valuation.nav.project_methods import ProjectMethod
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.parameters import VALUES, Parameter, ParameterKind, Selection, read_values

DAY = date(2026, 6, 30)


def a_row(
    kind: ParameterKind,
    values: dict[str, Any],
    *,
    region: str = "global",
    strategy: str = "all",
    name: str = "",
    on: date = date(2026, 1, 1),
) -> Parameter:
    return Parameter(kind, region, strategy, name, on, values, SourceMark.REPORTED, "survey")


def a_price(point: int, **place: Any) -> Parameter:
    return a_row(ParameterKind.MARKET_PRICE, {"point": point}, name="2025", **place)


def a_draw_ratio(point: int, **place: Any) -> Parameter:
    return a_row(ParameterKind.DRAW_RATIO, {"point": point}, **place)


def chosen(*rows: Parameter, currency: str = "USD", strategy: str = "buyout", on: date = DAY) -> Assumptions:
    selection = Selection(rows, on)
    return selection.assumptions(
        regions_of(currency, "partnership"), strategy_class(strategy), stale_after_days=120, refused_after_days=365
    )


@pytest.mark.parametrize(
    ("currency", "legal_form", "expected"),
    [
        ("CNY", "partnership", ("china",)),
        ("USD", "contract", ("china",)),
        ("USD", "partnership", ("united_states", "global")),
        ("GBP", "company", ("europe", "global")),
        ("HKD", "partnership", ("global",)),
    ],
)
def test_region_follows_currency_and_legal_form(currency: str, legal_form: str, expected: tuple[str, ...]) -> None:
    assert regions_of(currency, legal_form) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("并购", StrategyClass.BUYOUT),
        ("科创VC早期", StrategyClass.VENTURE),
        ("成长PE", StrategyClass.GROWTH),
        ("市级政府引导母基金", StrategyClass.FUND_OF_FUNDS),
        ("S基金", StrategyClass.SECONDARIES),
        ("distressed_credit", StrategyClass.CREDIT),
        ("buyout_or_other", StrategyClass.ALL),
        ("医疗", StrategyClass.ALL),
        ("", StrategyClass.ALL),
    ],
)
def test_strategy_follows_the_managers_words(words: str, expected: StrategyClass) -> None:
    assert strategy_class(words) is expected


def test_growth_is_a_part_of_venture_and_mixed_funds_are_projected_as_buyout() -> None:
    assert preferred_strategies(StrategyClass.GROWTH) == ("growth", "venture", "all")
    assert preferred_strategies(StrategyClass.ALL) == ("all",)
    assert preferred_strategies(StrategyClass.ALL, projected=True) == ("all", "buyout")
    assert preferred_strategies(StrategyClass.CREDIT, projected=True) == ("credit", "all")


def test_own_region_and_strategy_come_first_and_the_newest_day_counts() -> None:
    rows = (
        a_draw_ratio(100_000),
        a_draw_ratio(200_000, strategy="buyout"),
        a_draw_ratio(300_000, region="united_states"),
        a_draw_ratio(400_000, region="united_states", strategy="buyout", on=date(2025, 1, 1)),
        a_draw_ratio(500_000, region="united_states", strategy="buyout", on=date(2026, 1, 1)),
        a_draw_ratio(600_000, region="united_states", strategy="buyout", on=date(2026, 7, 1)),
    )
    for count, expected in ((1, 100_000), (2, 200_000), (3, 300_000), (4, 400_000), (5, 500_000), (6, 500_000)):
        ratio = chosen(*rows[:count]).draw_ratio
        assert ratio is not None
        assert (ratio.value_ppm, ratio.source) == (expected, "survey")


def test_prices_are_all_of_one_region_which_the_assumptions_name() -> None:
    found = chosen(a_price(870_000), a_price(920_000, strategy="buyout"), a_price(700_000, region="europe"))
    assert (found.region, [price.mid_ppm for price in found.market_prices]) == ("global", [920_000, 870_000])
    found = chosen(a_price(870_000), a_price(950_000, region="united_states"))
    assert (found.region, [price.mid_ppm for price in found.market_prices]) == ("united_states", [950_000])


def test_nothing_from_abroad_reaches_china() -> None:
    found = chosen(a_price(870_000), a_draw_ratio(100_000), currency="CNY")
    assert (found.region, found.market_prices, found.draw_ratio) == ("china", (), None)


def test_funds_of_one_place_share_one_set() -> None:
    selection = Selection([a_price(870_000)], DAY)
    one, other = (
        selection.assumptions(("global",), StrategyClass.ALL, stale_after_days=120, refused_after_days=365)
        for _ in range(2)
    )
    assert one is other


def test_an_index_is_one_series_in_order_of_days() -> None:
    rows = [
        a_row(ParameterKind.INDEX_LEVEL, {"level": level}, name=name, on=on)
        for name, on, level in (
            ("B", date(2026, 1, 31), 1),
            ("A", date(2026, 2, 28), 102_500_000),
            ("A", date(2026, 1, 31), 100_000_000),
        )
    ]
    index = chosen(*rows).index
    assert index is not None
    assert (index.name, index.levels) == ("A", (100.0, 102.5))


def test_every_kind_is_read_from_strict_texts() -> None:
    for kind, wanted in VALUES.items():
        given: dict[str, Any] = {}
        for name, bounds in wanted.items():
            text = "0.5" if bounds.is_ratio else 1
            given[name] = [text] if bounds.is_list else text
        values, errors = read_values(kind, given)
        assert not errors, kind
        assert values.keys() == wanted.keys()
        never: tuple[Any, ...] = ("1e3", " 0.5", "٠.٥", None, 0.5, [], "NaN")
        for wrong in never:
            first = next(iter(wanted))
            _, errors = read_values(kind, given | {first: wrong})
            assert [error.pointer for error in errors] == [f"/values/{first}"]


def test_the_methods_of_the_register_are_those_of_the_look_through() -> None:
    assert [method.value for method in HoldingMethod] == [method.value for method in ProjectMethod]
