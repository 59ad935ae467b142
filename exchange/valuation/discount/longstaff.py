"""Longstaff's upper bound of 1995: what perfect market timing during the lock-up would be worth. Not a discount.

B = (2 + s/2) N(sqrt(s)/2) + sqrt(s/(2 pi)) e^(-s/8) - 1,  s = sigma^2 T: the value of a floating-strike lookback put at
an interest rate of zero. It passes 100 % of the price at sigma sqrt(T) = 0.9413; such values are given and flagged, for
they say only that the bound no longer binds. There is no dividend term. 2 N(.) - 1 is taken as an error function, so
that small s keeps its digits.

Source: F. A. Longstaff, "How Much Can Marketability Affect Security Values?", Journal of Finance 50(5), 1995.
Example: sigma 20 %: 16.984 % for one year, 24.643 % for two, 40.979 % for five.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, ndtr

from exchange.valuation.discount.lock_up import Floats, Statuses, check_lock_up, marked


@dataclass(frozen=True, slots=True)
class Bounds:
    """Upper bounds in parts of the unrestricted price; `exceeds_whole` where one is above 100 % and says nothing."""

    bound: Floats
    exceeds_whole: NDArray[np.bool_]
    status: Statuses


def longstaff_bound(volatility: ArrayLike, years: ArrayLike) -> Bounds:
    """Upper bound on the discount for a lock-up of `years`; volatility as a decimal a year."""
    lock_up = check_lock_up(volatility, years)
    s = np.square(lock_up.volatility) * lock_up.years
    root = np.sqrt(s)
    timing = erf(root / np.sqrt(8)) + s / 2 * ndtr(root / 2) + root / np.sqrt(2 * pi) * np.exp(-s / 8)
    result = marked(timing, lock_up.status)
    return Bounds(result.discount, result.discount > 1, result.status)
