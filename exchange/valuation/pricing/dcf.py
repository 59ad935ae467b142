"""The price at which a buyer earns a target net IRR on the share's projected flows.

P = sum over flows after closing of (D_i - C_i) (1 + r)^(-tau_i), tau_i in years from closing (act/365f, days / 365),
flows net of fee and carry. Calls are all expected draws of the unfunded, which the draw ratio of the projection has
already cut down; distributions include whatever is left at the end. P may be negative, where calls outweigh what comes
back: it is shown as it is. Beside it: P as a part of the reference NAV and of the rolled NAV, and (P + U)/(N + U),
which stays meaningful when the NAV is small or not positive.

Deferred payment: a buyer who pays w_0 at closing and w_k after tau_k years can offer the headline
P / (w_0 + sum w_k (1 + r)^(-tau_k)) for the same value, and the value of a headline is the same product.

Shapes: flows (n, m) or (m,), years (m,) or (n, m), the rest (n,) or scalars; results (n,). Money in any one unit.
Example: the pacing model's 100 in year 5 (NAV 106.80, unfunded 6.25) at 18 %: 93.14, 87.21 % of NAV; with 60 % of it
paid a year later the headline is 96.00 %.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exchange.valuation.status import Status

Floats = NDArray[np.float64]
Statuses = NDArray[np.uint8]

RATE_MAX = 10.0
YEARS_MAX = 200.0


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices (n,) in the unit of the flows with their parts; NaN where `status` is not OK.

    `duration_years` is the present-value-weighted time of the distributions, NaN without any.
    """

    price: Floats
    pv_calls: Floats
    pv_distributions: Floats
    duration_years: Floats
    status: Statuses


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio (n,), NaN where `status` is not OK."""

    value: Floats
    status: Statuses


def price_at(calls: ArrayLike, distributions: ArrayLike, years: ArrayLike, target_return: ArrayLike) -> Prices:
    """Prices at closing of flows that fall `years` later, at the target net IRR (a decimal, annual effective).

    Statuses: NOT_A_NUMBER; OUT_OF_RANGE for a return of -100 % or less, a negative flow or one before closing;
    TOO_LARGE for a return above 1000 %, a flow beyond 200 years or a value that overflows.
    """
    rate = np.atleast_1d(np.asarray(target_return, float))[:, np.newaxis]
    paid_in, paid_out, time, rate = np.broadcast_arrays(
        *(np.atleast_2d(np.asarray(flows, float)) for flows in (calls, distributions, years)), rate
    )
    rate = rate[:, 0] if rate.shape[1] else np.atleast_1d(np.asarray(target_return, float))
    status = _status(paid_in, paid_out, time, rate)
    good = status == Status.OK
    with np.errstate(over="ignore", invalid="ignore"):
        log_rate = np.log1p(np.where(good, rate, 0.0))[:, np.newaxis]
        factor = np.exp(-log_rate * time)
        pv_calls = (paid_in * factor).sum(axis=1)
        received = paid_out * factor
        pv_distributions = received.sum(axis=1)
        weighted = (received * time).sum(axis=1)
    status[good & ~np.isfinite(pv_calls + pv_distributions + weighted)] = Status.TOO_LARGE
    good = status == Status.OK
    has_any = good & (pv_distributions > 0)
    duration = np.divide(weighted, pv_distributions, out=np.full(weighted.shape, np.nan), where=has_any)
    price, pv_in, pv_out = (
        np.where(good, x, np.nan) for x in (pv_distributions - pv_calls, pv_calls, pv_distributions)
    )
    return Prices(price, pv_in, pv_out, duration, status)


def to_nav(price: ArrayLike, nav: ArrayLike) -> Ratio:
    """Price as a part of an NAV (reference or rolled); NAV_NOT_POSITIVE where the NAV is 0 or less."""
    amount, value = np.broadcast_arrays(np.atleast_1d(np.asarray(price, float)), np.asarray(nav, float))
    return _ratio(amount, value, Status.NAV_NOT_POSITIVE)


def to_exposure(price: ArrayLike, nav: ArrayLike, unfunded: ArrayLike) -> Ratio:
    """(P + U)/(N + U): what a buyer pays and takes on, over what the seller is relieved of; UNDEFINED at N + U <= 0."""
    amount, value, open_commitment = np.broadcast_arrays(
        np.atleast_1d(np.asarray(price, float)), np.asarray(nav, float), np.asarray(unfunded, float)
    )
    return _ratio(amount + open_commitment, value + open_commitment, Status.UNDEFINED)


def headline_price(value: ArrayLike, target_return: ArrayLike, shares: ArrayLike, years: ArrayLike) -> Ratio:
    """The headline that, paid in parts `shares` (k,) after `years` (k,), is worth `value` (n,) to the buyer.

    `shares` hold every part, the one at closing with 0 years included, and sum to 1. Works on prices and on ratios.
    """
    return _with_instalments(value, target_return, shares, years, is_value_sought=False)


def cash_equivalent(headline: ArrayLike, target_return: ArrayLike, shares: ArrayLike, years: ArrayLike) -> Ratio:
    """What a headline paid in parts is worth at closing: the inverse of `headline_price`."""
    return _with_instalments(headline, target_return, shares, years, is_value_sought=True)


def _with_instalments(
    amount: ArrayLike, target_return: ArrayLike, shares: ArrayLike, years: ArrayLike, *, is_value_sought: bool
) -> Ratio:
    """Amount times or over w_0 + sum w_k (1 + r)^(-tau_k)."""
    parts, time = np.atleast_1d(np.asarray(shares, float)), np.atleast_1d(np.asarray(years, float))
    given, rate = np.broadcast_arrays(np.atleast_1d(np.asarray(amount, float)), np.asarray(target_return, float))
    status = np.zeros(given.shape, np.uint8)
    plan_holds = bool((parts >= 0).all() and (time >= 0).all() and abs(parts.sum() - 1) < 1e-9)
    status[(rate <= -1) | (not plan_holds)] = Status.OUT_OF_RANGE
    status[(rate > RATE_MAX) | bool((time > YEARS_MAX).any())] = Status.TOO_LARGE
    status[~np.isfinite(given) | ~np.isfinite(rate)] = Status.NOT_A_NUMBER
    factor = np.exp(-np.outer(np.log1p(np.where(status == Status.OK, rate, 0.0)), time)) @ parts
    result = given * factor if is_value_sought else np.divide(given, factor)
    return Ratio(np.where(status == Status.OK, result, np.nan), status)


def _ratio(over: Floats, under: Floats, otherwise: Status) -> Ratio:
    """over / under where under > 0."""
    status = np.where(under > 0, np.uint8(Status.OK), np.uint8(otherwise))
    status[~np.isfinite(over) | ~np.isfinite(under)] = Status.NOT_A_NUMBER
    value = np.divide(over, under, out=np.full(over.shape, np.nan), where=status == Status.OK)
    return Ratio(value, status)


def _status(calls: Floats, distributions: Floats, years: Floats, rate: Floats) -> Statuses:
    """Status of each row of flows with its rate."""
    status = np.zeros(rate.shape, np.uint8)
    status[(rate > RATE_MAX) | (years > YEARS_MAX).any(axis=1)] = Status.TOO_LARGE
    negative = (calls < 0).any(axis=1) | (distributions < 0).any(axis=1) | (years < 0).any(axis=1)
    status[(rate <= -1) | negative] = Status.OUT_OF_RANGE
    finite = np.isfinite(calls).all(axis=1) & np.isfinite(distributions).all(axis=1) & np.isfinite(years).all(axis=1)
    status[~(finite & np.isfinite(rate))] = Status.NOT_A_NUMBER
    return status
