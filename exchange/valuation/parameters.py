"""Figures of a market that models need, as entered by named persons, and the assumptions they make together.

A parameter is one row: what kind, for which region and class of strategy, under which name, from which day on, its
values, where they come from. The same place and day entered again is a correction: its next version. For a valuation
day the newest row up to that day counts; a row for the strategy is preferred to one for ``all``, the fund's own
region to the wider one. Market prices are all of one region, which the assumptions name: never of two. What nobody
entered stays None, and the model that needs it says so. Rows of a narrower strategy than the exchange distinguishes
(``buyout_large``) are kept for readers.
Example: target_return of global, ``all``, 2025-12-31: low 0.15, point 0.18, high 0.22.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

from exchange.core.errors import FieldError
from exchange.core.money import PPM, scale_decimal
from exchange.core.terms import SourceMark
from exchange.valuation.market import REGIONS, StrategyClass, preferred_strategies
from exchange.valuation.panel.assumptions import Assumptions, Deferral, IndexSeries, MarketPrice, Nowcast, Pacing
from exchange.valuation.panel.facts import Sourced

RATIO_DIGITS = 6
RATES_MAX = 30
_STRATEGY = re.compile("[a-z][a-z_]{1,39}", re.ASCII)


class ParameterKind(StrEnum):
    """What a parameter is for."""

    MARKET_PRICE = "market_price"
    TARGET_RETURN = "target_return"
    DRAW_RATIO = "draw_ratio"
    PACING = "pacing"
    REMAINING_LIFE = "remaining_life"
    DEFERRAL = "deferral"
    NOWCAST = "nowcast"
    LOCK_UP = "lock_up"
    RISK_FREE_RATE = "risk_free_rate"
    INDEX_LEVEL = "index_level"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which a value lies: a ratio in ppm, or whole days or years. A list has values of these bounds."""

    low: int
    high: int
    is_ratio: bool = True
    is_list: bool = False
    is_optional: bool = False


PROJECTING = frozenset({ParameterKind.PACING, ParameterKind.NOWCAST})

RATE = Bounds(-PPM // 2, 5 * PPM)
PRICE = Bounds(1, 3 * PPM)
SHARE = Bounds(0, PPM)
VOLATILITY = Bounds(0, 5 * PPM)

VALUES: Mapping[ParameterKind, Mapping[str, Bounds]] = {
    ParameterKind.MARKET_PRICE: {
        "low": replace(PRICE, is_optional=True),
        "point": PRICE,
        "high": replace(PRICE, is_optional=True),
    },
    ParameterKind.TARGET_RETURN: {"low": RATE, "point": RATE, "high": RATE},
    ParameterKind.DRAW_RATIO: {"point": SHARE},
    ParameterKind.PACING: {
        "growth": Bounds(-PPM // 2, 2 * PPM),
        "life_years": Bounds(1, 30, is_ratio=False),
        "bow": Bounds(0, 10 * PPM),
        "yield_floor": SHARE,
        "contribution_rates": replace(SHARE, is_list=True),
    },
    ParameterKind.REMAINING_LIFE: {"years": Bounds(0, 20 * PPM)},
    ParameterKind.DEFERRAL: {"share": SHARE, "days": Bounds(0, 3_650, is_ratio=False)},
    ParameterKind.NOWCAST: {
        "beta": Bounds(-5 * PPM, 10 * PPM),
        "state_volatility": VOLATILITY,
        "report_volatility": VOLATILITY,
    },
    ParameterKind.LOCK_UP: {"volatility": VOLATILITY, "dividend_yield": SHARE},
    ParameterKind.RISK_FREE_RATE: {"point": Bounds(-PPM // 10, PPM)},
    ParameterKind.INDEX_LEVEL: {"level": Bounds(1, 10**9 * PPM)},
}

Values = Mapping[str, int | list[int]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row. ``name``: the period of a market price, the name of an index, otherwise empty."""

    kind: ParameterKind
    region: str
    strategy: str
    name: str
    effective_on: date
    values: Values
    mark: SourceMark
    source: str

    @property
    def key(self) -> tuple[str, str, str, str, date]:
        """What makes another row a correction of this one."""
        return self.kind.value, self.region, self.strategy, self.name, self.effective_on

    def sourced(self, value: str) -> Sourced:
        """One value with where it comes from."""
        return Sourced(self.whole(value), self.mark, self.source, self.effective_on)

    def whole(self, value: str) -> int:
        """One value that is there."""
        found = self.values[value]
        if isinstance(found, list):
            raise TypeError(f"{value} is a list")
        return found

    def whole_or_none(self, value: str) -> int | None:
        """One value that may have been left out."""
        return self.whole(value) if value in self.values else None


def read_values(kind: ParameterKind, given: Mapping[str, Any]) -> tuple[dict[str, int | list[int]], list[FieldError]]:
    """The values of a row as entered: strict decimal strings for ratios, whole numbers for days and years.

    Returns them in ppm, days and years, and every one that is missing, unknown, ill-formed or out of bounds.
    """
    wanted = VALUES[kind]
    errors = [FieldError(f"/values/{name}", "FIELD_UNKNOWN") for name in given if name not in wanted]
    found: dict[str, int | list[int]] = {}
    for name, bounds in wanted.items():
        if name not in given:
            if not bounds.is_optional:
                errors.append(FieldError(f"/values/{name}", "FIELD_REQUIRED"))
            continue
        try:
            found[name] = _read(given[name], bounds)
        except ValueError as error:
            errors.append(FieldError(f"/values/{name}", str(error)))
    if not errors:
        errors += _check_order(found)
    return found, errors


def check_parameter(parameter: Parameter, today: date) -> list[FieldError]:
    """What is wrong with the place of a row, beside its values."""
    errors = []
    if parameter.region not in REGIONS:
        errors.append(FieldError("/region", "REGION_UNKNOWN", {"allowed": ", ".join(REGIONS)}))
    if not _STRATEGY.fullmatch(parameter.strategy):
        errors.append(FieldError("/strategy", "FIELD_FORMAT"))
    if parameter.effective_on > today:
        errors.append(FieldError("/effective_on", "DATE_IN_FUTURE"))
    if parameter.kind in {ParameterKind.MARKET_PRICE, ParameterKind.INDEX_LEVEL} and not parameter.name.strip():
        errors.append(FieldError("/name", "FIELD_REQUIRED"))
    return errors


class Selection:
    """The rows of all regions as known on one valuation day, made ready for many funds."""

    def __init__(self, parameters: Iterable[Parameter], valued_on: date) -> None:
        self._rows: dict[tuple[ParameterKind, str, str], list[Parameter]] = {}
        for row in sorted(parameters, key=lambda item: (item.effective_on, item.name)):
            if row.effective_on <= valued_on:
                self._rows.setdefault((row.kind, row.region, row.strategy), []).append(row)
        self._made: dict[tuple[tuple[str, ...], StrategyClass, int | None, int | None], Assumptions] = {}

    def assumptions(
        self,
        regions: tuple[str, ...],
        strategy: StrategyClass,
        *,
        stale_after_days: int | None,
        refused_after_days: int | None,
    ) -> Assumptions:
        """The complete set for a fund; the same object for the same place."""
        key = (regions, strategy, stale_after_days, refused_after_days)
        if key not in self._made:
            made = self._make(regions, strategy)
            self._made[key] = replace(made, stale_after_days=stale_after_days, refused_after_days=refused_after_days)
        return self._made[key]

    def _make(self, regions: tuple[str, ...], strategy: StrategyClass) -> Assumptions:
        target = self._newest(ParameterKind.TARGET_RETURN, regions, strategy)
        draw = self._newest(ParameterKind.DRAW_RATIO, regions, strategy)
        pacing = self._newest(ParameterKind.PACING, regions, strategy)
        remaining = self._newest(ParameterKind.REMAINING_LIFE, regions, strategy)
        deferral = self._newest(ParameterKind.DEFERRAL, regions, strategy)
        nowcast = self._newest(ParameterKind.NOWCAST, regions, strategy)
        lock_up = self._newest(ParameterKind.LOCK_UP, regions, strategy)
        risk_free = self._newest(ParameterKind.RISK_FREE_RATE, regions, strategy)
        prices = self._market_prices(regions, strategy)
        return Assumptions(
            region=prices[0].region if prices else regions[0],
            target_return_low=_sourced(target, "low"),
            target_return_point=_sourced(target, "point"),
            target_return_high=_sourced(target, "high"),
            draw_ratio=_sourced(draw, "point"),
            pacing=None if pacing is None else _pacing(pacing),
            remaining_years=_sourced(remaining, "years"),
            deferral=None if deferral is None else Deferral(deferral.whole("share"), deferral.whole("days")),
            market_prices=prices,
            index=self._index(regions, strategy),
            nowcast=None if nowcast is None else _nowcast(nowcast),
            lock_up_volatility=_sourced(lock_up, "volatility"),
            lock_up_dividend_yield=_sourced(lock_up, "dividend_yield"),
            risk_free_rate=_sourced(risk_free, "point"),
        )

    def _newest(self, kind: ParameterKind, regions: tuple[str, ...], strategy: StrategyClass) -> Parameter | None:
        return next((rows[-1] for rows in self._by_preference(kind, regions, strategy)), None)

    def _by_preference(
        self, kind: ParameterKind, regions: tuple[str, ...], strategy: StrategyClass
    ) -> Iterable[list[Parameter]]:
        for region in regions:
            for wanted in preferred_strategies(strategy, projected=kind in PROJECTING):
                if rows := self._rows.get((kind, region, wanted.value)):
                    yield rows

    def _market_prices(self, regions: tuple[str, ...], strategy: StrategyClass) -> tuple[MarketPrice, ...]:
        """Every published row of the first region that has one, for the strategy and for all of them."""
        for region in regions:
            found = [
                row
                for wanted in preferred_strategies(strategy)
                for row in self._rows.get((ParameterKind.MARKET_PRICE, region, wanted.value), [])
            ]
            if found:
                return tuple(_market_price(row) for row in found)
        return ()

    def _index(self, regions: tuple[str, ...], strategy: StrategyClass) -> IndexSeries | None:
        """The levels of the index of the strategy, or of all; the first by name where several are kept."""
        for rows in self._by_preference(ParameterKind.INDEX_LEVEL, regions, strategy):
            name = min(row.name for row in rows)
            own = [row for row in rows if row.name == name]
            return IndexSeries(
                name=name,
                source=own[-1].source,
                dates=tuple(row.effective_on for row in own),
                levels=tuple(row.whole("level") / PPM for row in own),
            )
        return None


def _sourced(row: Parameter | None, value: str) -> Sourced | None:
    return None if row is None else row.sourced(value)


def _nowcast(row: Parameter) -> Nowcast:
    return Nowcast(row.sourced("beta"), row.sourced("state_volatility"), row.sourced("report_volatility"))


def _pacing(row: Parameter) -> Pacing:
    rates = row.values["contribution_rates"]
    return Pacing(
        growth=row.sourced("growth"),
        life_years=row.whole("life_years"),
        bow=row.sourced("bow"),
        yield_floor=row.sourced("yield_floor"),
        contribution_rates_ppm=tuple(rates) if isinstance(rates, list) else (rates,),
    )


def _market_price(row: Parameter) -> MarketPrice:
    return MarketPrice(
        region=row.region,
        strategy=row.strategy,
        period=row.name,
        low_ppm=row.whole_or_none("low"),
        mid_ppm=row.whole("point"),
        high_ppm=row.whole_or_none("high"),
        published_on=row.effective_on,
        source=row.source,
    )


def _read(given: object, bounds: Bounds) -> int | list[int]:
    """A value or a list of them. ValueError carries the code of what is wrong."""
    if bounds.is_list:
        if not isinstance(given, list) or not 1 <= len(given) <= RATES_MAX:
            raise ValueError("FIELD_NOT_LIST")
        return [_read_one(item, bounds) for item in given]
    return _read_one(given, bounds)


def _read_one(given: object, bounds: Bounds) -> int:
    if bounds.is_ratio:
        if not isinstance(given, str):
            raise ValueError("RATIO_FORMAT")
        try:
            value = scale_decimal(given, RATIO_DIGITS)
        except ValueError as error:
            raise ValueError("RATIO_FORMAT") from error
    elif type(given) is int:
        value = given
    else:
        raise ValueError("FIELD_NOT_INTEGER")
    if not bounds.low <= value <= bounds.high:
        raise ValueError("PARAMETER_OUT_OF_RANGE")
    return value


def _check_order(values: Values) -> Sequence[FieldError]:
    given = [value for name in ("low", "point", "high") if isinstance(value := values.get(name), int)]
    if any(later < earlier for earlier, later in pairwise(given)):
        return (FieldError("/values", "RANGE_OUT_OF_ORDER"),)
    return ()
