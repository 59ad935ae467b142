"""How bids of equal rank share an amount that does not suffice for all of them.

1. A claim that could not be met even alone (its least amount is above its amount or above what is left) drops.
2. New holders take the free slots in time order; claims without a slot wait.
3. The amount is shared in proportion to the claims. While an exact share is below the claim's least amount, the
   claim that is furthest below it in proportion drops (of equals the latest), and the rest share again.
4. If a claim dropped, its slot is free: begin again at 2 with those that did not drop. Otherwise the exact
   shares are rounded by largest remainder, ties to the earlier claim.

There is no backtracking: a claim that dropped does not come back. Claims of one time cannot be told apart by
more than their id, so the caller passes them in the order of time, then id.

Worked example: claims of 60, 45 and 40 share 100 as 41, 31 and 28.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from exchange.core.money import allocate

_NEVER = 1 << 256
_FRACTION_BITS = 128  # two different quotients of 60-bit integers differ by more than 2**-120


@dataclass(frozen=True, slots=True)
class Claim:
    """What a bid asks for at the margin, and the least it can be given, in minor units."""

    amount: int
    least: int
    holder: int
    needs_slot: bool


@dataclass(frozen=True, slots=True)
class Shares:
    """What each claim gets (nothing is 0), by position, and which claims waited for a slot in vain."""

    amounts: list[int]
    without_slot: set[int]
    admitted_total: int


def share_margin(claims: Sequence[Claim], available: int, slots: int | None) -> Shares:
    """Share an amount among claims given in time order; all amounts are minor units.

    `slots` is the number of new holders that may still come in, None for no cap.
    Source: pro-rata rule of the market with its minimum, largest-remainder method. Time: n log n for n claims.
    """
    able = [i for i, claim in enumerate(claims) if claim.least <= min(claim.amount, available)]
    table = _Table(claims, able, available, slots)
    while table.drop_short():
        table.fill_seats()
    kept = table.kept()
    amounts = [0] * len(claims)
    whole = [claims[i].amount for i in kept]
    for i, amount in zip(kept, allocate(available, whole) if table.total > available else whole, strict=True):
        amounts[i] = amount
    return Shares(amounts, table.waiting(), table.total)


class _Holder:
    """The claims of one new holder that have not dropped: the furthest below its least amount first, and the sum."""

    __slots__ = ("claims", "earliest", "is_seated", "keys", "total")

    def __init__(self, claims: Sequence[Claim], members: list[int], may_drop: Iterable[int] | None = None) -> None:
        self.claims = members
        self.earliest = 0
        self.keys = [_key(claims[i], i) for i in (members if may_drop is None else may_drop)]
        heapify(self.keys)
        self.total = sum(claims[i].amount for i in members)
        self.is_seated = False

    def first(self, dropped: set[int]) -> int | None:
        """The earliest claim that has not dropped."""
        while self.earliest < len(self.claims) and self.claims[self.earliest] in dropped:
            self.earliest += 1
        return self.claims[self.earliest] if self.earliest < len(self.claims) else None


class _Table:
    """Who sits at the margin: old partners always, new holders while there are slots, by their earliest claim.

    A new holder's seat depends on its earliest claim alone, which only moves later, and only by its own drops: so a
    heap of the seated and one of those who wait decide every change of seats, and a heap of the seated holders'
    smallest quotients of amount and least amount decides every drop.
    """

    def __init__(self, claims: Sequence[Claim], able: Sequence[int], available: int, slots: int | None) -> None:
        self.all = claims
        self.able = able
        self.available = available
        self.dropped: set[int] = set()
        self.total = 0
        self._lowest: list[tuple[int, int, _Holder]] = []
        self._moved: list[_Holder] = []
        by_holder: dict[int, list[int]] = {}
        always: list[int] = []
        for i in able:
            if slots is None or not claims[i].needs_slot:
                always.append(i)
            else:
                by_holder.setdefault(claims[i].holder, []).append(i)
        self._partners = _Holder(claims, always, None if by_holder else self._short_at_first(always))
        self._new = {holder: _Holder(claims, members) for holder, members in by_holder.items()}
        self._free = len(self._new) if slots is None else slots
        self._waiting = [(holder.claims[0], holder) for holder in self._new.values()]
        self._seated: list[tuple[int, int, _Holder]] = []
        if always:
            self._sit(self._partners)
        self.fill_seats()

    def _short_at_first(self, members: Sequence[int]) -> list[int]:
        """Without new holders nobody joins: a share only grows, so only those short at first can drop."""
        total = sum(self.all[i].amount for i in members)
        if total <= self.available:
            return []
        return [i for i in members if self.available * self.all[i].amount < self.all[i].least * total]

    def drop_short(self) -> bool:
        """Drop claims whose exact share is too small, the furthest below first; whether any dropped."""
        before = len(self.dropped)
        while self.total > self.available and self._lowest:
            key, late, holder = self._lowest[0]
            if not holder.is_seated or not holder.keys or holder.keys[0] != (key, late):
                heappop(self._lowest)  # of somebody who left, or no longer the holder's lowest
                continue
            claim = self.all[-late]
            if self.available * claim.amount >= claim.least * self.total:
                break
            heappop(self._lowest)
            heappop(holder.keys)
            self.dropped.add(-late)
            holder.total -= claim.amount
            self.total -= claim.amount
            self._moved.append(holder)
            if holder.keys:
                heappush(self._lowest, (*holder.keys[0], holder))
        return len(self.dropped) > before

    def fill_seats(self) -> None:
        """Seat by earliest claim: holders that lost their earliest one line up anew, free seats go to who waits."""
        for holder in dict.fromkeys(self._moved):
            first = holder.first(self.dropped)
            if holder is self._partners:
                continue
            if holder.is_seated and first is None:
                self._rise(holder)
            elif holder.is_seated and first is not None:
                heappush(self._seated, (-first, -first, holder))
        self._moved.clear()
        while self._waiting:
            if self._free:
                self._sit_new(*heappop(self._waiting))
                continue
            latest = self._latest_seated()
            if latest is None or self._waiting[0][0] > latest[0]:
                break
            self._rise(latest[1])
            heappush(self._waiting, latest)

    def kept(self) -> list[int]:
        """The claims that sit, in time order."""
        gone = self.waiting() | self.dropped
        return [i for i in self.able if i not in gone]

    def waiting(self) -> set[int]:
        """The claims that waited for a slot in vain."""
        unseated = [holder for holder in self._new.values() if not holder.is_seated]
        return {i for holder in unseated for i in holder.claims if i not in self.dropped}

    def _latest_seated(self) -> tuple[int, _Holder] | None:
        while self._seated:
            late, _, holder = self._seated[0]
            if holder.is_seated and holder.first(self.dropped) == -late:
                return -late, holder
            heappop(self._seated)
        return None

    def _sit_new(self, first: int, holder: _Holder) -> None:
        self._free -= 1
        self._sit(holder)
        heappush(self._seated, (-first, -first, holder))

    def _sit(self, holder: _Holder) -> None:
        holder.is_seated = True
        self.total += holder.total
        if holder.keys:
            heappush(self._lowest, (*holder.keys[0], holder))

    def _rise(self, holder: _Holder) -> None:
        holder.is_seated = False
        self._free += 1
        self.total -= holder.total


def _key(claim: Claim, i: int) -> tuple[int, int]:
    """The quotient of amount and least amount, then the later of equals; what asks for nothing is never short."""
    return (claim.amount << _FRACTION_BITS) // claim.least if claim.least else _NEVER, -i
