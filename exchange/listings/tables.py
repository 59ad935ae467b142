"""Listings."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from exchange.core.terms import MatchingMode, PriorityPolicy, TimeInForce
from exchange.infra.database import check, stored
from exchange.listings.lifecycle import ListingStatus


class ListingRow(SQLModel, table=True):
    """One holder's offer of an amount of one fund. Its book (once approved) carries the trading facts."""

    __tablename__: ClassVar[str] = "listing"
    __table_args__ = (
        check("amount_minor > 0", "amount_positive"),
        check("price_ppm > 0 AND floor_price_ppm > 0", "prices_positive"),
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
    is_simulated: bool = False
    version: int = 1
    created_at: datetime
