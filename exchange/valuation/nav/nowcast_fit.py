"""Parameters of the nowcast from a fund's own reports by maximum likelihood, or the strategy's priors.

With at least 12 reports after the first (three years of quarters) beta, both volatilities and, if asked, the
smoothing weight maximise the likelihood of the reports within bounds; with fewer a fund keeps the priors it was given.
The likelihood needs one step a report (`report_likelihood`), which gives the same as the weekly filter. Flow steps are
taken at the prior's beta, then once more at the fitted. All funds are searched at once (`likelihood_search`) from three
starts, the best kept; none is influenced by the others.
Source: prediction error decomposition (Harvey 1989).

Worked example: reports that follow the index exactly with beta 1.3 give beta 1.3 and both volatilities at their floors.
"""

from dataclasses import dataclass

import numpy as np

from exchange.valuation.nav.checks import Bools, Floats, Integers, Statuses, any_entry
from exchange.valuation.nav.likelihood_search import Bounds, Search, maximise
from exchange.valuation.nav.nowcast import Parameters, Series, flow_steps, series_status
from exchange.valuation.nav.report_likelihood import Reports, reports_of
from exchange.valuation.status import Status

REPORTS_MIN = 12  # after the first
BOUNDS = ((-1.0, 4.0), (np.log(0.005), np.log(2.0)), (np.log(0.001), np.log(1.0)), (0.0, 0.9))
STARTS = np.array([[0.0, 0.0, 0.0, 0.0], [-0.5, -1.0, 0.7, 0.2], [0.5, 0.5, -1.0, 0.4]])  # shifts of the first search
NEUTRAL = np.array([1.0, 0.2, 0.05, 0.0])  # a start of the search only: nothing of it stays in the result
SCORING_ROUNDS = 6
BETTER = 1e-9  # rise of the log likelihood for which a later start is preferred to an earlier one
VOLATILITY_LEAST = 1e-9  # of a prior, before its logarithm and its bounds


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
    values = np.stack([priors.beta, priors.state_volatility, priors.report_volatility, priors.smoothing])
    likelihood = np.full(count, np.nan)
    good = status == Status.OK
    enough = np.count_nonzero(~np.isnan(series.report[:, 1:]), axis=1) >= REPORTS_MIN
    status[good & ~enough & np.isnan(values).any(axis=0)] = Status.PARAMETERS_MISSING
    rows = np.flatnonzero(good & enough)
    starts = np.where(np.isnan(values[:, rows]), NEUTRAL[:, None], values[:, rows])
    status[rows], found, best = _fit_long(_rows(series, rows), starts, with_smoothing=with_smoothing)
    ok = status[rows] == Status.OK
    values[:, rows[ok]], likelihood[rows[ok]] = found[:, ok], best[ok]
    return Fit(Parameters(*values), ~np.isnan(likelihood), likelihood, status)


def _rows(series: Series, rows: Integers) -> Series:
    return Series(series.day[rows], series.report[rows], series.net_flow[rows], series.index_return[rows])


def _fit_long(series: Series, starts: Floats, *, with_smoothing: bool) -> tuple[Statuses, Floats, Floats]:
    """Statuses (n,), parameters (4, n) and log likelihoods (n,) of n long histories from the starts (4, n)."""
    count = len(series.day)
    status, likelihood = np.full(count, Status.OK, dtype=np.uint8), np.full(count, np.nan)
    values = starts.copy()
    size = 4 if with_smoothing else 3
    for shifts in (STARTS, STARTS[:1]):
        left = np.flatnonzero(status == Status.OK)
        histories = _rows(series, left)
        steps = flow_steps(histories, values[0, left])
        takes_all = any_entry(np.isnan(steps))
        status[left[takes_all]] = Status.DATA_INCONSISTENT
        left = left[~takes_all]
        reports = reports_of(_rows(histories, np.flatnonzero(~takes_all)), steps[~takes_all])
        weight = np.zeros(len(left)) if with_smoothing else starts[3, left]
        best = _best(reports, _encoded(values[:, left])[:size], shifts[:, :size], weight)
        status[left[~best.converged]] = Status.NOT_FOUND
        values[0, left], values[1:3, left], values[3, left] = best.point[0], np.exp(best.point[1:3]), weight
        values[3:size, left] = best.point[3:]
        likelihood[left] = best.log_likelihood
    return status, values, likelihood


def _encoded(values: Floats) -> Floats:
    """Parameters (4, n) as the search moves them: volatilities in logs, all inside their bounds."""
    coded = values.copy()
    coded[1:3] = np.log(np.maximum(values[1:3], VOLATILITY_LEAST))
    return _bounds(4).project(coded)


def _bounds(size: int) -> Bounds:
    low, high = np.array(BOUNDS[:size]).T
    return Bounds(low, high)


def _best(reports: Reports, starts: Floats, shifts: Floats, smoothing: Floats) -> Search:
    """The best of the searches from each of the m shifts (m, d) of the starts (d, n); an earlier one if equal."""
    count, times = starts.shape[1], len(shifts)
    everyone = np.tile(np.arange(count), times)
    shifted = np.concatenate([starts + shift[:, None] for shift in shifts], axis=1)
    rounds = SCORING_ROUNDS if times > 1 else 0  # the last search starts from the maximum of the one before
    found = maximise(reports.of(everyone), shifted, smoothing[everyone], _bounds(len(starts)), scoring_rounds=rounds)
    risen = np.where(found.converged, found.log_likelihood, -np.inf).reshape(times, count)
    chosen = np.argmax(risen >= risen.max(axis=0) - BETTER, axis=0) * count + np.arange(count)
    return Search(found.point[:, chosen], found.log_likelihood[chosen], found.converged[chosen])
