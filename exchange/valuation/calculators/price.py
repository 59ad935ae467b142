"""The price of one share at a buyer's target return, and what a buyer earns at a given price.

Flows after closing are given, or projected by the pacing model from the rolled NAV at closing. Calls given are those
of all unfunded; `draw_ratio` of them is expected. The price is paid at closing, or in instalments: then the headline
is what, paid in those parts, is worth the price (`pricing.dcf`). A price of either sign is shown as it is; as a part
of an NAV it needs a positive one, and (P + U) / (N + U) stays meaningful beside it. At a given price the rate solves
the buyer's flows, instalments on the days they are paid; the multiple is what is received over what is paid.

Worked example: 83.00 paid on 2026-09-30, then -5, +18, +34, +41, +29 from 2026-12-31 on: 15.05 %, 1.3864 times; with
40 % of it paid a year later 18.16 %.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from exchange.core.money import PPM, divide_half_up
from exchange.valuation.calculators.figures import (
    Amount,
    Flow,
    amount_of,
    currencies_of,
    first_reason,
    measure_of,
    no_amount,
    no_measure,
    whole,
)
from exchange.valuation.calculators.projection import PacingSet, Start, courses
from exchange.valuation.nav.checks import Floats
from exchange.valuation.panel.opinion import Note
from exchange.valuation.performance.comparison import Measure
from exchange.valuation.pricing.dcf import headline_price, price_at, to_exposure, to_nav
from exchange.valuation.pricing.implied import implied_by
from exchange.valuation.projection.calendar import years_after
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of the price, in ppm, paid so many days after closing (0: at closing)."""

    share_ppm: int
    after_days: int


@dataclass(frozen=True, slots=True)
class Pacing:
    """A pacing set and the fund's age: the flows are projected from closing."""

    chosen: PacingSet
    age_years: float
    remaining_years: float = 1.0
    periods_per_year: int = 4


@dataclass(frozen=True, slots=True)
class PriceQuestion:
    """A share at its closing: reference NAV, NAV rolled to closing, unfunded then, and the flows that follow.

    `flows` are used where `pacing` is None. `target_return` None: no price is sought. `given_minor`: a price to be
    judged, paid in the same instalments; `given_ppm` states it as a part of the reference NAV instead.
    """

    currency: str
    closing_on: date
    nav_minor: int
    rolled_nav_minor: int
    unfunded_minor: int
    flows: tuple[Flow, ...] = ()
    pacing: Pacing | None = None
    draw_ratio: float = 1.0
    target_return: float | None = None
    instalments: tuple[Instalment, ...] = ()
    given_minor: int | None = None
    given_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Implied:
    """What a buyer earns at a price: net rate (with the number of rates that solve it) and multiple of money."""

    price: Amount
    rate: Measure
    roots: int
    multiple: Measure


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """Price at the target return with its parts, and the yield of a given price."""

    price: Amount
    headline: Amount
    of_nav: Measure
    headline_of_nav: Measure
    of_rolled_nav: Measure
    of_exposure: Measure
    pv_calls: Amount
    pv_distributions: Amount
    duration_years: Measure
    implied: Implied | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stream:
    """Flows after closing in order of time, each (m,): years, calls and distributions in minor units."""

    status: Status
    years: Floats
    calls: Floats
    distributions: Floats


def price(question: PriceQuestion) -> PriceAnswer:
    """Price one share. Statuses: CURRENCIES_MIXED; DATES_OUT_OF_ORDER (a flow before closing); OUT_OF_RANGE (a target
    of -100 % or less, a negative flow, instalments that do not sum to 1, a draw ratio outside 0..1); TOO_LARGE;
    PARAMETERS_MISSING without a target; NAV_NOT_POSITIVE for parts of an NAV; NO_ROOT, MULTIPLE_ROOTS of the rate."""
    stream = _stream(question)
    with np.errstate(all="ignore"):  # figures with a status other than OK may overflow on the way
        answer = _at_target(question, stream)
        implied = _implied(question, stream)
    notes = (Note("UNFUNDED_EXCEEDS_NAV"),) if question.unfunded_minor > question.rolled_nav_minor else ()
    if answer.price.minor is not None and answer.price.minor < 0:
        notes = (*notes, Note("PRICE_NEGATIVE"))
    return replace(answer, implied=implied, notes=notes)


def _at_target(question: PriceQuestion, stream: _Stream) -> PriceAnswer:
    """The price at the target return with its parts; a part of an NAV is missing for the reason the price is."""
    target = question.target_return
    status = Status.PARAMETERS_MISSING if target is None else stream.status
    if target is None or status is not Status.OK:
        none, amount = no_measure(status), no_amount(status)
        return PriceAnswer(amount, amount, none, none, none, none, amount, amount, none)
    found = price_at(stream.calls, stream.distributions, stream.years, target)
    status = Status(int(found.status[0]))
    value = float(found.price[0])
    shares, years = _plan(question)
    headline = headline_price(value, target, shares, years)
    headline_value = float(headline.value[0])
    nav, rolled = float(question.nav_minor), float(question.rolled_nav_minor)
    parts = [to_nav(value, nav), to_nav(headline_value, nav), to_nav(value, rolled)]
    parts.append(to_exposure(value, rolled, float(question.unfunded_minor)))
    of_nav, headline_of_nav, of_rolled, of_exposure = (
        _part(status, measure_of(int(part.status[0]), float(part.value[0]))) for part in parts
    )
    planned = Status(int(headline.status[0])) if status is Status.OK else status
    duration = float(found.duration_years[0])
    return PriceAnswer(
        _amount(status, value),
        _amount(planned, headline_value),
        of_nav,
        _part(planned, headline_of_nav),
        of_rolled,
        of_exposure,
        _amount(status, float(found.pv_calls[0])),
        _amount(status, float(found.pv_distributions[0])),
        no_measure(Status.UNDEFINED) if np.isnan(duration) else Measure(status, duration),
    )


def _amount(status: Status, value: float) -> Amount:
    return amount_of(value) if status is Status.OK else no_amount(status)


def _part(status: Status, part: Measure) -> Measure:
    """A ratio, or none for the reason its numerator has."""
    return part if status is Status.OK else no_measure(status)


def _stream(question: PriceQuestion) -> _Stream:
    """The flows to be discounted, given or projected."""
    none = np.zeros(0)
    if not 0 <= question.draw_ratio <= 1:
        return _Stream(Status.OUT_OF_RANGE, none, none, none)
    if question.pacing is not None:
        return _projected(question, question.pacing)
    flows = sorted(question.flows, key=lambda flow: flow.on)
    status = first_reason(
        [
            (currencies_of(question.currency, flows) is not Status.OK, Status.CURRENCIES_MIXED),
            (any(flow.on < question.closing_on for flow in flows), Status.DATES_OUT_OF_ORDER),
            (any(flow.called_minor < 0 or flow.distributed_minor < 0 for flow in flows), Status.OUT_OF_RANGE),
            (not flows, Status.UNDEFINED),
        ]
    )
    calls = np.array([float(flow.called_minor) for flow in flows]) * question.draw_ratio
    received = np.array([float(flow.distributed_minor) for flow in flows])
    return _Stream(status, years_after(question.closing_on, [flow.on for flow in flows]), calls, received)


def _projected(question: PriceQuestion, pacing: Pacing) -> _Stream:
    start = Start(
        question.rolled_nav_minor,
        question.unfunded_minor,
        question.closing_on,
        pacing.age_years,
        question.draw_ratio,
        pacing.remaining_years,
        pacing.periods_per_year,
    )
    (course,) = courses(start, (pacing.chosen,))
    return _Stream(
        course.status,
        years_after(question.closing_on, [period.on for period in course.periods]),
        np.array([float(period.called_minor) for period in course.periods]),
        np.array([float(period.distributed_minor) for period in course.periods]),
    )


def _plan(question: PriceQuestion) -> tuple[list[float], list[float]]:
    """Parts of the price and the years after closing in which they are paid; all at closing where none are given."""
    if not question.instalments:
        return [1.0], [0.0]
    return (
        [instalment.share_ppm / PPM for instalment in question.instalments],
        [instalment.after_days / 365 for instalment in question.instalments],
    )


def _implied(question: PriceQuestion, stream: _Stream) -> Implied | None:
    """What the given price yields; None when no price is given."""
    paid = _given(question)
    if paid is None:
        return None
    shares, years = _plan(question)
    status = stream.status if abs(sum(shares) - 1) < 1e-9 else Status.OUT_OF_RANGE
    if paid.minor is None or status is not Status.OK:
        none = no_measure(paid.status if paid.minor is None else status)
        return Implied(paid, none, 0, none)
    at_closing = sum(share for share, year in zip(shares, years, strict=True) if year == 0) * paid.minor
    later = [(year, share * paid.minor) for share, year in zip(shares, years, strict=True) if year > 0]
    time = np.concatenate((stream.years, [year for year, _ in later]))
    calls = np.concatenate((stream.calls, [max(amount, 0.0) for _, amount in later]))
    received = np.concatenate((stream.distributions, [max(-amount, 0.0) for _, amount in later]))
    order = np.argsort(time, kind="stable")
    found = implied_by(at_closing, calls[order], received[order], time[order])
    return Implied(
        paid,
        measure_of(int(found.rate_status[0]), float(found.rate[0])),
        int(found.roots[0]),
        measure_of(int(found.multiple_status[0]), float(found.multiple[0])),
    )


def _given(question: PriceQuestion) -> Amount | None:
    """The price to be judged; as a part of an NAV that is not positive it has no meaning."""
    if question.given_minor is not None:
        return whole(question.given_minor)
    if question.given_ppm is None:
        return None
    if question.nav_minor <= 0:
        return no_amount(Status.NAV_NOT_POSITIVE)
    return whole(divide_half_up(question.nav_minor * question.given_ppm, PPM))
