"""Rates of return of conventional series, whose last call lies before their first distribution: one root, found fast.

With time u counted from the middle of that gap, g(x) = sum a exp(-x u), x = ln(1 + r), falls everywhere (a call has
a < 0 and u < 0, a distribution a > 0 and u > 0), so it has one root. Two ideas save exponentials, the costly part:

* The start needs none. The log of the ratio of both sides, h(x) = ln D(x) - ln C(x), is nearly a line, because its
  derivatives at 0 are differences of cumulants of payment times (mean, variance, third moment). The root of its third
  order expansion is right to some five digits.
* One set of exponentials at x gives all moments S_j = sum a u^j exp(-x u), thus the fifth order expansion
  g(x + d) = sum S_j (-d)^j / j!. As a u^5 > 0 for every flow, S_5 bounds the rest: the error of d is at most
  U (S_5 / S_1) d^6 / 720 e^(|d| U), U the largest |u|. Where that is not below 1e-15 another round follows.

Flows lie in the first axis, series in the second, a block of series at a time, so that every operation runs along
contiguous memory that stays in the cache. What is not conventional, or does not end within a few rounds, is left to
`roots`, which is safeguarded; nothing here decides that a rate does not exist.

Worked example: -100 at 0, 121 at 2: h(x) = ln 1.21 - 2 x is a line, its root ln 1.1, so r = 10 %.
"""

import numpy as np

from exchange.valuation.performance.flows import LAST_TIME, Floats, Integers

BLOCK = 1024
ROUNDS = 5
REST_MAX = 1e-15
LARGEST = 1e150  # beyond these magnitudes moments of five factors could overflow or vanish
SMALLEST = 1e-150


def conventional_log_rates(times: Floats, amounts: Floats) -> tuple[Floats, Floats]:
    """Log rates x = ln(1 + r) and horizons in years of series of shape (n, k); NaN where left to `roots`."""
    log_rates = np.full(len(amounts), np.nan)
    horizons = np.full(len(amounts), np.nan)
    if amounts.shape[1] < 2:
        return log_rates, horizons
    with np.errstate(all="ignore"):
        for start in range(0, len(amounts), BLOCK):
            part = slice(start, start + BLOCK)
            block_times = np.ascontiguousarray(times[part].T)
            block_amounts = np.ascontiguousarray(amounts[part].T)
            found = solve_block(block_times, block_amounts, log_rates[part])
            horizons[start + found] = horizons_of(block_times, block_amounts, found)
    return log_rates, horizons


def solve_block(times: Floats, amounts: Floats, log_rates: Floats) -> Integers:
    """Fill the log rates of the series of one block (k, m) that are conventional; answers which were solved."""
    last_call = np.where(amounts < 0, times, -np.inf).max(axis=0)
    first_distribution = np.where(amounts > 0, times, np.inf).min(axis=0)
    is_conventional = last_call < first_distribution
    is_conventional &= np.isfinite(last_call) & np.isfinite(first_distribution)
    series = np.flatnonzero(is_conventional)
    if len(series) == 0:
        return series
    middle = (last_call + first_distribution) / 2
    if len(series) < len(is_conventional):
        times, amounts, middle = times[:, series], amounts[:, series], middle[series]
    shifted = times - middle
    guess, is_usable = starting_points(shifted, amounts)
    series, shifted, amounts, guess = kept(is_usable, series, shifted, amounts, guess)
    solved = []
    for _ in range(ROUNDS):
        if len(series) == 0:
            break
        step, rest = taylor_step(shifted, amounts, guess)
        guess = guess + step
        is_done = (rest <= REST_MAX) & np.isfinite(guess)
        log_rates[series[is_done]] = guess[is_done]
        solved.append(series[is_done])
        series, shifted, amounts, guess = kept(~is_done & np.isfinite(guess), series, shifted, amounts, guess)
    return np.concatenate(solved) if solved else series


def kept(
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]], series: Integers, times: Floats, amounts: Floats, guess: Floats
) -> tuple[Integers, Floats, Floats, Floats]:
    """The chosen columns of everything; nothing is copied when all are."""
    if chosen.all():
        return series, times, amounts, guess
    return series[chosen], times[:, chosen], amounts[:, chosen], guess[chosen]


def starting_points(times: Floats, amounts: Floats) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Root of the third order expansion of h at 0, and whether the magnitudes allow to go on from it."""
    distributed = np.maximum(amounts, 0.0)
    received = moments(distributed, times, 3)
    paid = [mine - both for mine, both in zip(received, moments(amounts.copy(), times, 3), strict=True)]
    mean, variance, third = (ours - theirs for ours, theirs in zip(cumulants(received), cumulants(paid), strict=True))
    value = np.log(received[0] / paid[0])
    root = 2 * value * mean / (2 * mean * mean - value * variance)
    for _ in range(2):
        slope = -mean + root * (variance - root * third / 2)
        root = root - (value + root * (-mean + root * (variance / 2 - root * third / 6))) / slope
    plain = value / mean
    # The expansion of a skewed series may lead astray; the first order never leaves the right side of zero.
    root = np.where((root / plain > 0.25) & (root / plain < 4), root, plain)
    total = received[0] + paid[0]
    spread = np.maximum(-times.min(axis=0), times.max(axis=0))
    is_usable = (total < LARGEST) & (np.minimum(received[0], paid[0]) > SMALLEST) & (spread < LAST_TIME)
    return np.where(value == 0, 0.0, root), is_usable & (np.isfinite(root) | (value == 0))


def moments(weights: Floats, times: Floats, highest: int) -> list[Floats]:
    """Sums over flows of weight x time^j for j = 0 to `highest`; the weights are used up."""
    sums = [np.add.reduce(weights, axis=0)]
    for _ in range(highest):
        np.multiply(weights, times, out=weights)
        sums.append(np.add.reduce(weights, axis=0))
    return sums


def cumulants(sums: list[Floats]) -> tuple[Floats, Floats, Floats]:
    """Mean, variance and third central moment of times under weights with these moments."""
    mean, second, third = (moment / sums[0] for moment in sums[1:])
    return mean, second - mean * mean, third - 3 * mean * second + 2 * mean * mean * mean


def taylor_step(times: Floats, amounts: Floats, guess: Floats) -> tuple[Floats, Floats]:
    """From the guess to the root of the fifth order expansion there, and a bound on the error left then."""
    weights = times * -guess
    np.exp(weights, out=weights)
    np.multiply(weights, amounts, out=weights)
    s0, s1, s2, s3, s4, s5 = moments(weights, times, 5)
    c2, c3, c4, c5 = s2 / 2, s3 / 6, s4 / 24, s5 / 120
    halley = 2 * s0 * s1 / (2 * s1 * s1 - s0 * s2)
    step = halley
    for _ in range(2):
        value = s0 + step * (-s1 + step * (c2 + step * (-c3 + step * (c4 - step * c5))))
        slope = -s1 + step * (s2 + step * (-s3 / 2 + step * (s4 / 6 - step * s5 / 24)))
        step = step - value / slope
    spread = np.maximum(-times.min(axis=0), times.max(axis=0))
    reach = np.maximum(np.abs(step), np.abs(halley))  # both, lest the expansion's root be short by accident
    rest = spread * reach**6 * (s5 / s1) / 720 * np.exp(np.minimum(reach * spread, 700.0))
    return step, np.where(s5 > 0, rest, np.inf)


def horizons_of(times: Floats, amounts: Floats, series: Integers) -> Floats:
    """Years from the first to the last flow that is not zero."""
    if len(series) < times.shape[1]:
        times, amounts = times[:, series], amounts[:, series]
    if amounts.all():
        horizon: Floats = times.max(axis=0) - times.min(axis=0)
        return horizon
    is_flow = amounts != 0
    flowing: Floats = np.where(is_flow, times, -np.inf).max(axis=0) - np.where(is_flow, times, np.inf).min(axis=0)
    return flowing
