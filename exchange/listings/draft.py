"""What a seller enters and changes of a draft, before any rule has looked at it.

Example: amount 20,000,000.00, price 82.5 % of NAV, good till the window closes; everything else by the profile.
"""

from dataclasses import dataclass
from datetime import datetime

from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy, TimeInForce
from exchange.listings.payment_plan import ALL_AT_CLOSING, PaymentPlan
from exchange.listings.pricing import PriceInput
from exchange.listings.sale import SaleCause


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """How the price may be paid: the announced plan; whether bids with other plans are taken, and the yearly rate (ppm)
    that compares them as cash, None for the market profile's.
    """

    plan: PaymentPlan = ALL_AT_CLOSING
    takes_plans: bool = False
    discount_ppm: int | None = None

    def rate_ppm(self, default_ppm: int) -> int | None:
        """The rate that compares bids, None when no other plan is taken."""
        if not self.takes_plans:
            return None
        return default_ppm if self.discount_ppm is None else self.discount_ppm


@dataclass(frozen=True, slots=True)
class DraftTerms:
    """What the seller enters. Amounts in minor units; None takes the profile's default or the latest NAV."""

    holding_id: str
    profile: str
    amount_minor: int
    price: PriceInput
    opens_at: datetime
    closes_at: datetime
    mode: MatchingMode | None = None
    policy: PriorityPolicy | None = None
    floor_price_ppm: int | None = None
    minimum_fill_minor: int = 0
    all_or_none: bool = False
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_DATE
    payment: PlanTerms = PlanTerms()
    cause: SaleCause = SaleCause.VOLUNTARY
    first_refusal: FirstRefusalMode = FirstRefusalMode.AFTER_BIDDING
    is_favourable_exit: bool = False


@dataclass(frozen=True, slots=True)
class DraftChanges:
    """What changes of a draft; None leaves it. ``latest_nav`` pins the newest statement anew."""

    amount_minor: int | None = None
    price: PriceInput | None = None
    floor_price_ppm: int | None = None
    minimum_fill_minor: int | None = None
    all_or_none: bool | None = None
    mode: MatchingMode | None = None
    policy: PriorityPolicy | None = None
    time_in_force: TimeInForce | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    payment: PlanTerms | None = None
    cause: SaleCause | None = None
    first_refusal: FirstRefusalMode | None = None
    is_favourable_exit: bool | None = None
    latest_nav: bool = False
