"""The continuous book: commands in, events out, nothing else.

An arriving order meets the other side in rank order (see `priority`), each fill at the limit of the resting order,
and then rests or, if immediate, is cancelled. Related parties are passed over and the pass is recorded. A minimum or
all-or-none is judged when the order arrives (too little in reach: it does not trade now); while it rests, it is passed
over by whatever cannot fill it enough; there is no backtracking. When a fill or a smaller amount lifts the minimum of
a resting order, that order is tried again from its place, so that a quiet book never holds two orders that may trade.

The book knows no clock and draws no numbers: the same commands give the same events and the same `state_hash()`.
A refused command answers one `Rejected` and changes nothing. Ids must never come twice; the book itself refuses an
id only while it rests. A caller that drains many commands gains 30-65% by `gc.freeze()` after loading and
`gc.disable()` while it drains; the book makes no reference cycles that outlive an order.

Worked example: bids B1 (other, 88%, 60) and B2 (guidance fund, 86%, 50) rest in a `guidance_first` book; an ask for
70 at 85% answers Filled(B2, 86%, 50), Filled(B1, 88%, 20), PriorityCompared(cost = 1,000,000 ppm x amount).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from exchange.core.terms import PriorityPolicy, Side
from exchange.matching.batch import Batch
from exchange.matching.engine_events import (
    Amended,
    Cancelled,
    CancelReason,
    Considered,
    Event,
    Line,
    Phase,
    PhaseChanged,
    Reinstated,
    RejectCode,
    Rejected,
    made,
    made_of,
)
from exchange.matching.order_book import (
    EXPIRING,
    DepthLevel,
    Order,
    best_price,
    depth,
    ranked,
)
from exchange.matching.priority import LAST_CLASS_RANK, rank_in_key

ANY_PRICE = -(2**80)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a book is: build one from stored rows and hand it to `Book.restore`. Orders may come in any order."""

    policy: PriorityPolicy
    phase: Phase
    opened: bool
    considered: int
    sequence: int
    fill_count: int
    orders: tuple[Order, ...]


class Book(Batch):
    """A two-sided book of one fund or listing under one priority policy."""

    # -- commands ------------------------------------------------------------------------------------------------

    def submit(self, order: Order) -> list[Event]:
        """Enter a new order; it trades what it can and rests or is cancelled by its terms."""
        return made_of(self.run((order,))[0])

    def amend(
        self, order_id: str, *, price_ppm: int | None = None, amount: int | None = None, sequence: int = 0
    ) -> list[Event]:
        """Change limit or amount (the whole amount, not the rest). Less at the same price keeps the place."""
        order = self.orders.get(order_id)
        if order is None:
            return [Rejected(RejectCode.UNKNOWN_ORDER, order_id)]
        price_ppm = order.price_ppm if price_ppm is None else price_ppm
        amount = order.amount if amount is None else amount
        code = self._amend_refusal(order, price_ppm, amount, sequence)
        if code is not None:
            return [Rejected(code, order_id)]
        less = order.amount - amount
        keeps_place = price_ppm == order.price_ppm and less >= 0
        self._remove(order)
        order.price_ppm = price_ppm
        order.amount = amount
        order.leaves -= less
        if not keeps_place:
            self.sequence = order.sequence = sequence or self.sequence + 1
        lines: list[Line] = [(Amended, order_id, price_ppm, amount, order.leaves, order.sequence)]
        if not keeps_place:
            self._enter(order, lines)
        elif order.leaves:
            self._rest(order)
            if order.terms.conditional and self._matching:
                self._retry(order, lines)
        self._wake(lines)
        return made(lines)

    def cancel(self, order_id: str) -> list[Event]:
        """Withdraw the open rest of an order; allowed in every phase."""
        return made_of(self.run((order_id,))[0])

    def expire(self, order_id: str) -> list[Event]:
        """End a day or good-till-date order, at the word of whoever watches the clock."""
        order = self.orders.get(order_id)
        if order is None:
            return [Rejected(RejectCode.UNKNOWN_ORDER, order_id)]
        if order.terms.time_in_force not in EXPIRING:
            return [Rejected(RejectCode.DOES_NOT_EXPIRE, order_id)]
        self._remove(order)
        leaves, order.leaves = order.leaves, 0
        order.cancelled += leaves
        return [Cancelled(order_id, CancelReason.EXPIRED, leaves)]

    def reinstate(self, order_id: str, amount: int, gone: Order | None = None) -> list[Event]:
        """Give an order back an amount whose proposal lapsed or was declined, at its old place, and match it again.

        An order that no longer rests comes back from `gone`, which the caller builds from its row.
        """
        resting = self.orders.get(order_id)
        order = resting or gone
        if order is None:
            return [Rejected(RejectCode.UNKNOWN_ORDER, order_id)]
        if type(amount) is not int or not 0 < amount <= order.filled:
            return [Rejected(RejectCode.BAD_AMOUNT, order_id)]
        if resting:
            self._remove(resting)
        order.leaves += amount
        lines: list[Line] = [(Reinstated, order_id, amount, order.leaves, order.sequence)]
        self._enter(order, lines)
        self._wake(lines)
        return made(lines)

    def consider(self, class_rank: int | None) -> list[Event]:
        """From now on match only bids of this class rank or better, None for all; the rest keep their places.

        Bids considered anew are met by the resting asks, best ask first.
        """
        considered = LAST_CLASS_RANK if class_rank is None else class_rank
        if not 0 <= considered <= LAST_CLASS_RANK:
            return [Rejected(RejectCode.BAD_CLASS, None)]
        self._set_considered(considered)
        for lane in (*self._bid_lanes, self._waiting):
            for level in list(lane.levels.values()):
                proper = self._bid_lane_of[rank_in_key(level.key)]
                if proper is not lane:
                    proper.adopt(level)
        return self._uncrossed((Considered, considered))

    def open_book(self) -> list[Event]:
        """End the pre-open: every resting ask, best first, takes from the bids at their limits."""
        if self.opened or self.halted:
            return [Rejected(RejectCode.HALTED if self.halted else RejectCode.ALREADY_OPEN, None)]
        self.opened = self._matching = True
        return self._uncrossed((PhaseChanged, Phase.OPEN))

    def halt(self) -> list[Event]:
        """Stop trading: orders and amendments are refused, cancels are not; returning amounts rest unmatched."""
        if self.halted:
            return [Rejected(RejectCode.HALTED, None)]
        self.halted = True
        self._matching = False
        return [PhaseChanged(Phase.HALTED)]

    def resume(self) -> list[Event]:
        """Go on after a halt, in the phase the book was in; what came back meanwhile is matched now."""
        if not self.halted:
            return [Rejected(RejectCode.NOT_HALTED, None)]
        self.halted = False
        self._matching = self.opened
        return self._uncrossed((PhaseChanged, self.phase))

    # -- what the book shows -------------------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """Pre-open, open or halted."""
        if self.halted:
            return Phase.HALTED
        return Phase.OPEN if self.opened else Phase.PRE_OPEN

    def depth(self, side: Side, levels: int = 10) -> list[DepthLevel]:
        """Best prices with live amount and count; bids that are not yet considered are not shown."""
        return depth(self._lanes(side), levels)

    def best(self, side: Side) -> int | None:
        """Best price of a side in parts per million, None when it is empty."""
        return best_price(self._lanes(side))

    def ranked(self, side: Side) -> Iterator[Order]:
        """Resting orders in the order in which they would be met; do not change the book meanwhile."""
        return ranked(self._lanes(side), ANY_PRICE)

    def waiting(self) -> Iterator[Order]:
        """Bids filed but not considered yet."""
        return ranked((self._waiting,), ANY_PRICE)

    def snapshot(self) -> Snapshot:
        """The whole state, in copies."""
        orders = (*self.ranked(Side.SELL), *self.ranked(Side.BUY), *self.waiting())
        return Snapshot(
            self.policy,
            self.phase,
            self.opened,
            self.considered,
            self.sequence,
            self.fill_count,
            tuple(order.copy() for order in orders),
        )

    @classmethod
    def restore(cls, snapshot: Snapshot) -> "Book":
        """The book that lived through the history of the snapshot; the orders given become its own."""
        book = cls(snapshot.policy, considered=snapshot.considered, opened=snapshot.opened)
        book.halted = snapshot.phase is Phase.HALTED
        book._matching = book.opened and not book.halted
        book.sequence = snapshot.sequence
        book.fill_count = snapshot.fill_count
        for order in sorted(snapshot.orders, key=lambda order: order.sequence):
            book._rest(order)
        return book

    def state_hash(self) -> str:
        """SHA-256 over policy, phase, counters and every resting order in its place."""
        digest = hashlib.sha256()
        head = f"{self.policy}|{self.phase}|{int(self.opened)}|{self.considered}|{self.sequence}|{self.fill_count}\n"
        digest.update(head.encode())
        for order in (*self.ranked(Side.SELL), *self.ranked(Side.BUY), *self.waiting()):
            digest.update(f"{order.text()}\n".encode())
        return digest.hexdigest()

    # -- refusals --------------------------------------------------------------------------------------------------

    def _amend_refusal(self, order: Order, price_ppm: int, amount: int, sequence: int) -> RejectCode | None:
        if self.halted:
            return RejectCode.HALTED
        if type(price_ppm) is not int or price_ppm <= 0:
            return RejectCode.BAD_PRICE
        if type(amount) is not int or amount <= 0:
            return RejectCode.BAD_AMOUNT
        if amount < order.filled + order.cancelled:
            return RejectCode.BELOW_FILLED
        return RejectCode.STALE_SEQUENCE if sequence and sequence <= self.sequence else None

    def _uncrossed(self, first: Line) -> list[Event]:
        lines = [first]
        self._uncross(lines)
        return made(lines)
