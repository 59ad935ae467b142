"""Deals: one for each buyer of a listing."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.core.terms import AdjustmentPolicy
from exchange.infra.database import check, stored
from exchange.settlement.deal import DealOrigin, DealStatus


class DealRow(SQLModel, table=True):
    """One buyer's purchase, with its terms frozen at the match. Changed only step by step, under its lock.

    ``amount_minor`` is subscribed capital; ``base_minor`` is price x NAV of the reference date; ``deposit_minor`` is
    held on ``deposit_account_id`` under the deal's id, ``proceeds_held_minor`` on the seller's account until the time
    to bust is over. ``plan`` holds the payment plan (empty: all at closing).
    """

    __tablename__: ClassVar[str] = "deal"
    __table_args__ = (
        check("amount_minor > 0 AND price_ppm > 0 AND base_minor >= 0", "terms_positive"),
        check("nav_minor > 0 AND subscribed_minor > 0", "basis_positive"),
        check("deposit_minor >= 0", "deposit_not_negative"),
        check("proceeds_held_minor >= 0", "proceeds_not_negative"),
        check("buyer_organisation_id <> seller_organisation_id", "two_parties"),
        check("(status = 'on_hold') = (held_from IS NOT NULL)", "hold_remembers"),
        check("(origin = 'trade') = (replaces_deal_id IS NULL)", "origin_known"),
        Index("ix_deal_buyer", "buyer_organisation_id", "id"),
        Index("ix_deal_seller", "seller_organisation_id", "id"),
        Index("ix_deal_listing", "listing_id", "id"),
        Index("uq_deal_first_of_trade", "trade_id", unique=True, postgresql_where=text("replaces_deal_id IS NULL")),
    )

    id: str = Field(primary_key=True)
    origin: DealOrigin = Field(default=DealOrigin.TRADE, sa_type=stored(DealOrigin, "deal_origin"))
    trade_id: str = Field(foreign_key="trade.id", index=True)
    replaces_deal_id: str | None = Field(default=None, foreign_key="deal.id", index=True)
    listing_id: str = Field(foreign_key="listing.id")
    book_id: str = Field(foreign_key="book.id")
    fund_id: str = Field(foreign_key="fund.id", index=True)
    holding_id: str = Field(foreign_key="holding.id", index=True)
    manager_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    seller_organisation_id: str = Field(foreign_key="organisation.id")
    buyer_organisation_id: str = Field(foreign_key="organisation.id")
    profile: str
    seller_is_state_owned: bool
    buyer_is_partner: bool
    price_ppm: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    base_minor: int = Field(sa_type=BigInteger)
    currency: str
    nav_statement_id: str = Field(foreign_key="nav_statement.id")
    reference_on: date
    nav_minor: int = Field(sa_type=BigInteger)
    subscribed_minor: int = Field(sa_type=BigInteger)
    adjustment: AdjustmentPolicy = Field(sa_type=stored(AdjustmentPolicy, "deal_adjustment"))
    plan: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    deposit_account_id: str | None = Field(default=None, foreign_key="account.id")
    deposit_minor: int = Field(default=0, sa_type=BigInteger)
    proceeds_account_id: str | None = Field(default=None, foreign_key="account.id")
    proceeds_held_minor: int = Field(default=0, sa_type=BigInteger)
    status: DealStatus = Field(default=DealStatus.CONFIRMED, sa_type=stored(DealStatus, "deal_status"))
    held_from: DealStatus | None = Field(default=None, sa_type=stored(DealStatus, "deal_held_from"))
    status_reason: str = ""
    status_note: str = ""
    status_at: datetime
    due_at: datetime | None = None
    due_rule: str = ""
    held_due_at: datetime | None = None
    held_due_rule: str = ""
    notice_served_at: datetime | None = None
    transferred_at: datetime | None = None
    is_simulated: bool = False
    created_at: datetime
    version: int = 1
