"""Which holds an account's free money covers: posted minus held, used in the order the holds come.

A hold that is not covered is left out and takes nothing; a later, smaller one may still fit. A release (negative) is
always taken. Amounts in minor units of the account's currency.
Example: 100 posted, 0 held; holds 60, 50, 40 -> 60 and 40 are covered, 50 is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """Posted and held of one account; held is never more than posted."""

    posted_minor: int
    held_minor: int

    @property
    def free_minor(self) -> int:
        """What may still be held."""
        return self.posted_minor - self.held_minor


@dataclass(frozen=True, slots=True)
class HoldChange:
    """A change of what is held: positive holds, negative releases."""

    account_id: str
    delta_minor: int
    reference_id: str
    transfer_id: str


@dataclass(frozen=True, slots=True)
class HoldOutcome:
    """Positions (in the sequence given) that lack cover, and the accounts they were for. Nothing of them is written."""

    uncovered: frozenset[int]
    account_ids: frozenset[str]


def covered(changes: Sequence[HoldChange], balances: Mapping[str, Balance]) -> frozenset[int]:
    """Positions of the changes that can be taken, in their order. ValueError when more is released than held."""
    held = {account_id: balance.held_minor for account_id, balance in balances.items()}
    taken = []
    for position, change in enumerate(changes):
        balance = balances.get(change.account_id)
        if balance is None:
            continue
        after = held[change.account_id] + change.delta_minor
        if after < 0:
            raise ValueError("more is released than is held")
        if change.delta_minor <= 0 or after <= balance.posted_minor:
            held[change.account_id] = after
            taken.append(position)
    return frozenset(taken)
