"""The opinion of discounted cash flows: what a buyer with a target net IRR can pay for the projected flows.

The pacing model projects the fund from its rolled NAV and open commitment at its age, at the pace at which the fund
itself has been paying out over two years where that is known (`projection.own_pace`), else at its strategy's. Point:
the middle target return. Low: the highest, with every exit a year later; high: the lowest, with every exit a year
earlier.
The figure is a price paid in full on the valuation day; where part of it may be paid later, a note gives the headline
of the same worth. (P + U)/(N + U) stands in a note where more may still be called than the share is worth.
Example: a fund of NAV 106.80 and unfunded 6.25 in year 5 of 12, 18 %: 93.14, that is 87.21 % of NAV.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from exchange.core.money import PPM, unscale_decimal
from exchange.valuation.nav.checks import Floats, Statuses
from exchange.valuation.panel.assumptions import Assumptions, Pacing
from exchange.valuation.panel.columns import Columns, as_floats, fund_age_years
from exchange.valuation.panel.nav_opinions import reference_inputs
from exchange.valuation.panel.opinion import Input, Kind, ModelName, Note, Opinion
from exchange.valuation.panel.speak import Voice, computed, ratio, rounded, silent
from exchange.valuation.pricing.dcf import Prices, headline_price, price_at, to_exposure
from exchange.valuation.projection.calendar import period_ends, years_after
from exchange.valuation.projection.own_pace import life_at_pace
from exchange.valuation.projection.takahashi_alexander import PacingRates, Projection, project, rates_of
from exchange.valuation.status import Status

PERIODS_A_YEAR = 4
EXIT_SHIFT_YEARS = 1
REMAINING_YEARS = 1.0  # what the pacing model itself needs, where nobody entered more
DAYS_A_YEAR = 365
MODEL, KIND = ModelName.DISCOUNTED_CASH_FLOW, Kind.MODEL_PRICE


@dataclass(frozen=True, eq=False)
class Projected:
    """Flows (n, m) of the funds in `rows`, and how many years after the valuation day each falls."""

    rows: list[int]
    projection: Projection
    years: Floats


def discounted(columns: Columns, assumptions: Sequence[Assumptions]) -> list[Opinion]:
    """One opinion a fund; all funds that have what the model needs go through it at once."""
    found = [_missing(columns, row) for row in range(len(columns.facts))]
    rows = [row for row, assumed in enumerate(assumptions) if columns.good[row] and is_complete(assumed)]
    if not rows:
        return found
    targets = np.array([target_returns(assumptions[row]) for row in rows])
    projected = project_funds(columns, assumptions, rows)
    point = price_of(projected, targets[:, 1])
    low = price_of(project_funds(columns, assumptions, rows, EXIT_SHIFT_YEARS), targets[:, 2])
    high = price_of(project_funds(columns, assumptions, rows, -EXIT_SHIFT_YEARS), targets[:, 0])
    exposure = to_exposure(point.price, as_floats(columns.rolled_minor[rows]), as_floats(columns.unfunded_minor[rows]))
    for place, row in enumerate(rows):
        status = _status(projected.projection.status, point.status, place)
        inputs = (
            *reference_inputs(columns, row),
            *_inputs(columns, row, assumptions[row], pacing_of(assumptions[row])),
        )
        if status != Status.OK:
            found[row] = silent(MODEL, KIND, status, inputs=inputs)
            continue
        figures = tuple(float(prices.price[place]) for prices in (low, point, high))
        notes = _notes(columns, row, assumptions[row], figures[1], float(exposure.value[place]))
        notes += _duration(point, place)
        found[row] = Voice.of(columns, row).opinion(MODEL, KIND, figures, notes=notes, inputs=inputs)
    return found


def is_complete(assumed: Assumptions) -> bool:
    """Whether somebody entered pacing and all three target returns."""
    targets = (assumed.target_return_low, assumed.target_return_point, assumed.target_return_high)
    return assumed.pacing is not None and all(target is not None for target in targets)


def target_returns(assumed: Assumptions) -> tuple[float, float, float]:
    """Lowest, middle and highest target net IRR as decimals. ValueError when they are not all there."""
    low, point, high = assumed.target_return_low, assumed.target_return_point, assumed.target_return_high
    if low is None or point is None or high is None:
        raise ValueError("target returns are missing")
    return low.value_ppm / PPM, point.value_ppm / PPM, high.value_ppm / PPM


def pacing_of(assumed: Assumptions) -> Pacing:
    """The pacing set. ValueError when there is none."""
    if assumed.pacing is None:
        raise ValueError("pacing is missing")
    return assumed.pacing


def project_funds(
    columns: Columns, assumptions: Sequence[Assumptions], rows: list[int], life_shift_years: int = 0
) -> Projected:
    """Quarterly projections of the funds in `rows`; `life_shift_years` lets every fund live that much longer, or, when
    negative, less long, but never less than the model needs."""
    sets: dict[tuple[int, int], int] = {}
    pacings: list[PacingRates] = []
    which = []
    for row in rows:
        pacing = pacing_of(assumptions[row])
        key = id(pacing), life_of(columns, row, assumptions[row])
        if key not in sets:
            sets[key] = len(pacings)
            pacings.append(replace(rates_of(pacing), life_years=max(1, key[1] + life_shift_years)))
        which.append(sets[key])
    ages = np.array([fund_age_years(columns.facts[row]) for row in rows])
    given = np.array([remaining_years(assumptions[row]) for row in rows])
    remaining = np.maximum(given + life_shift_years, 1 / PERIODS_A_YEAR)
    drawn = np.array([_draw_ratio(assumptions[row]) for row in rows])
    projection = _projected(columns, rows, ages, pacings, np.array(which), drawn, remaining)
    return Projected(rows, projection, _years(columns, rows, projection.calls.shape[1]))


def life_of(columns: Columns, row: int, assumed: Assumptions) -> int:
    """Life in years at the fund's own pace where that is known and asked for, else at its strategy's."""
    pacing, pace = pacing_of(assumed), columns.paces[row] if assumed.follows_own_pace else None
    if pace is None:
        return pacing.life_years
    age = fund_age_years(columns.facts[row])
    return life_at_pace(age, pace, pacing.bow.value_ppm / PPM, age + remaining_years(assumed))


def price_of(projected: Projected, targets: Floats) -> Prices:
    """Prices of projected funds at one target return each; flows of a fund that failed are taken as 0."""
    calls, distributions = (
        np.nan_to_num(flows, nan=0.0) for flows in (projected.projection.calls, projected.projection.distributions)
    )
    return price_at(calls, distributions, projected.years, targets)


def remaining_years(assumed: Assumptions) -> float:
    """Least life in years that a fund near or past its end is given."""
    return assumed.remaining_years.value_ppm / PPM if assumed.remaining_years else REMAINING_YEARS


def is_past_life(life_years: int, age_years: float, remaining: float) -> bool:
    """Whether the pacing model has to lengthen the fund's life."""
    return age_years + remaining > life_years


def _projected(
    columns: Columns,
    rows: list[int],
    ages: Floats,
    pacings: list[PacingRates],
    which: np.ndarray,
    drawn: Floats,
    remaining: Floats,
) -> Projection:
    unfunded, nav = as_floats(columns.unfunded_minor[rows]), as_floats(columns.rolled_minor[rows])
    return project(
        unfunded,
        nav,
        ages,
        pacings,
        which,
        draw_ratio=drawn,
        remaining_years=remaining,
        periods_per_year=PERIODS_A_YEAR,
    )


def _years(columns: Columns, rows: list[int], periods: int) -> Floats:
    by_day = {}
    for row in rows:
        day = columns.facts[row].valued_on
        if day not in by_day:
            by_day[day] = years_after(day, period_ends(day, periods, PERIODS_A_YEAR))
    return np.stack([by_day[columns.facts[row].valued_on] for row in rows])


def _draw_ratio(assumed: Assumptions) -> float:
    return assumed.draw_ratio.value_ppm / PPM if assumed.draw_ratio else 1.0


def _missing(columns: Columns, row: int) -> Opinion:
    status = Status.PARAMETERS_MISSING if columns.good[row] else Status(columns.roll_status[row])
    return silent(MODEL, KIND, status, inputs=reference_inputs(columns, row))


def _status(projected: Statuses, priced: Statuses, place: int) -> Status:
    return Status(projected[place]) if projected[place] != Status.OK else Status(priced[place])


def _notes(columns: Columns, row: int, assumed: Assumptions, price: float, exposure: float) -> tuple[Note, ...]:
    notes: list[Note] = []
    fund, pacing = columns.facts[row], assumed.pacing
    remaining = remaining_years(assumed)
    pace = columns.paces[row] if assumed.follows_own_pace else None
    if pace is not None:
        values = (
            ("pace", unscale_decimal(rounded(pace * PPM), 6)),
            ("life_years", str(life_of(columns, row, assumed))),
        )
        notes.append(Note("AT_OWN_PACE", values))
    elif pacing and is_past_life(pacing.life_years, fund_age_years(fund), remaining):
        notes.append(
            Note("FUND_NEAR_END_OF_LIFE", (("life_years", str(pacing.life_years)), ("remaining", f"{remaining:g}")))
        )
    if columns.unfunded_minor[row] > columns.rolled_minor[row] and np.isfinite(exposure):
        notes.append(Note("UNFUNDED_ABOVE_NAV", (("exposure", unscale_decimal(rounded(exposure * PPM), 6)),)))
    deferral = assumed.deferral
    if deferral and deferral.share_ppm:
        share = deferral.share_ppm / PPM
        plan = ([1 - share, share], [0.0, deferral.days / DAYS_A_YEAR])
        deferred = headline_price(price, target_returns(assumed)[1], *plan)
        ppm = Voice.of(columns, row).headline_ppm(rounded(float(deferred.value[0]))) if not deferred.status[0] else None
        if ppm is not None:
            values = (("headline", unscale_decimal(ppm, 6)), ("share", unscale_decimal(deferral.share_ppm, 6)))
            notes.append(Note("DEFERRED_HEADLINE", (*values, ("days", str(deferral.days)))))
    return tuple(notes)


def _duration(prices: Prices, place: int) -> tuple[Note, ...]:
    years = float(prices.duration_years[place])
    return (Note("DURATION", (("years", f"{years:.1f}"),)),) if np.isfinite(years) else ()


def _inputs(columns: Columns, row: int, assumed: Assumptions, pacing: Pacing) -> tuple[Input, ...]:
    fund = columns.facts[row]
    named = (
        ("target_return_low", assumed.target_return_low),
        ("target_return_point", assumed.target_return_point),
        ("target_return_high", assumed.target_return_high),
        ("growth", pacing.growth),
        ("bow", pacing.bow),
        ("yield_floor", pacing.yield_floor),
        ("draw_ratio", assumed.draw_ratio),
        ("remaining_years", assumed.remaining_years),
    )
    voice = Voice.of(columns, row)
    return (
        voice.money(
            "unfunded", int(columns.unfunded_minor[row]), "computed", fund.statements[-1].source, fund.valued_on
        ),
        computed("age_years", f"{fund_age_years(fund):.2f}", "years", fund.valued_on),
        computed("life_years", str(life_of(columns, row, assumed)), "years"),
        *(ratio(name, figure) for name, figure in named if figure is not None),
    )
