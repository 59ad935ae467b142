"""Somebody's own assumptions laid over those of the market. What is not said stays as the market has it.

Own figures carry the mark "computed" and the name of their owner's scenario as source, so that nobody takes them for
published ones. Growth, life, bow and yield change a pacing set that is there; where the market has none, a scenario
gives all of it. An exit delay lengthens the life the fund has without it, at its own pace of distributions or by its
set, and the least life given to a fund near its end; a life of one's own takes the place of the fund's pace. A market
price of one's own replaces every published one. A lock-up of the share one would buy, in days, takes the place of that
of the valuation.
Example: a life of 12 years, an exit delay of 2 -> 14 years; an own target return of 0.20 is low, point and high alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from exchange.core.errors import FieldError
from exchange.core.money import PPM
from exchange.core.terms import SourceMark
from exchange.valuation.panel.assumptions import Assumptions, Deferral, MarketPrice, Pacing
from exchange.valuation.panel.facts import LOCK_UP_DAYS_MAX, FundFacts, Sourced

LIFE_YEARS_MAX = 40

BOUNDS_PPM: Mapping[str, tuple[int, int]] = {
    "target_return_low": (-PPM // 2, 5 * PPM),
    "target_return_point": (-PPM // 2, 5 * PPM),
    "target_return_high": (-PPM // 2, 5 * PPM),
    "growth": (-PPM // 2, 2 * PPM),
    "bow": (0, 10 * PPM),
    "yield_floor": (0, PPM),
    "draw_ratio": (0, PPM),
    "deferred_share": (0, PPM),
    "market_price_low": (1, 3 * PPM),
    "market_price": (1, 3 * PPM),
    "market_price_high": (1, 3 * PPM),
    "lock_up_volatility": (0, 5 * PPM),
    "risk_free_rate": (-PPM // 10, PPM),
}
"""Between which an own figure lies."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What somebody assumes instead. Rates and ratios in ppm, None leaves the market's figure."""

    target_return_low_ppm: int | None = None
    target_return_point_ppm: int | None = None
    target_return_high_ppm: int | None = None
    growth_ppm: int | None = None
    life_years: int | None = None
    exit_delay_years: int = 0
    bow_ppm: int | None = None
    yield_floor_ppm: int | None = None
    contribution_rates_ppm: tuple[int, ...] | None = None
    draw_ratio_ppm: int | None = None
    deferred_share_ppm: int | None = None
    deferred_days: int | None = None
    market_price_low_ppm: int | None = None
    market_price_ppm: int | None = None
    market_price_high_ppm: int | None = None
    lock_up_volatility_ppm: int | None = None
    risk_free_rate_ppm: int | None = None
    lock_up_days: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing is assumed otherwise."""
        return self == Overrides()


@dataclass(frozen=True, slots=True)
class PresentLife:
    """The life in years that the market's assumptions give a fund (None: they have no projection), and the least
    number of years that a fund near its end is given."""

    years: int | None = None
    remaining_years: float = 1.0


def check_overrides(market: Assumptions, own: Overrides) -> list[FieldError]:
    """What does not make a scenario over these assumptions."""
    errors = _out_of_bounds(own)
    if own.is_empty:
        errors.append(FieldError("", "SCENARIO_EMPTY"))
    pacing = (own.growth_ppm, own.life_years, own.bow_ppm, own.yield_floor_ppm, own.contribution_rates_ppm)
    if market.pacing is None and (own.exit_delay_years or pacing != (None,) * 5) and None in pacing:
        errors.append(FieldError("/life_years", "PACING_INCOMPLETE"))
    life = own.life_years or (market.pacing.life_years if market.pacing else 0)
    if life + own.exit_delay_years > LIFE_YEARS_MAX:
        errors.append(FieldError("/exit_delay_years", "PARAMETER_OUT_OF_RANGE"))
    if (own.deferred_share_ppm is None) != (own.deferred_days is None):
        errors.append(FieldError("/deferred_days", "FIELD_REQUIRED"))
    ranges = (
        ("target_return", own.target_return_low_ppm, own.target_return_point_ppm, own.target_return_high_ppm),
        ("market_price", own.market_price_low_ppm, own.market_price_ppm, own.market_price_high_ppm),
    )
    for name, low, point, high in ranges:
        if point is None and (low is not None or high is not None):
            errors.append(FieldError(f"/{name}", "FIELD_REQUIRED"))
        elif point is not None and not (point if low is None else low) <= point <= (point if high is None else high):
            errors.append(FieldError(f"/{name}", "RANGE_OUT_OF_ORDER"))
    return errors


def _out_of_bounds(own: Overrides) -> list[FieldError]:
    errors = []
    for name, (low, high) in BOUNDS_PPM.items():
        value = getattr(own, f"{name}_ppm")
        if value is not None and not low <= value <= high:
            errors.append(FieldError(f"/{name.removesuffix('_point')}", "PARAMETER_OUT_OF_RANGE"))
    if own.lock_up_days is not None and not 0 <= own.lock_up_days <= LOCK_UP_DAYS_MAX:
        errors.append(FieldError("/lock_up_days", "LOCK_UP_OUT_OF_RANGE"))
    if any(not 0 <= rate <= PPM for rate in own.contribution_rates_ppm or ()):
        errors.append(FieldError("/contribution_rates", "PARAMETER_OUT_OF_RANGE"))
    return errors


def facts_under(facts: FundFacts, own: Overrides) -> FundFacts:
    """The facts of a fund with the lock-up in days that somebody assumes for the share; 0 assumes none."""
    return facts if own.lock_up_days is None else replace(facts, lock_up_days=own.lock_up_days)


def overridden(market: Assumptions, own: Overrides, *, life: PresentLife, source: str, on: date) -> Assumptions:
    """The market's assumptions for a fund under somebody's own; ``check_overrides`` found nothing wrong in these."""

    def mine(value: int | None, otherwise: Sourced | None) -> Sourced | None:
        return otherwise if value is None else Sourced(value, SourceMark.COMPUTED, source, on)

    changed = market
    point = own.target_return_point_ppm
    if point is not None:
        low = point if own.target_return_low_ppm is None else own.target_return_low_ppm
        high = point if own.target_return_high_ppm is None else own.target_return_high_ppm
        changed = replace(
            changed,
            target_return_low=mine(low, None),
            target_return_point=mine(point, None),
            target_return_high=mine(high, None),
        )
    if own.market_price_ppm is not None:
        price = MarketPrice(
            region=market.region,
            strategy="all",
            period="own",
            low_ppm=own.market_price_low_ppm,
            mid_ppm=own.market_price_ppm,
            high_ppm=own.market_price_high_ppm,
            published_on=on,
            source=source,
        )
        changed = replace(changed, market_prices=(price,))
    if own.deferred_share_ppm is not None and own.deferred_days is not None:
        changed = replace(changed, deferral=Deferral(own.deferred_share_ppm, own.deferred_days))
    if own.life_years is not None or own.exit_delay_years:
        remaining = round(life.remaining_years * PPM) + own.exit_delay_years * PPM
        changed = replace(changed, follows_own_pace=False, remaining_years=mine(remaining, None))
    return replace(
        changed,
        draw_ratio=mine(own.draw_ratio_ppm, market.draw_ratio),
        lock_up_volatility=mine(own.lock_up_volatility_ppm, market.lock_up_volatility),
        risk_free_rate=mine(own.risk_free_rate_ppm, market.risk_free_rate),
        pacing=_pacing(market.pacing, own, life, source, on),
    )


def _pacing(market: Pacing | None, own: Overrides, life: PresentLife, source: str, on: date) -> Pacing | None:
    def mine(value: int | None, otherwise: Sourced | None) -> Sourced:
        if value is not None or otherwise is None:
            return Sourced(value or 0, SourceMark.COMPUTED, source, on)
        return otherwise

    life_years = own.life_years
    if life_years is None and market is not None:
        life_years = life.years if own.exit_delay_years and life.years is not None else market.life_years
    rates = (
        own.contribution_rates_ppm if market is None else own.contribution_rates_ppm or market.contribution_rates_ppm
    )
    if life_years is None or rates is None:
        return market
    return Pacing(
        growth=mine(own.growth_ppm, None if market is None else market.growth),
        life_years=life_years + own.exit_delay_years,
        bow=mine(own.bow_ppm, None if market is None else market.bow),
        yield_floor=mine(own.yield_floor_ppm, None if market is None else market.yield_floor),
        contribution_rates_ppm=rates,
    )
