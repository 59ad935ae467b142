"""Finnerty's average-strike put of 2012, which is also the AAP model of the Chinese guideline on restricted shares.

D = e^(-qT) [N(v/2) - N(-v/2)],  v^2 = s + ln(2(e^s - s - 1)) - 2 ln(e^s - 1),  s = sigma^2 T.
The holder is taken to miss the average price of the lock-up. No interest rate enters; the discount never exceeds
32.28 % (v^2 -> ln 2), however volatile the share.

Sources: J. D. Finnerty, "An Average-Strike Put Option Model of the Marketability Discount", Journal of Derivatives
19(4), 2012, 53-69. AMAC (中国证券投资基金业协会),
证券投资基金投资流通受限股票估值指引（试行）, September 2017: value = S (1 - LoMD), LoMD = P/S with the same
P, S the fair value of the same listed share, T the remaining lock-up, sigma the expected volatility over it, q the
expected dividend yield. The guideline covers shares locked up at issue; it does not cover suspended shares, new shares
not yet listed, or shares pledged in repo.
Example (AAP): S = 10, sigma 50 %, T = 1, q = 5 %: P = 1.069002, LoMD = 10.6900 %, value 8.930998.
"""

import numpy as np
from numpy.typing import ArrayLike

from exchange.valuation.discount.average_strike import finnerty_variance, put_of_variance
from exchange.valuation.discount.lock_up import Discounts, check_lock_up, marked

CEILING = 0.322793
"""erf(sqrt(ln 2 / 8)) to six digits, rounded up: no Finnerty discount lies above it."""


def finnerty(volatility: ArrayLike, years: ArrayLike, dividend_yield: ArrayLike = 0.0) -> Discounts:
    """Discount for a lock-up of `years`; volatility and dividend yield as decimals a year. 0 when nothing varies."""
    lock_up = check_lock_up(volatility, years, dividend_yield)
    put = put_of_variance(finnerty_variance(np.square(lock_up.volatility) * lock_up.years))
    return marked(np.exp(-lock_up.dividend_yield * lock_up.years) * put, lock_up.status)


aap = finnerty
"""The AAP (average price Asian put) model of the AMAC guideline of 2017: the same formula under its Chinese name."""
