"""How fast funds are projected quarter by quarter (Takahashi-Alexander), against a plain Python loop of equal result.

Funds differ in commitment, NAV, age and parameter set (four sets). The loop runs over a sample of them, one fund and
one quarter at a time, and its time for each fund is scaled; ours runs over all funds. Rounds are interleaved, figures
are medians of CPU time, one thread.

Run: python benchmarks/valuation_projection.py [--funds 100000] [--sample 2000] [--rounds 5]
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import process_time

import numpy as np
from numpy.typing import NDArray

from exchange.valuation.projection.takahashi_alexander import PacingRates, Projection, project

GOAL_RATIO = 40
TOLERANCE = 1e-9
QUARTERS = 4
SETS = (
    PacingRates(0.13, 12, 2.5, 0.0, (0.25, 1 / 3, 0.5)),
    PacingRates(0.13, 12, 2.5, 0.0, (0.25, 0.5)),
    PacingRates(0.08, 12, 5.0, 0.05, (0.4,)),
    PacingRates(0.07, 12, 2.2, 0.0, (0.25, 1 / 3, 0.5)),
)


@dataclass(frozen=True, slots=True)
class Funds:
    """Columns of the projected funds."""

    unfunded: NDArray[np.float64]
    nav: NDArray[np.float64]
    age_years: NDArray[np.float64]
    which: NDArray[np.int64]


def make_funds(count: int, seed: int) -> Funds:
    """Seeded funds aged 0 to 2 years, so that each runs over 40 to 48 quarters."""
    chance = np.random.default_rng(seed)
    age = chance.integers(0, 9, count) / QUARTERS
    return Funds(
        chance.uniform(10, 100, count), chance.uniform(0, 50, count), age, chance.integers(0, len(SETS), count)
    )


def by_loop(unfunded: float, nav: float, age: int, rates: PacingRates) -> list[tuple[float, float, float]]:
    """Calls, distributions and NAV of one fund, quarter by quarter."""
    life = rates.life_years * QUARTERS
    growth = (1 + rates.growth) ** (1 / QUARTERS)
    by_year = rates.contribution_rates
    rows = []
    for period in range(age + 1, life + 1):
        annual = by_year[min((period - 1) // QUARTERS, len(by_year) - 1)]
        called = (1 - (1 - annual) ** (1 / QUARTERS)) * unfunded
        unfunded -= called
        share = max(rates.yield_floor, (period / life) ** rates.bow)
        grown = nav * growth
        paid = (1 - (1 - share) ** (1 / QUARTERS)) * grown
        nav = grown - paid + called
        if period == life:
            paid, nav = paid + nav, 0.0
        rows.append((called, paid, nav))
    return rows


def differs(projection: Projection, loops: list[list[tuple[float, float, float]]]) -> float:
    """The greatest difference of any figure, in money of the funds (tens)."""
    greatest = 0.0
    for row, quarters in enumerate(loops):
        ours = np.stack([projection.calls[row], projection.distributions[row], projection.nav[row]], axis=1)
        greatest = max(greatest, float(np.abs(ours[: len(quarters)] - np.array(quarters)).max()))
    return greatest


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    start = process_time()
    work()
    return process_time() - start


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 1 if a projection differs or, at full size, the goal is missed."""
    parser = argparse.ArgumentParser(description="Takahashi-Alexander: a hundred thousand funds, by quarters")
    parser.add_argument("--funds", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=2001)
    options = parser.parse_args(argv)
    funds = make_funds(options.funds, options.seed)
    sample = min(options.sample, options.funds)
    cases = [
        (float(funds.unfunded[i]), float(funds.nav[i]), round(funds.age_years[i] * QUARTERS), SETS[funds.which[i]])
        for i in range(sample)
    ]

    def ours() -> Projection:
        return project(funds.unfunded, funds.nav, funds.age_years, SETS, funds.which)

    def loop() -> list[list[tuple[float, float, float]]]:
        return [by_loop(*case) for case in cases]

    difference = differs(ours(), loop())
    vectors, loops = [], []
    for _ in range(options.rounds):
        vectors.append(seconds(ours) / options.funds)
        loops.append(seconds(loop) / sample)
    ratio = median(loops) / median(vectors)
    print(
        f"projection: {median(vectors) * 1e6:.2f} us a fund over {options.funds},"
        f" plain loop {median(loops) * 1e6:.1f} us a fund over {sample}, {ratio:.1f}x (goal {GOAL_RATIO}x),"
        f" greatest difference {difference:.1e}"
    )
    return 0 if difference < TOLERANCE and (options.funds < 100_000 or ratio >= GOAL_RATIO) else 1


if __name__ == "__main__":
    sys.exit(main())
