"""A capital call that the seller leaves unpaid while it sells.

While the listing is open the seller alone is liable, and may sell in distress. From the award on the buyer may pay the
call in the seller's place: before signing the price falls by one discount, after signing the final price by a smaller
one. A call the buyer paid is not added to the price (`closing_flows`, PAID_BY_BUYER). A price that is not positive
carries no discount: it would be the seller's gain.

Example: 72,600,000.00 less 10 % is 65,340,000.00; 74,400,000.00 less 5 % is 70,680,000.00. Source: rulebook 5.3
(usage on matching services abroad); the discounts are numbers of the profile.
"""

from dataclasses import dataclass
from enum import StrEnum

from exchange.core.money import PPM, divide_half_up
from exchange.rulebook.profile import MarketProfile, Rule
from exchange.settlement.deal import UP_TO_APPROVED, DealStatus


class CallStage(StrEnum):
    """How far the sale was on the day the call fell due."""

    LISTED = "listed"
    AWARDED = "awarded"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class UnpaidCall:
    """What follows: the price before and after in minor units, the discount with its rule, who may pay the call."""

    stage: CallStage
    before_minor: int
    discount_minor: int
    rule_id: str
    buyer_may_pay: bool

    @property
    def price_minor(self) -> int:
        """The price after the discount."""
        return self.before_minor - self.discount_minor


def stage_of(status: DealStatus | None) -> CallStage:
    """The stage of a sale by its deal's status (for one on hold: the status it was held from); None: no deal yet.

    ValueError for a deal whose interest is no longer the seller's, or that ended.
    """
    if status is None:
        return CallStage.LISTED
    if status in UP_TO_APPROVED:
        return CallStage.AWARDED
    if status in {DealStatus.SIGNED, DealStatus.FUNDED, DealStatus.CLOSING}:
        return CallStage.SIGNED
    raise ValueError("the call is not the seller's to pay")


def unpaid_call(profile: MarketProfile, stage: CallStage, price_minor: int) -> UnpaidCall:
    """The price after a call that the seller left unpaid at a stage; the discount is rounded half-up once."""
    if stage is CallStage.LISTED:
        return UnpaidCall(stage, price_minor, 0, profile.call_discount_before_signing_ppm.rule_id, buyer_may_pay=False)
    rule: Rule[int] = (
        profile.call_discount_before_signing_ppm
        if stage is CallStage.AWARDED
        else profile.call_discount_after_signing_ppm
    )
    discount = divide_half_up(max(price_minor, 0) * rule.value, PPM)
    return UnpaidCall(stage, price_minor, discount, rule.rule_id, buyer_may_pay=True)
