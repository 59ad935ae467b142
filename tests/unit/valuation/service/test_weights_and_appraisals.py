"""A person's weighted figure, a filed value pro rata, and what a scenario lays over the market's assumptions."""

from datetime import date

from exchange.core.terms import SourceMark
from exchange.valuation.appraisal import floor_minor
from exchange.valuation.catalogue import MODELS
from exchange.valuation.panel.assumptions import Assumptions, Deferral, MarketPrice, Pacing
from exchange.valuation.panel.facts import Sourced
from exchange.valuation.panel.opinion import Kind, ModelName, Opinion, Panel
from exchange.valuation.scenario import Overrides, PresentLife, check_overrides, overridden
from exchange.valuation.weighting import ModelWeight, check_weights, weighted

DAY = date(2026, 6, 30)
RATE = Sourced(130_000, SourceMark.REPORTED, "study", DAY)
MARKET = Assumptions(
    region="global",
    target_return_point=RATE,
    pacing=Pacing(RATE, 12, RATE, RATE, (250_000,)),
    market_prices=(MarketPrice("global", "all", "2025", 800_000, 870_000, 920_000, DAY, "survey"),),
)


LIFE = PresentLife(years=15, remaining_years=3.0)


def a_panel(*opinions: Opinion) -> Panel:
    return Panel("fnd", DAY, "CNY", DAY, 1_000, 1_000, 0, opinions, ())


def test_the_weighted_figure_of_the_worked_example() -> None:
    panel = a_panel(
        Opinion(ModelName.MARKET_PRICE, Kind.MARKET_PRICE, "OK", 870, 900, 920, 870_000, 900_000, 920_000),
        Opinion(ModelName.DISCOUNTED_CASH_FLOW, Kind.MODEL_PRICE, "OK", 700, 800, 950, 700_000, 800_000, 950_000),
    )
    chosen = [
        ModelWeight(ModelName.MARKET_PRICE, 600_000),
        ModelWeight(ModelName.DISCOUNTED_CASH_FLOW, 400_000),
    ]
    assert check_weights(panel, chosen) == []
    figure = weighted(panel, chosen)
    assert (figure.low_ppm, figure.point_ppm, figure.high_ppm) == (802_000, 860_000, 932_000)
    assert (figure.low_minor, figure.point_minor, figure.high_minor) == (802, 860, 932)


def test_without_a_price_there_is_money_only() -> None:
    panel = a_panel(Opinion(ModelName.APPRAISAL, Kind.APPRAISAL, "OK", 1, 2, 3))
    figure = weighted(panel, [ModelWeight(ModelName.APPRAISAL, 1_000_000)])
    assert (figure.point_minor, figure.point_ppm) == (2, None)


def test_a_filed_value_is_pro_rata_to_subscribed_capital() -> None:
    assert floor_minor(90_000_000_00, 100_000_000_00, 20_000_000_00) == 18_000_000_00
    assert floor_minor(1, 3, 1) == 0
    assert floor_minor(1, 2, 1) == 1


def test_what_is_not_said_stays_as_the_market_has_it() -> None:
    own = Overrides(target_return_point_ppm=200_000, exit_delay_years=2)
    assert check_overrides(MARKET, own) == []
    changed = overridden(MARKET, own, life=LIFE, source="mine", on=DAY)
    assert changed.pacing is not None
    assert (changed.pacing.life_years, changed.pacing.growth, changed.follows_own_pace) == (17, RATE, False)
    assert changed.remaining_years is not None
    assert changed.remaining_years.value_ppm == 5_000_000
    assert changed.market_prices == MARKET.market_prices
    own_rate = Sourced(200_000, SourceMark.COMPUTED, "mine", DAY)
    assert (changed.target_return_low, changed.target_return_point, changed.target_return_high) == (own_rate,) * 3
    assert overridden(MARKET, Overrides(), life=LIFE, source="mine", on=DAY) == MARKET


def test_an_own_growth_leaves_the_fund_its_own_pace_and_an_own_life_takes_it() -> None:
    grown = overridden(MARKET, Overrides(growth_ppm=50_000), life=LIFE, source="mine", on=DAY)
    assert (grown.pacing and grown.pacing.growth.value_ppm, grown.follows_own_pace) == (50_000, True)
    aged = overridden(MARKET, Overrides(life_years=10), life=LIFE, source="mine", on=DAY)
    assert (aged.pacing and aged.pacing.life_years, aged.follows_own_pace) == (10, False)


def test_own_prices_and_deferral_replace_the_markets() -> None:
    own = Overrides(market_price_ppm=750_000, deferred_share_ppm=400_000, deferred_days=365, draw_ratio_ppm=500_000)
    changed = overridden(MARKET, own, life=LIFE, source="mine", on=DAY)
    assert [(price.mid_ppm, price.source, price.region) for price in changed.market_prices] == [
        (750_000, "mine", "global")
    ]
    assert changed.deferral == Deferral(400_000, 365)
    assert changed.draw_ratio == Sourced(500_000, SourceMark.COMPUTED, "mine", DAY)


def test_a_life_beyond_all_bounds_is_refused() -> None:
    errors = check_overrides(MARKET, Overrides(life_years=35, exit_delay_years=10))
    assert [(error.pointer, error.code) for error in errors] == [("/exit_delay_years", "PARAMETER_OUT_OF_RANGE")]


def test_the_list_of_models_is_the_panels_in_its_order() -> None:
    assert [model.name for model in MODELS] == list(ModelName)
