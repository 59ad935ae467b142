"""Internal rates of return of 100,000 funds at once, against pyxirr (Rust) one series at a time.

Every series has 10 calls and 10 distributions on irregular days within 10 years, in order of time. pyxirr gets its
inputs ready made, in both forms it takes: lists of `datetime.date` with lists of floats, and numpy arrays of
`datetime64[D]` with float arrays. Judged is the faster of the two, without the building of its inputs, which is shown
beside. Rounds are interleaved, figures are medians of CPU time.

Three workloads: `apart` has all calls before all distributions, the judged one; `overlapping` lets distributions begin
while calls go on, so that signs alternate; `arbitrary` has random signs, many rates or none, and shows how many series
have an answer on one side only.

Run: python benchmarks/valuation_irr.py [--series 100000] [--rounds 5]
"""

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from time import process_time

import numpy as np
import pyxirr

from exchange.valuation.performance.flows import Floats
from exchange.valuation.performance.irr import DAYS_OF_YEAR, InternalRates, internal_rates
from exchange.valuation.status import Status

GOAL_RATIO = 1.0
AGREEMENT = 2e-9  # pyxirr stops at about 1e-9
START = date(2010, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Workload:
    """Series as our side takes them, and in pyxirr's two forms with the seconds their building took."""

    name: str
    times: Floats
    amounts: Floats
    lists: list[tuple[list[date], list[float]]]
    arrays: list[tuple[np.ndarray[tuple[int], np.dtype[np.datetime64]], Floats]]
    lists_seconds: float
    arrays_seconds: float


def make_workload(name: str, series: int, chance: np.random.Generator) -> Workload:
    """Seeded series of one kind."""
    last_call, first_distribution = {"apart": (1825, 1826), "overlapping": (2190, 1460), "arbitrary": (3650, 0)}[name]
    calls = np.concatenate((np.zeros((series, 1), int), chance.integers(1, last_call, (series, 9))), axis=1)
    days = np.concatenate((calls, chance.integers(first_distribution, 3650, (series, 10))), axis=1)
    success = chance.lognormal(0.4, 0.5, (series, 1))
    paid_in, paid_out = chance.uniform(1, 20, (series, 10)), chance.uniform(1, 20, (series, 10)) * success
    amounts: Floats = np.asarray(np.round(np.concatenate((-paid_in, paid_out), axis=1), 2), dtype=np.float64)
    if name == "arbitrary":
        amounts = np.round(chance.normal(0, 10, (series, 20)), 2)
    order = np.argsort(days, axis=1, kind="stable")
    days, amounts = np.take_along_axis(days, order, axis=1), np.take_along_axis(amounts, order, axis=1)
    start = process_time()
    lists = [
        ([date.fromordinal(START + day) for day in row], money)
        for row, money in zip(days.tolist(), amounts.tolist(), strict=True)
    ]
    between = process_time()
    stamps = np.datetime64(date.fromordinal(START), "D") + days.astype("timedelta64[D]")
    arrays = list(zip(stamps, amounts, strict=True))
    return Workload(name, days / DAYS_OF_YEAR, amounts, lists, arrays, between - start, process_time() - between)


def by_lists(work: Workload) -> list[float | None]:
    """pyxirr over lists of dates."""
    return [pyxirr.xirr(days, money) for days, money in work.lists]


def by_arrays(work: Workload) -> list[float | None]:
    """pyxirr over numpy dates."""
    return [pyxirr.xirr(days, money) for days, money in work.arrays]


def seconds(run: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    gc.collect()
    start = process_time()
    run()
    return process_time() - start


def agreement(work: Workload, ours: InternalRates) -> str:
    """How the answers compare: the largest difference where the rate is unique, and who alone has answers."""
    theirs = np.array([np.nan if rate is None else rate for rate in by_lists(work)])
    has_theirs, has_ours = np.isfinite(theirs), np.isfinite(ours.rates)
    unique = has_theirs & (ours.status == Status.OK)
    has_several = ours.status == Status.MULTIPLE_ROOTS
    difference = float((np.abs(theirs - ours.rates) / np.maximum(1, np.abs(ours.rates)))[unique].max(initial=0.0))
    several = np.flatnonzero(has_theirs & has_several)
    among = sum(bool(np.isclose(ours.roots_of(int(i)), theirs[i], rtol=1e-6, atol=1e-9).any()) for i in several)
    too_large = int((has_theirs & (ours.status == Status.TOO_LARGE)).sum())
    missed = int((has_theirs & ~has_ours).sum()) - too_large
    verdict = "same" if difference <= AGREEMENT and missed == 0 and among == len(several) else "DIFFERENT"
    return (
        f"answers {verdict}: largest difference {difference:.1e} over {int(unique.sum())} unique rates; "
        f"{int(has_several.sum())} with several rates, pyxirr's one among them in {among} of {len(several)}; "
        f"only ours {int((has_ours & ~has_theirs).sum())}, only pyxirr {missed}, above our cap {too_large}"
    )


def measure(work: Workload, rounds: int) -> tuple[float, float, float]:
    """Median CPU seconds of ours, pyxirr over lists, pyxirr over arrays."""
    ours, lists, arrays = [], [], []
    for _ in range(rounds):
        ours.append(seconds(lambda: internal_rates(work.times, work.amounts)))
        lists.append(seconds(lambda: by_lists(work)))
        arrays.append(seconds(lambda: by_arrays(work)))
    return median(ours), median(lists), median(arrays)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 1 if answers differ or, at full size, the goal is missed."""
    parser = argparse.ArgumentParser(description="XIRR of many irregular series, against pyxirr")
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20260228)
    options = parser.parse_args(argv)
    chance = np.random.default_rng(options.seed)
    met = True
    for name, share in (("apart", 1), ("overlapping", 10), ("arbitrary", 50)):
        count = max(1, options.series // share)
        work = make_workload(name, count, chance)
        result = agreement(work, internal_rates(work.times, work.amounts))
        ours, lists, arrays = measure(work, options.rounds)
        ratio = ours / min(lists, arrays)
        met &= "DIFFERENT" not in result and (name != "apart" or options.series < 100_000 or ratio <= GOAL_RATIO)
        goal = f" (goal {GOAL_RATIO})" if name == "apart" else ""
        print(
            f"{name}: {count} series, ours {ours * 1e6 / count:.2f} us each; pyxirr {lists * 1e6 / count:.2f} us from "
            f"lists (building them {work.lists_seconds * 1e6 / count:.2f}), {arrays * 1e6 / count:.2f} us from numpy "
            f"dates (building {work.arrays_seconds * 1e6 / count:.2f}); ratio to the faster {ratio:.2f}{goal}"
        )
        print(f"  {result}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
