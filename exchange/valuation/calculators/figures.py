"""What calculators share: dated flows of one share, amounts with a status, and the reason that silences an answer.

Calls and distributions are gross and positive; a negative one restates an earlier one. Money goes in and out in minor
units; a figure that a float cannot hold to the minor unit (above 2**53 of them) is TOO_LARGE, not rounded in silence.
Worked example: amount_of(12.5) is 13 minor units, OK; amount_of(1e16) is no amount, TOO_LARGE.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from exchange.valuation.nav.checks import EXACT_MAX, currency_status
from exchange.valuation.performance.comparison import Measure
from exchange.valuation.performance.irr import Irr
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class Flow:
    """What moved between an investor and a fund on a day, in minor units of `currency`.

    `recallable_minor`: the part of the distribution that may be called again; `outside_minor`: the part of the call
    outside the commitment. Both only change what is still unfunded.
    """

    on: date
    called_minor: int
    distributed_minor: int
    currency: str
    recallable_minor: int = 0
    outside_minor: int = 0


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in minor units, None unless the status is OK."""

    status: Status
    minor: int | None


def amount_of(value: float) -> Amount:
    """A float of minor units as a whole amount, halves away from zero; NOT_A_NUMBER or TOO_LARGE otherwise."""
    if not math.isfinite(value):
        return Amount(Status.NOT_A_NUMBER, None)
    if abs(value) > EXACT_MAX:
        return Amount(Status.TOO_LARGE, None)
    return Amount(Status.OK, int(math.copysign(math.floor(abs(value) + 0.5), value)))


def whole(minor: int) -> Amount:
    """An amount that was computed in integers; TOO_LARGE above 2**53 minor units."""
    return Amount(Status.OK, minor) if abs(minor) <= EXACT_MAX else Amount(Status.TOO_LARGE, None)


def measure_of(status: int, value: float) -> Measure:
    """An entry of a model's arrays as a plain figure."""
    found = Status(int(status))
    has_value = found in {Status.OK, Status.MULTIPLE_ROOTS} and math.isfinite(value)
    return Measure(found, float(value) if has_value else None)


def no_measure(status: Status) -> Measure:
    """No figure, and why."""
    return Measure(status, None)


def no_amount(status: Status) -> Amount:
    """No amount, and why."""
    return Amount(status, None)


def no_rate(status: Status) -> Irr:
    """No rate, and why."""
    return Irr(status, None, (), None, None)


def currencies_of(currency: str, flows: Iterable[Flow]) -> Status:
    """OK when every flow is in the currency of the question, else CURRENCIES_MIXED."""
    return currency_status((currency, *(flow.currency for flow in flows)))


def first_reason(reasons: Sequence[tuple[bool, Status]]) -> Status:
    """The first status whose condition holds, else OK."""
    return next((status for holds, status in reasons if holds), Status.OK)


def between(flows: Iterable[Flow], after: date, until: date) -> tuple[Flow, ...]:
    """Flows after one day, up to and including another: what moved since an NAV of the end of its day."""
    return tuple(flow for flow in flows if after < flow.on <= until)


def parts_hold(flows: Iterable[Flow]) -> bool:
    """Whether no more is recallable than was distributed, and no more outside the commitment than was called."""
    return all(
        flow.recallable_minor <= max(flow.distributed_minor, 0) and flow.outside_minor <= max(flow.called_minor, 0)
        for flow in flows
    )
