"""What the models assume: parameter sets entered by named persons with sources, or somebody's own scenario.

A field that is None was entered by nobody: the model that needs it says PARAMETERS_MISSING. Rates are annual and in
ppm (180_000 = 18 %), returns effective, volatilities of continuous returns.
"""

from dataclasses import dataclass
from datetime import date

from exchange.valuation.panel.facts import Sourced


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """One published row of secondary-market prices, in ppm of NAV, for a strategy ('all' for every one) and period."""

    region: str
    strategy: str
    period: str
    low_ppm: int | None
    mid_ppm: int
    high_ppm: int | None
    published_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Pacing:
    """Takahashi-Alexander parameters of a strategy: growth, life in years, bow (ppm of 1), yield, contribution rates
    by year of age (the last one repeats)."""

    growth: Sourced
    life_years: int
    bow: Sourced
    yield_floor: Sourced
    contribution_rates_ppm: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Deferral:
    """Part of the price paid later: `share_ppm` of the headline after `days`."""

    share_ppm: int
    days: int


@dataclass(frozen=True, slots=True)
class IndexSeries:
    """Total-return index levels (any base) on dates in order."""

    name: str
    source: str
    dates: tuple[date, ...]
    levels: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Nowcast:
    """Priors of the state-space nowcast for a strategy where a fund's own history is too short to fit."""

    beta: Sourced
    state_volatility: Sourced  # idiosyncratic, a year
    report_volatility: Sourced  # of one report


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One complete set for one fund: chosen by region and strategy from the entered parameters, or a scenario."""

    region: str
    target_return_low: Sourced | None = None
    target_return_point: Sourced | None = None
    target_return_high: Sourced | None = None
    draw_ratio: Sourced | None = None  # share of unfunded expected to be called
    pacing: Pacing | None = None
    remaining_years: Sourced | None = None  # least life (ppm of a year) given to a fund near or past its end
    follows_own_pace: bool = True  # project at the fund's own recent pace of distributions where it is known
    deferral: Deferral | None = None
    market_prices: tuple[MarketPrice, ...] = ()
    index: IndexSeries | None = None
    nowcast: Nowcast | None = None
    lock_up_volatility: Sourced | None = None
    lock_up_dividend_yield: Sourced | None = None
    risk_free_rate: Sourced | None = None
    stale_after_days: int | None = None  # market profile: warn
    refused_after_days: int | None = None  # market profile: block
