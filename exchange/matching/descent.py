"""One pass down a ranking under limits: what is left, the slots that are free, what each holder has won.

Whole groups are settled at once: within a block the first rows of new holders take the free slots, demand is
added up, and everything above the first group that does not fit is filled. That group is shared at the margin
in exact integers, then the pass goes on below it with what is left.

Worked example: 100 to place, groups of 30, 60 and 40: the first two are filled whole, the third is at the
margin with 10 left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import accumulate

import numpy as np

from exchange.matching.award import CODE, Limits, Outcome, Reason, Step
from exchange.matching.bid_columns import BidColumns, Bools, Codes, Integers
from exchange.matching.margin import Claim, share_margin

_INT64_MAX = 2**63 - 1
_NEVER = 2**62


@dataclass(frozen=True, slots=True)
class _Terms:
    """Columns of some rows: holder, amount asked, its own least amounts, and what the holder lacks to the minimum."""

    held: Integers
    asked: Integers
    all_or_none: Bools
    minimum_fill: Integers
    own_least: Integers
    short_holding: Integers

    def at(self, positions: Integers) -> "_Terms":
        return _Terms(*(getattr(self, column.name)[positions] for column in fields(self)))

    def unable_codes(self) -> Integers:
        """Code of the greatest of each bid's minima, the one that it fails by."""
        conditions = [
            self.short_holding > self.asked,
            self.all_or_none,
            self.short_holding > self.minimum_fill,
            self.minimum_fill > 0,
        ]
        reasons = (Reason.MINIMUM_HOLDING, Reason.ALL_OR_NONE, Reason.MINIMUM_HOLDING, Reason.MINIMUM_FILL)
        return np.select(conditions, [CODE[reason] for reason in reasons], CODE[Reason.OUTRANKED])


class Descent:
    """State of one pass; rows are settled block by block, best rank first."""

    def __init__(
        self,
        columns: BidColumns,
        limits: Limits,
        whole: int,
        remaining: int,
        standing: Mapping[int, int],
        reasons: Codes,
    ) -> None:
        self.columns = columns
        self.limits = limits
        self.whole = whole
        self.remaining = remaining
        self.slots = limits.new_holder_slots
        self.reasons = reasons
        self.steps: list[Step] = []
        self.won = np.zeros(len(columns.holders), np.int64)
        self.has_slot = np.zeros(len(columns.holders), np.bool_)
        self.standing = np.zeros(len(columns) if standing else 0, np.int64)
        self._first_at = np.full(len(columns.holders), _NEVER, np.int64)
        self._rows: list[Integers] = []
        self._amounts: list[Integers] = []
        if standing:
            rows = np.array(list(standing), np.int64)
            amounts = np.array(list(standing.values()), np.int64)
            self.standing[rows] = amounts
            self._book(rows, amounts)

    def settle_block(self, rows: Integers, groups: Integers) -> None:
        """Settle the rows of whole groups in rank order; stops when nothing is left."""
        while len(rows) and self.remaining > 0:
            settled = self._fill_whole_groups(rows, groups)
            if settled < len(rows) and self.remaining > 0:
                end = int(np.searchsorted(groups, groups[settled], "right"))
                self._share_margin(rows[settled:end])
                settled = end
            rows, groups = rows[settled:], groups[settled:]

    def outcome(self) -> Outcome:
        """The new fills so far, in rank order, each at its own price."""
        rows = np.concatenate([np.zeros(0, np.int64), *self._rows])
        amounts = np.concatenate([np.zeros(0, np.int64), *self._amounts])
        self.reasons[rows] = CODE[Reason.FILLED]
        return Outcome(
            rows,
            amounts,
            self.columns.price_ppm[rows],
            np.zeros(len(rows), np.bool_),
            self.reasons,
            tuple(self.steps),
        )

    def _fill_whole_groups(self, rows: Integers, groups: Integers) -> int:
        """Fill from the top while whole groups fit; returns how many rows are settled by it."""
        terms = self._terms(rows)
        held, asked, own_least = terms.held, terms.asked, terms.own_least
        able = np.maximum(own_least, terms.short_holding) <= np.minimum(asked, self.remaining)
        positions = np.arange(len(rows))
        np.minimum.at(self._first_at, held[able], positions[able])
        first = self._first_at[held]
        self._first_at[held] = _NEVER
        # below a holder's first fill its minimum holding is met, only the bid's own least amount counts
        follows = groups > groups[np.minimum(first, len(rows) - 1)]
        follows &= first < _NEVER
        seated = self._seats(rows, held, first, positions)
        takes = seated & (able | (follows & (own_least <= self.remaining)))
        demand = np.where(takes, asked, 0)
        total, settled = _running_total(demand, self.remaining, groups)
        skipped = np.flatnonzero(~takes[:settled])
        begins = np.append(True, groups[1:] != groups[:-1])
        starts = np.maximum.accumulate(np.where(begins, positions, 0))[skipped]
        left = self.remaining - (total - demand)[starts]
        holding_met = (seated & follows)[skipped]
        self._note_skipped(rows[skipped], terms.at(skipped), holding_met, left)
        filled = np.flatnonzero(takes[:settled])
        self._add(rows[filled], asked[filled])
        return settled

    def _terms(self, rows: Integers) -> _Terms:
        columns = self.columns
        held = columns.holder[rows]
        asked = columns.amount_minor[rows]
        all_or_none = columns.all_or_none[rows]
        fill = columns.minimum_fill_minor[rows]
        least = fill
        if len(self.standing):
            stands = self.standing[rows]
            asked = asked - stands
            least = np.where(stands > 0, 0, fill)
        if not self.limits.divisible:
            asked = np.minimum(asked, self.whole)
            least = np.full(len(rows), self.whole)
            fill = np.zeros(len(rows), np.int64)
        least = np.maximum(np.where(all_or_none, asked, least), 1)
        lacking = self.limits.minimum_holding_minor - columns.existing_holding_minor[rows] - self.won[held]
        return _Terms(held, asked, all_or_none, fill, least, lacking)

    def _seats(self, rows: Integers, held: Integers, first: Integers, positions: Integers) -> Bools:
        """Whether each row's holder is a partner, has a slot, or gets one of the free slots in rank order."""
        seated = self.columns.is_existing_holder[rows] | self.has_slot[held]
        if self.slots is None:
            return np.ones(len(rows), np.bool_)
        newcomers = np.flatnonzero(~seated & (first == positions))
        last = len(rows) if len(newcomers) <= self.slots else (newcomers[self.slots] - 1)
        seated |= first <= last
        return seated

    def _note_skipped(self, rows: Integers, terms: _Terms, holding_met: Bools, left: Integers) -> None:
        """The reason of each row passed over: its own minima first, then the lack of a slot."""
        terms = replace(terms, short_holding=np.where(holding_met, 0, terms.short_holding))
        unable = np.maximum(terms.own_least, terms.short_holding) > np.minimum(terms.asked, left)
        self.reasons[rows] = np.where(unable, terms.unable_codes(), CODE[Reason.NO_NEW_HOLDER_SLOT])

    def _share_margin(self, rows: Integers) -> None:
        terms = self._terms(rows)
        least = np.maximum(terms.own_least, terms.short_holding)
        needs_slot = ~(self.columns.is_existing_holder[rows] | self.has_slot[terms.held])
        columns = (terms.asked.tolist(), least.tolist(), terms.held.tolist(), needs_slot.tolist())
        claims = [Claim(*values) for values in zip(*columns, strict=True)]
        available = self.remaining
        shares = share_margin(claims, available, self.slots)
        codes = terms.unable_codes()
        waiting = sorted(shares.without_slot)
        codes[waiting] = CODE[Reason.NO_NEW_HOLDER_SLOT]
        self.reasons[rows] = codes
        amounts = np.array(shares.amounts, np.int64)
        filled = np.flatnonzero(amounts)
        self._add(rows[filled], amounts[filled])
        self._note_margin(rows, filled, available, shares.admitted_total)

    def _note_margin(self, rows: Integers, filled: Integers, available: int, demand: int) -> None:
        columns, best = self.columns, rows[0]
        self.steps.append(
            {
                "step": "margin",
                "class_rank": int(columns.class_rank[best]),
                "rank_price_ppm": int(columns.rank_price_ppm[best]),
                "available": available,
                "demand": demand,
                "bids": len(rows),
                "shared_by": [columns.bid_ids[row] for row in rows[filled].tolist()],
            }
        )

    def _add(self, rows: Integers, amounts: Integers) -> None:
        if not len(rows):
            return
        self._rows.append(rows)
        self._amounts.append(amounts)
        self._book(rows, amounts)
        self.remaining -= int(amounts.sum())

    def _book(self, rows: Integers, amounts: Integers) -> None:
        """Count fills towards the holdings and slots of their holders."""
        held = self.columns.holder[rows]
        np.add.at(self.won, held, amounts)
        if self.slots is not None:
            entering = np.unique(held[~self.columns.is_existing_holder[rows] & ~self.has_slot[held]])
            self.has_slot[entering] = True
            self.slots = max(0, self.slots - len(entering))


def _running_total(demand: Integers, available: int, groups: Integers) -> tuple[Integers, int]:
    """Running demand, and the rows settled by it: whole groups that fit, none after the one that takes the last."""
    over = available + 1
    bounded = np.minimum(demand, over)
    if len(demand) * int(bounded.max()) <= _INT64_MAX:
        total = np.cumsum(bounded)
    else:  # an exact sum that stops growing once it is over, so it stays within 64 bits
        sums = accumulate(bounded.tolist(), lambda running, more: min(running + more, over))
        total = np.array(list(sums), np.int64)
    reached = int(np.searchsorted(total, available, "left"))
    if reached == len(demand):
        return total, reached
    end = int(np.searchsorted(groups, groups[reached], "right"))
    if total[end - 1] == available:
        return total, end
    return total, int(np.searchsorted(groups, groups[reached], "left"))
