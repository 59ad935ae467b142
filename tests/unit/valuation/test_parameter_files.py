"""The seeded parameter files: they parse, stay in bounds, name their sources, and say nothing about China."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from exchange.core.money import scale_decimal
from exchange.valuation.panel.assumptions import MarketPrice
from exchange.valuation.pricing.market import market_range
from exchange.valuation.projection.takahashi_alexander import PacingRates, is_sound, project
from exchange.valuation.status import Status

FOLDER = Path(__file__).parents[3] / "exchange" / "data" / "valuation"
PRICES = tomllib.loads((FOLDER / "market_prices.toml").read_text(encoding="utf-8"))
PACING = tomllib.loads((FOLDER / "pacing.toml").read_text(encoding="utf-8"))


def ppm(row: dict[str, Any], key: str) -> int | None:
    return scale_decimal(row[key], 6) if key in row else None


def market_rows() -> list[MarketPrice]:
    return [
        MarketPrice(
            row["region"], row["strategy"], row["period"], ppm(row, "low"), scale_decimal(row["mid"], 6),
            ppm(row, "high"), row["published_on"], row["source"],
        )
        for row in PRICES["price"]
    ]  # fmt: skip


def test_every_row_names_its_source_and_standing() -> None:
    tables = [*PRICES.values(), *PACING.values()]
    rows = [row for table in tables for row in table]
    assert len(rows) > 30
    for row in rows:
        assert row["standing"] in {"S", "R"}
        assert row["source"]
        assert isinstance(row["published_on"], date)
        assert row["region"] in {"global", "united_states", "europe"}


def test_market_prices_are_in_bounds_and_unique() -> None:
    rows = market_rows()
    assert all(500_000 <= row.mid_ppm <= 1_100_000 for row in rows)
    assert len({(row.region, row.strategy, row.period) for row in rows}) == len(rows)


def test_the_defaults_of_2026_follow_from_the_rows() -> None:
    middles = {
        strategy: market_range(market_rows(), "global", strategy, date(2026, 6, 30)).mid_ppm
        for strategy in ("buyout", "credit", "all", "venture", "growth", "real_estate")
    }
    assert middles == {
        "buyout": 920_000, "credit": 910_000, "all": 870_000,
        "venture": 780_000, "growth": 780_000, "real_estate": 700_000,
    }  # fmt: skip
    buyout = market_range(market_rows(), "global", "buyout", date(2026, 6, 30))
    assert (buyout.low_ppm, buyout.high_ppm) == (874_000, 940_000)


def test_china_has_no_price() -> None:
    assert market_range(market_rows(), "china", "all", date(2026, 6, 30)).status == Status.PARAMETERS_MISSING


def test_pacing_sets_are_sound_and_return_their_growth() -> None:
    for row in PACING["pacing"]:
        rates = PacingRates(
            float(row["growth"]), row["life_years"], float(row["bow"]), float(row["yield_floor"]),
            tuple(float(rate) for rate in row["contribution_rates"]),
        )  # fmt: skip
        assert is_sound(rates)
        assert project(100, 0, 0, rates, periods_per_year=1).nav[0, -1] == 0
    assert [row["name"] for row in PACING["pacing"]][:2] == ["venture", "leveraged_buyout"]


def test_target_returns_and_betas_are_in_bounds() -> None:
    for row in PACING["target_return"]:
        assert 0 < Decimal(row["low"]) <= Decimal(row["point"]) <= Decimal(row["high"]) < 1
    assert {row["strategy"]: (row["beta"], row["total_volatility"]) for row in PACING["beta"]} == {
        "buyout": ("1.0", "0.33"), "venture": ("1.4", "0.40")
    }  # fmt: skip
