"""How orders meet: the inner part of the book, without commands, refusals or views (those are in `engine`).

An order that enters takes from the lanes of the other side, best first, at the limits of the resting orders. Each
resting order is touched once, when it is met; nothing here depends on how many others rest. Worked example: see
`engine`.
"""

from collections.abc import Sequence

from exchange.core.terms import PriorityPolicy, Side, TimeInForce
from exchange.matching.counterfactual import as_fills, first_part, priority_cost
from exchange.matching.engine_events import (
    Cancelled,
    CancelReason,
    Filled,
    Line,
    PriorityCompared,
    Rested,
    Skipped,
)
from exchange.matching.order_book import (
    Lane,
    Order,
    amount_in_reach,
    best_price,
    obstacle,
    ranked,
    ranked_by_price,
    takes,
)
from exchange.matching.priority import (
    CLASS_COUNT,
    LAST_CLASS_RANK,
    ask_key,
    bid_key,
    class_leads,
    threshold,
)

BUY = Side.BUY


class Crossing:
    """The lanes of both sides and the rule by which an order takes from them."""

    def __init__(self, policy: PriorityPolicy, *, considered: int | None = None, opened: bool = True) -> None:
        """Start empty. `considered` is the last class rank whose bids may match, None for all."""
        self.policy = policy
        self.opened = opened
        self.halted = False
        self.sequence = 0
        self.fill_count = 0
        self.orders: dict[str, Order] = {}
        self._matching = opened
        self._asks = Lane()
        self._ask_lanes = (self._asks,)
        self._bid_lanes = tuple(Lane() for _ in range(CLASS_COUNT if class_leads(policy) else 1))
        self._waiting = Lane()
        self._woken: list[Order] = []
        self._set_considered(LAST_CLASS_RANK if considered is None else considered)

    def _set_considered(self, last_rank: int) -> None:
        self.considered = last_rank
        own = self._bid_lanes if len(self._bid_lanes) > 1 else self._bid_lanes * CLASS_COUNT
        self._bid_lane_of = [lane if rank <= last_rank else self._waiting for rank, lane in enumerate(own)]

    def _lanes(self, side: Side) -> Sequence[Lane]:
        return self._bid_lanes if side is BUY else self._ask_lanes

    def _rest(self, order: Order) -> None:
        price = order.price_ppm
        if order.side is BUY:
            rank = order.party.class_rank
            level = self._bid_lane_of[rank].level_at(bid_key(price, rank), price)
        else:
            level = self._asks.level_at(ask_key(price), price)
        level.insert(order)
        self.orders[order.order_id] = order

    def _remove(self, order: Order) -> None:
        del self.orders[order.order_id]
        order.level.remove(order)

    def _enter(self, order: Order, lines: list[Line]) -> None:
        """Match, then rest or cancel what is left."""
        if self._matching:
            self._match(order, lines)
        leaves = order.leaves
        if not leaves:
            return
        if order.terms.immediate:
            order.leaves = 0
            order.cancelled += leaves
            kill = order.terms.time_in_force is TimeInForce.FILL_OR_KILL
            reason = CancelReason.FILL_OR_KILL if kill else CancelReason.IMMEDIATE_OR_CANCEL
            lines.append((Cancelled, order.order_id, reason, leaves))
            return
        self._rest(order)
        lines.append((Rested, order.order_id, leaves, order.sequence))

    def _match(self, order: Order, lines: list[Line]) -> None:
        """Let one order that does not rest take what it may from the other side."""
        limit = threshold(order.side, order.price_ppm)
        if order.side is BUY:
            considered = order.party.class_rank <= self.considered
            if considered and (order.terms.plain or self._enough(order, self._ask_lanes, limit)):
                self._take(order, self._asks, limit, lines)
        elif order.terms.plain or self._enough(order, self._bid_lanes, limit):
            self._take_ranked(order, limit, lines)

    def _enough(self, order: Order, lanes: Sequence[Lane], limit: int) -> bool:
        required = order.required()
        if amount_in_reach(lanes, limit, required) < required:
            return False
        return (
            not required
            or sum(taken for _, taken in takes(order.party, order.leaves, ranked(lanes, limit))) >= required
        )

    def _take_ranked(self, order: Order, limit: int, lines: list[Line]) -> None:
        """Take from the bids; where class leads, class by class.

        Where a bid may be passed over for its class, the proof of what price first would have given follows the fills;
        it counts the bids that are not considered yet.
        """
        lanes = self._bid_lanes
        if len(lanes) == 1 and not self._waiting.keys:
            self._take(order, lanes[0], limit, lines)
            return
        if not any(lane.keys and lane.keys[-1] >= limit for lane in lanes):
            return
        would = as_fills(takes(order.party, order.leaves, ranked_by_price((*lanes, self._waiting), limit)))
        before, start = order.leaves, len(lines)
        for lane in lanes:
            if lane.keys and lane.keys[-1] >= limit and order.leaves:
                self._take(order, lane, limit, lines)
        if order.leaves < before:
            price_first = first_part(would, before - order.leaves)
            actual = [Filled(*line[1:]) for line in lines[start:] if line[0] is Filled]
            lines.append((PriorityCompared, order.order_id, price_first, priority_cost(price_first, actual)))

    def _take(self, order: Order, lane: Lane, limit: int, lines: list[Line]) -> None:
        """Take from one lane, best level first, in each level first come first served."""
        keys, live, order_id, leaves, number = lane.keys, self.orders, order.order_id, order.leaves, self.fill_count
        party = order.party
        apart = party.keys.isdisjoint
        index = len(keys) - 1
        while leaves and index >= 0 and keys[index] >= limit:
            level = lane.levels[keys[index]]
            passed: Order = level  # the last order passed over; the orders between it and `resting` are filled
            price, count, wanted = level.price_ppm, level.count, leaves
            resting = level.following
            while leaves and resting is not level:
                if resting.terms.conditional or not apart(resting.party.keys):
                    reason = obstacle(party, resting, leaves)
                    if reason is not None:
                        lines.append((Skipped, order_id, resting.order_id, reason))
                        passed.following, resting.previous = resting, passed
                        passed, resting = resting, resting.following
                        continue
                number += 1
                rest = resting.leaves - leaves
                if rest > 0:
                    resting.leaves = rest
                    lines.append((Filled, resting.order_id, order_id, price, leaves, number, rest, 0))
                    if resting.terms.conditional:
                        self._note_lifted(resting, leaves)
                    leaves = 0
                else:
                    resting.leaves = 0
                    resting_id = resting.order_id
                    lines.append((Filled, resting_id, order_id, price, leaves + rest, number, 0, -rest))
                    del live[resting_id]
                    count -= 1
                    leaves = -rest
                    following = resting.following
                    # Orders that left must not keep each other alive: there may be no collector to free them.
                    resting.previous = resting.following = level
                    resting = following
            if count:
                passed.following, resting.previous = resting, passed
                level.count = count
                level.amount -= wanted - leaves
            else:
                del lane.levels[level.key], keys[index], level.following, level.previous
            index -= 1
        order.leaves = leaves
        self.fill_count = number

    def _note_lifted(self, resting: Order, filled: int) -> None:
        if resting.filled - filled < resting.terms.minimum_fill:
            self._woken.append(resting)

    def _retry(self, order: Order, lines: list[Line]) -> None:
        """Let a resting order meet the other side from its place, and put it back there."""
        self._remove(order)
        self._match(order, lines)
        if order.leaves:
            self._rest(order)

    def _wake(self, lines: list[Line]) -> None:
        """Try again the resting orders whose minimum was lifted by this command, in the order of their fills."""
        while self._woken:
            order = self._woken.pop(0)
            if order.leaves:
                self._retry(order, lines)

    def _uncross(self, lines: list[Line]) -> None:
        """Let each resting ask that bids reach take from them, best ask first."""
        best = best_price(self._bid_lanes) if self._matching else None
        if best is not None:
            for ask in list(ranked(self._ask_lanes, ask_key(best))):
                self._retry(ask, lines)
            self._wake(lines)
