"""A group of legs: money moves between accounts of one currency, succeeds or fails as a whole, and is never made.

Example: 74,400,000.00 for a deal leaves the settlement account: 74,207,400.00 to the seller, 192,600.00 to fees; the
legs are -74,400,000.00, +74,207,400.00 and +192,600.00 and sum to zero.
Source: double entry; two-phase transfers keep what is held apart from what is posted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exchange.ledger.cover import Balance


@dataclass(frozen=True, slots=True)
class Leg:
    """A signed amount in minor units on one account."""

    account_id: str
    delta_minor: int


def merged(legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """One leg for each account, in id order, without legs of nothing. ValueError unless they sum to zero."""
    sums: dict[str, int] = {}
    for leg in legs:
        sums[leg.account_id] = sums.get(leg.account_id, 0) + leg.delta_minor
    if sum(sums.values()):
        raise ValueError("the legs of a transfer sum to zero")
    return tuple(Leg(account_id, sums[account_id]) for account_id in sorted(sums) if sums[account_id])


def uncovered(legs: Sequence[Leg], balances: Mapping[str, Balance]) -> Leg | None:
    """The first leg that takes more than is free on its account; None when all are covered.

    Accounts that may go below zero (the bank side) are left out of ``balances``.
    """
    for leg in legs:
        balance = balances.get(leg.account_id)
        if balance is not None and leg.delta_minor < 0 and -leg.delta_minor > balance.free_minor:
            return leg
    return None


def opposite(legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """The legs that undo these."""
    return tuple(Leg(leg.account_id, -leg.delta_minor) for leg in legs)
