"""Internal rates of return (IRR, XIRR): the annual rate r at which a series of flows has present value zero.

sum a_i (1 + r)^(-t_i) = 0 with t_i in years (actual days / 365 fixed, the convention of spreadsheets' XIRR), solved in
x = ln(1 + r), so that rates near -100 % are as exact as others. Flows of one date are netted, zeros dropped, changes
of sign counted. None: NO_ROOT (only calls, or only distributions). Otherwise all roots are found, see `roots`:

* one: OK. With one change of sign there is exactly one; with more it happens, and is proven.
* several, or one where the present value only touches zero (listed twice): MULTIPLE_ROOTS, with every one of them.
  The one shown is, among those at which present value falls as the rate rises (as for money first invested, then
  returned), the nearest to 0 %; if there is none, the nearest to 0 % of all. No figure of a starting guess decides.
* none: NO_ROOT; can only be with an even number of changes.

TOO_LARGE: the rate is above 100,000,000 % a year (a gain within days, annualised); the return over the holding
period is given all the same. UNDEFINED: no flow but zeros. NOT_A_NUMBER, OUT_OF_RANGE: see `flows.clean`. NOT_FOUND:
the search did not end. With any of these but MULTIPLE_ROOTS the rate is NaN.

The period return (1 + r)^T - 1 over the horizon T, first to last flow, is not annualised: for less than a year it is
what is to be shown (GIPS 2020 forbids annualising then).

Worked example: -100 on 2021-01-01, 60 on 2022-01-01, 72 on 2023-01-01: 20 %, over the two years 44 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from exchange.valuation.performance.flows import Floats, Integers, Statuses, as_series, clean
from exchange.valuation.performance.newton_blocks import certain_log_rates
from exchange.valuation.performance.roots import Roots, all_roots
from exchange.valuation.status import Status

DAYS_OF_YEAR = 365.0
LARGEST_RATE = 1e6
LARGEST_LOG_RATE = float(np.log1p(LARGEST_RATE))


@dataclass(frozen=True, slots=True)
class InternalRates:
    """Rates of n series. `rates`, `log_rates` (ln(1 + r)) and `period_returns` are NaN unless `status` is OK or
    MULTIPLE_ROOTS; with TOO_LARGE the latter two are given. `horizons` in years from first to last flow, NaN where
    there is no rate. `root_series` and `roots` list all roots r of the series with several, ascending; infinite where
    a float cannot hold one."""

    status: Statuses
    rates: Floats
    log_rates: Floats
    horizons: Floats
    period_returns: Floats
    root_series: Integers
    roots: Floats

    def roots_of(self, series: int) -> tuple[float, ...]:
        """All roots of one series: with status OK just its rate."""
        if self.status[series] == Status.OK:
            return (float(self.rates[series]),)
        return tuple(float(root) for root in self.roots[self.root_series == series])


@dataclass(frozen=True, slots=True)
class Irr:
    """One series' rate: None unless `status` is OK or MULTIPLE_ROOTS. `roots` holds every rate that solves it.

    `period_return` is over the horizon, not annualised; show it instead of the rate when `is_below_a_year`.
    """

    status: Status
    rate: float | None
    roots: tuple[float, ...]
    horizon_years: float | None
    period_return: float | None

    @property
    def is_below_a_year(self) -> bool:
        """True when the rate must not be shown as annual performance."""
        return self.horizon_years is not None and self.horizon_years < 1


def internal_rates(times: ArrayLike, amounts: ArrayLike) -> InternalRates:
    """Annual rates of n series of k flows: `times` (n, k) or (k,) in years, `amounts` (n, k), zeros as padding.

    Flows may come in any order within their series; only differences of times matter.
    """
    years, money = as_series(times, amounts)
    log_rates, horizons = certain_log_rates(years, money)
    status = np.full(len(money), Status.OK, dtype=np.uint8)
    others = np.flatnonzero(np.isnan(log_rates))
    roots = Roots(others[:0], np.zeros(0), others[:0])
    if len(others):
        roots = solve_others(years, money, others, status, log_rates, horizons)
    with np.errstate(over="ignore"):
        rates = np.where(log_rates > LARGEST_LOG_RATE, np.nan, np.expm1(log_rates))
        period_returns = np.expm1(log_rates * horizons)
        period_returns[np.isinf(period_returns)] = np.nan  # beyond what a float holds
        every_rate = np.expm1(roots.log_rates)
    status[log_rates > LARGEST_LOG_RATE] = Status.TOO_LARGE
    return InternalRates(status, rates, log_rates, horizons, period_returns, roots.series, every_rate)


def solve_others(
    years: Floats, money: Floats, others: Integers, status: Statuses, log_rates: Floats, horizons: Floats
) -> Roots:
    """Fill in the series that were not solved fast; answers all roots of those that have several."""
    flows = clean(years[others], money[others])
    rows = np.arange(len(others))
    first, last = (flows.times[rows, place] if flows.times.size else np.zeros(len(rows)) for place in (0, -1))
    spans = np.where(flows.sign_changes > 0, last - first, np.nan)
    found = all_roots(flows, spans)
    per_series = np.bincount(found.series, minlength=len(others))
    series_status = flows.status.copy()
    is_solvable = flows.sign_changes > 0
    series_status[is_solvable & (per_series == 0)] = Status.NO_ROOT
    series_status[is_solvable & (per_series > 1)] = Status.MULTIPLE_ROOTS
    series_status[found.unfinished] = Status.NOT_FOUND
    status[others] = series_status
    shown = shown_roots(found, flows.amounts, len(others))
    is_given = np.isin(series_status, (Status.OK, Status.MULTIPLE_ROOTS))
    log_rates[others] = np.where(is_given, shown, np.nan)
    horizons[others] = np.where(is_given, spans, np.nan)
    several = series_status[found.series] == Status.MULTIPLE_ROOTS
    return Roots(others[found.series[several]], found.log_rates[several], others[found.unfinished])


def shown_roots(found: Roots, amounts: Floats, count: int) -> Floats:
    """The root to show of each series: nearest to zero among those where present value falls, else of all.

    Present value has the sign of the last flow below the lowest root and changes it at each root, a double root being
    listed twice, so it falls at every second one.
    """
    shown = np.full(count, np.nan)
    if len(found.series) == 0:
        return shown
    starts = np.flatnonzero(np.diff(found.series, prepend=-1))
    lengths = np.diff(starts, append=len(found.series))
    rank = np.arange(len(found.series)) - np.repeat(starts, lengths)
    flow_count = (amounts != 0).sum(axis=1)
    last_sign = np.sign(amounts[found.series, flow_count[found.series] - 1])
    is_double = np.zeros(len(rank), dtype=bool)
    is_double[1:] = (np.diff(found.log_rates) == 0) & (np.diff(found.series) == 0)
    is_double[:-1] |= is_double[1:]
    falls = (last_sign * np.where(rank % 2 == 0, 1, -1) > 0) & ~is_double
    order = np.lexsort((np.abs(found.log_rates), ~falls, found.series))
    ordered = found.series[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    shown[ordered[first]] = found.log_rates[order][first]
    return shown


def periodic_internal_rates(amounts: ArrayLike) -> InternalRates:
    """Rates per period of series (n, k) whose flows are equally spaced; horizons count periods."""
    money = np.atleast_2d(np.asarray(amounts, dtype=np.float64))
    return internal_rates(np.arange(money.shape[1], dtype=np.float64), money)


def irr_of_dates(dates: Sequence[date], amounts: Sequence[float]) -> Irr:
    """Annual rate of one dated series (XIRR). Dates may come in any order; flows of one date are netted."""
    if len(dates) != len(amounts):
        message = f"{len(dates)} dates for {len(amounts)} amounts"
        raise ValueError(message)
    return single(internal_rates(years_of(dates), [list(amounts)]))


def irr_of_periods(amounts: Sequence[float]) -> Irr:
    """Rate per period of one series of equally spaced flows (IRR)."""
    return single(periodic_internal_rates([list(amounts)]))


def years_of(dates: Sequence[date]) -> Floats:
    """Years from the first of the dates, actual days / 365 fixed."""
    days = np.array([day.toordinal() for day in dates], dtype=np.float64)
    return (days - days.min(initial=np.inf)) / DAYS_OF_YEAR if len(days) else days


def single(rates: InternalRates, series: int = 0) -> Irr:
    """One series of a batch as plain values."""
    status = Status(int(rates.status[series]))
    values = (rates.rates[series], rates.horizons[series], rates.period_returns[series])
    rate, horizon, period_return = (None if np.isnan(value) else float(value) for value in values)
    has_rate = status in {Status.OK, Status.MULTIPLE_ROOTS}
    return Irr(status, rate, rates.roots_of(series) if has_rate else (), horizon, period_return)
