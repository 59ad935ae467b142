"""A deal as the API shows it."""

from datetime import date

from exchange.core.terms import AdjustmentPolicy
from exchange.rest.model import Instant, ViewModel
from exchange.rest.numbers import MoneyView
from exchange.settlement.deal import DealOrigin, DealStatus


class DealView(ViewModel):
    """One buyer's purchase: terms, where it stands, what may happen next and by when (with the rule)."""

    id: str
    origin: DealOrigin
    trade_id: str
    replaces_deal_id: str | None
    listing_id: str
    fund_id: str
    manager_organisation_id: str
    seller_organisation_id: str
    buyer_organisation_id: str
    profile: str
    seller_is_state_owned: bool
    buyer_is_partner: bool
    price: str
    amount: MoneyView
    base: MoneyView
    nav_statement_id: str
    reference_on: date
    adjustment: AdjustmentPolicy
    deposit: MoneyView
    status: DealStatus
    held_from: DealStatus | None
    status_reason: str
    status_note: str
    status_at: Instant
    allowed: list[str]
    due_at: Instant | None
    due_rule: str
    due_is_provisional: bool
    notice_served_at: Instant | None
    transferred_at: Instant | None
    is_simulated: bool
    created_at: Instant
    version: int
