"""Takahashi and Alexander's pacing model: the expected calls, distributions and NAV of funds, period by period.

Annual form, t the year of the fund's age in which the flow falls, L its life:
calls C_t = RC_t (unfunded before t); rate of distribution RD_t = max(Y, (t/L)^B), 1 in year L;
D_t = RD_t NAV_{t-1} (1+G); NAV_t = NAV_{t-1} (1+G) + C_t - D_t.
What is left in year L, a last call included, is paid out with the last distribution. Hence the IRR of the flows is G,
and their value at a target return of G is the NAV exactly. The bow takes the year of the distribution, not the year
before it: one year's lag halves the cash of a fund in mid-life.

Quarters: growth, contribution and distribution rates are converted so that four of them amount to the annual one,
g = (1+G)^(1/4) - 1, rc = 1 - (1-RC)^(1/4), rd = 1 - (1-RD)^(1/4), with t/L counted in quarters. Taken as they
stand, four bites a year would pay out far too soon. Converted, distributions of the set below come 0.1 years earlier on
average than in the annual form (7.9 against 8.0 years), calls 0.4 years earlier.

Mid-life (no part of the paper, common practice): NAV and unfunded are the actual ones, t starts from the fund's age,
rounded to a whole period. A fund near or past its life is given at least `remaining_years` more: its L becomes that
much longer. The model has no view of when such a fund ends; the number is the caller's and ought to be shown.

Source: D. Takahashi and S. Alexander, "Illiquid Alternative Asset Fund Modeling", Yale 2001; Journal of Portfolio
Management 28(2), 2002, 90-100. Units: money in any unit (results in the same), rates as decimals a year, ages in years.
Example: 100 committed, G 13 %, L 12, RC 25 %, 1/3, 1/2, ..., B 2.5, Y 0: NAV peaks in year 5 at 106.80; calls sum to
99.95, distributions to 187.99 and a last 0.05.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exchange.core.money import PPM
from exchange.valuation.panel.assumptions import Pacing
from exchange.valuation.status import Status

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LIFE_YEARS_MAX = 60


@dataclass(frozen=True, slots=True)
class PacingRates:
    """Annual parameters of a strategy as decimals; `contribution_rates` by year of age, the last one repeats."""

    growth: float
    life_years: int
    bow: float
    yield_floor: float
    contribution_rates: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Projection:
    """Flows of n funds over m periods, each (n, m), at the end of periods 1..m from now; NAV after the flows.

    `last_period` (n,): the period in which a fund ends; everything after it is 0. A fund whose `status` (n,) is not OK
    has NaN throughout.
    """

    calls: Floats
    distributions: Floats
    nav: Floats
    last_period: Integers
    status: NDArray[np.uint8]
    periods_per_year: int


def rates_of(pacing: Pacing) -> PacingRates:
    """Entered parameters, in ppm, as decimals."""
    return PacingRates(
        pacing.growth.value_ppm / PPM,
        pacing.life_years,
        pacing.bow.value_ppm / PPM,
        pacing.yield_floor.value_ppm / PPM,
        tuple(rate / PPM for rate in pacing.contribution_rates_ppm),
    )


def is_sound(rates: PacingRates) -> bool:
    """Whether the model holds for these parameters: growth above -100 %, rates within 0..1, a positive bow."""
    shares = (rates.yield_floor, *rates.contribution_rates)
    return (
        -1 < rates.growth <= 1
        and 1 <= rates.life_years <= LIFE_YEARS_MAX
        and 0 < rates.bow <= 100
        and bool(rates.contribution_rates)
        and all(0 <= share <= 1 for share in shares)
    )


def project(
    unfunded: ArrayLike,
    nav: ArrayLike,
    age_years: ArrayLike,
    pacing: PacingRates | Sequence[PacingRates],
    which: ArrayLike | None = None,
    *,
    draw_ratio: ArrayLike = 1.0,
    remaining_years: ArrayLike = 1.0,
    periods_per_year: int = 4,
) -> Projection:
    """Project n funds to the end of the longest life among them.

    `unfunded`, `nav`, `age_years`, `draw_ratio`, `remaining_years`: (n,) or scalars; a new fund has nav 0, age 0 and
    its commitment as unfunded. `draw_ratio` of the unfunded is expected to be called at all. `pacing`: one set, or
    several with `which` (n,) naming each fund's set by number. `periods_per_year` is 1 or 4.
    Statuses: NOT_A_NUMBER; OUT_OF_RANGE for negative age or unfunded, a draw ratio outside 0..1 or unsound parameters;
    NAV_NOT_POSITIVE for a negative NAV (nothing grows out of it); a NAV of 0 is sound. ValueError for a wrong call.
    """
    sets = [pacing] if isinstance(pacing, PacingRates) else list(pacing)
    least_years = np.atleast_1d(np.asarray(remaining_years, float))
    if periods_per_year not in (1, 4) or not sets or not ((least_years >= 0) & (least_years <= LIFE_YEARS_MAX)).all():
        raise ValueError("needs 1 or 4 periods a year, a parameter set, remaining years within 0..60")
    given = [np.atleast_1d(np.asarray(x, float)) for x in (unfunded, nav, age_years, draw_ratio)]
    chosen = np.zeros(1, np.intp) if which is None else np.atleast_1d(np.asarray(which, np.intp))
    open_commitment, value, age, drawn, chosen = np.broadcast_arrays(*given, chosen)
    if chosen.size and not 0 <= chosen.min() <= chosen.max() < len(sets):
        raise ValueError("`which` names a set that is not there")
    status = _status(open_commitment, value, age, drawn)
    status[~np.array([is_sound(rates) for rates in sets])[chosen]] = Status.OUT_OF_RANGE
    good = status == Status.OK
    sound = [rates if is_sound(rates) else PacingRates(0.0, 1, 1.0, 0.0, (0.0,)) for rates in sets]
    age_periods = np.rint(np.where(good, age, 0.0) * periods_per_year).astype(np.int64)
    life = np.array([rates.life_years * periods_per_year for rates in sound])[chosen]
    least = np.maximum(1, np.rint(least_years * periods_per_year).astype(np.int64))
    life = np.maximum(life, age_periods + least)
    tables = _Tables.of(sound, chosen, life, int(age_periods.max(initial=0)), periods_per_year)
    calls, distributions, values = _run(
        np.where(good, open_commitment * drawn, 0.0), np.where(good, value, 0.0), age_periods, life, tables
    )
    for flows in (calls, distributions, values):
        flows[:, ~good] = np.nan
    return Projection(calls.T, distributions.T, values.T, life - age_periods, status, periods_per_year)


def _status(unfunded: Floats, nav: Floats, age: Floats, drawn: Floats) -> NDArray[np.uint8]:
    """Status of each fund's own figures."""
    status = np.zeros(unfunded.shape, np.uint8)
    status[nav < 0] = Status.NAV_NOT_POSITIVE
    status[(unfunded < 0) | (age < 0) | (age > LIFE_YEARS_MAX) | (drawn < 0) | (drawn > 1)] = Status.OUT_OF_RANGE
    status[~(np.isfinite(unfunded) & np.isfinite(nav) & np.isfinite(age) & np.isfinite(drawn))] = Status.NOT_A_NUMBER
    return status


@dataclass(frozen=True, slots=True)
class _Tables:
    """Rates by period of age, one row for each (parameter set, life) that occurs; `row` (n,) is a fund's own."""

    row: NDArray[np.intp]
    growth: Floats  # (rows,)
    contribution: Floats  # (rows, periods of age)
    distribution: Floats

    @staticmethod
    def of(
        sets: Sequence[PacingRates], chosen: NDArray[np.intp], life: Integers, oldest: int, per_year: int
    ) -> "_Tables":
        """Tables over all ages that can occur: a fund's age plus the longest horizon."""
        longest = int(life.max(initial=0)) + 1
        keys = chosen * longest + life
        occurs = np.flatnonzero(np.bincount(keys, minlength=1))
        place = np.zeros(len(sets) * longest, np.intp)
        place[occurs] = np.arange(occurs.size)
        contribution = np.empty((occurs.size, longest + oldest))
        distribution = np.empty_like(contribution)
        period = np.arange(1, contribution.shape[1] + 1)
        for row, key in enumerate(occurs.tolist()):
            rates, periods_of_life = sets[key // longest], key % longest
            by_year = np.array(rates.contribution_rates)
            annual = by_year[np.minimum((period - 1) // per_year, by_year.size - 1)]
            contribution[row] = 1 - (1 - annual) ** (1 / per_year)
            share = np.maximum(rates.yield_floor, np.minimum(period / periods_of_life, 1.0) ** rates.bow)
            distribution[row] = 1 - (1 - share) ** (1 / per_year)
            contribution[row, periods_of_life:] = 0.0
            distribution[row, periods_of_life - 1 :] = 1.0
        growth = np.array([(1 + sets[key // longest].growth) ** (1 / per_year) for key in occurs.tolist()])
        return _Tables(place[keys], growth, contribution, distribution)


def _run(
    unfunded: Floats, nav: Floats, age: Integers, life: Integers, tables: _Tables
) -> tuple[Floats, Floats, Floats]:
    """The recursion over periods, all funds at once; each result (m, n)."""
    periods = int((life - age).max(initial=0))
    calls, distributions, values = (np.empty((periods, unfunded.size)) for _ in range(3))
    growth = tables.growth[tables.row]
    contribution, distribution = tables.contribution.ravel(), tables.distribution.ravel()
    cell = tables.row * tables.contribution.shape[1] + age
    last = life - age - 1
    grown, rate = np.empty_like(nav), np.empty_like(nav)
    for period in range(periods):
        called, paid, value = calls[period], distributions[period], values[period]
        np.take(contribution, cell, out=rate, mode="clip")
        np.multiply(rate, unfunded, out=called)
        unfunded = unfunded - called
        np.multiply(nav, growth, out=grown)
        np.take(distribution, cell, out=rate, mode="clip")
        np.multiply(grown, rate, out=paid)
        np.subtract(grown, paid, out=value)
        value += called
        if (ending := last == period).any():  # the last call is paid back with everything else
            paid[ending] += value[ending]
            value[ending] = 0.0
        nav = value
        cell += 1
    return calls, distributions, values
