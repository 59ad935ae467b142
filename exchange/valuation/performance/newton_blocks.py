"""A rate of return of many series, found fast: a block of series at a time.

A conventional series, whose last call lies before its first distribution (seen here without sorting), has one root,
so any root found is the rate. In other series whose flows stand in order of time a root found is kept where the running
balance proves it to be the only one, see `is_only_root`.
Two ideas save exponentials, the costly part:

* The start needs none. The log of the ratio of both sides, h(x) = ln sum D exp(-x u) - ln sum C exp(-x u) with
  x = ln(1 + r), is nearly a line, because its derivatives at 0 are differences of cumulants of payment times (mean,
  variance, third moment). The root of its third order expansion is right to some four or five digits.
* One set of exponentials gives all moments S_j = sum a u^j exp(-x u), thus the fifth order expansion of present value
  g(x + d) = sum S_j (-d)^j / j!. What it leaves out is at most W (U d)^6 / 720 e^(U |d|), W the sum of magnitudes and
  U the largest |u|. Where that is not worth less than 1e-15 of x another round follows, for few series.

Flows lie in the first axis, series in the second, so that every operation runs along contiguous memory that stays in
the cache. What does not end within a few rounds is left to `roots`, which is safeguarded; nothing here decides that
a rate does not exist.

Worked example: -100 at 0, 121 at 2: h(x) = ln 1.21 - 2 x is a line, its root ln 1.1, so r = 10 %.
"""

import numpy as np

from exchange.valuation.performance.flows import LAST_TIME, Flags, Floats, Integers

BLOCK = 1024
ROUNDS = 5
LEFT_OUT_MAX = 1e-15
NEARLY_ZERO = 1e-8
BALANCED = 1e-13  # a balance this small beside all flows is rounding
LARGEST = 1e150  # beyond these magnitudes moments of five factors could overflow or vanish
SMALLEST = 1e-150


def certain_log_rates(times: Floats, amounts: Floats) -> tuple[Floats, Floats]:
    """Log rates x = ln(1 + r) and horizons in years of series of (n, k) seen to have one root; NaN of the others."""
    log_rates = np.full(len(amounts), np.nan)
    horizons = np.full(len(amounts), np.nan)
    if amounts.shape[1] < 2:
        return log_rates, horizons
    with np.errstate(all="ignore"):
        for start in range(0, len(amounts), BLOCK):
            part = slice(start, start + BLOCK)
            block_times = np.ascontiguousarray(times[part].T)
            block_amounts = np.ascontiguousarray(amounts[part].T)
            last_call = np.where(block_amounts < 0, block_times, -np.inf).max(axis=0)
            first_distribution = np.where(block_amounts > 0, block_times, np.inf).min(axis=0)
            is_certain = (last_call < first_distribution) & np.isfinite(last_call + first_distribution)
            solve_block(block_times, block_amounts, is_certain, log_rates[part])
            if not is_certain.all():
                in_order = ~is_certain & np.all(block_times[1:] >= block_times[:-1], axis=0)
                solve_block(block_times, block_amounts, in_order, log_rates[part])
                keep_only_roots(block_times, block_amounts, in_order, log_rates[part])
            horizons[part] = horizons_of(block_times, block_amounts)
    horizons[np.isnan(log_rates)] = np.nan
    return log_rates, horizons


def keep_only_roots(times: Floats, amounts: Floats, chosen: Flags, log_rates: Floats) -> None:
    """Take back the log rates of chosen series of one block (k, m) that may not be their only ones."""
    series = np.flatnonzero(chosen & np.isfinite(log_rates))
    is_only = is_only_root(times[:, series], amounts[:, series], log_rates[series])
    log_rates[series[~is_only]] = np.nan


def is_only_root(times: Floats, amounts: Floats, log_rates: Floats) -> Flags:
    """Whether each series' root is its only one, because the running balance at that rate never changes sign.

    Series (k, m) in order of time. Teichroew, Robichek and Montalbano's pure investment (1965): above the root present
    value is a positive multiple of the Laplace transform of the balance, below it of the balance seen from the end,
    and those of a function of one sign are never zero. It holds of nearly all funds, also where calls and distributions
    alternate. A balance within rounding of zero before the last flow decides nothing: a very small last flow can have
    a root of its own.
    """
    if amounts.size == 0:
        return np.zeros(amounts.shape[1], dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):
        values = amounts * np.exp((times - (times[:1] + times[-1:]) / 2) * -log_rates)
        balance = np.cumsum(values, axis=0)
        rounding = BALANCED * np.abs(values).sum(axis=0)
    last_flow = len(amounts) - 1 - (amounts[::-1] != 0).argmax(axis=0)
    is_over = np.arange(len(amounts))[:, None] >= last_flow
    only: Flags = np.all(is_over | (balance < -rounding), axis=0) | np.all(is_over | (balance > rounding), axis=0)
    return only


def fast_log_rates(times: Floats, amounts: Floats) -> Floats:
    """A log rate that solves each of the series (n, k), not necessarily the only one; NaN where none is found fast."""
    log_rates = np.full(len(amounts), np.nan)
    with np.errstate(all="ignore"):
        for start in range(0, len(amounts), BLOCK):
            part = slice(start, start + BLOCK)
            block_times = np.ascontiguousarray(times[part].T)
            everything = np.ones(block_times.shape[1], dtype=bool)
            solve_block(block_times, np.ascontiguousarray(amounts[part].T), everything, log_rates[part])
    return log_rates


def solve_block(times: Floats, amounts: Floats, chosen: Flags, log_rates: Floats) -> None:
    """Fill in the log rates of the chosen series of one block (k, m) where the rounds end."""
    series = np.arange(times.shape[1])
    middle = (times.max(axis=0) + times.min(axis=0)) / 2
    series, shifted, amounts, _ = kept(chosen, series, times - middle, amounts, middle)
    if len(series) == 0:
        return
    guess, is_usable = starting_points(shifted, amounts)
    series, shifted, amounts, guess = kept(is_usable, series, shifted, amounts, guess)
    for _ in range(ROUNDS):
        if len(series) == 0:
            return
        step, is_done = taylor_step(shifted, amounts, guess)
        guess = guess + step
        log_rates[series[is_done]] = guess[is_done]
        series, shifted, amounts, guess = kept(~is_done & np.isfinite(guess), series, shifted, amounts, guess)


def kept(
    chosen: Flags, series: Integers, times: Floats, amounts: Floats, guess: Floats
) -> tuple[Integers, Floats, Floats, Floats]:
    """The chosen columns of everything; nothing is copied when all are."""
    if chosen.all():
        return series, times, amounts, guess
    return series[chosen], times[:, chosen], amounts[:, chosen], guess[chosen]


def starting_points(times: Floats, amounts: Floats) -> tuple[Floats, Flags]:
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


def taylor_step(times: Floats, amounts: Floats, guess: Floats) -> tuple[Floats, Flags]:
    """From the guess to the root of the fifth order expansion there, and whether nothing is left to do then."""
    weights = times * -guess
    np.exp(weights, out=weights)
    np.multiply(weights, amounts, out=weights)
    size = np.add.reduce(np.abs(weights), axis=0)
    s0, s1, s2, s3, s4, s5 = moments(weights, times, 5)
    halley = 2 * s0 * s1 / (2 * s1 * s1 - s0 * s2)
    step = halley
    for _ in range(2):
        value = s0 + step * (-s1 + step * (s2 / 2 + step * (-s3 / 6 + step * (s4 / 24 - step * s5 / 120))))
        slope = -s1 + step * (s2 + step * (-s3 / 2 + step * (s4 / 6 - step * s5 / 24)))
        step = step - value / slope
    spread = np.maximum(-times.min(axis=0), times.max(axis=0))
    reach = np.maximum(np.abs(step), np.abs(halley)) * spread
    left_out = size * reach**6 / 720 * np.exp(np.minimum(reach, 700.0)) / np.abs(slope)
    is_root = np.abs(value) <= NEARLY_ZERO * size  # before the last correction, which squares what is left
    return step, (left_out <= LEFT_OUT_MAX) & is_root & np.isfinite(guess + step)


def horizons_of(times: Floats, amounts: Floats) -> Floats:
    """Years from the first to the last flow that is not zero."""
    if amounts.all():
        horizon: Floats = times.max(axis=0) - times.min(axis=0)
        return horizon
    is_flow = amounts != 0
    flowing: Floats = np.where(is_flow, times, -np.inf).max(axis=0) - np.where(is_flow, times, np.inf).min(axis=0)
    return flowing
