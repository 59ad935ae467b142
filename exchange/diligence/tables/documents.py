"""Stored bytes, documents and their versions, redacted renditions. Bytes and versions are never changed or deleted."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.diligence.document import FileKind, ScanState
from exchange.infra.database import check, stored


class StoredBytesRow(SQLModel, table=True):
    """Bytes in the content-addressed store, under their sha-256. The same bytes are stored once."""

    __tablename__: ClassVar[str] = "stored_bytes"
    __table_args__ = (
        check("sha256 ~ '^[0-9a-f]{64}$'", "sha256_form"),
        check("size_bytes > 0", "not_empty"),
    )

    sha256: str = Field(primary_key=True)
    size_bytes: int = Field(sa_type=BigInteger)
    kind: FileKind = Field(sa_type=stored(FileKind, "stored_bytes_kind"))
    page_count: int | None = None
    scan_state: ScanState = Field(sa_type=stored(ScanState, "stored_bytes_scan_state"))
    scan_detail: str = ""
    scanned_at: datetime | None = None
    stored_at: datetime


class DocumentRow(SQLModel, table=True):
    """A document of an organisation: of a listing, or (without one) of its own account."""

    __tablename__: ClassVar[str] = "document"
    __table_args__ = (
        Index("ix_document_listing_id_id", "listing_id", "id"),
        Index("ix_document_owner", "owner_organisation_id", "id"),
    )

    id: str = Field(primary_key=True)
    listing_id: str | None = Field(default=None, foreign_key="checklist.listing_id")
    owner_organisation_id: str = Field(foreign_key="organisation.id")
    title: str
    latest_version: int = 1
    is_simulated: bool = False
    created_by: str
    created_at: datetime


class DocumentVersionRow(SQLModel, table=True):
    """One version of a document. ``file_name`` is what the uploader called it: shown, never used as a path."""

    __tablename__: ClassVar[str] = "document_version"
    __table_args__ = (Index("ix_document_version_sha256", "sha256"),)

    document_id: str = Field(primary_key=True, foreign_key="document.id")
    number: int = Field(primary_key=True)
    sha256: str = Field(foreign_key="stored_bytes.sha256")
    file_name: str
    note: str = ""
    uploaded_by: str
    uploaded_by_organisation_id: str
    uploaded_at: datetime


class DocumentRedactionRow(SQLModel, table=True):
    """A rendition of a version with regions burned in; room viewers are served the newest one instead of the original.

    ``regions`` are boxes in thousandths of the page: page, left, top, right, bottom.
    """

    __tablename__: ClassVar[str] = "document_redaction"

    id: str = Field(primary_key=True)
    document_id: str = Field(foreign_key="document.id", index=True)
    number: int
    sha256: str = Field(foreign_key="stored_bytes.sha256")
    regions: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    reason: str
    redacted_by: str
    redacted_at: datetime
