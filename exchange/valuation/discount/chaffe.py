"""Chaffe's protective put of 1993: what insuring the share at today's price until the end of the lock-up would cost.

D = e^(-rT) N(-d2) - e^(-qT) N(-d1),  d1 = ((r - q)T + s/2)/sqrt(s),  d2 = d1 - sqrt(s),  s = sigma^2 T: a European put
of Black, Scholes and Merton with share price and strike 1. Without volatility it is max(e^(-rT) - e^(-qT), 0). For
r > 0 the put is not monotone in T: a later strike is worth less today.

Source: D. B. H. Chaffe III, "Option Pricing as a Proxy for Discount for Lack of Marketability in Private Company
Valuations", Business Valuation Review 12(4), 1993. Large arrays go through in blocks that stay in the cache.
Example: sigma 45 %, T = 2, r = 4 %, q = 0: 20.3 %.
"""

from math import log

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erf

from exchange.valuation.discount.lock_up import (
    RATE_MAX,
    VOLATILITY_MAX,
    YEARS_MAX,
    Discounts,
    Floats,
    Statuses,
    check_lock_up,
)
from exchange.valuation.status import Status

BLOCK = 32_768
LOG_2 = log(2)


def chaffe(
    volatility: ArrayLike, years: ArrayLike, risk_free: ArrayLike = 0.0, dividend_yield: ArrayLike = 0.0
) -> Discounts:
    """Discount for a lock-up of `years`; volatility, risk-free rate (may be negative) and dividend yield as decimals
    a year, continuous."""
    columns = np.broadcast_arrays(*(np.asarray(x, float) for x in (volatility, years, risk_free, dividend_yield)))
    shape = columns[0].shape
    flat = [column.ravel() for column in columns]
    discount = np.empty(flat[0].size)
    status = np.zeros(flat[0].size, np.uint8)
    for start in range(0, discount.size, BLOCK):
        part = slice(start, start + BLOCK)
        sigma, time, rate, dividends = (column[part] for column in flat)
        _block(sigma, time, rate, dividends, discount[part], status[part])
    return Discounts(discount.reshape(shape), status.reshape(shape))


def _block(sigma: Floats, years: Floats, rate: Floats, dividends: Floats, discount: Floats, status: Statuses) -> None:
    """One block of puts written into `discount`, with the statuses of inputs that are out of bounds."""
    if _all_within(sigma, years, rate, dividends):
        _puts(sigma, years, rate, dividends, discount)
        return
    checked = check_lock_up(sigma, years, dividends)
    status[:] = checked.status
    status[(status == Status.OK) & (np.abs(rate) > RATE_MAX)] = Status.TOO_LARGE
    status[~np.isfinite(rate)] = Status.NOT_A_NUMBER
    good = status == Status.OK
    _puts(checked.volatility, checked.years, np.where(good, rate, 0.0), checked.dividend_yield, discount)
    discount[~good] = np.nan


def _all_within(sigma: Floats, years: Floats, rate: Floats, dividends: Floats) -> bool:
    """Whether every input of the block is in bounds. NaN makes minima and maxima NaN and every comparison false."""
    return bool(
        sigma.min() >= 0
        and sigma.max() <= VOLATILITY_MAX
        and years.min() >= 0
        and years.max() <= YEARS_MAX
        and rate.min() >= -RATE_MAX
        and rate.max() <= RATE_MAX
        and dividends.min() >= 0
        and dividends.max() <= RATE_MAX
    )


def _puts(sigma: Floats, years: Floats, rate: Floats, dividends: Floats, discount: Floats) -> None:
    """Puts of checked inputs, written into `discount`; in place, since memory is what a million of them wait for.

    With N(-x) = (1 - erf(x / sqrt 2)) / 2 the put is A - B - A erf(d2 / sqrt 2) + B erf(d1 / sqrt 2), where
    A = e^(-rT) / 2 and B = e^(-qT) / 2. Error functions of small numbers keep their digits, and so does the put of a
    quiet share.
    """
    strike = np.multiply(rate, years)
    share = np.multiply(dividends, years)
    half = np.sqrt(0.125 * years)
    half *= sigma  # sqrt(s) / (2 sqrt 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        middle = strike - share
        middle /= 4 * half
    if half.min() == 0:  # here the quotient may be 0/0: a put at the money that never moves is worth nothing
        middle[(half == 0) & (strike == share)] = 0.0
    first = erf(middle + half)
    middle -= half
    second = erf(middle, out=middle)
    np.exp(np.subtract(-LOG_2, strike, out=strike), out=strike)
    np.exp(np.subtract(-LOG_2, share, out=share), out=share)
    np.subtract(strike, share, out=discount)
    second *= strike
    discount -= second
    first *= share
    discount += first
    np.maximum(discount, 0.0, out=discount)  # rounding may leave -1e-17 where the put is worthless
