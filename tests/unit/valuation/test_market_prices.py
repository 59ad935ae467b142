"""Published market prices: which row speaks, and where its low and high come from."""

from datetime import date

from exchange.valuation.panel.assumptions import MarketPrice
from exchange.valuation.pricing.market import market_range
from exchange.valuation.status import Status


def a_row(
    mid: int,
    on: str,
    *,
    strategy: str = "all",
    region: str = "global",
    low: int | None = None,
    high: int | None = None,
    period: str = "",
) -> MarketPrice:
    """A published row."""
    return MarketPrice(region, strategy, period or on[:4], low, mid, high, date.fromisoformat(on), "test")


ROWS = (
    a_row(920_000, "2022-01-31"),
    a_row(850_000, "2024-01-31"),
    a_row(890_000, "2025-01-31"),
    a_row(870_000, "2026-02-10"),
    a_row(700_000, "2026-02-10", strategy="real_estate"),
    a_row(940_000, "2025-07-31", strategy="buyout"),
    a_row(920_000, "2026-02-10", strategy="buyout", low=880_000, high=960_000),
)
TODAY = date(2026, 6, 30)


def figures(region: str, strategy: str, on: date = TODAY) -> tuple[int | None, int | None, int | None]:
    found = market_range(ROWS, region, strategy, on)
    return found.low_ppm, found.mid_ppm, found.high_ppm


def notes(strategy: str, on: date = TODAY) -> list[str]:
    return [note.code for note in market_range(ROWS, "global", strategy, on).notes]


def test_a_row_with_its_own_range_speaks_for_itself() -> None:
    assert figures("global", "buyout") == (880_000, 920_000, 960_000)
    assert notes("buyout") == []


def test_averages_of_past_years_give_the_range_of_an_average() -> None:
    assert figures("global", "all") == (850_000, 870_000, 920_000)
    assert notes("all") == ["MARKET_RANGE_OF_AVERAGES"]


def test_a_single_row_takes_the_range_of_all_in_proportion() -> None:
    assert figures("global", "real_estate") == (683_908, 700_000, 740_230)  # 70 % x 85/87 and x 92/87
    assert notes("real_estate") == ["MARKET_RANGE_IN_PROPORTION"]


def test_a_strategy_without_rows_falls_back_on_all_and_says_so() -> None:
    assert figures("global", "venture") == figures("global", "all")
    assert notes("venture") == ["MARKET_PRICE_OF_ALL_STRATEGIES", "MARKET_RANGE_OF_AVERAGES"]


def test_a_row_published_later_is_not_known_yet() -> None:
    assert figures("global", "buyout", date(2026, 2, 9)) == (897_753, 940_000, 971_685)
    assert market_range(ROWS, "global", "real_estate", date(2026, 2, 9)).mid_ppm == 890_000
    assert market_range(ROWS, "global", "all", date(2022, 1, 30)).status == Status.PARAMETERS_MISSING


def test_a_region_without_rows_has_no_market_price() -> None:
    found = market_range(ROWS, "china", "buyout", TODAY)
    assert found.status == Status.PARAMETERS_MISSING
    assert (found.low_ppm, found.mid_ppm, found.high_ppm, found.row) == (None, None, None, None)


def test_a_row_older_than_five_years_is_history() -> None:
    assert market_range(ROWS, "global", "all", date(2031, 2, 9)).mid_ppm == 870_000
    assert market_range(ROWS, "global", "all", date(2031, 2, 10)).status == Status.PARAMETERS_MISSING


def test_a_lone_row_has_no_range_and_says_so() -> None:
    found = market_range(ROWS[:1], "global", "all", date(2022, 2, 28))
    assert (found.low_ppm, found.mid_ppm, found.high_ppm) == (920_000, 920_000, 920_000)
    assert [note.code for note in found.notes] == ["MARKET_RANGE_UNKNOWN"]


def test_of_two_rows_of_one_day_the_later_period_speaks() -> None:
    rows = (a_row(950_000, "2017-12-31", period="2017"), a_row(930_000, "2017-12-31", period="2016"))
    assert market_range(rows, "global", "all", date(2018, 1, 1)).mid_ppm == 950_000


def test_a_leap_day_has_a_day_five_years_before() -> None:
    assert market_range(ROWS, "global", "all", date(2028, 2, 29)).mid_ppm == 870_000


def test_a_row_with_one_end_keeps_it() -> None:
    found = market_range((a_row(900_000, "2026-01-31", low=870_000),), "global", "all", TODAY)
    assert (found.low_ppm, found.mid_ppm, found.high_ppm) == (870_000, 900_000, 900_000)
