"""Listings."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy, TimeInForce
from exchange.infra.database import check, stored
from exchange.listings.approval import ApprovalKind, ApprovalStatus
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.sale import SaleCause


class ListingRow(SQLModel, table=True):
    """One holder's offer of an amount of one fund. Its book (once approved) carries the trading facts.

    ``plan``: how the price is paid as announced, empty for all at closing. ``plan_discount_ppm``: the yearly rate at
    which bids with payment plans of their own are compared; None when only the announced plan is taken.

    ``settled``: of what was sold, the part that deals have moved out of the freeze, by transfer or by giving it back.
    """

    __tablename__: ClassVar[str] = "listing"
    __table_args__ = (
        check("amount_minor > 0", "amount_positive"),
        check("price_ppm > 0 AND floor_price_ppm > 0", "prices_positive"),
        check("settled_minor >= 0 AND settled_minor <= amount_minor", "settled_within_amount"),
        check("plan_discount_ppm IS NULL OR plan_discount_ppm >= 0", "plan_discount_not_negative"),
        Index("ix_listing_status", "status", "id"),
    )

    id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id", index=True)
    holding_id: str = Field(foreign_key="holding.id", index=True)
    seller_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    entered_by: str
    entered_by_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    profile: str
    mode: MatchingMode = Field(sa_type=stored(MatchingMode, "listing_mode"))
    policy: PriorityPolicy = Field(sa_type=stored(PriorityPolicy, "listing_policy"))
    seller_is_state_owned: bool
    nav_statement_id: str = Field(foreign_key="nav_statement.id")
    amount_minor: int = Field(sa_type=BigInteger)
    minimum_fill_minor: int = Field(default=0, sa_type=BigInteger)
    all_or_none: bool = False
    price_ppm: int = Field(sa_type=BigInteger)
    floor_price_ppm: int = Field(sa_type=BigInteger)
    plan: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    plan_discount_ppm: int | None = Field(default=None, sa_type=BigInteger)
    cause: SaleCause = Field(default=SaleCause.VOLUNTARY, sa_type=stored(SaleCause, "listing_cause"))
    first_refusal: FirstRefusalMode = Field(
        default=FirstRefusalMode.AFTER_BIDDING, sa_type=stored(FirstRefusalMode, "listing_first_refusal")
    )
    is_favourable_exit: bool = False
    time_in_force: TimeInForce = Field(sa_type=stored(TimeInForce, "listing_time_in_force"))
    opens_at: datetime
    closes_at: datetime
    status: ListingStatus = Field(default=ListingStatus.DRAFT, sa_type=stored(ListingStatus, "listing_status"))
    status_reason: str = ""
    status_note: str = ""
    book_id: str | None = Field(default=None, index=True)
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    relisted_from: str | None = Field(default=None, foreign_key="listing.id", index=True)
    settled_minor: int = Field(default=0, sa_type=BigInteger)
    is_simulated: bool = False
    version: int = 1
    created_at: datetime


class ListingApprovalRow(SQLModel, table=True):
    """A written approval or order: filed by the seller's side, verified by an operator.

    ``invested_on``: when a guidance fund invested, for the clause of a favourable exit only.
    """

    __tablename__: ClassVar[str] = "listing_approval"
    __table_args__ = (
        check("(kind = 'price') = (lowest_price_ppm IS NOT NULL)", "price_states_lowest"),
        check("(kind = 'exit_clause') = (invested_on IS NOT NULL)", "exit_states_investment"),
        check("lowest_price_ppm IS NULL OR lowest_price_ppm > 0", "lowest_positive"),
        check("valid_until >= approved_on", "valid_after_approval"),
        check("decided_by IS NULL OR decided_by <> filed_by", "two_persons"),
    )

    id: str = Field(primary_key=True)
    listing_id: str = Field(foreign_key="listing.id", index=True)
    kind: ApprovalKind = Field(sa_type=stored(ApprovalKind, "listing_approval_kind"))
    approving_body: str
    document_number: str
    approved_on: date
    valid_until: date
    lowest_price_ppm: int | None = Field(default=None, sa_type=BigInteger)
    invested_on: date | None = None
    status: ApprovalStatus = Field(
        default=ApprovalStatus.FILED, sa_type=stored(ApprovalStatus, "listing_approval_status")
    )
    status_note: str = ""
    filed_by: str
    filed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


class ListingCallRow(SQLModel, table=True):
    """A partner was told of a listing whose first refusal is exercised on the exchange. Insert-only."""

    __tablename__: ClassVar[str] = "listing_call"

    id: str = Field(primary_key=True)
    listing_id: str = Field(foreign_key="listing.id", index=True)
    partner_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    first_refusal: FirstRefusalMode = Field(sa_type=stored(FirstRefusalMode, "listing_call_first_refusal"))
    closes_at: datetime
    called_by: str
    called_at: datetime
