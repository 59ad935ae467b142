"""The published figures that the exchange ships, read from its data files as rows that an operator may propose.

Every row keeps its source; one that was recalled and not read says so. There is none for China. A published beta comes
with the total volatility of NAV: its idiosyncratic part, which the nowcast needs, is what the beta times the index
does not explain, over the index levels shipped beside it.
"""

import csv
import math
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from exchange.core.money import unscale_decimal
from exchange.core.terms import SourceMark
from exchange.valuation.market import UNITED_STATES, StrategyClass
from exchange.valuation.parameters import RATIO_DIGITS, ParameterKind
from exchange.valuation.service.parameters import Entered

DATA = Path(__file__).parents[2] / "data"
INDEX_FILE = DATA / "us_equity_market_monthly.csv"
INDEX_NAME = "US equity market, total return"
INDEX_SOURCE = (
    "Kenneth R. French Data Library, market factor plus risk-free rate, monthly; Eugene F. Fama, Kenneth R. French"
)
MONTHS_A_YEAR = 12
RECALLED = "R"


@lru_cache(maxsize=1)
def published_figures() -> tuple[Entered, ...]:
    """All of them, in the order of the files."""
    prices = _document("market_prices.toml")
    sets = _document("pacing.toml")
    levels = _levels()
    report = _document("defaults.toml")["report_volatility"]
    return (
        *(_row(ParameterKind.MARKET_PRICE, row, _price(row), name=row["period"]) for row in prices["price"]),
        *(_row(ParameterKind.PACING, row, _pacing(row)) for row in sets["pacing"]),
        *(_row(ParameterKind.TARGET_RETURN, row, _named(row, "low", "point", "high")) for row in sets["target_return"]),
        *(_nowcast(row, report, _volatility([level for _, level in levels])) for row in sets["beta"]),
        *(_index_level(day, level) for day, level in levels),
    )


def _document(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / "valuation" / name).read_text(encoding="utf-8"))


def _row(kind: ParameterKind, row: Mapping[str, Any], values: Mapping[str, Any], *, name: str = "") -> Entered:
    recalled = " (recalled, to be checked)" if row["standing"] == RECALLED else ""
    return Entered(
        kind=kind,
        region=row["region"],
        strategy=row["strategy"],
        name=name,
        effective_on=row["published_on"],
        values=values,
        mark=SourceMark.REPORTED,
        source=f"{row['source']}{recalled}",
    )


def _price(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"point": row["mid"]} | {name: row[name] for name in ("low", "high") if name in row}


def _named(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _pacing(row: Mapping[str, Any]) -> dict[str, Any]:
    return _named(row, "growth", "life_years", "bow", "yield_floor", "contribution_rates")


def _nowcast(row: Mapping[str, Any], report: Mapping[str, Any], index_volatility: float) -> Entered:
    explained = float(row["beta"]) * index_volatility
    own = math.sqrt(max(0.0, float(row["total_volatility"]) ** 2 - explained**2))
    values = {
        "beta": row["beta"],
        "state_volatility": unscale_decimal(round(own * 1_000) * 1_000, RATIO_DIGITS),
        "report_volatility": report["value"],
    }
    found = _row(ParameterKind.NOWCAST, row, values)
    words = (
        f"{found.source}; idiosyncratic volatility: the total of {row['total_volatility']} less beta times "
        f"{index_volatility:.3f} a year of the index; error of a report: {report['source']}"
    )
    return Entered(
        kind=found.kind,
        region=found.region,
        strategy=found.strategy,
        name=found.name,
        effective_on=found.effective_on,
        values=values,
        mark=SourceMark.COMPUTED,
        source=words,
    )


def _levels() -> list[tuple[date, str]]:
    """Month-end and level of the shipped index."""
    with INDEX_FILE.open(encoding="utf-8", newline="") as file:
        return [(_month_end(row["month"]), row["index_level_197912_100"]) for row in csv.DictReader(file)]


def _index_level(day: date, level: str) -> Entered:
    return Entered(
        kind=ParameterKind.INDEX_LEVEL,
        region=UNITED_STATES,
        strategy=StrategyClass.ALL.value,
        name=INDEX_NAME,
        effective_on=day,
        values={"level": level},
        mark=SourceMark.REPORTED,
        source=INDEX_SOURCE,
    )


def _volatility(levels: Sequence[str]) -> float:
    """Standard deviation of monthly log returns, a year."""
    returns = [math.log(float(after) / float(before)) for before, after in pairwise(levels)]
    mean = sum(returns) / len(returns)
    return math.sqrt(sum((each - mean) ** 2 for each in returns) / (len(returns) - 1) * MONTHS_A_YEAR)


def _month_end(month: str) -> date:
    year, number = int(month[:4]), int(month[5:7])
    following = date(year + number // MONTHS_A_YEAR, number % MONTHS_A_YEAR + 1, 1)
    return following - timedelta(days=1)
