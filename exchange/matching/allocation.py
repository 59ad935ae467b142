"""Who gets how much of a listing in a one-way auction: a pure function of bids, supply, limits and policy.

The rule, from the best rank down while anything is left:
- A bid below the reserve, or of a class that is not considered yet, or not for the whole of an indivisible
  interest, has no effect.
- Bids of one class and price form a group (under `time` each bid is its own). A group that fits is filled whole;
  at the margin it shares what is left (see `margin.py`).
- A bid is judged in its turn with what its holder already holds and has won higher up, never with what it may
  win lower down: it must reach the minimum holding, its minimum fill and, if all-or-none, its whole amount.
  What cannot is skipped with its reason, and nobody is called back.
- A holder new to the fund takes one slot with its first fill, whatever the number of its bids.
- The seller keeps nothing or at least the minimum: if the last amount would leave it less, the supply is cut by
  what is missing and allocated anew, once.
Each winner pays its own price.

Worked example, supply 100: 60 at 88 (other), 40 at 87 (other), 50 at 86 (guidance), 30 at 88 (guidance), in time
order. By price 30, 60 and 10 at 87; by class 30, 50 at 86 and 20 at 88.

The pass is vectorised: whole groups are settled in blocks of rows, Python runs only over groups at the margin.
`naive_allocation.py` is its slow, obvious twin.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from exchange.matching.award import (
    CODE,
    GUIDANCE_RANK,
    AuctionPolicy,
    Award,
    Limits,
    Margin,
    Outcome,
    Reason,
    Step,
)
from exchange.matching.bid_columns import AMOUNT_MAX_MINOR, Bid, BidColumns, Codes, Integers, columns_of
from exchange.matching.descent import Descent
from exchange.matching.priority import PriorityPolicy

_BLOCK_ROWS = (16_384, 131_072)  # the first block is small: most auctions end in it


@dataclass(frozen=True, slots=True)
class Standing:
    """What is settled before a pass begins: amounts by row that stand, and rows that are out (lapsed)."""

    amounts: Mapping[int, int]
    lapsed: Collection[int] = ()

    @property
    def total(self) -> int:
        """The amount that stands, in minor units."""
        return sum(self.amounts.values())


NOTHING_STANDS = Standing({})


def allocate(bids: Sequence[Bid] | BidColumns, supply: int, limits: Limits, policy: AuctionPolicy) -> Award:
    """The award of a supply (minor units of subscribed capital) to bids under limits and a policy.

    The same bids in any order give the same award and the same hash. ValueError for inputs out of bounds.
    """
    if not 0 < supply <= min(AMOUNT_MAX_MINOR, limits.seller_holding_minor):
        raise ValueError("the supply is positive and within what the seller holds")
    columns = bids if isinstance(bids, BidColumns) else columns_of(bids)
    outcome = settle(columns, supply, limits, policy, NOTHING_STANDS)
    return Award(columns, supply, limits, policy, outcome, _by_price(columns, supply, limits, policy, outcome))


def settle(columns: BidColumns, supply: int, limits: Limits, policy: AuctionPolicy, standing: Standing) -> Outcome:
    """One allocation of what is left of the supply beside the amounts that stand; the outcome holds new fills."""
    outcome = _pass(columns, supply, supply, limits, policy, standing)
    sold = standing.total + outcome.sold_minor
    remainder = limits.seller_holding_minor - sold
    if outcome.sold_minor and 0 < remainder < limits.minimum_remainder_minor:
        reduced = max(standing.total, limits.seller_holding_minor - limits.minimum_remainder_minor)
        outcome = _pass(columns, supply, reduced, limits, policy, standing)
        step: Step = {"step": "seller_remainder", "rule": limits.rules.seller_remainder, "supply": reduced}
        outcome = replace(outcome, steps=(*outcome.steps, step))
        sold = standing.total + outcome.sold_minor
    if limits.full_sale_required and outcome.sold_minor and sold < supply:
        return _nothing(outcome, limits, sold)
    return outcome


def _by_price(columns: BidColumns, supply: int, limits: Limits, policy: AuctionPolicy, outcome: Outcome) -> Outcome:
    if not limits.guidance_only and not policy.class_first:
        return outcome
    plain = replace(policy, priority=PriorityPolicy.PRICE_FIRST)
    return settle(columns, supply, replace(limits, guidance_only=False), plain, NOTHING_STANDS)


def _nothing(outcome: Outcome, limits: Limits, sold: int) -> Outcome:
    reasons = outcome.reasons.copy()
    reasons[outcome.rows] = CODE[Reason.FULL_SALE_REQUIRED]
    step: Step = {"step": "full_sale", "rule": limits.rules.full_sale, "would_sell": sold}
    none = slice(0, 0)
    return Outcome(
        outcome.rows[none],
        outcome.amounts[none],
        outcome.prices[none],
        outcome.by_match_right[none],
        reasons,
        (*outcome.steps, step),
    )


def _screen(columns: BidColumns, supply: int, limits: Limits, standing: Standing) -> Codes:
    """A reason code for every row; `outranked` marks the rows that take part."""
    reasons = np.full(len(columns), CODE[Reason.OUTRANKED], np.int8)
    if not limits.divisible:
        fits = (columns.minimum_fill_minor <= supply) & (columns.amount_minor >= supply)
        fits &= ~columns.all_or_none | (columns.amount_minor == supply)
        reasons[~fits] = CODE[Reason.INDIVISIBLE]
    if limits.guidance_only:
        reasons[columns.class_rank != GUIDANCE_RANK] = CODE[Reason.NOT_CONSIDERED]
    # The reserve binds both what the seller is paid and its all-cash equivalent.
    below = np.minimum(columns.price_ppm, columns.rank_price_ppm) < limits.floor_price_ppm
    reasons[below] = CODE[Reason.BELOW_RESERVE]
    for row in standing.lapsed:
        reasons[row] = CODE[Reason.LAPSED]
    for row, amount in standing.amounts.items():
        if amount == min(int(columns.amount_minor[row]), supply):
            reasons[row] = CODE[Reason.FILLED]
    return reasons


def _pass(
    columns: BidColumns, whole: int, supply: int, limits: Limits, policy: AuctionPolicy, standing: Standing
) -> Outcome:
    reasons = _screen(columns, whole, limits, standing)
    descent = Descent(columns, limits, whole, supply - standing.total, standing.amounts, reasons)
    taking_part = np.flatnonzero(reasons == CODE[Reason.OUTRANKED])
    ranked = columns.rank_keys(taking_part, class_first=policy.class_first, partners_first=policy.partners_first)
    rows = ranked.rows
    groups = ranked.groups if policy.margin == Margin.PRO_RATA else np.arange(len(rows))
    start, size = 0, _BLOCK_ROWS[0]
    while start < len(rows) and descent.remaining > 0:
        stop = _end_of_group(groups, min(start + size, len(rows)) - 1)
        descent.settle_block(rows[start:stop], groups[start:stop])
        start, size = stop, _BLOCK_ROWS[1]
    return descent.outcome()


def _end_of_group(groups: Integers, position: int) -> int:
    return int(np.searchsorted(groups, groups[position], "right"))
