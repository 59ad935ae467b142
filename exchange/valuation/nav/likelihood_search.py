"""The most likely parameters of many funds at once: Newton's method within bounds, each fund at its own pace.

Each round takes the score g and a matrix M of every fund and moves to the projection of x + a M^-1 g on the bounds,
a = 1, 1/2, 1/4, ... until the likelihood has risen enough (Armijo). The first rounds take the information for M (the
method of scoring: it always points uphill and jumps where volatilities are far off); later ones minus the Hessian, by
central differences of the score, where that is positive definite, and the information elsewhere. A parameter on its
bound whose score or step points outward is held. A fund leaves once a step promises less than TOLERANCE.
No step length, order or stop is shared, so a fund alone and among others takes the same path to the last bit.
Sources: A. C. Harvey, Forecasting, Structural Time Series Models and the Kalman Filter, 1989, section 3.4 (scoring;
with outer products of scores for M: Berndt, Hall, Hall, Hausman 1974); D. P. Bertsekas, Projected Newton methods for
optimization problems with simple constraints, SIAM J. Control and Optimization 20(2), 1982.

Worked example: of log L = -(x - 3)^2 within [0, 2] the step from 1 is to 3, its projection 2; there the score points
outward: found.
"""

from dataclasses import dataclass

import numpy as np

from exchange.valuation.nav.checks import Bools, Floats
from exchange.valuation.nav.report_likelihood import Reports, Scored, log_likelihood, scored

ROUNDS_MAX = 100
SHORTER = 0.5 ** np.arange(1.0, 13.0)  # parts of a step that are tried when the whole does not rise
SUFFICIENT = 1e-4  # part of the promised rise that a step must bring
TOLERANCE = 1e-11  # of the log likelihood: half of score x step, which a quadratic would still rise
STALLED = 1e-7  # rise promised but lost in rounding: as good as found
NUDGE = 1e-5  # of the central differences
RIDGE_RELATIVE, RIDGE = 1e-9, 1e-12  # on the information's diagonal: a parameter that the reports say nothing of stays


@dataclass(frozen=True, eq=False)
class Search:
    """Points (d, n), log likelihoods (n,) there, and which searches ended at a maximum (n,)."""

    point: Floats
    log_likelihood: Floats
    converged: Bools


@dataclass(frozen=True, eq=False)
class Bounds:
    """Least and greatest value of each parameter, (d,)."""

    low: Floats
    high: Floats

    def project(self, points: Floats) -> Floats:
        """The nearest points (d, ..., n) within."""
        limits = (bound.reshape(-1, *[1] * (points.ndim - 1)) for bound in (self.low, self.high))
        return np.clip(points, *limits)

    def outward(self, points: Floats, directions: Floats) -> Bools:
        """Where a direction leads out of the bound that a point is on, (d, n)."""
        below = (points <= self.low[:, None]) & (directions < 0)
        return below | ((points >= self.high[:, None]) & (directions > 0))


def maximise(reports: Reports, starts: Floats, smoothing: Floats, bounds: Bounds, *, scoring_rounds: int) -> Search:
    """The maximum uphill of each start (d, n), a column for each of n funds' `reports`; see the module. The first
    `scoring_rounds` use the information alone; a start near a maximum needs none of them."""
    point = bounds.project(starts)
    likelihood = log_likelihood(reports, point, smoothing)
    converged = np.zeros(point.shape[1], dtype=np.bool_)
    going = np.arange(point.shape[1])
    searched = reports
    for turn in range(ROUNDS_MAX):
        weight, at = smoothing[going], point[:, going]
        here = scored(searched, at, weight)
        newton = _curvature(searched, at, weight) if turn >= scoring_rounds else None
        step = _uphill(here, newton, at, bounds)
        promised = 0.5 * (here.score * step).sum(axis=0)
        ended = promised <= TOLERANCE
        converged[going[ended]] = True
        left = np.flatnonzero(~ended)
        if len(left) == 0:
            break
        going, searched = going[left], searched.of(left)
        moved, risen = _line_search(searched, smoothing[going], at[:, left], here.of(left), step[:, left], bounds)
        stuck = (risen <= likelihood[going]) & (turn >= scoring_rounds)
        point[:, going], likelihood[going] = moved, risen
        converged[going[stuck]] = promised[left[stuck]] <= STALLED
        left = np.flatnonzero(~stuck)
        if len(left) == 0:
            break
        going, searched = going[left], searched.of(left)
    return Search(point, likelihood, converged)


def _curvature(reports: Reports, at: Floats, smoothing: Floats) -> Floats:
    """Minus the Hessian (d, d, n) by central differences of the score."""
    size = len(at)
    nudges = NUDGE * np.concatenate([np.eye(size), -np.eye(size)], axis=1)
    score = scored(reports, at[:, None] + nudges[:, :, None], smoothing, with_information=False).score
    slopes = (score[:, size:] - score[:, :size]) / (2 * NUDGE)
    return np.asarray((slopes + slopes.transpose(1, 0, 2)) / 2)


def _uphill(here: Scored, newton: Floats | None, at: Floats, bounds: Bounds) -> Floats:
    """The step (d, n): by Newton's matrix where there is one and it is positive definite, else by the information."""
    information = here.information.copy()
    for i in range(len(at)):
        information[i, i] = information[i, i] * (1 + RIDGE_RELATIVE) + RIDGE
    step, _ = _held_step(information, here.score, at, bounds)
    if newton is None:
        return step
    better, positive = _held_step(newton, here.score, at, bounds)
    return np.where(positive, better, step)


def _held_step(matrix: Floats, score: Floats, at: Floats, bounds: Bounds) -> tuple[Floats, Bools]:
    """M^-1 g with parameters held that would leave their bounds, and where M of the others is positive definite."""
    held = bounds.outward(at, score)
    step, positive = solve_symmetric(matrix, score, held)
    for _ in range(len(at) - 1):
        outward = bounds.outward(at, step)
        if not outward.any():
            break
        held |= outward
        step, positive = solve_symmetric(matrix, score, held)
    return np.where(bounds.outward(at, step), 0.0, step), positive


def solve_symmetric(matrix: Floats, right: Floats, held: Bools) -> tuple[Floats, Bools]:
    """x (d, n) of M x = b without the rows and columns `held` (there x = 0), by L D L', and where all of D is positive;
    where it is not x is 0. M (d, d, n), b and held (d, n)."""
    size = len(right)
    x = np.where(held, 0.0, right)
    lower = np.where(held[:, None] | held, 0.0, matrix)
    for i in range(size):
        lower[i, i] += held[i]
    diagonal = np.ones(right.shape)
    positive = np.ones(right.shape[1], dtype=np.bool_)
    for j in range(size):
        fits = lower[j, j] > 0
        positive &= fits
        diagonal[j] = np.where(fits, lower[j, j], 1.0)
        for i in range(j + 1, size):
            factor = lower[i, j] / diagonal[j]
            lower[i, j + 1 : i + 1] -= factor * lower[j + 1 : i + 1, j]
            x[i] -= factor * x[j]
    x /= diagonal
    for j in range(size - 1, -1, -1):
        for i in range(j + 1, size):
            x[j] -= lower[i, j] / diagonal[j] * x[i]
    return np.where(positive, x, 0.0), positive


def _line_search(
    reports: Reports, smoothing: Floats, at: Floats, here: Scored, step: Floats, bounds: Bounds
) -> tuple[Floats, Floats]:
    """Where each fund's own backtracking ends, (d, n), and the log likelihood there; the start where nothing rises.
    The whole step is tried by all; shorter ones in one pass, since few funds need them."""
    moved, risen = at.copy(), here.log_likelihood.copy()
    waiting = np.arange(at.shape[1])
    for lengths in (np.ones(1), SHORTER):
        if len(waiting) == 0:
            break
        origin, before = at[:, None, waiting], here.log_likelihood[waiting]
        trial = bounds.project(origin + lengths[:, None] * step[:, None, waiting])
        found = log_likelihood(reports.of(waiting), trial, smoothing[waiting])
        rise = np.maximum((here.score[:, None, waiting] * (trial - origin)).sum(axis=0), 0.0)
        enough = (found > before) & (found >= before + SUFFICIENT * rise)
        longest = np.argmax(enough, axis=0)
        accepted = np.flatnonzero(enough.any(axis=0))
        taken = waiting[accepted]
        moved[:, taken] = trial[:, longest[accepted], accepted]
        risen[taken] = found[longest[accepted], accepted]
        waiting = np.delete(waiting, accepted)
    return moved, risen
