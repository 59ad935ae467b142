"""What a buyer earns at a given price: the net IRR and multiple implied by it, the inverse of the discounted price.

The buyer pays P at closing and each call, and receives each distribution: f(x) = -P + sum (D_i - C_i) e^(-x tau_i)
with x = ln(1 + r). Flows of one sign have no rate. Otherwise every crossing of zero is looked for from r = -99.99 % to
1000 %; a double root, where f touches zero without crossing, is not a rate here. Where there are several, `rate` is the
lowest at which the price falls as the target return rises - a buyer's reading of a price - or the lowest of all, the
status is MULTIPLE_ROOTS and `roots` counts them. The crossing is closed in by Newton steps kept inside its bracket, all
rows at once.

The multiple is what is received over what is paid, sum D / (P + sum C); a negative price is received, not paid.
Units and shapes as in `dcf`. Example: 87 % of NAV for the pacing model's fund in year 5 gives 18.09 %.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exchange.valuation.status import Status

Floats = NDArray[np.float64]

LOG_RATES = np.concatenate([np.linspace(np.log(1e-4), -1.0, 24, endpoint=False), np.linspace(-1.0, np.log(11.0), 137)])
"""ln(1 + r) from r = -99.99 % to 1000 %, where crossings are looked for: steps of 0.025 above r = -63 %, 0.34 below."""
ROUNDS_MAX = 80
VALUES_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Implied:
    """Net IRR and multiple (n,) at each price; NaN beside a status that says why. `roots` (n,) counts the rates."""

    rate: Floats
    roots: NDArray[np.int64]
    rate_status: NDArray[np.uint8]
    multiple: Floats
    multiple_status: NDArray[np.uint8]


def implied_by(price: ArrayLike, calls: ArrayLike, distributions: ArrayLike, years: ArrayLike) -> Implied:
    """The buyer's IRR and multiple at prices (n,) paid at closing, for flows (n, m) or (m,) `years` after it.

    Flows must be in order of time. Statuses of the rate: OK, MULTIPLE_ROOTS, NO_ROOT, NOT_FOUND (a rate exists outside
    the searched range), UNDEFINED (no flow at all), OUT_OF_RANGE (negative flows or times), DATES_OUT_OF_ORDER,
    NOT_A_NUMBER. The multiple is UNDEFINED where nothing is paid.
    """
    paid = np.atleast_1d(np.asarray(price, float))[:, np.newaxis]
    parts = (np.atleast_2d(np.asarray(flows, float)) for flows in (calls, distributions, years))
    paid_in, paid_out, time, paid = np.broadcast_arrays(*parts, paid)
    first = paid[:, :1]
    status = _status(paid_in, paid_out, time, first)
    good = status == Status.OK
    flows = np.where(good[:, np.newaxis], np.hstack([-first, paid_out - paid_in]), 0.0)
    times = np.where(good[:, np.newaxis], np.hstack([np.zeros_like(first), time]), 0.0)
    rate, roots = np.full(good.shape, np.nan), np.zeros(good.shape, np.int64)
    _solve(flows, times, status, rate, roots)
    multiple, multiple_status = _multiple(first[:, 0], paid_in, paid_out, status)
    return Implied(rate, roots, status, multiple, multiple_status)


def _status(calls: Floats, distributions: Floats, years: Floats, price: Floats) -> NDArray[np.uint8]:
    """Status of each row of inputs."""
    status = np.zeros(price.shape[0], np.uint8)
    status[(np.diff(years, axis=1) < 0).any(axis=1)] = Status.DATES_OUT_OF_ORDER
    status[((calls < 0) | (distributions < 0) | (years < 0)).any(axis=1)] = Status.OUT_OF_RANGE
    finite = np.isfinite(calls) & np.isfinite(distributions) & np.isfinite(years) & np.isfinite(price)
    status[~finite.all(axis=1)] = Status.NOT_A_NUMBER
    return status


def _solve(flows: Floats, times: Floats, status: NDArray[np.uint8], rate: Floats, roots: NDArray[np.int64]) -> None:
    """Rates, numbers of crossings and statuses of all rows that are still OK, written in place."""
    rows = np.flatnonzero(status == Status.OK)
    has_any = (flows[rows] != 0).any(axis=1)
    status[rows[~has_any]] = Status.UNDEFINED
    rows = rows[has_any]
    if not rows.size:
        return
    above = _above_zero(flows[rows], times[rows])
    falls, rises = above[:, :-1] & ~above[:, 1:], ~above[:, :-1] & above[:, 1:]
    roots[rows] = (falls | rises).sum(axis=1)
    status[rows] = np.where(roots[rows] > 1, Status.MULTIPLE_ROOTS, Status.OK)
    without = roots[rows] == 0
    status[rows[without]] = [_why_none(row) for row in flows[rows[without]]]
    crossing = np.where(falls.any(axis=1), falls.argmax(axis=1), rises.argmax(axis=1))[~without]
    rows = rows[~without]
    log_rate = _close_in(flows[rows], times[rows], LOG_RATES[crossing], LOG_RATES[crossing + 1])
    rate[rows] = np.expm1(log_rate)


def _value(flows: Floats, times: Floats, log_rate: Floats) -> Floats:
    """f at one log rate for each row; overflow far below zero keeps its sign."""
    with np.errstate(over="ignore", invalid="ignore"):
        total: Floats = (flows * np.exp(np.minimum(-log_rate[:, np.newaxis] * times, 600.0))).sum(axis=1)
    return total


def _above_zero(flows: Floats, times: Floats) -> NDArray[np.bool_]:
    """Whether f > 0, for each row and log rate of the search, in portions that fit in memory."""
    portion = max(1, VALUES_AT_ONCE // (LOG_RATES.size * flows.shape[1]))
    found = np.empty((flows.shape[0], LOG_RATES.size), bool)
    for start in range(0, flows.shape[0], portion):
        rows = slice(start, start + portion)
        exponents = np.minimum(-LOG_RATES[:, np.newaxis] * times[rows, np.newaxis, :], 600.0)
        found[rows] = np.einsum("nm,nkm->nk", flows[rows], np.exp(exponents, out=exponents)) > 0
    return found


def _why_none(flows: Floats) -> Status:
    """No crossing was seen: first and last flow of different sign mean that there is one further out."""
    signs = np.sign(flows[flows != 0])
    return Status.NOT_FOUND if signs[0] != signs[-1] else Status.NO_ROOT


def _close_in(flows: Floats, times: Floats, low: Floats, high: Floats) -> Floats:
    """The zero between two log rates of different sign: Newton, or the middle where Newton would leave the bracket."""
    low, high = low.copy(), high.copy()
    low_is_above = _value(flows, times, low) > 0
    guess = (low + high) / 2
    for _ in range(ROUNDS_MAX):
        value = _value(flows, times, guess)
        same_side = (value > 0) == low_is_above
        low, high = np.where(same_side, guess, low), np.where(same_side, high, guess)
        slope = -_value(flows * times, times, guess)
        step = np.divide(value, slope, out=np.full(value.shape, np.inf), where=slope != 0)
        following = guess - step
        inside = (following > low) & (following < high)
        following = np.where(value == 0, guess, np.where(inside, following, (low + high) / 2))
        moved = np.abs(following - guess).max(initial=0.0)
        guess = following
        if moved < 1e-14:
            break
    return guess


def _multiple(
    price: Floats, calls: Floats, distributions: Floats, rate_status: NDArray[np.uint8]
) -> tuple[Floats, NDArray[np.uint8]]:
    """What is received over what is paid."""
    bad = np.isin(rate_status, (Status.NOT_A_NUMBER, Status.OUT_OF_RANGE, Status.DATES_OUT_OF_ORDER))
    paid = np.maximum(price, 0) + calls.sum(axis=1)
    received = np.maximum(-price, 0) + distributions.sum(axis=1)
    status = np.where(bad, rate_status, np.where(paid > 0, np.uint8(Status.OK), np.uint8(Status.UNDEFINED)))
    multiple = np.divide(received, paid, out=np.full(paid.shape, np.nan), where=status == Status.OK)
    return multiple, status.astype(np.uint8)
