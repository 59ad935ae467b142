"""The rate of return of one series of flows, with every rate that solves it.

Dated flows give an annual effective rate (actual days / 365, as spreadsheets' XIRR); flows at equal intervals give the
rate per period. A call is negative, a distribution positive; flows of one date are netted, order does not matter.
Worked example: -100 on 2021-01-01, 60 on 2022-01-01, 72 on 2023-01-01: 20 %; -100, 230, -132: 10 % and 20 %.
"""

from dataclasses import dataclass
from datetime import date

from exchange.valuation.calculators.figures import no_rate
from exchange.valuation.nav.checks import currency_status
from exchange.valuation.panel.opinion import Note
from exchange.valuation.performance.irr import Irr, irr_of_dates, irr_of_periods
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class SignedFlow:
    """An amount received (positive) or paid (negative) on a day, in minor units."""

    on: date
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class IrrAnswer:
    """The rate; `annual_rate` compounds a rate per period to a year where the number of periods a year is known."""

    irr: Irr
    annual_rate: float | None
    notes: tuple[Note, ...]


def irr_of_flows(flows: tuple[SignedFlow, ...], currency: str) -> IrrAnswer:
    """The annual rate of dated flows; CURRENCIES_MIXED where one is in another currency."""
    mixed = currency_status((currency, *(flow.currency for flow in flows)))
    if mixed is not Status.OK:
        return IrrAnswer(no_rate(mixed), None, ())
    found = irr_of_dates([flow.on for flow in flows], [float(flow.amount_minor) for flow in flows])
    notes = (Note("RETURN_BELOW_A_YEAR"),) if found.is_below_a_year else ()
    return IrrAnswer(found, found.rate, notes)


def irr_of_amounts(amounts_minor: tuple[int, ...], periods_per_year: int | None) -> IrrAnswer:
    """The rate per period of flows at equal intervals; horizons count periods."""
    found = irr_of_periods([float(minor) for minor in amounts_minor])
    annual = None
    if found.rate is not None and periods_per_year is not None:
        annual = _compounded(found.rate, periods_per_year)
    return IrrAnswer(found, annual, ())


def _compounded(rate: float, periods: int) -> float | None:
    """(1 + rate)^periods - 1, None beyond what a float holds."""
    try:
        return float((1 + rate) ** periods - 1)
    except OverflowError:
        return None
