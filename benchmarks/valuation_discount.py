"""How fast protective puts (Chaffe) are priced, against a loop over QuantLib's blackFormula with the same result.

Both sides get volatility, years, risk-free rate and dividend yield of every lock-up in the form they work on: columns
here, lists of floats there. The loop also forms forward, standard deviation and discount factor, as any caller of
`blackFormula` must. Rounds are interleaved, figures are medians of CPU time, one thread.

Run: python benchmarks/valuation_discount.py [--items 1000000] [--rounds 5]
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from math import exp, sqrt
from statistics import median
from time import process_time

import numpy as np
import QuantLib
from numpy.typing import NDArray

from exchange.valuation.discount.chaffe import chaffe

GOAL_RATIO = 15
TOLERANCE = 1e-9


def make_lock_ups(count: int, seed: int) -> list[NDArray[np.float64]]:
    """Seeded volatility, years, risk-free rate and dividend yield of lock-ups."""
    chance = np.random.default_rng(seed)
    bounds = ((0.1, 1.0), (0.05, 5.0), (0.0, 0.06), (0.0, 0.05))
    return [chance.uniform(low, high, count) for low, high in bounds]


def by_loop(
    volatility: list[float], years: list[float], risk_free: list[float], dividend_yield: list[float]
) -> list[float]:
    """The same puts one by one."""
    put, price = QuantLib.Option.Put, QuantLib.blackFormula
    return [
        price(put, 1.0, exp((rate - dividends) * time), sigma * sqrt(time), exp(-rate * time))
        for sigma, time, rate, dividends in zip(volatility, years, risk_free, dividend_yield, strict=True)
    ]


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    start = process_time()
    work()
    return process_time() - start


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 1 if a put differs or, at full size, the goal is missed."""
    parser = argparse.ArgumentParser(description="Protective puts: a million lock-ups")
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1993)
    options = parser.parse_args(argv)
    columns = make_lock_ups(options.items, options.seed)
    lists = [column.tolist() for column in columns]
    difference = float(np.abs(chaffe(*columns).discount - np.array(by_loop(*lists))).max())
    ours, loops = [], []
    for _ in range(options.rounds):
        ours.append(seconds(lambda: chaffe(*columns)) / options.items)
        loops.append(seconds(lambda: by_loop(*lists)) / options.items)
    ratio = median(loops) / median(ours)
    print(
        f"protective puts: {median(ours) * 1e9:.0f} ns each over {options.items}, QuantLib.blackFormula loop"
        f" {median(loops) * 1e9:.0f} ns each, {ratio:.1f}x (goal {GOAL_RATIO}x), greatest difference {difference:.1e}"
    )
    return 0 if difference < TOLERANCE and (options.items < 1_000_000 or ratio >= GOAL_RATIO) else 1


if __name__ == "__main__":
    sys.exit(main())
