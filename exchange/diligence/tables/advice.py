"""The directory of advisers, engagements, quotes, conflicts, deliverables and ratings."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel, String

from exchange.diligence.engagement import (
    AdviserKind,
    AdviserState,
    DeliverableKind,
    EngagementState,
    FeeBasis,
    RelationKind,
)
from exchange.infra.database import check, stored


class AdviserRow(SQLModel, table=True):
    """An adviser's entry in the directory; the exchange admits it for a time and may suspend it.

    ``application`` is what the exchange has not decided on yet, ``entry`` what the adviser was admitted with.
    """

    __tablename__: ClassVar[str] = "adviser"

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    kinds: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    state: AdviserState = Field(sa_type=stored(AdviserState, "adviser_state"))
    entry: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    application: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
    is_state_shortlisted: bool = False
    applied_by: str
    applied_at: datetime
    admitted_by: str | None = None
    admitted_until: date | None = None
    state_reason: str = ""
    version: int = 1


class AdviserRelationRow(SQLModel, table=True):
    """A client or affiliate an adviser declares; the conflict check reads it. Ended ones stay."""

    __tablename__: ClassVar[str] = "adviser_relation"
    __table_args__ = (Index("ix_adviser_relation_organisation_id", "organisation_id"),)

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="adviser.organisation_id")
    kind: RelationKind = Field(sa_type=stored(RelationKind, "adviser_relation_kind"))
    other_organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    other_name: str
    subject: str = ""
    valid_from: date
    valid_until: date | None = None
    declared_by: str
    declared_at: datetime


class EngagementRow(SQLModel, table=True):
    """A client's request for advice on a listing, and what became of it. Quotes are sealed until ``unsealed_at``."""

    __tablename__: ClassVar[str] = "engagement"
    __table_args__ = (Index("ix_engagement_listing_id", "listing_id"),)

    id: str = Field(primary_key=True)
    listing_id: str = Field(foreign_key="checklist.listing_id")
    client_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    kind: AdviserKind = Field(sa_type=stored(AdviserKind, "engagement_kind"))
    state: EngagementState = Field(sa_type=stored(EngagementState, "engagement_state"))
    scope: str = Field(sa_type=Text)
    item_codes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    room_codes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    currency: str
    budget_minor: int | None = Field(default=None, sa_type=BigInteger)
    is_open_call: bool = False
    quotes_until_at: datetime
    deliver_until: date
    adviser_organisation_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    quote_id: str | None = None
    unsealed_at: datetime | None = None
    requested_by: str
    requested_at: datetime
    state_reason: str = ""
    version: int = 1


class EngagementInvitationRow(SQLModel, table=True):
    """An adviser that may answer a request: what it declared, what the registers say, and whether it may go on."""

    __tablename__: ClassVar[str] = "engagement_invitation"
    __table_args__ = (Index("ix_engagement_invitation_organisation_id", "organisation_id"),)

    engagement_id: str = Field(primary_key=True, foreign_key="engagement.id")
    organisation_id: str = Field(primary_key=True, foreign_key="adviser.organisation_id")
    invited_at: datetime
    declared_by: str | None = None
    declared_at: datetime | None = None
    has_conflict: bool | None = None
    declaration: str = ""
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    is_blocked: bool = False
    consents: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))
    declined_at: datetime | None = None


class EngagementQuoteRow(SQLModel, table=True):
    """A sealed offer: nobody but its adviser reads it before the quotes are unsealed."""

    __tablename__: ClassVar[str] = "engagement_quote"
    __table_args__ = (
        UniqueConstraint("engagement_id", "organisation_id"),
        check("fee_minor >= 0", "fee_not_negative"),
    )

    id: str = Field(primary_key=True)
    engagement_id: str = Field(foreign_key="engagement.id")
    organisation_id: str = Field(foreign_key="adviser.organisation_id")
    fee_minor: int = Field(sa_type=BigInteger)
    fee_basis: FeeBasis = Field(sa_type=stored(FeeBasis, "engagement_fee_basis"))
    deliver_until: date
    team: str = Field(sa_type=Text)
    assumptions: str = Field(sa_type=Text)
    conflicts_statement: str = Field(sa_type=Text)
    quoted_by: str
    quoted_at: datetime


class DeliverableRow(SQLModel, table=True):
    """A document an adviser delivered, with its structured result. A disputed one is followed by another."""

    __tablename__: ClassVar[str] = "deliverable"

    id: str = Field(primary_key=True)
    engagement_id: str = Field(foreign_key="engagement.id", index=True)
    kind: DeliverableKind = Field(sa_type=stored(DeliverableKind, "deliverable_kind"))
    document_id: str = Field(foreign_key="document.id")
    document_version: int
    sha256: str
    result: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    delivered_by: str
    delivered_at: datetime
    accepted_by: str | None = None
    accepted_at: datetime | None = None
    disputed_by: str | None = None
    disputed_at: datetime | None = None
    dispute_reason: str = ""


class EngagementRatingRow(SQLModel, table=True):
    """A party's rating of a closed engagement; the adviser may reply once."""

    __tablename__: ClassVar[str] = "engagement_rating"
    __table_args__ = (check("stars BETWEEN 1 AND 5", "stars_in_range"),)

    engagement_id: str = Field(primary_key=True, foreign_key="engagement.id")
    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    stars: int
    comment: str = Field(sa_type=Text)
    reply: str = ""
    replied_by: str | None = None
    replied_at: datetime | None = None
    rated_by: str
    rated_at: datetime
