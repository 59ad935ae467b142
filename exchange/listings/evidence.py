"""What the registers answer of a listing when its checklist asks: the facts that conditions are derived from.

Example: a state-owned seller's listing at 85 % of a filed appraisal answers `seller_state_owned` and
`price_below_appraisal_90` with yes, and papers for both are required. Source: checklist template, `facts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exchange.core.money import PPM
from exchange.core.terms import BuyerClass, MatchingMode


@dataclass(frozen=True, slots=True)
class ListingEvidence:
    """Figures of a listing in minor units of its currency; what is not known is None.

    ``largest_position_minor``: the fund's largest position at fair value, beside ``net_assets_minor``.
    """

    mode: MatchingMode
    seller_is_state_owned: bool
    seller_class: BuyerClass
    unfunded_minor: int
    deposit_ppm: int
    total_minor: int
    large_deal_minor: int | None
    filed_value_minor: int | None
    approval_below_ppm: int
    largest_position_minor: int | None
    net_assets_minor: int | None
    concentration_ppm: int


def register_facts(found: ListingEvidence) -> Mapping[str, bool]:
    """Every fact the registers answer for a listing, by the name the checklist template gives it."""
    below = found.filed_value_minor is not None and (
        found.total_minor * PPM < found.filed_value_minor * found.approval_below_ppm
    )
    concentrated = (
        found.largest_position_minor is not None
        and found.net_assets_minor is not None
        and found.largest_position_minor * PPM >= found.net_assets_minor * found.concentration_ppm
    )
    return {
        "seller_state_owned": found.seller_is_state_owned,
        "seller_guidance_fund": found.seller_class is BuyerClass.GUIDANCE_FUND,
        "has_unfunded": found.unfunded_minor > 0,
        "deposit_required": found.deposit_ppm > 0,
        "negotiated": found.mode is MatchingMode.NEGOTIATED,
        "competitive": found.mode is MatchingMode.ONE_WAY_AUCTION,
        "large_deal": found.large_deal_minor is not None and found.total_minor >= found.large_deal_minor,
        "price_below_appraisal_90": below,
        "fund_concentrated": concentrated,
    }
