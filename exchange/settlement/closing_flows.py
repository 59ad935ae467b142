"""How each cash flow around a sale is treated: it moves the price, or it says why it does not.

Counted are flows after the reference date up to and including the closing, by the day cash moved and not by the day of
the notice. A flow of the reference date or before it is in the NAV already. A call that falls due after the closing is
the buyer's to pay; a distribution that arrives after it is turned over to the buyer. A clawback of a distribution from
before the reference date is an obligation excluded from the sale: the seller bears it. A distribution in kind counts
at its value of the day, unless the things themselves are delivered to the buyer. A call that the buyer paid in the
seller's place is not added. Under the policy NONE flows are shown and move nothing (R-49).

Example: reference 31 December, closing 30 June: a call of 15 March adds, a call noticed on 25 June and due on 10 July
does not. Source: rulebook 5.1 with its edge cases; market convention of dollar-for-dollar adjustment.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from exchange.core.terms import AdjustmentPolicy
from exchange.funds.kinds import CashFlowKind


class Treatment(StrEnum):
    """What a closing statement does with a flow."""

    ADJUSTS = "adjusts"
    POLICY_NONE = "policy_none"
    IN_NAV = "in_nav"
    BUYER_PAYS = "buyer_pays"
    TURN_OVER = "turn_over"
    EXCLUDED_OBLIGATION = "excluded_obligation"
    PAID_BY_BUYER = "paid_by_buyer"
    DELIVERED_IN_KIND = "delivered_in_kind"


@dataclass(frozen=True, slots=True)
class SaleFlow:
    """A flow of the interest that the NAV refers to, gross of withholding, in minor units.

    ``cash_on`` is the day cash moved or is due to move. ``effect_on_unfunded_minor`` is signed (a call inside the
    commitment lowers it, a recallable distribution raises it). ``claws_back_of``: the day of the distribution that a
    contribution gives back.
    """

    reference: str
    kind: CashFlowKind
    amount_minor: int
    effect_on_unfunded_minor: int
    cash_on: date
    noticed_on: date | None = None
    claws_back_of: date | None = None
    is_paid_by_buyer: bool = False
    is_delivered_in_kind: bool = False

    @property
    def is_distribution(self) -> bool:
        """Money or things from the fund; all else is counted as investors' payments, a restatement with its sign."""
        return self.kind is CashFlowKind.DISTRIBUTION


def in_window(flow: SaleFlow, reference_on: date, closing_on: date) -> bool:
    """Whether cash moved after the reference date and not after the closing."""
    return reference_on < flow.cash_on <= closing_on


def treatment(flow: SaleFlow, policy: AdjustmentPolicy, reference_on: date, closing_on: date) -> Treatment:
    """What the closing statement does with a flow; every flow has exactly one answer."""
    if flow.claws_back_of is not None and flow.claws_back_of <= reference_on:
        return Treatment.EXCLUDED_OBLIGATION
    if flow.cash_on <= reference_on:
        return Treatment.IN_NAV
    if flow.cash_on > closing_on:
        return Treatment.TURN_OVER if flow.is_distribution else Treatment.BUYER_PAYS
    if flow.is_paid_by_buyer and not flow.is_distribution:
        return Treatment.PAID_BY_BUYER
    if flow.is_delivered_in_kind and flow.is_distribution:
        return Treatment.DELIVERED_IN_KIND
    return Treatment.POLICY_NONE if policy is AdjustmentPolicy.NONE else Treatment.ADJUSTS
