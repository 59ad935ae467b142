"""The same rules as `engine`, written to be obvious and slow: one bag of orders, sorted anew for every match.
The property tests hold the fast book to it: the same commands, the same events. Refusals and proofs are left out.
"""

from exchange.core.terms import PriorityPolicy, Side, TimeInForce
from exchange.matching.engine_events import Cancelled, CancelReason, Event, Filled, Rested, Skipped, SkipReason
from exchange.matching.order_book import IMMEDIATE, Order
from exchange.matching.priority import LAST_CLASS_RANK


class NaiveBook:
    """A bag of resting orders and the rule."""

    def __init__(self, policy: PriorityPolicy, *, considered: int = LAST_CLASS_RANK, matching: bool = True) -> None:
        self.class_leads = policy is PriorityPolicy.GUIDANCE_FIRST
        self.considered, self.matching, self.sequence, self.fills = considered, matching, 0, 0
        self.bag, self.lifted = list[Order](), list[Order]()

    def enter(self, order: Order, *, new_place: bool) -> list[Event]:
        """Match an order that is not in the bag; what is left rests or, if immediate, is cancelled."""
        self.sequence += int(new_place)
        order.sequence = self.sequence if new_place else order.sequence
        events = self.match(order)
        left = order.leaves
        if left and order.terms.time_in_force in IMMEDIATE:
            order.leaves, order.cancelled = 0, order.cancelled + left
            events.append(Cancelled(order.order_id, CancelReason(order.terms.time_in_force.value), left))
        elif left:
            self.bag.append(order)
            events.append(Rested(order.order_id, left, order.sequence))
        return events + self.settle()

    def uncross(self) -> list[Event]:
        """Every resting ask, best first, meets the bids: after an opening, a halt, or a wider consideration."""
        asks = sorted((o for o in self.bag if o.side is Side.SELL), key=lambda o: (o.price_ppm, o.sequence))
        return [event for ask in asks for event in self.retry(ask)] + self.settle()

    def retry(self, order: Order) -> list[Event]:
        """Let a resting order meet the others without losing its place."""
        self.bag.remove(order)
        events = self.match(order)
        self.bag += [order] if order.leaves else []
        return events

    def settle(self) -> list[Event]:
        """Try again the orders whose minimum was lifted by a fill."""
        events: list[Event] = []
        while self.lifted:
            order = self.lifted.pop(0)
            events += self.retry(order) if order.leaves else []
        return events

    def opposite(self, order: Order) -> list[Order]:
        """Resting orders that cross this one, as the policy ranks them; bids not considered meet nobody."""
        bids = [o for o in [*self.bag, order] if o.side is Side.BUY and o.party.class_rank <= self.considered]
        if order.side is Side.BUY:
            asks = [o for o in self.bag if o.side is Side.SELL and o.price_ppm <= order.price_ppm]
            return sorted(asks, key=lambda o: (o.price_ppm, o.sequence)) if order in bids else []
        bids = sorted((o for o in bids if o.price_ppm >= order.price_ppm), key=lambda o: o.sequence)
        bids.sort(key=lambda o: (-o.price_ppm, o.party.class_rank))
        return sorted(bids, key=lambda o: o.party.class_rank) if self.class_leads else bids

    def match(self, order: Order) -> list[Event]:
        """Plan what to take of each order met; carry it out if the order's own condition is met by it."""
        plan, want = list[tuple[Order, int | SkipReason]](), order.leaves
        for other in self.opposite(order) if self.matching else []:
            step = self.step(order, other, want)
            plan += [(other, step)] if want else []
            want -= 0 if isinstance(step, SkipReason) else step
        if order.leaves - want < self.least(order, kill=order.terms.time_in_force is TimeInForce.FILL_OR_KILL):
            return []
        return [self.carry_out(order, other, step) for other, step in plan]

    def step(self, order: Order, other: Order, want: int) -> int | SkipReason:
        """The amount to take of a resting order, or why it is passed over."""
        if order.party.owner == other.party.owner:
            return SkipReason.SAME_OWNER
        if {order.party.owner, *order.party.groups} & {other.party.owner, *other.party.groups}:
            return SkipReason.RELATED_PARTY
        if want < self.least(other):
            return SkipReason.ALL_OR_NONE if other.terms.all_or_none else SkipReason.MINIMUM_FILL
        return min(want, other.leaves)

    def least(self, order: Order, *, kill: bool = False) -> int:
        """The least amount an order accepts at once: all, its minimum until that is met, or anything."""
        minimum = order.terms.minimum_fill if order.filled < order.terms.minimum_fill else 0
        return order.leaves if kill or order.terms.all_or_none else min(minimum, order.leaves)

    def carry_out(self, order: Order, other: Order, step: int | SkipReason) -> Event:
        """One fill, or one order passed over."""
        if isinstance(step, SkipReason):
            return Skipped(order.order_id, other.order_id, step)
        unmet, self.fills = other.filled < other.terms.minimum_fill, self.fills + 1
        order.leaves, other.leaves = order.leaves - step, other.leaves - step
        if other.leaves == 0:
            self.bag.remove(other)
        elif unmet:
            self.lifted.append(other)
        return Filled(other.order_id, order.order_id, other.price_ppm, step, self.fills, other.leaves, order.leaves)
