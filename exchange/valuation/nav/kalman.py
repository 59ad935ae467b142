"""Kalman filter and Rauch-Tung-Striebel smoother of one scalar state for many funds at once.

State x_t = x_{t-1} + drift_t + w_t, w_t ~ N(0, q_t); observation z_t = h x_t + v_t, v_t ~ N(0, r), where there is one.
The only loop is over time; every line of it works on all funds. Arrays are time first, (t, n), so that each step
reads contiguous memory. A step at which nobody reports is a prediction alone.
Sources: Kalman 1960; Rauch, Tung and Striebel 1965; Durbin and Koopman, Time Series Analysis by State Space Methods.

Worked example: x_0 ~ N(0, 1), q = 1, r = 2, h = 1, z_1 = 4: predicted variance 2, gain 1/2, x_1 ~ N(2, 1); smoothed
back x_0 = 0 + (1 / 2)(2 - 0) = 1 with variance 1 + (1 / 4)(1 - 2) = 3 / 4.
"""

from dataclasses import dataclass

import numpy as np

from exchange.valuation.nav.checks import Bools, Floats, any_entry


@dataclass(frozen=True, eq=False)
class Model:
    """The model on t steps of n funds. `observed`, `z`, `drift`, `q` are (t, n); `h`, `r`, `x0`, `p0` are (n,).

    `z` may hold anything where not observed. All variances are finite, q >= 0, r > 0 and p0 > 0: the caller's duty.
    """

    z: Floats
    observed: Bools
    drift: Floats
    q: Floats
    h: Floats
    r: Floats
    x0: Floats
    p0: Floats


@dataclass(frozen=True, eq=False)
class Filtered:
    """Means and variances (t, n), predicted from the step before and filtered with the step's own report."""

    predicted: Floats
    predicted_variance: Floats
    mean: Floats
    variance: Floats


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Means and variances given all reports: of the start (n,) and of every step (t, n)."""

    start: Floats
    start_variance: Floats
    mean: Floats
    variance: Floats


def kalman_filter(model: Model) -> Filtered:
    """Run the filter forward."""
    predicted, predicted_variance, mean, variance = (np.empty_like(model.drift) for _ in range(4))
    somebody_reports = any_entry(model.observed)
    h, r = model.h, model.r
    squared = h * h
    x, p = model.x0, model.p0
    for t in range(len(model.drift)):
        x_t = np.add(x, model.drift[t], out=predicted[t])
        p_t = np.add(p, model.q[t], out=predicted_variance[t])
        if somebody_reports[t]:
            gain = np.where(model.observed[t], p_t * h / (squared * p_t + r), 0.0)
            x = np.add(x_t, gain * np.where(model.observed[t], model.z[t] - h * x_t, 0.0), out=mean[t])
            p = np.multiply(p_t, 1 - gain * h, out=variance[t])
        else:
            mean[t], variance[t] = x_t, p_t
            x, p = x_t, p_t
    return Filtered(predicted, predicted_variance, mean, variance)


def log_likelihood(model: Model, filtered: Filtered) -> Floats:
    """Gaussian log likelihood of the observations of each fund (n,), given x0 and p0."""
    rows = np.flatnonzero(any_entry(model.observed))  # most steps of a weekly grid have no report
    observed, predicted = model.observed[rows], filtered.predicted[rows]
    s = model.h * model.h * filtered.predicted_variance[rows] + model.r
    error = np.where(observed, model.z[rows] - model.h * predicted, 0.0)
    terms = np.log(2 * np.pi * s) + error * error / s
    return np.asarray(-0.5 * np.where(observed, terms, 0.0).sum(axis=0))


def smooth(model: Model, filtered: Filtered) -> Smoothed:
    """Run the smoother backward."""
    mean, variance = np.empty_like(filtered.mean), np.empty_like(filtered.variance)
    x, p = filtered.mean[-1], filtered.variance[-1]
    mean[-1], variance[-1] = x, p
    for t in range(len(mean) - 1, 0, -1):
        j = filtered.variance[t - 1] / filtered.predicted_variance[t]
        x = np.add(filtered.mean[t - 1], j * (x - filtered.predicted[t]), out=mean[t - 1])
        p = np.add(filtered.variance[t - 1], j * j * (p - filtered.predicted_variance[t]), out=variance[t - 1])
    j = model.p0 / filtered.predicted_variance[0]
    start = model.x0 + j * (x - filtered.predicted[0])
    start_variance = model.p0 + j * j * (p - filtered.predicted_variance[0])
    return Smoothed(start, start_variance, mean, variance)
