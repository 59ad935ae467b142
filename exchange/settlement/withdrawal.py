"""Who may leave a deal before it is signed, why a manager may refuse it, and what that costs.

A buyer who leaves a state-owned seller forfeits its deposit; leaving a private one costs its reliability record alone.
A seller who leaves bears its own costs; the deposit goes back to the buyer.
Example: buyer withdraws from a state-owned seller's deal -> the deposit is the seller's.
Source: rulebook 4.3, sanction table; usage of matching services for withdrawals after an award.
"""

from dataclasses import dataclass
from enum import StrEnum


class ConsentRefusal(StrEnum):
    """Why a manager refuses its consent. An approval in principle limits it to what was not known before."""

    BUYER_NOT_QUALIFIED = "buyer_not_qualified"
    SANCTIONS = "sanctions"
    TRANSFER_LIMIT = "transfer_limit"
    TAX_STATUS = "tax_status"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    AGREEMENT_CONDITION = "agreement_condition"


class Leaver(StrEnum):
    """Who withdraws."""

    BUYER = "buyer"
    SELLER = "seller"


@dataclass(frozen=True, slots=True)
class Sanction:
    """What a withdrawal costs: whether the deposit is forfeited to the seller, and the rule."""

    forfeits_deposit: bool
    rule_id: str


def sanction_of(leaver: Leaver, *, seller_is_state_owned: bool) -> Sanction:
    """The sanction of a withdrawal before the signing."""
    return Sanction(leaver is Leaver.BUYER and seller_is_state_owned, "D-WITHDRAW")
