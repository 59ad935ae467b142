"""Reported returns with the smoothing of appraisals taken out, and the volatility before and after.

Geltner (1993): r_t = (1 - rho) R_t + rho r_{t-1}, so R_t = (r_t - rho r_{t-1}) / (1 - rho); rho is the lag-1
autocorrelation of the reported returns unless given. rho >= 0.95 is refused (the division explodes), rho < 0 means
nothing was smoothed. Smoothing index xi = (1 - rho) / (1 + rho).
Getmansky, Lo and Makarov (2004): r_t = sum_j theta_j R_{t-j}, j = 0..k, theta in [0, 1], sum theta = 1. De-meaned
returns are an MA(k) estimated by exact maximum likelihood inside the invertible region; xi = sum theta^2.
In both, variance(reported) = xi x variance(true). True returns keep the mean of the reported ones (Geltner: nearly);
the moving average is inverted from shocks of zero before the first return, as the paper's users do.
Parametrisation for k = 2 with psi_j = theta_j / theta_0: psi_2 = a, psi_1 = b (1 + a), a and b in [0, 0.995]; exactly
the invertible MA(2) with psi >= 0.

Worked example: returns 2 %, 4 %, 3 % with rho 0.5 give 6 % and 2 %; xi = 1 / 3.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from exchange.valuation.nav.checks import (
    Bools,
    Floats,
    Integers,
    Statuses,
    any_entry,
    first_status,
    only_where_ok,
    then_status,
)
from exchange.valuation.status import Status

RHO_MAX = 0.95
RETURNS_MIN = 8
MOVING_AVERAGE_RETURNS_MIN = 12
EDGE = 0.995  # of the invertible region
RETURN_MAX = 100.0


@dataclass(frozen=True, eq=False)
class Desmoothed:
    """True returns (n, t), NaN before the first, after the last and where not OK; `weights` (n, k + 1): theta, or
    (1 - rho, rho) for Geltner; xi (n,); volatility a year (n,) of the reported returns and of the true ones."""

    returns: Floats
    weights: Floats
    xi: Floats
    volatility_before: Floats
    volatility_after: Floats
    status: Statuses


def geltner(returns: Floats, counts: Integers, periods_a_year: float = 4.0, rho: Floats | None = None) -> Desmoothed:
    """De-smooth n series of returns (n, t), of which the first `counts` (n,) are valid, by Geltner's AR(1).

    Statuses: TOO_FEW_OBSERVATIONS (under 8); NOT_A_NUMBER; TOO_LARGE (a return beyond 10,000 %); UNDEFINED (returns
    all equal); OUT_OF_RANGE (rho >= 0.95); NOT_APPLICABLE (rho < 0).
    """
    valid, status = _checked(returns, counts, RETURNS_MIN)
    values = np.where(valid, returns, 0.0)
    with np.errstate(all="ignore"):  # funds with a status other than OK may carry NaN or infinities
        weight = _autocorrelation(values, valid) if rho is None else np.asarray(rho, dtype=np.float64).copy()
        status = then_status(status, ~np.isfinite(weight), Status.NOT_A_NUMBER)
        status = then_status(status, weight >= RHO_MAX, Status.OUT_OF_RANGE)
        status = then_status(status, weight < 0, Status.NOT_APPLICABLE)
        true = np.full_like(values, np.nan)
        true[:, 1:] = (values[:, 1:] - weight[:, None] * values[:, :-1]) / (1 - weight[:, None])
        true[~valid] = np.nan
        weights = np.stack([1 - weight, weight], axis=1)
        return _result(true, weights, (1 - weight) / (1 + weight), (values, valid), periods_a_year, status)


def moving_average(returns: Floats, counts: Integers, periods_a_year: float = 4.0, lags: int = 2) -> Desmoothed:
    """De-smooth n series of returns (n, t), of which the first `counts` (n,) are valid, by Getmansky-Lo-Makarov.

    `lags` k is 1 or 2 (ValueError else). Statuses: TOO_FEW_OBSERVATIONS (under 12); NOT_A_NUMBER; TOO_LARGE; UNDEFINED
    (returns all equal); NOT_FOUND (the search did not converge).
    """
    if lags not in (1, 2):
        raise ValueError("a moving average of one or two lags")
    valid, status = _checked(returns, counts, MOVING_AVERAGE_RETURNS_MIN)
    values = np.where(valid, returns, 0.0)
    weights = np.full((len(values), lags + 1), np.nan)
    true = np.full_like(values, np.nan)
    for i in np.flatnonzero(status == Status.OK):
        own = values[i, : counts[i]]
        mean = float(own.mean())
        found = _fit(own - mean, lags)
        if found is None:
            status[i] = Status.NOT_FOUND
            continue
        weights[i] = found
        true[i, : counts[i]] = mean + inverted(own - mean, found)
    with np.errstate(all="ignore"):
        return _result(true, weights, (weights**2).sum(axis=1), (values, valid), periods_a_year, status)


def inverted(centred: Floats, theta: Floats) -> Floats:
    """Shocks (t,) whose moving average with weights theta (k + 1,) is the series (t,), from zero shocks before it."""
    shocks = np.zeros(len(centred) + len(theta) - 1)
    start = len(theta) - 1
    for t, value in enumerate(centred):
        past = shocks[t : t + start][::-1]
        shocks[t + start] = (value - float(theta[1:] @ past)) / theta[0]
    return shocks[start:]


def moving_average_log_likelihood(centred: Floats, psi: Floats) -> Floats:
    """Exact Gaussian log likelihood (m,) of a series (t,) as MA(2) with m pairs psi (m, 2), variance concentrated out.

    Innovations algorithm (Brockwell and Davis): prediction errors e_t of variance d_t, in units of the shock's.
    """
    one, two = psi[:, 0], psi[:, 1]
    g0, g1, g2 = 1 + one**2 + two**2, one + one * two, two
    zero = np.zeros_like(one)
    e1, e2, d1, d2, l1 = zero, zero, np.ones_like(one), np.ones_like(one), zero
    squares, logs = zero.copy(), zero.copy()
    for t, value in enumerate(centred):
        far = g2 / d2 if t > 1 else zero
        near = (g1 - far * l1 * d2) / d1 if t > 0 else zero
        d = g0 - near**2 * d1 - far**2 * d2
        e = value - near * e1 - far * e2
        squares += e * e / d
        logs += np.log(d)
        e1, e2, d1, d2, l1 = e, e1, d, d1, near
    count = len(centred)
    return np.asarray(-0.5 * (count * (np.log(2 * np.pi * squares / count) + 1) + logs))


def _psi(points: Floats) -> Floats:
    """Moving-average coefficients (m, 2) of points (m, 1 or 2) of the search."""
    if points.shape[1] == 1:
        return np.column_stack([points[:, 0], np.zeros(len(points))])
    return np.column_stack([points[:, 1] * (1 + points[:, 0]), points[:, 0]])


def _fit(centred: Floats, lags: int) -> Floats | None:
    """Weights theta (k + 1,) of the best of two searches, None when none converged."""
    step = 1e-6
    nudges = np.vstack([np.zeros(lags), step * np.eye(lags), -step * np.eye(lags)])

    def cost(point: Floats) -> tuple[float, Floats]:
        costs = -moving_average_log_likelihood(centred, _psi(point + nudges)) / len(centred)
        return float(costs[0]), (costs[1 : lags + 1] - costs[lags + 1 :]) / (2 * step)

    bounds = [(0.0, EDGE)] * lags
    runs = [
        minimize(cost, np.full(lags, start), jac=True, method="L-BFGS-B", bounds=bounds) for start in (0.1, 0.5, 0.85)
    ]
    ended = [run for run in runs if run.success and np.isfinite(run.fun)]
    if not ended:
        return None
    best = _psi(np.asarray(min(ended, key=lambda run: float(run.fun)).x)[None])[0, :lags]
    return np.asarray(np.concatenate([[1.0], best]) / (1 + best.sum()))


def _checked(returns: Floats, counts: Integers, least: int) -> tuple[Bools, Statuses]:
    """Which entries are valid (n, t), and the statuses of the inputs (n,)."""
    valid = np.arange(returns.shape[1]) < counts[:, None]
    values = np.where(valid, returns, 0.0)
    broken = any_entry(~np.isfinite(values))
    lowest = np.where(valid, values, np.inf).min(axis=1, initial=np.inf)
    highest = np.where(valid, values, -np.inf).max(axis=1, initial=-np.inf)
    status = first_status(
        len(returns),
        ((counts < least) | (counts > returns.shape[1]), Status.TOO_FEW_OBSERVATIONS),
        (broken, Status.NOT_A_NUMBER),
        (any_entry(np.abs(np.where(np.isfinite(values), values, 0.0)) > RETURN_MAX), Status.TOO_LARGE),
        (highest - lowest <= 1e-12, Status.UNDEFINED),
    )
    return valid, status


def _autocorrelation(values: Floats, valid: Bools) -> Floats:
    """Lag-1 autocorrelation (n,) of the valid returns, with the full sample's mean and variance."""
    mean = values.sum(axis=1) / valid.sum(axis=1)
    centred = np.where(valid, values - mean[:, None], 0.0)
    return np.asarray((centred[:, 1:] * centred[:, :-1]).sum(axis=1) / (centred**2).sum(axis=1))


def _volatility(values: Floats, valid: Bools, periods_a_year: float) -> Floats:
    """Sample standard deviation of the valid entries (n,), a year."""
    number = valid.sum(axis=1)
    mean = np.where(valid, values, 0.0).sum(axis=1) / number
    squares = np.where(valid, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return np.asarray(np.sqrt(squares / (number - 1) * periods_a_year))


def _result(
    true: Floats,
    weights: Floats,
    xi: Floats,
    reported: tuple[Floats, Bools],
    periods_a_year: float,
    status: Statuses,
) -> Desmoothed:
    values, valid = reported
    before = _volatility(values, valid, periods_a_year)
    after = _volatility(true, valid & np.isfinite(true), periods_a_year)
    return Desmoothed(
        only_where_ok(true, status),
        only_where_ok(weights, status),
        only_where_ok(xi, status),
        only_where_ok(before, status),
        only_where_ok(after, status),
        status,
    )
