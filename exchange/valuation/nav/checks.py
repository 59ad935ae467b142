"""What NAV models share: array types, limits of magnitude, and the first reason why a fund gets no number.

Every model gathers its reasons as pairs (mask over funds, Status); the first that applies is the fund's status, so
the order in which a model lists them is the order of importance. Money is exact in float64 up to 2**53 minor units
(90 trillion yuan); beyond that a figure is TOO_LARGE.
Worked example: masks [T, F] for NOT_A_NUMBER, then [T, T] for NAV_NOT_POSITIVE, give NOT_A_NUMBER, NAV_NOT_POSITIVE.
"""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exchange.valuation.status import Status

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Statuses: TypeAlias = NDArray[np.uint8]

YEAR_DAYS = 365.0
EXACT_MAX = float(2**53)  # the largest count of minor units up to which float64 holds every integer


def per_fund(value: ArrayLike, count: int) -> Floats:
    """A number or one number a fund as an array (n,). ValueError when the length is another."""
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)))


def first_status(count: int, *reasons: tuple[Bools, Status]) -> Statuses:
    """The first reason that holds for each of `count` funds, else OK; uint8 (n,)."""
    statuses = np.full(count, Status.OK, dtype=np.uint8)
    for mask, status in reversed(reasons):
        statuses[mask] = status
    return statuses


def then_status(statuses: Statuses, mask: Bools, reason: Status) -> Statuses:
    """The statuses (n,) with one more reason for the funds that had none."""
    return np.where((statuses == Status.OK) & mask, np.uint8(reason), statuses)


def any_entry(mask: Bools) -> Bools:
    """Whether the mask holds for any entry (n, k) of a fund; bool (n,)."""
    return np.asarray(mask.any(axis=1), dtype=np.bool_)


def any_of(arrays: Iterable[Bools], count: int) -> Bools:
    """Whether any of the masks, each (n,) or (n, k), holds for a fund; bool (n,)."""
    found = np.zeros(count, dtype=np.bool_)
    for array in arrays:
        found |= any_entry(array) if array.ndim == 2 else array
    return found


def not_numbers(count: int, *arrays: Floats) -> Bools:
    """Funds with a NaN or an infinity in any array; bool (n,)."""
    return any_of([~np.isfinite(array) for array in arrays], count)


def too_large(count: int, *arrays: Floats) -> Bools:
    """Funds with an amount beyond what float64 counts exactly in any array; NaN counts as not too large; bool (n,)."""
    return any_of([np.abs(array) > EXACT_MAX for array in arrays], count)


def only_where_ok(values: Floats, statuses: Statuses) -> Floats:
    """The values with NaN wherever a fund's status is not OK; (n,) or (n, k)."""
    ok = statuses == Status.OK
    return np.where(ok if values.ndim == 1 else ok[:, None], values, np.nan)


def currency_status(currencies: Iterable[str]) -> Status:
    """OK when all figures of one fund are in one currency, else CURRENCIES_MIXED; nothing at all is NAV_MISSING."""
    found = set(currencies)
    if not found:
        return Status.NAV_MISSING
    return Status.OK if len(found) == 1 else Status.CURRENCIES_MIXED


def unfunded_exceeds_nav(nav: ArrayLike, unfunded: ArrayLike) -> Bools:
    """Funds where more may still be called than the share is worth: a percentage of NAV then says little; bool."""
    return np.asarray(unfunded, dtype=np.float64) > np.asarray(nav, dtype=np.float64)


def out_of_order(days: Integers) -> Bools:
    """Funds whose days (n, k) ever go back; bool (n,)."""
    return any_entry(np.diff(days, axis=1) < 0)
