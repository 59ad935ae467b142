"""What a match costs as the resting book grows: it must not.

Books of 1,000 to 300,000 resting orders on 10,000 levels; an ask and a bid meet at the top again and again. The lines
of code that a match runs are counted in a test; here is the time, as a table with bars.
"""

import gc
import sys
import time
from dataclasses import dataclass
from statistics import median

from exchange.core.terms import PriorityPolicy, Side
from exchange.matching.engine import Book
from exchange.matching.order_book import Order, Party

SIZES = (1_000, 10_000, 100_000, 300_000)
LEVELS = 5_000
MIDDLE = 850_000


@dataclass(frozen=True, slots=True)
class Row:
    """Nanoseconds of CPU for one resting order, one order that takes it, and one cancel, at a size of book."""

    resting: int
    match_ns: float
    cancel_ns: float


def a_book(resting: int, policy: PriorityPolicy) -> Book:
    """A book with this many orders, evenly on both sides and over the levels."""
    book = Book(policy)
    buyer, seller = Party("org_buyer", 3), Party("org_seller", 3)
    for number in range(resting):
        offset = 10 + number // 2 % LEVELS
        if number % 2:
            book.submit(Order(f"ask_{number}", Side.SELL, MIDDLE + offset, 10, seller))
        else:
            book.submit(Order(f"bid_{number}", Side.BUY, MIDDLE - offset, 10, buyer))
    return book


def measure(resting: int, policy: PriorityPolicy, pairs: int = 2_000, rounds: int = 7) -> Row:
    """Median over rounds of the CPU time of a match (rest and take) and of a cancel (rest and cancel)."""
    book = a_book(resting, policy)
    buyer, seller = Party("org_a", 3), Party("org_b", 3)
    matches, cancels = [], []
    gc.collect()
    gc.disable()
    for turn in range(rounds):
        started = time.process_time()
        for number in range(pairs):
            book.submit(Order(f"top_{turn}_{number}", Side.BUY, MIDDLE, 10, buyer))
            book.submit(Order(f"hit_{turn}_{number}", Side.SELL, MIDDLE, 10, seller))
        matched = time.process_time()
        for number in range(pairs):
            book.submit(Order(f"gone_{turn}_{number}", Side.BUY, MIDDLE, 10, buyer))
            book.cancel(f"gone_{turn}_{number}")
        cancels.append((time.process_time() - matched) / pairs * 1e9)
        matches.append((matched - started) / pairs * 1e9)
    gc.enable()
    return Row(resting, median(matches), median(cancels))


def run(policy: PriorityPolicy = PriorityPolicy.PRICE_FIRST) -> list[Row]:
    """One row a size."""
    return [measure(size, policy) for size in SIZES]


def main(argv: list[str]) -> int:
    """Print both policies; no options."""
    del argv
    for policy in (PriorityPolicy.PRICE_FIRST, PriorityPolicy.GUIDANCE_FIRST):
        print(f"{policy}: one order rests and one takes it; one rests and is cancelled")
        for row in run(policy):
            bar = "#" * round(row.match_ns / 100)
            print(f"  {row.resting:>9,} resting  match {row.match_ns:6.0f} ns  cancel {row.cancel_ns:6.0f} ns  {bar}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
