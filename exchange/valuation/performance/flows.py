"""Series of cash flows made ready for a rate of return: sorted by time, netted by date, zeros dropped, signs counted.

A rate of return sees only what happens on a date, so flows at the same time are added up first. A sum within rounding
of zero (8 units in the last place of what was added) counts as zero. The number of sign changes k of what is left
bounds the rates of return: there are at most k, and as many, counted with multiplicity, as k is odd or even
(Descartes' rule of signs, for exponential sums Laguerre 1883).

Worked example: -100 and +20 at 0, -10 at 2, +10 at 2, +130 at 1 become -80 at 0, +130 at 1: one sign change.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exchange.valuation.status import Status

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Statuses = NDArray[np.uint8]
Flags = NDArray[np.bool_]

DUST = 8 * float(np.finfo(np.float64).eps)
LAST_TIME = 1e6  # years: beyond, day counts are errors of units


@dataclass(frozen=True, slots=True)
class CleanFlows:
    """Series (n, k) with flows to the left in order of time, then padding: amount 0 at the series' last time.

    `amounts` are scaled so that the largest of a series is 1 in magnitude, which leaves rates as they are.
    """

    times: Floats
    amounts: Floats
    counts: Integers
    sign_changes: Integers
    status: Statuses

    def rows(self, chosen: Integers) -> "CleanFlows":
        """The chosen series, without columns that only pad."""
        width = max(1, int(self.counts[chosen].max(initial=0)))
        return CleanFlows(
            self.times[chosen, :width],
            self.amounts[chosen, :width],
            self.counts[chosen],
            self.sign_changes[chosen],
            self.status[chosen],
        )


def as_series(times: ArrayLike, amounts: ArrayLike) -> tuple[Floats, Floats]:
    """Both as float arrays (n, k); one row stands for a single series, one row of times may serve all series."""
    money = np.atleast_2d(np.asarray(amounts, dtype=np.float64))
    years = np.atleast_2d(np.asarray(times, dtype=np.float64))
    if money.ndim != 2 or years.ndim != 2 or years.shape[1] != money.shape[1] or years.shape[0] not in (1, len(money)):
        message = f"times {years.shape} and amounts {money.shape} must be (series, flows) of one shape"
        raise ValueError(message)
    return np.broadcast_to(years, money.shape), money


def clean(times: ArrayLike, amounts: ArrayLike) -> CleanFlows:
    """Sort, net and compress series of shape (n, k); order within a series does not matter.

    Status of a series: NOT_A_NUMBER for a NaN or infinite time or amount, OUT_OF_RANGE for a time beyond a million
    years, UNDEFINED when nothing but zeros is left, NO_ROOT without a change of sign, else OK.
    """
    years, money = as_series(times, amounts)
    is_number = np.all(np.isfinite(years) & np.isfinite(money), axis=1, keepdims=True)
    in_range = is_number & np.all(np.abs(years) <= LAST_TIME, axis=1, keepdims=True)
    years = np.where(in_range, years, 0.0)
    money = scaled(np.where(in_range, money, 0.0))
    years, money = netted(years, money)
    years, money, counts = compressed(years, money)
    signs = np.sign(money)
    changes = (signs[:, 1:] * signs[:, :-1] < 0).sum(axis=1).astype(np.intp)
    status = np.full(len(money), Status.OK, dtype=np.uint8)
    status[changes == 0] = Status.NO_ROOT
    status[counts == 0] = Status.UNDEFINED
    status[~in_range[:, 0]] = Status.OUT_OF_RANGE
    status[~is_number[:, 0]] = Status.NOT_A_NUMBER
    return CleanFlows(years, money, counts, changes, status)


def scaled(amounts: Floats) -> Floats:
    """Each series divided by its largest magnitude, so that sums neither overflow nor vanish."""
    largest = np.abs(amounts).max(axis=1, initial=0.0, keepdims=True)
    divided: Floats = amounts / np.where(largest > 0, largest, 1.0)
    return divided


def netted(times: Floats, amounts: Floats) -> tuple[Floats, Floats]:
    """In order of time, the amounts of one time added up in its first place, zero in its others."""
    if amounts.size == 0:
        return times, amounts
    years, money = times, amounts
    if (times[:, 1:] < times[:, :-1]).any():
        order = np.argsort(times, axis=1, kind="stable")
        years = np.take_along_axis(times, order, axis=1)
        money = np.take_along_axis(amounts, order, axis=1)
    starts_date = np.ones(years.shape, dtype=bool)
    starts_date[:, 1:] = years[:, 1:] != years[:, :-1]
    if starts_date.all():
        return years, money
    starts = np.flatnonzero(starts_date)
    sums = np.add.reduceat(money.ravel(), starts)
    sums[np.abs(sums) <= DUST * np.add.reduceat(np.abs(money).ravel(), starts)] = 0.0
    net = np.zeros(money.size)
    net[starts] = sums
    return years, net.reshape(money.shape)


def compressed(times: Floats, amounts: Floats) -> tuple[Floats, Floats, Integers]:
    """Flows moved to the left of their row; what is left over repeats the last flow's time with amount zero."""
    is_flow = amounts != 0
    counts = is_flow.sum(axis=1).astype(np.intp)
    if is_flow.all():
        return times, amounts, counts
    order = np.argsort(~is_flow, axis=1, kind="stable")
    years = np.take_along_axis(times, order, axis=1)
    money = np.take_along_axis(amounts, order, axis=1)
    last = np.take_along_axis(years, np.maximum(counts - 1, 0)[:, None], axis=1)
    return np.where(np.arange(years.shape[1]) < counts[:, None], years, last), money, counts
