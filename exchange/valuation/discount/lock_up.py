"""What the lock-up models take and give: volatility and years in, a discount with a status beside it out.

Units: volatility, risk-free rate and dividend yield as decimals a year, continuously compounded (0.45 = 45 %); the
remaining lock-up in years (calendar). Scalars or arrays, broadcast against each other; results have their shape.
Beyond `VOLATILITY_MAX`, `YEARS_MAX` or `RATE_MAX` an input is taken for a slip of units (45 for 45 %): TOO_LARGE.
Example: check_lock_up([0.45, -0.1, 45.0], 1.0).status -> [OK, OUT_OF_RANGE, TOO_LARGE].
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exchange.valuation.status import Status

Floats = NDArray[np.float64]
Statuses = NDArray[np.uint8]

VOLATILITY_MAX = 10.0
YEARS_MAX = 100.0
RATE_MAX = 1.0


@dataclass(frozen=True, slots=True)
class Discounts:
    """Discounts in parts of the unrestricted price (0.107 = 10.7 %), NaN where the status is not OK."""

    discount: Floats
    status: Statuses


@dataclass(frozen=True, slots=True)
class LockUp:
    """Checked inputs of one shape; where the status is not OK they are set to 0, so that formulas stay quiet."""

    volatility: Floats
    years: Floats
    dividend_yield: Floats
    status: Statuses


def check_lock_up(volatility: ArrayLike, years: ArrayLike, dividend_yield: ArrayLike = 0.0) -> LockUp:
    """Inputs broadcast and checked: not finite NOT_A_NUMBER, negative OUT_OF_RANGE, beyond the bounds TOO_LARGE."""
    given = np.broadcast_arrays(
        np.asarray(volatility, float), np.asarray(years, float), np.asarray(dividend_yield, float)
    )
    status = np.zeros(given[0].shape, np.uint8)
    for value, greatest in zip(given, (VOLATILITY_MAX, YEARS_MAX, RATE_MAX), strict=True):
        status[(status == Status.OK) & (value > greatest)] = Status.TOO_LARGE
    for value in given:
        status[value < 0] = Status.OUT_OF_RANGE
    for value in given:
        status[~np.isfinite(value)] = Status.NOT_A_NUMBER
    sigma, time, dividends = (np.where(status == Status.OK, value, 0.0) for value in given)
    return LockUp(sigma, time, dividends, status)


def marked(discount: Floats, status: Statuses) -> Discounts:
    """Discounts with NaN wherever the status is not OK."""
    return Discounts(np.where(status == Status.OK, discount, np.nan), status)
