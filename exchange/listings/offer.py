"""What a listing is judged by: its terms, what the registers say of it, and the rules in force."""

from dataclasses import dataclass
from datetime import date, datetime

from exchange.core.clock import end_of_market_day, market_date
from exchange.core.money import unscale_decimal
from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy, TimeInForce
from exchange.listings.payment_plan import ALL_AT_CLOSING, PaymentPlan
from exchange.listings.sale import SaleCause
from exchange.rulebook.calendars import Calendar
from exchange.rulebook.profile import MarketProfile


@dataclass(frozen=True, slots=True)
class Terms:
    """What the seller asks for. Amounts in minor units, prices in ppm of the pinned NAV."""

    mode: MatchingMode
    policy: PriorityPolicy
    amount_minor: int
    minimum_fill_minor: int
    all_or_none: bool
    price_ppm: int
    floor_price_ppm: int
    time_in_force: TimeInForce
    opens_at: datetime
    closes_at: datetime
    plan: PaymentPlan = ALL_AT_CLOSING
    plan_discount_ppm: int | None = None
    cause: SaleCause = SaleCause.VOLUNTARY
    first_refusal: FirstRefusalMode = FirstRefusalMode.AFTER_BIDDING
    is_favourable_exit: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the registers say. ``free`` counts what this listing itself has frozen as free.

    ``pinned_subscribed_minor``: the subscribed capital that the pinned NAV belongs to. ``filed_value_minor``: what the
    filed appraisal says of the amount on offer, None when none is filed. ``is_listed_again``: an earlier listing of
    the interest found no buyer. ``approved_floor_ppm``: the lowest price that a verified approval of the seller's body
    allows, None without one. ``regions``: provinces where the fund or its manager is registered; ``filing_code``:
    of the fund with the Asset Management Association, empty without one. ``court_order_is_verified``: an operator has
    seen the order, and it is in force. ``has_first_refusal``: the other partners may buy first. ``exit_since``: when a
    guidance fund invested, by a verified clause for its favourable exit; None without one. ``cost_minor``: what was
    paid in for the whole holding. ``said``: what the listing page will say in the words of the fund's manager.
    """

    currency: str
    nav_minor: int
    nav_as_of: date
    nav_is_current: bool
    subscribed_minor: int
    free_minor: int
    seller_is_admitted: bool
    seller_is_state_owned: bool
    pinned_subscribed_minor: int = 0
    filed_value_minor: int | None = None
    is_listed_again: bool = False
    first_published_at: datetime | None = None
    first_price_ppm: int | None = None
    approved_floor_ppm: int | None = None
    bought_at: datetime | None = None
    regions: frozenset[str] = frozenset()
    filing_code: str = ""
    court_order_is_verified: bool = False
    has_first_refusal: bool = True
    seller_is_guidance_fund: bool = False
    exit_since: date | None = None
    cost_minor: int = 0
    said: str = ""

    def is_approved_at(self, price_ppm: int) -> bool:
        """Whether the seller's body has approved a floor this low in writing (R-44)."""
        return self.approved_floor_ppm is not None and price_ppm >= self.approved_floor_ppm


@dataclass(frozen=True, slots=True)
class Rules:
    """The profile in force, the calendar its periods are counted on, and the moment of judgement."""

    profile: MarketProfile
    calendar: Calendar
    now: datetime


def money_text(minor: int, facts: Facts) -> str:
    """An amount in the fund's currency, for the numbers of a refusal."""
    return f"{unscale_decimal(minor, 2)} {facts.currency}"


def expires_at(terms: Terms) -> datetime:
    """When the listing's time in force ends: with the window, or with the market day it opens on.

    R-03: no listing stands for ever, so good-till-cancelled ends with the window too.
    """
    if terms.time_in_force is TimeInForce.DAY:
        return min(end_of_market_day(market_date(terms.opens_at)), terms.closes_at)
    return terms.closes_at
