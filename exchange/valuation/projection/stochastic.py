"""Ranges around a projection: many seeded paths of one fund's calls and distributions (Buchner, Kaserer, Wagner).

Calls: the unfunded U is drawn at a random intensity delta, dU = -delta U dt, which returns to its mean by a square-root
process, d delta = kappa (theta - delta) dt + s sqrt(delta) dB. The intensity is drawn from its exact distribution (a
scaled non-central chi-square) at each period's end and averaged over the period by the trapezoid.
Distributions: log-normal around a fixed course. Cumulative distributions expected at age t are
m CC (1 - exp(-alpha t^2 / 2)), the expected part of each period is multiplied by exp(w B - w^2 t / 2) of the time since
now, whose mean is 1; what is expected beyond the life is paid in its last period.
NAV: the value at rate G of the distributions expected from where a path stands, less that of its expected calls
(closed form of the square-root process, as for a bond price). On a path with much unfunded it can be negative.
For a fund in mid-life the size of its distributions is set so that its NAV today is the actual one.

Source: A. Buchner, C. Kaserer, N. Wagner, "Modeling the Cash Flow Dynamics of Private Equity Funds: Theory and
Empirical Evidence", Journal of Alternative Investments 13(1), 2010. The dynamics of calls and the expected
distributions are recalled from it; the mid-life start and the payment at the end of life are this module's.
Units: money in any one unit; rates and intensities a year, as decimals; ages in years.
Example: with s = 0, w = 0 every path is the expected one: U after one year is U e^-theta for delta = theta.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from exchange.valuation.status import Status

Floats = NDArray[np.float64]

PATHS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class FlowDynamics:
    """Parameters of calls (first four) and distributions: `pace` is alpha, `growth` the rate G of the NAV."""

    intensity_now: float
    intensity_mean: float  # theta
    intensity_reversion: float  # kappa
    intensity_volatility: float  # s
    pace: float
    distribution_volatility: float  # w
    growth: float
    life_years: float


@dataclass(frozen=True, slots=True)
class Paths:
    """Flows and NAV by path and period, each (paths, m), at the ends of periods; empty unless the status is OK."""

    calls: Floats
    distributions: Floats
    nav: Floats
    status: Status
    periods_per_year: int


@dataclass(frozen=True, slots=True)
class Bands:
    """Quantiles over paths, each (levels, m)."""

    levels: tuple[float, ...]
    calls: Floats
    distributions: Floats
    nav: Floats


def simulate(
    unfunded: float,
    nav: float,
    age_years: float,
    dynamics: FlowDynamics,
    generator: Generator,
    *,
    paths: int = 10_000,
    periods_per_year: int = 4,
    remaining_years: float = 1.0,
) -> Paths:
    """Paths of one fund from today to the end of its life (at least `remaining_years` on).

    Statuses: NOT_A_NUMBER; OUT_OF_RANGE for parameters the processes do not hold for; NAV_NOT_POSITIVE when NAV and
    value of calls sum to less than 0; TOO_LARGE for more than a million paths.
    """
    status = _status(unfunded, nav, age_years, dynamics)
    if status == Status.OK and not 1 <= paths <= PATHS_MAX:
        status = Status.TOO_LARGE
    if status != Status.OK:
        return _nothing(status, periods_per_year)
    step = 1 / periods_per_year
    periods = max(1, round(max(dynamics.life_years - age_years, remaining_years) * periods_per_year))
    due = _expected_shares(age_years, periods, step, dynamics.pace)
    now = np.full(1, dynamics.intensity_now)
    value_of_calls = unfunded * _calls_ahead(now, periods, step, dynamics)[0]
    size = (nav + value_of_calls) / float(due @ (1 + dynamics.growth) ** (-step * np.arange(1, periods + 1)))
    if size < 0:
        return _nothing(Status.NAV_NOT_POSITIVE, periods_per_year)
    calls, open_commitment, intensity = _calls(unfunded, dynamics, generator, paths, periods, step)
    shocks = generator.standard_normal((paths, periods)).cumsum(axis=1) * np.sqrt(step)
    elapsed = step * np.arange(1, periods + 1)
    spread = dynamics.distribution_volatility
    level = np.exp(spread * shocks - spread**2 * elapsed / 2)
    distributions = size * due * level
    value = np.empty_like(calls)
    for period in range(periods):
        ahead = due[period + 1 :] @ (1 + dynamics.growth) ** (-elapsed[: periods - period - 1])
        calls_ahead = _calls_ahead(intensity[:, period], periods - period - 1, step, dynamics)
        value[:, period] = size * ahead * level[:, period] - open_commitment[:, period] * calls_ahead
    return Paths(calls, distributions, value, Status.OK, periods_per_year)


def bands(paths: Paths, levels: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> Bands:
    """Quantiles of calls, distributions and NAV by period; not those of one path throughout."""
    parts = (np.quantile(flows, levels, axis=0) for flows in (paths.calls, paths.distributions, paths.nav))
    return Bands(levels, *parts)


def _status(unfunded: float, nav: float, age_years: float, dynamics: FlowDynamics) -> Status:
    """Whether the processes hold for these numbers."""
    d = dynamics
    numbers = (unfunded, nav, age_years, d.intensity_now, d.intensity_mean, d.intensity_reversion)
    others = (d.intensity_volatility, d.pace, d.distribution_volatility, d.growth, d.life_years)
    if not np.isfinite([*numbers, *others]).all():
        return Status.NOT_A_NUMBER
    not_negative = (unfunded, age_years, d.intensity_now, d.intensity_mean, d.intensity_volatility)
    sound = min(not_negative) >= 0 and d.distribution_volatility >= 0 and -1 < d.growth <= 1
    sound = sound and d.intensity_reversion > 0 and d.pace > 0 and 0 < d.life_years <= 60 and age_years <= 60
    sound = sound and max(d.intensity_now, d.intensity_mean, d.intensity_volatility, d.distribution_volatility) <= 100
    return Status.OK if sound else Status.OUT_OF_RANGE


def _nothing(status: Status, periods_per_year: int) -> Paths:
    """No paths, and why."""
    empty = np.empty((0, 0))
    return Paths(empty, empty, empty, status, periods_per_year)


def _expected_shares(age: float, periods: int, step: float, pace: float) -> Floats:
    """Parts of all expected distributions after `age` that fall in each period; they sum to 1.

    exp(-alpha (t^2 - age^2) / 2) is what remains of them at age t.
    """
    ages = age + step * np.arange(periods + 1)
    remaining = np.exp(-pace * (ages**2 - age**2) / 2)
    remaining[-1] = 0.0
    return -np.diff(remaining)


def _calls(
    unfunded: float, dynamics: FlowDynamics, generator: Generator, paths: int, periods: int, step: float
) -> tuple[Floats, Floats, Floats]:
    """Calls, unfunded after them and intensity at the ends of periods, each (paths, periods)."""
    intensity = np.empty((paths, periods))
    before = np.full(paths, dynamics.intensity_now)
    remaining = np.full(paths, unfunded)
    after_calls = np.empty((paths, periods))
    for period in range(periods):
        intensity[:, period] = _next_intensity(before, dynamics, generator, step)
        remaining = remaining * np.exp(-(before + intensity[:, period]) * step / 2)
        after_calls[:, period] = remaining
        before = intensity[:, period]
    return -np.diff(after_calls, axis=1, prepend=unfunded), after_calls, intensity


def _next_intensity(before: Floats, dynamics: FlowDynamics, generator: Generator, step: float) -> Floats:
    """The intensity one step on, from the exact law of the square-root process."""
    decay = np.exp(-dynamics.intensity_reversion * step)
    mean = dynamics.intensity_mean
    variance = dynamics.intensity_volatility**2
    if variance * step < 1e-12:
        return np.asarray(mean + (before - mean) * decay)
    scale = variance * (1 - decay) / (4 * dynamics.intensity_reversion)
    freedom = 4 * dynamics.intensity_reversion * mean / variance
    centre = before * decay / scale
    if freedom == 0:  # a mean of 0: a Poisson mixture with an atom at 0
        return np.asarray(scale * _chi_square_of_zero(centre, generator))
    return np.asarray(scale * generator.noncentral_chisquare(freedom, centre))


def _chi_square_of_zero(centre: Floats, generator: Generator) -> Floats:
    """Non-central chi-square with no degrees of freedom: chi-square with 2 Poisson(centre/2) of them."""
    count = generator.poisson(centre / 2)
    return np.where(count > 0, 2 * generator.standard_gamma(np.maximum(count, 1)), 0.0)


def _calls_ahead(intensity: Floats, periods: int, step: float, dynamics: FlowDynamics) -> Floats:
    """Value at rate G of the calls expected over the next periods, for each unit of unfunded: E[1 - U] by period."""
    if periods == 0:
        return np.zeros_like(intensity)
    ends = step * np.arange(periods + 1)
    constant, slope = _expected_unfunded(ends, dynamics)
    left = constant * np.exp(-np.outer(intensity, slope))
    result: Floats = -np.diff(left, axis=1) @ (1 + dynamics.growth) ** (-ends[1:])
    return result


def _expected_unfunded(years: NDArray[np.floating], dynamics: FlowDynamics) -> tuple[Floats, Floats]:
    """A and B of E[exp(-integral of delta over `years`)] = A exp(-B delta) (Cox, Ingersoll, Ross 1985)."""
    kappa, mean, variance = dynamics.intensity_reversion, dynamics.intensity_mean, dynamics.intensity_volatility**2
    if variance < 1e-12:
        slope = -np.expm1(-kappa * years) / kappa
        return np.exp(-mean * (years - slope)), slope
    gamma = np.sqrt(kappa**2 + 2 * variance)
    growth = -np.expm1(-gamma * years)  # (e^(gamma t) - 1) e^(-gamma t), so that long lives do not overflow
    denominator = (gamma + kappa) * growth + 2 * gamma * np.exp(-gamma * years)
    constant = (2 * gamma * np.exp((kappa - gamma) * years / 2) / denominator) ** (2 * kappa * mean / variance)
    return constant, 2 * growth / denominator
