"""What a fund is worth today given old and noisy reports: the log NAV as a hidden state moved by an index.

Reduced form, estimable from what investors hold:
    x_t = x_{t-1} + beta m_t + u_t + w_t,  w_t ~ N(0, state_volatility^2 (d_t - d_{t-1}) / 365)
    y_k = lambda (y_{k-1} + sum u) + (1 - lambda) x_k + v_k,  v_k ~ N(0, report_volatility^2), at reporting dates
x log NAV, m_t index log return over the step, y log of a reported NAV (end of day), lambda the weight a manager
leaves on the last report. The first report starts the state: x_0 ~ N(y_0, report_volatility^2).

How flows enter: u_t is known, not estimated. A reference path B starts at the first report, earns beta m_t, takes the
net flow F_t (calls less distributions of the step, at its end) and is set to each later report; u_t = ln((B + F) / B)
with B just before the flow. So, with exact reports and no noise, the median is `index_beta`'s exponential NAV, and with
beta 0 the cash-only roll. A flow that takes all of B or more is DATA_INCONSISTENT.

What is reduced: Brown, Ghysels and Gredil ("Nowcasting Net Asset Values", RFS 36(3), 2023) work weekly, let
distributions and a comparable asset inform the state, and smooth reports in levels. Their exact equations are not
reproduced here; the smoothing weight on the last report and the weekly state with sparse reports are in their spirit.

Worked example: report 100 a year ago, index up 10 %, beta 1, volatilities 20 % and 3 %, no flow: median 110, log
variance 0.04 + 0.0009, 90 % band 110 exp(-+1.6449 x 0.20224) = 78.9 to 153.4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from exchange.valuation.nav.checks import (
    EXACT_MAX,
    YEAR_DAYS,
    Bools,
    Floats,
    Integers,
    Statuses,
    any_entry,
    first_status,
    only_where_ok,
    out_of_order,
    per_fund,
    then_status,
)
from exchange.valuation.nav.kalman import Filtered, Model, kalman_filter, log_likelihood, smooth
from exchange.valuation.status import Status

BAND = 0.90
BAND_DEVIATIONS = float(ndtri((1 + BAND) / 2))
BETA_MAX = 5.0
VOLATILITY_MAX = 5.0
REPORT_VOLATILITY_MIN = 1e-6
SMOOTHING_MAX = 0.95
LOG_MAX = 300.0  # of a log NAV with its band: exp of twice that is still a float64
INDEX_RETURN_MAX = 10.0  # log return of one step


@dataclass(frozen=True, eq=False)
class Series:
    """Histories of n funds on grids of t days, all (n, t).

    `day` never goes back; `report` the reported NAV of that day in minor units, NaN where there is none, always one in
    the first column; `net_flow` calls less distributions of the step ending that day; `index_return` the index log
    return of the step. Flow and return of the first column are not used. Shorter histories end in repeated days
    without report, flow or return (see `nowcast_grid`).
    """

    day: Integers
    report: Floats
    net_flow: Floats
    index_return: Floats


@dataclass(frozen=True, eq=False)
class Parameters:
    """Parameters by fund, each (n,): index beta, volatility of the state a year, volatility of one report, and the
    smoothing weight lambda. NaN is a parameter that nobody entered."""

    beta: Floats
    state_volatility: Floats
    report_volatility: Floats
    smoothing: Floats

    def are_missing(self) -> Bools:
        """Funds with a parameter that nobody entered."""
        stacked = np.stack([self.beta, self.state_volatility, self.report_volatility, self.smoothing])
        return np.asarray(np.isnan(stacked).any(axis=0), dtype=np.bool_)

    def are_out_of_range(self) -> Bools:
        """Funds with a parameter with which the model does not hold."""
        fits = (
            (np.abs(self.beta) <= BETA_MAX) & (self.state_volatility >= 0) & (self.state_volatility <= VOLATILITY_MAX)
        )
        fits &= (self.report_volatility >= REPORT_VOLATILITY_MIN) & (self.report_volatility <= VOLATILITY_MAX)
        return ~(fits & (self.smoothing >= 0) & (self.smoothing <= SMOOTHING_MAX))


@dataclass(frozen=True, eq=False)
class Path:
    """Median and 90 % band of the NAV on every grid day, (n, t), minor units."""

    median: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Nowcast:
    """The NAV on the last grid day: median, mean, standard deviation and 90 % band, each (n,) in minor units; the log
    state's mean and standard deviation; `filtered` what could be said at the time, `smoothed` with all reports since,
    both of no days, (n, 0), when paths were not asked for.
    `log_likelihood` of the reports after the first. NaN wherever `status` is not OK."""

    median: Floats
    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    log_mean: Floats
    log_sd: Floats
    filtered: Path
    smoothed: Path
    log_likelihood: Floats
    stale_days: Integers
    status: Statuses


def parameters(
    count: int,
    beta: ArrayLike,
    state_volatility: ArrayLike,
    report_volatility: ArrayLike,
    smoothing: ArrayLike = 0.0,
) -> Parameters:
    """Parameters of `count` funds from numbers or arrays, decimals."""
    return Parameters(
        per_fund(beta, count),
        per_fund(state_volatility, count),
        per_fund(report_volatility, count),
        per_fund(smoothing, count),
    )


def series_status(series: Series) -> Statuses:
    """What is wrong with n histories: NOT_A_NUMBER, NAV_MISSING (no report in the first column), NAV_NOT_POSITIVE,
    TOO_LARGE, DATES_OUT_OF_ORDER, else OK."""
    infinite = np.isinf(series.report) | ~np.isfinite(series.net_flow) | ~np.isfinite(series.index_return)
    large = (np.abs(series.report) > EXACT_MAX) | (np.abs(series.net_flow) > EXACT_MAX)
    return first_status(
        len(series.day),
        (np.isnan(series.report[:, 0]), Status.NAV_MISSING),
        (any_entry(infinite), Status.NOT_A_NUMBER),
        (any_entry(series.report <= 0), Status.NAV_NOT_POSITIVE),
        (any_entry(large | (np.abs(series.index_return) > INDEX_RETURN_MAX)), Status.TOO_LARGE),
        (out_of_order(series.day), Status.DATES_OUT_OF_ORDER),
    )


def flow_steps(series: Series, beta: Floats) -> Floats:
    """The known steps u (n, t) of the log NAV, 0 in the first column, NaN where a flow takes all; see the module."""
    reports, flows, returns = (
        np.ascontiguousarray(rows.T) for rows in (series.report, series.net_flow, series.index_return)
    )
    reported = ~np.isnan(reports)
    moves = (flows != 0) | reported
    moving = any_entry(moves)
    steps = np.zeros_like(reports)
    base, growth = reports[0].copy(), np.zeros_like(reports[0])
    for t in range(1, len(steps)):
        growth += returns[t]
        if moving[t]:
            grown = base * np.exp(beta * growth)
            after = grown + flows[t]
            fits = (after > 0) & (grown > 0)  # base stays below zero until the next report where a flow took all
            ratio = np.divide(after, grown, out=np.ones_like(base), where=fits)
            steps[t] = np.where(moves[t] & ~fits, np.nan, np.log(ratio))
            # a fund without news goes on growing, so that no fund's last bits hang on the days of others
            base = np.where(moves[t], np.where(reported[t], reports[t], after), base)
            growth[moves[t]] = 0.0
    return steps.T


def state_space(series: Series, parameters_: Parameters, steps: Floats) -> Model:
    """The scalar model (`kalman.Model`) of n histories with known flow steps (n, t); the first column starts it."""
    reported = ~np.isnan(series.report)
    y = np.zeros_like(series.report)
    y[reported] = np.log(series.report[reported])
    z = y[:, 1:]
    if (parameters_.smoothing != 0).any():
        z = z - parameters_.smoothing[:, None] * _last_report(y, reported, steps)
    r = parameters_.report_volatility**2
    years = np.diff(series.day, axis=1) / YEAR_DAYS
    return Model(
        z=np.ascontiguousarray(z.T),
        observed=np.ascontiguousarray(reported[:, 1:].T),
        drift=np.ascontiguousarray((parameters_.beta[:, None] * series.index_return[:, 1:] + steps[:, 1:]).T),
        q=np.ascontiguousarray((parameters_.state_volatility[:, None] ** 2 * years).T),
        h=1 - parameters_.smoothing,
        r=r,
        x0=y[:, 0],
        p0=r,
    )


def _last_report(y: Floats, reported: Bools, steps: Floats) -> Floats:
    """Log of the last report before each day but the first, moved by the flows since (n, t - 1)."""
    level = np.cumsum(steps, axis=1)
    place = np.maximum.accumulate(np.where(reported, np.arange(reported.shape[1]), 0), axis=1)[:, :-1]
    return np.take_along_axis(y - level, place, axis=1) + level[:, 1:]


def _path(start: Floats, start_variance: Floats, mean: Floats, variance: Floats, status: Statuses) -> Path:
    median = np.exp(np.concatenate([start[None], mean]).T)
    spread = np.exp(BAND_DEVIATIONS * np.sqrt(np.concatenate([start_variance[None], variance]).T))
    median = only_where_ok(median, status)
    return Path(median, median / spread, median * spread)


def nowcast(series: Series, parameters_: Parameters, *, with_paths: bool = True) -> Nowcast:
    """Filter and, for the paths, smooth n histories (n, t), t >= 2; see the module.

    Statuses: those of `series_status`; PARAMETERS_MISSING; OUT_OF_RANGE (a parameter outside its limits);
    DATA_INCONSISTENT (a distribution of all the fund is worth, or more); TOO_LARGE (the NAV left the range of floats).
    """
    status = series_status(series)
    status = then_status(status, parameters_.are_missing(), Status.PARAMETERS_MISSING)
    status = then_status(status, parameters_.are_out_of_range(), Status.OUT_OF_RANGE)
    with np.errstate(all="ignore"):  # funds with a status other than OK may carry NaN or infinities
        steps = flow_steps(series, parameters_.beta)
        status = then_status(status, any_entry(np.isnan(steps)), Status.DATA_INCONSISTENT)
        model = state_space(series, parameters_, steps)
        filtered = kalman_filter(model)
        extent = (np.abs(filtered.mean) + BAND_DEVIATIONS * filtered.variance).max(axis=0)
        status = then_status(status, ~(extent < LOG_MAX), Status.TOO_LARGE)
        return _result(series, model, filtered, status, with_paths=with_paths)


def _paths(model: Model, filtered: Filtered, status: Statuses) -> tuple[Path, Path]:
    """The filtered and the smoothed path."""
    smoothed = smooth(model, filtered)
    return (
        _path(model.x0, model.p0, filtered.mean, filtered.variance, status),
        _path(smoothed.start, smoothed.start_variance, smoothed.mean, smoothed.variance, status),
    )


def _result(series: Series, model: Model, filtered: Filtered, status: Statuses, *, with_paths: bool) -> Nowcast:
    nothing = Path(*(np.empty((len(status), 0)) for _ in range(3)))
    paths = _paths(model, filtered, status) if with_paths else (nothing, nothing)
    log_mean, variance = filtered.mean[-1], filtered.variance[-1]
    width = BAND_DEVIATIONS * np.sqrt(variance)
    mean = np.exp(log_mean + variance / 2)
    reported_day = np.where(np.isnan(series.report), series.day[:, :1], series.day)
    return Nowcast(
        median=only_where_ok(np.exp(log_mean), status),
        mean=only_where_ok(mean, status),
        sd=only_where_ok(mean * np.sqrt(np.expm1(variance)), status),
        low=only_where_ok(np.exp(log_mean - width), status),
        high=only_where_ok(np.exp(log_mean + width), status),
        log_mean=only_where_ok(log_mean, status),
        log_sd=only_where_ok(np.sqrt(variance), status),
        filtered=paths[0],
        smoothed=paths[1],
        log_likelihood=only_where_ok(log_likelihood(model, filtered), status),
        stale_days=series.day[:, -1] - reported_day.max(axis=1),
        status=status,
    )
