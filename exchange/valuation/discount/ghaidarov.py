"""Ghaidarov's average-strike put of 2009: Finnerty's payoff with the moments of the average matched in full.

D = e^(-qT) [2 N(v/2) - 1],  v^2 = ln(2(e^s - s - 1)) - 2 ln s,  s = sigma^2 T. No ceiling below 100 %.
It lies above the simulated value of the payoff where Finnerty lies below it (sigma 60 %, T 2: 19.93 and 18.20 against
19.28 % simulated), so the two together bracket it.

Source: S. Ghaidarov, "Analytical Bound on the Cost of Illiquidity for Equity Securities Subject to Sale Restrictions",
Journal of Business Valuation and Economic Loss Analysis 4(2), 2009 (formula recalled and checked by simulation).
Example: sigma 45 %, T = 2, q = 0: 14.8 %.
"""

import numpy as np
from numpy.typing import ArrayLike

from exchange.valuation.discount.average_strike import ghaidarov_variance, put_of_variance
from exchange.valuation.discount.lock_up import Discounts, check_lock_up, marked


def ghaidarov(volatility: ArrayLike, years: ArrayLike, dividend_yield: ArrayLike = 0.0) -> Discounts:
    """Discount for a lock-up of `years`; volatility and dividend yield as decimals a year. 0 when nothing varies."""
    lock_up = check_lock_up(volatility, years, dividend_yield)
    put = put_of_variance(ghaidarov_variance(np.square(lock_up.volatility) * lock_up.years))
    return marked(np.exp(-lock_up.dividend_yield * lock_up.years) * put, lock_up.status)
