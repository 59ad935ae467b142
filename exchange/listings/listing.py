"""A listing as others need it: what is offered, on what terms, from whom, and what its price refers to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.core.quantity import NavBasis
from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy, TimeInForce
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.sale import SaleCause

UNPUBLISHED = frozenset({ListingStatus.DRAFT, ListingStatus.SUBMITTED, ListingStatus.RETURNED, ListingStatus.REJECTED})
"""Only the two sides that may enter it, and operators, know of a listing in one of these."""

EDITABLE = frozenset({ListingStatus.DRAFT, ListingStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """Everything a book is opened from. Amounts in minor units of ``currency``, prices in ppm of ``basis``."""

    id: str
    fund_id: str
    holding_id: str
    seller_organisation_id: str
    entered_by: str
    entered_by_organisation_id: str
    profile: str
    mode: MatchingMode
    policy: PriorityPolicy
    seller_is_state_owned: bool
    nav_statement_id: str
    basis: NavBasis
    currency: str
    fund_risk_rating: int
    amount_minor: int
    minimum_fill_minor: int
    all_or_none: bool
    price_ppm: int
    floor_price_ppm: int
    time_in_force: TimeInForce
    plan: Mapping[str, Any]
    plan_discount_ppm: int | None
    cause: SaleCause
    first_refusal: FirstRefusalMode
    opens_at: datetime
    closes_at: datetime
    expires_at: datetime
    status: ListingStatus
    book_id: str | None
    is_simulated: bool
