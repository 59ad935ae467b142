"""Many commands in one call: new orders and withdrawals, the two that a busy book is made of.

`run` is the only way in for a new order; `Book.submit` and `Book.cancel` are batches of one. What an order costs is
mostly what Python pays for calls and small values, so the two frequent cases, an order that only rests and one that
is withdrawn, are written out in the loop, and events stay lines (see `engine_events`) until somebody reads them.

Worked example: `run([Order("B1", ...88%, 60), "B1"])` answers `[(Rested, "B1", 60, 1), (Cancelled, "B1", WITHDRAWN,
60)]`; an ask for 20 at 85% between the two would answer a list with its one `Filled`.
"""

from collections.abc import Iterable

from exchange.matching.crossing import BUY, Crossing
from exchange.matching.engine_events import Answer, Cancelled, CancelReason, Line, RejectCode, Rejected, Rested
from exchange.matching.order_book import Order
from exchange.matching.priority import CLASS_BITS, LAST_CLASS_RANK

WITHDRAWN = CancelReason.WITHDRAWN


class Batch(Crossing):
    """The book as a taker of batches."""

    def run(self, commands: Iterable[Order | str]) -> list[Answer]:
        """Enter each order, withdraw each id, in turn; one answer for each command.

        An answer is a single line where nothing was met (rested, withdrawn, refused), else the list of all its lines.
        A refused command answers one `Rejected` and changes nothing.
        """
        orders, asks, lane_of, matching = self.orders, self._asks, self._bid_lane_of, self._matching
        ask_keys, bid_keys, class_leads = asks.keys, self._bid_lanes[0].keys, len(self._bid_lanes) > 1
        answers: list[Answer] = []
        say = answers.append
        for command in commands:
            if isinstance(command, str):
                if command in orders:
                    order = orders.pop(command)
                    leaves, level, before, after = order.leaves, order.level, order.previous, order.following
                    before.following = after
                    after.previous = before
                    level.amount -= leaves
                    level.count -= 1
                    if before is after:
                        level.lane.forget(level)
                    order.leaves = 0
                    order.cancelled += leaves
                    say((Cancelled, command, WITHDRAWN, leaves))
                else:
                    say((Rejected, RejectCode.UNKNOWN_ORDER, command))
                continue
            order = command
            price, leaves, sequence, order_id = order.price_ppm, order.amount, order.sequence, order.order_id
            if (
                not (matching and order.terms.plain and type(price) is type(leaves) is int and price > 0 and leaves > 0)
                or (sequence and sequence <= self.sequence)
                or order_id in orders
            ):
                say(self._enter_unusual(order))
                continue
            self.sequence = sequence = order.sequence = sequence or self.sequence + 1
            if order.side is BUY:
                rank = order.party.class_rank
                lane, limit = lane_of[rank], -(price << CLASS_BITS)
                key = LAST_CLASS_RANK - rank - limit
                meets = ask_keys and ask_keys[-1] >= limit
            else:
                lane, limit = asks, price << CLASS_BITS
                key = -limit
                meets = class_leads or (bid_keys and bid_keys[-1] >= limit)
            if meets:
                say(self._meet(order, limit))
            else:
                level = lane.levels.get(key) or lane.new_level(key, price)
                order.following = order.level = level
                order.previous = last = level.previous
                last.following = level.previous = order
                level.amount += leaves
                level.count += 1
                orders[order_id] = order
                say((Rested, order_id, leaves, sequence))
        return answers

    def _meet(self, order: Order, limit: int) -> list[Line]:
        """Let a plain order take what it may from the other side; the rest of it rests."""
        lines: list[Line] = []
        if order.side is not BUY:
            self._take_ranked(order, limit, lines)
        elif order.party.class_rank <= self.considered:
            self._take(order, self._asks, limit, lines)
        leaves = order.leaves
        if leaves:
            self._rest(order)
            lines.append((Rested, order.order_id, leaves, order.sequence))
        if self._woken:
            self._wake(lines)
        return lines

    def _enter_unusual(self, order: Order) -> Answer:
        """Everything that the loop leaves out: refusals, terms, a book that collects."""
        code = self._refusal(order)
        if code is not None:
            return (Rejected, code, order.order_id)
        lines: list[Line] = []
        self.sequence = order.sequence = order.sequence or self.sequence + 1
        self._enter(order, lines)
        self._wake(lines)
        return lines

    def _refusal(self, order: Order) -> RejectCode | None:
        price, amount = order.price_ppm, order.amount
        if type(price) is not int or price <= 0:
            return RejectCode.BAD_PRICE
        if type(amount) is not int or amount <= 0:
            return RejectCode.BAD_AMOUNT
        if order.order_id in self.orders:
            return RejectCode.DUPLICATE_ORDER
        if order.sequence and order.sequence <= self.sequence:
            return RejectCode.STALE_SEQUENCE
        return None if self._matching and order.terms.plain else self._special_refusal(order)

    def _special_refusal(self, order: Order) -> RejectCode | None:
        if self.halted:
            return RejectCode.HALTED
        terms = order.terms
        minimum = terms.minimum_fill
        if type(minimum) is not int or not 0 <= minimum <= order.amount:
            return RejectCode.BAD_MINIMUM_FILL
        return RejectCode.NOT_OPEN if not self.opened and terms.immediate else None
