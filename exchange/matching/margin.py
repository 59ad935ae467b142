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

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.core.money import allocate

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
    Source: pro-rata rule of the market with its minimum, largest-remainder method.
    """
    able = [i for i, claim in enumerate(claims) if claim.least <= min(claim.amount, available)]
    while True:
        admitted = _within_slots(claims, able, slots)
        kept = _without_short_shares(claims, admitted, available)
        dropped = set(admitted).difference(kept)
        if not dropped:
            break
        able = [i for i in able if i not in dropped]
    total = sum(claims[i].amount for i in kept)
    amounts = [0] * len(claims)
    whole = [claims[i].amount for i in kept]
    for i, amount in zip(kept, allocate(available, whole) if total > available else whole, strict=True):
        amounts[i] = amount
    return Shares(amounts, set(able).difference(kept), total)


def _within_slots(claims: Sequence[Claim], able: Sequence[int], slots: int | None) -> list[int]:
    if slots is None:
        return list(able)
    seated: set[int] = set()
    admitted = []
    for i in able:
        claim = claims[i]
        if claim.needs_slot and claim.holder not in seated:
            if len(seated) == slots:
                continue
            seated.add(claim.holder)
        admitted.append(i)
    return admitted


def _without_short_shares(claims: Sequence[Claim], admitted: list[int], available: int) -> list[int]:
    total = sum(claims[i].amount for i in admitted)
    if total <= available:
        return admitted

    def is_short(i: int) -> bool:
        return available * claims[i].amount < claims[i].least * total

    # A share only grows when others drop, so only those short at first can drop, the furthest below first.
    short = sorted(
        (i for i in admitted if is_short(i)),
        key=lambda i: ((claims[i].amount << _FRACTION_BITS) // claims[i].least, -i),
    )
    dropped = set()
    for i in short:
        if total <= available or not is_short(i):
            break
        dropped.add(i)
        total -= claims[i].amount
    return [i for i in admitted if i not in dropped]
