"""How fast a one-way auction of a million bids is allocated, against a plain Python loop with the same result.

Both sides are given the same bids in the form they work on: columns here, `Bid` values there. Each decides the
award and its counterfactual, with the priority's cost. Rounds are interleaved, figures are medians of CPU time.
Two auctions: `partnership` has 49 slots for new partners and a supply that nearly all partners' bids are needed
for; `wide` has no cap, takes 30 % of the demand and thus fills some 300,000 bids.

Run: python benchmarks/auction_speed.py [--bids 1000000] [--rounds 5] [--loop-rounds 5]
"""

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import process_time

import numpy as np

from exchange.matching.allocation import allocate
from exchange.matching.award import AuctionPolicy, Award, LimitRules, Limits
from exchange.matching.bid_columns import Bid, BidColumns, columns_of
from exchange.matching.naive_allocation import naive_allocation
from exchange.matching.priority import PriorityPolicy

GOAL_SECONDS = 0.3
GOAL_RATIO = 20
MILLION_MINOR = 100_000_000  # one million of the currency
POLICY = AuctionPolicy(PriorityPolicy.GUIDANCE_FIRST)
BY_PRICE = AuctionPolicy(PriorityPolicy.PRICE_FIRST)


@dataclass(frozen=True, slots=True)
class Auction:
    """One workload: its supply and limits over the shared bids."""

    name: str
    supply_minor: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class LoopAward:
    """What the plain loop decides: amounts by bid id, and what the priority cost."""

    fills: dict[str, int]
    by_price: dict[str, int]
    priority_cost_ppm_minor: int


def make_bids(count: int, seed: int) -> list[Bid]:
    """Seeded bids: 5 % from partners, 5 % all-or-none, 20 % with a minimum fill, 5 % below the minimum holding."""
    chance = np.random.default_rng(seed)
    prices = (chance.triangular(1200, 1800, 2000, count).astype(np.int64) * 500).tolist()
    amounts = (chance.integers(10, 500, count) * MILLION_MINOR // 10).tolist()
    small = (chance.random(count) < 0.05).tolist()
    classes = chance.choice(4, count, p=[0.05, 0.55, 0.15, 0.25]).tolist()
    holders = chance.integers(0, max(1, count * 8 // 10), count).tolist()
    whole = (chance.random(count) < 0.05).tolist()
    minimum = (chance.random(count) < 0.2).tolist()
    rows = zip(prices, amounts, small, classes, holders, whole, minimum, strict=True)
    return [
        Bid(
            bid_id=f"bid_{i:07}",
            holder=f"org_{holder:07}",
            price_ppm=price,
            amount_minor=amount // 20 if is_small else amount,
            class_rank=rank,
            sequence=i,
            is_existing_holder=holder % 20 == 0,
            existing_holding_minor=MILLION_MINOR if holder % 20 == 0 else 0,
            minimum_fill_minor=amount // 40 if has_minimum else 0,
            all_or_none=is_whole,
        )
        for i, (price, amount, is_small, rank, holder, is_whole, has_minimum) in enumerate(rows)
    ]


def make_auctions(columns: BidColumns) -> list[Auction]:
    """The two workloads over the same bids."""
    rules = LimitRules("reserve", "window", "indivisible", "minimum", "slots", "remainder", "full_sale")
    demand = int(columns.amount_minor.sum())
    of_partners = int(columns.amount_minor[columns.is_existing_holder].sum())
    auctions = []
    for name, supply, slots in (("partnership", of_partners * 8 // 10, 49), ("wide", demand * 3 // 10, None)):
        limits = Limits(
            floor_price_ppm=700_000,
            divisible=True,
            minimum_holding_minor=MILLION_MINOR,
            new_holder_slots=slots,
            seller_holding_minor=supply,
            minimum_remainder_minor=MILLION_MINOR,
            full_sale_required=False,
            guidance_only=False,
            rules=rules,
        )
        auctions.append(Auction(name, supply, limits))
    return auctions


def by_columns(columns: BidColumns, auction: Auction) -> tuple[Award, int]:
    """The vectorised award with its clearing price and priority cost worked out."""
    award = allocate(columns, auction.supply_minor, auction.limits, POLICY)
    return award, award.priority_cost_ppm_minor


def by_loop(bids: Sequence[Bid], price: dict[str, int], auction: Auction) -> LoopAward:
    """The same by the plain loop."""
    fills, _ = naive_allocation(bids, auction.supply_minor, auction.limits, POLICY)
    plain, _ = naive_allocation(bids, auction.supply_minor, auction.limits, BY_PRICE)
    total = sum(price[bid_id] * amount for bid_id, amount in fills.items())
    return LoopAward(fills, plain, sum(price[bid_id] * amount for bid_id, amount in plain.items()) - total)


def same(award: Award, loop: LoopAward) -> bool:
    """Whether both decided the same fills in the same order, the same counterfactual and the same cost."""
    fills = [(fill.bid_id, fill.amount_minor) for fill in award.fills]
    plain = [(fill.bid_id, fill.amount_minor) for fill in award.counterfactual_fills]
    return (
        fills == list(loop.fills.items())
        and plain == list(loop.by_price.items())
        and award.priority_cost_ppm_minor == loop.priority_cost_ppm_minor
    )


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    gc.collect()
    gc.freeze()
    gc.disable()  # on both sides: a million values on the heap would make collections the loop's main cost
    try:
        start = process_time()
        work()
        return process_time() - start
    finally:
        gc.enable()
        gc.unfreeze()


def measure(
    bids: Sequence[Bid], columns: BidColumns, auction: Auction, rounds: int, loop_rounds: int
) -> tuple[float, float, bool]:
    """Median seconds of both sides, interleaved, and whether their results agree."""
    price = {bid.bid_id: bid.price_ppm for bid in bids}
    agrees = same(by_columns(columns, auction)[0], by_loop(bids, price, auction))
    ours, loops = [], []
    for number in range(rounds):
        ours.append(seconds(lambda: by_columns(columns, auction)))
        if number < loop_rounds:
            loops.append(seconds(lambda: by_loop(bids, price, auction)))
    return median(ours), median(loops), agrees


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 1 if a result differs or, at full size, a goal is missed."""
    parser = argparse.ArgumentParser(description="One-way auction: a million bids under limits")
    parser.add_argument("--bids", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop-rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20200110)
    options = parser.parse_args(argv)
    bids = make_bids(options.bids, options.seed)
    start = process_time()
    columns = columns_of(bids)
    print(f"{options.bids} bids; columns built from values in {process_time() - start:.3f} s CPU (not counted below)")
    met = True
    for auction in make_auctions(columns):
        loop_rounds = max(1, min(options.loop_rounds, options.rounds))
        ours, loop, agrees = measure(bids, columns, auction, options.rounds, loop_rounds)
        award = by_columns(columns, auction)[0]
        met &= agrees and (options.bids < 1_000_000 or (ours <= GOAL_SECONDS and loop >= GOAL_RATIO * ours))
        print(
            f"{auction.name}: {len(award.outcome.rows)} fills, award and counterfactual {ours:.3f} s CPU"
            f" (goal {GOAL_SECONDS} s), plain loop {loop:.2f} s, {loop / ours:.1f}x (goal {GOAL_RATIO}x),"
            f" same result: {agrees}"
        )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
