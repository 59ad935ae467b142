"""The variance of an average-strike put, as Finnerty and Ghaidarov approximate it, without loss of digits.

With s = sigma^2 T, volatility squared times years:
Ghaidarov  v^2 = ln(2(e^s - s - 1)) - 2 ln s, the log of the second moment of the average over the period;
Finnerty   v^2 = s + ln(2(e^s - s - 1)) - 2 ln(e^s - 1) = Ghaidarov's - 2 ln(sinh(s/2) / (s/2)).
The second form of Finnerty's shows that it is never above Ghaidarov's. Read as printed, both subtract nearly equal
numbers for small s (at s = 1e-6 the discount comes out 16 times too large) and overflow for s > 709; here small s
goes through Taylor series and large s through e^-s.
Example: s = 0.25 (50 % for one year): Ghaidarov 0.085088, Finnerty 0.079883.
"""

from math import factorial, log

import numpy as np
from scipy.special import erf

from exchange.valuation.discount.lock_up import Floats

SERIES_BELOW = 0.5
"""Below this s the series are summed; their first dropped term is under 1e-16 of the sum."""
MOMENT_SERIES = tuple(2 / factorial(k + 2) for k in range(1, 15))
"""2(e^s - s - 1)/s^2 - 1 = sum of these times s^k, k = 1..14."""
SINH_SERIES = tuple(1 / factorial(2 * k + 1) for k in range(1, 7))
"""sinh(x)/x - 1 = sum of these times x^2k, k = 1..6."""


def ghaidarov_variance(s: Floats) -> Floats:
    """v^2 of Ghaidarov (2009) for s >= 0; 0 at s = 0."""
    small = np.minimum(s, SERIES_BELOW)
    large = np.maximum(s, SERIES_BELOW)
    of_large = log(2) + large + np.log1p(-(1 + large) * np.exp(-large)) - 2 * np.log(large)
    of_small = np.log1p(_power_series(MOMENT_SERIES, small))
    return np.where(s < SERIES_BELOW, of_small, of_large)


def finnerty_variance(s: Floats) -> Floats:
    """v^2 of Finnerty (2012) for s >= 0; 0 at s = 0, ln 2 as s grows."""
    small = np.minimum(s, SERIES_BELOW)
    large = np.maximum(s, SERIES_BELOW)
    sinh_ratio = _power_series(SINH_SERIES, np.square(small / 2))
    of_small = np.log1p(_power_series(MOMENT_SERIES, small)) - 2 * np.log1p(sinh_ratio)
    below_one = -np.expm1(-large)
    of_large = log(2) + np.log(below_one - large * np.exp(-large)) - 2 * np.log(below_one)
    variance: Floats = np.where(s < SERIES_BELOW, of_small, of_large)
    return variance


def put_of_variance(variance: Floats) -> Floats:
    """N(v/2) - N(-v/2): the value of exchanging two assets of equal price whose ratio has variance v^2."""
    return np.asarray(erf(np.sqrt(variance / 8)))


def _power_series(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """c_1 x + c_2 x^2 + ..., by Horner's rule."""
    total = np.zeros_like(x)
    for coefficient in reversed(coefficients):
        total = (total + coefficient) * x
    return total
