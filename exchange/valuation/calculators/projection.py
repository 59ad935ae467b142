"""The expected course of one fund under named pacing sets, and, when asked for, a simulated range around a course.

Each set is one course of Takahashi and Alexander's model (`projection.takahashi_alexander`): a new fund has NAV 0, age
0 and its commitment as unfunded; a fund in mid-life starts from its actual NAV and unfunded at its age. Every line is
rounded once to minor units, and totals are sums of the lines shown. The simulation (`projection.stochastic`) has
parameters of its own; quantiles are by period, not of one path. The work of a question is bounded: `PATHS_MAX` paths,
and paths x periods^2 at most `WORK_MAX`.

Worked example: 100 committed, growth 13 %, life 12, rates 25 %, 1/3, 1/2, bow 2.5, yearly: NAV peaks in year 5 at
106.80, calls sum to 99.95, distributions to 188.04.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator

from exchange.valuation.calculators.figures import Amount, no_amount, whole
from exchange.valuation.nav.checks import EXACT_MAX, Floats
from exchange.valuation.panel.opinion import Note
from exchange.valuation.projection.calendar import period_ends
from exchange.valuation.projection.stochastic import FlowDynamics, Paths, bands, simulate
from exchange.valuation.projection.takahashi_alexander import PacingRates, Projection, is_sound, project
from exchange.valuation.status import Status

PATHS_MAX = 20_000
WORK_MAX = 60_000_000
"""Paths x periods^2: about two seconds of one core."""


@dataclass(frozen=True, slots=True)
class PacingSet:
    """Parameters under a name, with where they come from."""

    name: str
    source: str
    rates: PacingRates


@dataclass(frozen=True, slots=True)
class Simulation:
    """What is simulated: the processes, how many paths, the seed of the generator and the quantiles to report."""

    dynamics: FlowDynamics
    paths: int
    levels: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Where the fund stands on `as_of`: money in minor units, age in years, the share of unfunded ever called."""

    nav_minor: int
    unfunded_minor: int
    as_of: date
    age_years: float
    draw_ratio: float = 1.0
    remaining_years: float = 1.0
    periods_per_year: int = 4


@dataclass(frozen=True, slots=True)
class Period:
    """One period's flows and the NAV after them, in minor units."""

    on: date
    called_minor: int
    distributed_minor: int
    nav_minor: int


@dataclass(frozen=True, slots=True)
class Course:
    """The course of one set; no periods unless the status is OK."""

    name: str
    source: str
    status: Status
    periods: tuple[Period, ...]
    called: Amount
    distributed: Amount
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class BandPeriod:
    """Quantiles of one period, one amount a level, in minor units."""

    on: date
    called_minor: tuple[int, ...]
    distributed_minor: tuple[int, ...]
    nav_minor: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Quantiles over all paths; no periods unless the status is OK."""

    status: Status
    levels: tuple[float, ...]
    periods: tuple[BandPeriod, ...]


def courses(start: Start, sets: tuple[PacingSet, ...]) -> tuple[Course, ...]:
    """One course a set. Statuses as in `project`: OUT_OF_RANGE (parameters, age, draw ratio), NAV_NOT_POSITIVE (below
    zero), TOO_LARGE (an amount beyond 2**53 minor units)."""
    return tuple(_course(start, chosen) for chosen in sets)


def _course(start: Start, chosen: PacingSet) -> Course:
    unfit = not 0 <= start.remaining_years <= 60
    with np.errstate(all="ignore"):
        found = None if unfit else _projected(start, chosen.rates)
    status = Status.OUT_OF_RANGE if found is None else Status(int(found.status[0]))
    if found is None or status is not Status.OK:
        return Course(chosen.name, chosen.source, status, (), no_amount(status), no_amount(status), ())
    table = [flows[0] for flows in (found.calls, found.distributions, found.nav)]
    if not _holds(*table):
        too_large = no_amount(Status.TOO_LARGE)
        return Course(chosen.name, chosen.source, Status.TOO_LARGE, (), too_large, too_large, ())
    last = int(found.last_period[0])
    days = period_ends(start.as_of, last, start.periods_per_year)
    lines = zip(days, *(rounded_line(flows[:last]) for flows in table), strict=True)
    periods = tuple(Period(*line) for line in lines)
    return Course(
        chosen.name,
        chosen.source,
        status,
        periods,
        whole(sum(period.called_minor for period in periods)),
        whole(sum(period.distributed_minor for period in periods)),
        _notes(start, chosen.rates),
    )


def _projected(start: Start, rates: PacingRates) -> Projection:
    return project(
        float(start.unfunded_minor),
        float(start.nav_minor),
        start.age_years,
        rates,
        draw_ratio=start.draw_ratio,
        remaining_years=start.remaining_years,
        periods_per_year=start.periods_per_year,
    )


def simulated(start: Start, simulation: Simulation, generator: Generator) -> Range:
    """Quantiles of seeded paths. TOO_LARGE for more work than the bounds allow; else as in `simulate`."""
    dynamics = simulation.dynamics
    years = max(dynamics.life_years - start.age_years, start.remaining_years)
    periods = max(1.0, years * start.periods_per_year)
    if simulation.paths > PATHS_MAX or simulation.paths * periods**2 > WORK_MAX:
        return Range(Status.TOO_LARGE, simulation.levels, ())
    paths = simulate(
        float(start.unfunded_minor) * start.draw_ratio,
        float(start.nav_minor),
        start.age_years,
        dynamics,
        generator,
        paths=simulation.paths,
        periods_per_year=start.periods_per_year,
        remaining_years=start.remaining_years,
    )
    if paths.status is not Status.OK:
        return Range(paths.status, simulation.levels, ())
    return _quantiles(start, simulation.levels, paths)


def _quantiles(start: Start, levels: tuple[float, ...], paths: Paths) -> Range:
    found = bands(paths, levels)
    if not _holds(found.calls, found.distributions, found.nav):
        return Range(Status.TOO_LARGE, levels, ())
    days = period_ends(start.as_of, found.calls.shape[1], start.periods_per_year)
    table = (tuple(rounded_line(column) for column in part.T) for part in (found.calls, found.distributions, found.nav))
    return Range(Status.OK, levels, tuple(BandPeriod(*line) for line in zip(days, *table, strict=True)))


def rounded_line(flows: Floats) -> tuple[int, ...]:
    """Floats of minor units as whole ones, halves away from zero."""
    return tuple(int(value) for value in np.copysign(np.floor(np.abs(flows) + 0.5), flows))


def _holds(*tables: Floats) -> bool:
    """Whether a float holds every amount to the minor unit."""
    return all(bool((np.abs(table) <= EXACT_MAX).all()) for table in tables)


def _notes(start: Start, rates: PacingRates) -> tuple[Note, ...]:
    notes = []
    if is_sound(rates) and start.age_years + start.remaining_years > rates.life_years:
        values = (("life_years", str(rates.life_years)), ("remaining", f"{start.remaining_years:g}"))
        notes.append(Note("FUND_NEAR_END_OF_LIFE", values))
    if start.unfunded_minor > start.nav_minor > 0:
        notes.append(Note("UNFUNDED_EXCEEDS_NAV"))
    return tuple(notes)
