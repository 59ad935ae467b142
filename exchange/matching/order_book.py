"""The resting orders of a book and their places: orders, levels, and lanes of levels.

A level is a first-in-first-out chain of orders with one rank (price, and class for bids). A lane keeps its levels
by key with the best key last, so taking the best, joining a level and leaving one do not depend on how many orders
rest. A side is one lane, or one lane per class where the class leads (`guidance_first`), walked in rank order.

Worked example, one lane of bids: 88% class 0, then 88% class 3, then 87% class 0 stand at keys 3520003, 3520000,
3480003; an ask limited at 88% reaches every key from 3520000 up, that is the first two.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge

from exchange.core.terms import Side, TimeInForce
from exchange.matching.engine_events import SkipReason
from exchange.matching.priority import CLASS_BITS, LAST_CLASS_RANK

EXPIRING = frozenset({TimeInForce.DAY, TimeInForce.GOOD_TILL_DATE})
IMMEDIATE = frozenset({TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL})


@dataclass(frozen=True, slots=True)
class Party:
    """Who stands behind an order; orders whose `keys` (owner and beneficial-owner groups) meet never trade.

    Raises ValueError for a class rank outside 0..3: the caller maps approved classes, never input.
    """

    owner: str
    class_rank: int = LAST_CLASS_RANK
    groups: tuple[str, ...] = ()
    keys: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.class_rank <= LAST_CLASS_RANK:
            raise ValueError(f"class rank {self.class_rank} is not in 0..{LAST_CLASS_RANK}")
        object.__setattr__(self, "keys", frozenset((self.owner, *self.groups)))


@dataclass(frozen=True, slots=True)
class Terms:
    """Conditions of an order beside price and amount; share one value between orders with the same terms."""

    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_CANCELLED
    all_or_none: bool = False
    minimum_fill: int = 0
    conditional: bool = field(init=False, repr=False, compare=False)
    immediate: bool = field(init=False, repr=False, compare=False)
    plain: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        conditional = self.all_or_none or self.minimum_fill != 0
        immediate = self.time_in_force in IMMEDIATE
        object.__setattr__(self, "conditional", conditional)
        object.__setattr__(self, "immediate", immediate)
        object.__setattr__(self, "plain", not (conditional or immediate))


PLAIN = Terms()


class Order:
    """One order and its place. `amount = filled + leaves + cancelled` always; links are set only while it rests."""

    __slots__ = (
        "amount",
        "cancelled",
        "following",
        "leaves",
        "level",
        "order_id",
        "party",
        "previous",
        "price_ppm",
        "sequence",
        "side",
        "terms",
    )
    level: "Level"
    previous: "Order"
    following: "Order"

    def __init__(
        self,
        order_id: str,
        side: Side,
        price_ppm: int,
        amount: int,
        party: Party,
        terms: Terms = PLAIN,
        sequence: int = 0,
        leaves: int | None = None,
        cancelled: int = 0,
    ) -> None:
        """Leave `sequence` 0 to let the book number the order; give `leaves` for one that was filled before."""
        self.order_id = order_id
        self.side = side
        self.price_ppm = price_ppm
        self.amount = amount
        self.party = party
        self.terms = terms
        self.sequence = sequence
        self.leaves = amount if leaves is None else leaves
        self.cancelled = cancelled

    @property
    def filled(self) -> int:
        """Amount traded so far, in minor units."""
        return self.amount - self.leaves - self.cancelled

    def copy(self) -> "Order":
        """The same order standing in no book."""
        return Order(
            self.order_id,
            self.side,
            self.price_ppm,
            self.amount,
            self.party,
            self.terms,
            self.sequence,
            self.leaves,
            self.cancelled,
        )

    def smallest_fill(self) -> int:
        """Least single fill that this order accepts while it rests, 0 for any."""
        if self.terms.all_or_none:
            return self.leaves
        minimum = self.terms.minimum_fill
        return min(minimum, self.leaves) if self.filled < minimum else 0

    def required(self) -> int:
        """Least total that this order accepts when it goes to meet resting ones, 0 for any."""
        return self.leaves if self.terms.time_in_force is TimeInForce.FILL_OR_KILL else self.smallest_fill()

    def text(self) -> str:
        """Canonical line for the state hash; the price, amounts and place are integers in base ten."""
        terms, party = self.terms, self.party
        return (
            f"{self.side}|{self.price_ppm}|{self.sequence}|{self.order_id}|{self.amount}|{self.leaves}|"
            f"{self.cancelled}|{party.owner}|{party.class_rank}|{','.join(sorted(party.groups))}|"
            f"{terms.time_in_force}|{int(terms.all_or_none)}|{terms.minimum_fill}"
        )


class Level(Order):
    """A ring of orders of one rank in the order of their sequence numbers, with their live amount and count.

    The level closes the ring and so stands in it like an order: from it, `following` is the first order and
    `previous` the last. An empty level links to itself.
    """

    __slots__ = ("count", "key", "lane")

    def __init__(self, lane: "Lane", key: int, price_ppm: int) -> None:
        self.lane = lane
        self.key = key
        self.price_ppm = price_ppm
        self.previous = self.following = self
        self.amount = 0
        self.count = 0

    def __iter__(self) -> Iterator[Order]:
        order = self.following
        while order is not self:
            yield order
            order = order.following

    def insert(self, order: Order) -> None:
        """Put the order at the place of its sequence number: new ones come last, returning ones where they stood."""
        before = self.previous
        while before is not self and before.sequence > order.sequence:
            before = before.previous
        after = before.following
        order.level = self
        order.previous = before
        order.following = after
        before.following = order
        after.previous = order
        self.amount += order.leaves
        self.count += 1

    def remove(self, order: Order) -> None:
        """Take the order out, and the level out of its lane with its last order."""
        before, after = order.previous, order.following
        before.following = after
        after.previous = before
        self.amount -= order.leaves
        self.count -= 1
        if before is after:
            self.lane.forget(self)


class Lane:
    """Levels by key, best key last."""

    __slots__ = ("keys", "levels")

    def __init__(self) -> None:
        self.keys: list[int] = []
        self.levels: dict[int, Level] = {}

    def level_at(self, key: int, price_ppm: int) -> Level:
        """The level of this key, made if it is missing."""
        return self.levels.get(key) or self.new_level(key, price_ppm)

    def new_level(self, key: int, price_ppm: int) -> Level:
        """Make the level of this key, which is missing."""
        level = self.levels[key] = Level(self, key, price_ppm)
        insort(self.keys, key)
        return level

    def forget(self, level: Level) -> None:
        """Drop an empty level for good and open its ring, so that it is freed without the garbage collector."""
        self.drop(level)
        del level.following, level.previous

    def drop(self, level: Level) -> None:
        """Take a level out."""
        keys = self.keys
        del self.levels[level.key]
        del keys[bisect_left(keys, level.key)]

    def adopt(self, level: Level) -> None:
        """Move a whole level here from its lane."""
        level.lane.drop(level)
        level.lane = self
        self.levels[level.key] = level
        insort(self.keys, level.key)

    def ranked_levels(self) -> Iterator[Level]:
        """Levels from best to worst."""
        return (self.levels[key] for key in reversed(self.keys))


def ranked(lanes: Iterable[Lane], threshold: int) -> Iterator[Order]:
    """Resting orders at or above the threshold, in the rank of the book."""
    for lane in lanes:
        for level in lane.ranked_levels():
            if level.key < threshold:
                break
            yield from level


def ranked_by_price(lanes: Sequence[Lane], threshold: int) -> Iterator[Order]:
    """The same orders by price, class, time, whichever lanes they stand in."""
    for level in merge(*(lane.ranked_levels() for lane in lanes), key=lambda level: -level.key):
        if level.key < threshold:
            return
        yield from level


def amount_in_reach(lanes: Iterable[Lane], threshold: int, enough: int) -> int:
    """Live amount at or above the threshold, counted level by level until there is enough."""
    total = 0
    for lane in lanes:
        for level in lane.ranked_levels():
            if total >= enough or level.key < threshold:
                break
            total += level.amount
    return total


def obstacle(incoming: Party, resting: Order, open_amount: int) -> SkipReason | None:
    """Why an incoming order with this open amount must pass over the resting one, or None if the two may trade."""
    if not incoming.keys.isdisjoint(resting.party.keys):
        return SkipReason.SAME_OWNER if incoming.owner == resting.party.owner else SkipReason.RELATED_PARTY
    if open_amount >= resting.smallest_fill():
        return None
    return SkipReason.ALL_OR_NONE if resting.terms.all_or_none else SkipReason.MINIMUM_FILL


def takes(incoming: Party, amount: int, resting: Iterable[Order]) -> Iterator[tuple[Order, int]]:
    """What an incoming order would take from resting ones in the order given; changes nothing."""
    for order in resting:
        if not amount:
            return
        if obstacle(incoming, order, amount) is None:
            taken = min(amount, order.leaves)
            amount -= taken
            yield order, taken


@dataclass(frozen=True, slots=True)
class DepthLevel:
    """All orders at one price."""

    price_ppm: int
    amount: int
    count: int


def depth(lanes: Sequence[Lane], levels: int) -> list[DepthLevel]:
    """The best prices of a side, classes added together."""
    rows: list[DepthLevel] = []
    for level in merge(*(lane.ranked_levels() for lane in lanes), key=lambda level: -level.key):
        if rows and rows[-1].price_ppm == level.price_ppm:
            last = rows.pop()
            rows.append(DepthLevel(last.price_ppm, last.amount + level.amount, last.count + level.count))
        elif len(rows) == levels:
            break
        else:
            rows.append(DepthLevel(level.price_ppm, level.amount, level.count))
    return rows


def best_price(lanes: Iterable[Lane]) -> int | None:
    """Best price of a side in parts per million, None if nothing rests there."""
    keys = [lane.keys[-1] for lane in lanes if lane.keys]
    return abs(max(keys)) >> CLASS_BITS if keys else None
