"""Data rooms: NDA, index, grants, views, questions and packages. Signatures and views are never changed or deleted."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel, String

from exchange.diligence.room import (
    AnswerAudience,
    GrantEffect,
    PackageKind,
    PackageState,
    QuestionState,
    ViewKind,
)
from exchange.infra.database import check, stored


class RoomRow(SQLModel, table=True):
    """The data room of a listing. ``shortlisted`` may see shortlist papers; ``winners`` are its buyers.

    From ``awarded_at`` on the other bidders are out; from ``closed_at`` on everybody but the exchange and the owners.
    """

    __tablename__: ClassVar[str] = "room"

    id: str = Field(primary_key=True)
    listing_id: str = Field(foreign_key="checklist.listing_id", unique=True)
    nda_version: str
    nda_hash: str
    shortlisted: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))
    winners: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))
    opened_at: datetime
    awarded_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1


class NdaSignatureRow(SQLModel, table=True):
    """An organisation's yes to one text of the non-disclosure agreement."""

    __tablename__: ClassVar[str] = "nda_signature"
    __table_args__ = (UniqueConstraint("room_id", "organisation_id", "text_hash"),)

    id: str = Field(primary_key=True)
    room_id: str = Field(foreign_key="room.id")
    organisation_id: str = Field(foreign_key="organisation.id")
    user_id: str
    text_version: str
    text_hash: str
    signed_at: datetime


class RoomEntryRow(SQLModel, table=True):
    """A document's stable number in the index (03.02.01). A moved one keeps its old number as an alias of the new.

    The papers kept for one bidder are numbered for themselves: another bidder's number would tell that it exists.
    """

    __tablename__: ClassVar[str] = "room_entry"
    __table_args__ = (
        UniqueConstraint("room_id", "organisation_id", "number", postgresql_nulls_not_distinct=True),
        Index("ix_room_entry_document_id", "document_id"),
    )

    id: str = Field(primary_key=True)
    room_id: str = Field(foreign_key="room.id")
    number: str
    item_code: str
    document_id: str = Field(foreign_key="document.id")
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    moved_to: str | None = None
    entered_at: datetime


class RoomGrantRow(SQLModel, table=True):
    """An extra right or a denial for an organisation: the whole room, an item, or one document; it ends on time."""

    __tablename__: ClassVar[str] = "room_grant"
    __table_args__ = (
        Index("ix_room_grant_room_id_organisation_id", "room_id", "organisation_id"),
        check("item_code IS NULL OR document_id IS NULL", "one_subject"),
    )

    id: str = Field(primary_key=True)
    room_id: str = Field(foreign_key="room.id")
    organisation_id: str = Field(foreign_key="organisation.id")
    effect: GrantEffect = Field(sa_type=stored(GrantEffect, "room_grant_effect"))
    item_code: str | None = None
    document_id: str | None = Field(default=None, foreign_key="document.id")
    engagement_id: str | None = None
    reason: str
    granted_by: str
    granted_by_organisation_id: str
    granted_at: datetime
    ends_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class RoomViewRow(SQLModel, table=True):
    """A page or file that a person took, with the mark it carried. ``page`` 0 is a whole file."""

    __tablename__: ClassVar[str] = "room_view"
    __table_args__ = (
        Index("ix_room_view_room_id_id", "room_id", "id"),
        Index("ix_room_view_document_id_organisation_id", "document_id", "organisation_id"),
    )

    id: str = Field(primary_key=True)
    room_id: str = Field(foreign_key="room.id")
    document_id: str = Field(foreign_key="document.id")
    document_version: int
    page: int
    kind: ViewKind = Field(sa_type=stored(ViewKind, "room_view_kind"))
    sha256: str
    organisation_id: str
    user_id: str
    at: datetime


class RoomDwellRow(SQLModel, table=True):
    """How long a page stood on a viewer's screen, as the viewer's browser reports it."""

    __tablename__: ClassVar[str] = "room_dwell"

    view_id: str = Field(primary_key=True, foreign_key="room_view.id")
    seconds: int
    at: datetime


class RoomVisitRow(SQLModel, table=True):
    """When a person last came into a room, and the time before: what is newer than that is marked as new."""

    __tablename__: ClassVar[str] = "room_visit"

    room_id: str = Field(primary_key=True, foreign_key="room.id")
    user_id: str = Field(primary_key=True)
    came_at: datetime
    before_at: datetime | None = None


class QuestionRow(SQLModel, table=True):
    """A bidder's question, tied to a document and a page where it names them."""

    __tablename__: ClassVar[str] = "question"
    __table_args__ = (Index("ix_question_room_id_id", "room_id", "id"),)

    id: str = Field(primary_key=True)
    room_id: str = Field(foreign_key="room.id")
    asker_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    asked_by: str
    asked_at: datetime
    document_id: str | None = Field(default=None, foreign_key="document.id")
    page: int | None = None
    item_code: str | None = None
    text: str = Field(sa_type=Text)
    state: QuestionState = Field(sa_type=stored(QuestionState, "question_state"))
    audience: AnswerAudience = Field(sa_type=stored(AnswerAudience, "question_audience"))
    audience_reason: str = ""
    assigned_to_organisation_id: str | None = None
    due_at: datetime
    answered_by: str | None = None
    published_by: str | None = None
    published_at: datetime | None = None
    is_faq: bool = False
    version: int = 1


class QuestionMessageRow(SQLModel, table=True):
    """One turn of a thread: the question again, an answer, or why it was refused."""

    __tablename__: ClassVar[str] = "question_message"

    id: str = Field(primary_key=True)
    question_id: str = Field(foreign_key="question.id", index=True)
    kind: str
    text: str = Field(sa_type=Text)
    document_id: str | None = Field(default=None, foreign_key="document.id")
    written_by: str
    organisation_id: str
    at: datetime


class RoomPackageRow(SQLModel, table=True):
    """A package of files a worker makes for one organisation; its bytes are in the store until it expires."""

    __tablename__: ClassVar[str] = "room_package"
    __table_args__ = (Index("ix_room_package_room_id_id", "room_id", "id"),)

    id: str = Field(primary_key=True)
    room_id: str = Field(foreign_key="room.id")
    kind: PackageKind = Field(sa_type=stored(PackageKind, "room_package_kind"))
    state: PackageState = Field(sa_type=stored(PackageState, "room_package_state"))
    organisation_id: str
    requested_by: str
    requested_at: datetime
    file_count: int = 0
    done_count: int = 0
    sha256: str | None = None
    size_bytes: int | None = Field(default=None, sa_type=BigInteger)
    manifest_sha256: str | None = None
    fault: str = ""
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))


class RoomPackageMemberRow(SQLModel, table=True):
    """A file of a package, or a planned one that was left out and why. ``sha256`` is of its bytes in the package."""

    __tablename__: ClassVar[str] = "room_package_member"

    package_id: str = Field(primary_key=True, foreign_key="room_package.id")
    place: int = Field(primary_key=True)
    name: str
    sha256: str = ""
    size_bytes: int = Field(default=0, sa_type=BigInteger)
    number: str = ""
    document_id: str | None = Field(default=None, foreign_key="document.id")
    document_version: int | None = None
    original_sha256: str = ""
    is_marked: bool = False
    is_redacted: bool = False
    left_out: str = ""
