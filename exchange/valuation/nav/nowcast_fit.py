"""Parameters of the nowcast from a fund's own reports by maximum likelihood, or the strategy's priors.

With at least 12 reports after the first (three years of quarters) beta, both volatilities and, if asked, the
smoothing weight maximise the likelihood of the reports within bounds; with fewer a fund keeps the priors it was given.
Between two reports the state only adds up, so the likelihood needs one step a report: the grid is summed first, which
gives the same likelihood as the weekly filter. Flow steps are taken at the prior's beta, then once more at the fitted.
Source: prediction error decomposition (Harvey 1989); optimiser L-BFGS-B of scipy, central differences computed as one
batch, best of three starts.

Worked example: reports that follow the index exactly with beta 1.3 give beta 1.3 and both volatilities at their floors.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from exchange.valuation.nav.checks import Bools, Floats, Statuses
from exchange.valuation.nav.kalman import kalman_filter, log_likelihood
from exchange.valuation.nav.nowcast import Parameters, Series, flow_steps, series_status, state_space
from exchange.valuation.status import Status

REPORTS_MIN = 12  # after the first
BOUNDS = ((-1.0, 4.0), (np.log(0.005), np.log(2.0)), (np.log(0.001), np.log(1.0)), (0.0, 0.9))
STEP = 1e-5  # of the central differences, in the optimiser's units
STARTS = np.array([[0.0, 0.0, 0.0, 0.0], [-0.5, -1.0, 0.7, 0.2], [0.5, 0.5, -1.0, 0.4]])  # shifts of the first search


@dataclass(frozen=True, eq=False)
class Fit:
    """Parameters of n funds, which of them were fitted (else priors), and the log likelihood at them (NaN if not)."""

    parameters: Parameters
    fitted: Bools
    log_likelihood: Floats
    status: Statuses


def fit_parameters(series: Series, priors: Parameters, *, with_smoothing: bool = False) -> Fit:
    """Fit each of n histories that is long enough; the others keep their priors. Priors also start the search.

    Statuses: those of `series_status`; PARAMETERS_MISSING (too short a history and a prior missing; a long history
    needs a prior only as a start and takes neutral ones); DATA_INCONSISTENT (a flow takes all); NOT_FOUND (the
    search did not converge: the priors stay).
    """
    status = series_status(series)
    count = len(series.day)
    stacked = np.stack([priors.beta, priors.state_volatility, priors.report_volatility, priors.smoothing], axis=1)
    values, fitted, likelihood = stacked.copy(), np.zeros(count, dtype=np.bool_), np.full(count, np.nan)
    enough = np.count_nonzero(~np.isnan(series.report[:, 1:]), axis=1) >= REPORTS_MIN
    for i in np.flatnonzero(status == Status.OK):
        if not enough[i]:
            status[i] = Status.PARAMETERS_MISSING if np.isnan(stacked[i]).any() else Status.OK
            continue
        status[i], found, best = _fit_one(_row(series, int(i)), stacked[i], with_smoothing=with_smoothing)
        if found is not None:
            values[i], fitted[i], likelihood[i] = found, True, best
    return Fit(Parameters(*values.T), fitted, likelihood, status)


def _row(series: Series, i: int) -> Series:
    rows = slice(i, i + 1)
    return Series(series.day[rows], series.report[rows], series.net_flow[rows], series.index_return[rows])


def _fit_one(series: Series, prior: Floats, *, with_smoothing: bool) -> tuple[Status, Floats | None, float]:
    """Status, parameters (4,) and log likelihood of one history."""
    neutral = np.array([1.0, 0.2, 0.05, 0.0])  # a start of the search only: nothing of it stays in the result
    start = np.where(np.isnan(prior), neutral, prior)
    size = 4 if with_smoothing else 3
    smoothing = 0.0 if with_smoothing else float(start[3])
    best, likelihood = start, -np.inf
    for shifts in (STARTS, STARTS[:1]):
        steps = flow_steps(series, best[:1])
        if np.isnan(steps).any():
            return Status.DATA_INCONSISTENT, None, np.nan
        found = _search(_at_reports(series, steps), _encoded(best)[:size] + shifts[:, :size], smoothing)
        if found is None:
            return Status.NOT_FOUND, None, np.nan
        best, likelihood = found
    return Status.OK, best, likelihood


def _at_reports(series: Series, steps: Floats) -> tuple[Series, Floats]:
    """One history summed to its reporting dates, with its flow steps."""
    places = np.flatnonzero(~np.isnan(series.report[0]))
    returns = np.cumsum(np.where(np.arange(steps.shape[1]) > 0, series.index_return, 0.0), axis=1)[:, places]
    sums = np.cumsum(steps, axis=1)[:, places]
    summed = Series(
        series.day[:, places],
        series.report[:, places],
        np.zeros((1, len(places))),
        np.diff(returns, axis=1, prepend=returns[:, :1]),
    )
    return summed, np.diff(sums, axis=1, prepend=sums[:, :1])


def _encoded(values: Floats) -> Floats:
    """Parameters as the optimiser moves them: volatilities in logs, all inside their bounds."""
    coded = np.array([values[0], np.log(max(values[1], 1e-9)), np.log(max(values[2], 1e-9)), values[3]])
    low, high = np.array(BOUNDS).T
    return np.asarray(np.clip(coded, low, high))


def _decoded(points: Floats, smoothing: float) -> Parameters:
    """Parameters of several points (m, 3 or 4) of the search."""
    weight = points[:, 3] if points.shape[1] == 4 else np.full(len(points), smoothing)
    return Parameters(points[:, 0], np.exp(points[:, 1]), np.exp(points[:, 2]), weight)


def _search(history: tuple[Series, Floats], starts: Floats, smoothing: float) -> tuple[Floats, float] | None:
    """The best of searches from starts (m, 3 or 4): parameters (4,) and log likelihood; None when none converged."""
    series, steps = history
    size = starts.shape[1]
    nudges = np.vstack([np.zeros(size), STEP * np.eye(size), -STEP * np.eye(size)])
    reports = series.day.shape[1] - 1

    def cost(point: Floats) -> tuple[float, Floats]:
        points = point + nudges
        many = _repeated(series, len(points))
        model = state_space(many, _decoded(points, smoothing), np.repeat(steps, len(points), axis=0))
        costs = -log_likelihood(model, kalman_filter(model)) / reports
        return float(costs[0]), (costs[1 : size + 1] - costs[size + 1 :]) / (2 * STEP)

    low, high = np.array(BOUNDS[:size]).T
    runs = [
        minimize(cost, np.clip(start, low, high), jac=True, method="L-BFGS-B", bounds=BOUNDS[:size]) for start in starts
    ]
    ended = [run for run in runs if run.success and np.isfinite(run.fun)]
    if not ended:
        return None
    best = min(ended, key=lambda run: float(run.fun))
    found = _decoded(np.asarray(best.x)[None], smoothing)
    values = np.stack([found.beta, found.state_volatility, found.report_volatility, found.smoothing], axis=1)[0]
    return values, -float(best.fun) * reports


def _repeated(series: Series, times: int) -> Series:
    """One history as several equal rows."""
    return Series(
        np.repeat(series.day, times, axis=0),
        np.repeat(series.report, times, axis=0),
        np.repeat(series.net_flow, times, axis=0),
        np.repeat(series.index_return, times, axis=0),
    )
