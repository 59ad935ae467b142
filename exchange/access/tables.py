"""Users, sessions, API keys and two-person approvals."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from exchange.access.approval import ApprovalStatus
from exchange.infra.database import check, stored


class UserRow(SQLModel, table=True):
    """A person who signs in for one organisation."""

    __tablename__: ClassVar[str] = "user_account"

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    login: str = Field(unique=True)
    name: str
    password_hash: str
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    is_active: bool = True
    failed_sign_ins: int = 0
    version: int = 1
    created_at: datetime


class SessionRow(SQLModel, table=True):
    """A browser session. Only the sha-256 of the token is kept; the CSRF token is derived from the token."""

    __tablename__: ClassVar[str] = "user_session"

    id: str = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    user_id: str = Field(foreign_key="user_account.id", index=True)
    created_at: datetime
    authenticated_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None
    user_agent: str = ""


class SignInWindowRow(SQLModel, table=True):
    """Failed sign-ins under one login or from one address (hashed) since the window began."""

    __tablename__: ClassVar[str] = "sign_in_window"

    key: str = Field(primary_key=True)
    started_at: datetime
    failures: int = 0


class ApiKeyRow(SQLModel, table=True):
    """A key of a system. ``fx_<id>_<secret>``; only the sha-256 of the secret is kept."""

    __tablename__: ClassVar[str] = "api_key"

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    user_id: str = Field(foreign_key="user_account.id")
    name: str
    secret_hash: str
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    rotated_from: str | None = Field(default=None, foreign_key="api_key.id")


class ApprovalRow(SQLModel, table=True):
    """A decision that takes two persons: who asked, who decided. They are never the same."""

    __tablename__: ClassVar[str] = "approval"
    __table_args__ = (
        check("decided_by IS NULL OR decided_by <> requested_by", "two_persons"),
        Index("ix_approval_status", "status", "id"),
        Index("uq_approval_pending", "kind", "subject_id", unique=True, postgresql_where=text("status = 'pending'")),
    )

    id: str = Field(primary_key=True)
    kind: str
    subject_id: str = Field(index=True)
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    requested_by: str
    requested_at: datetime
    status: ApprovalStatus = Field(default=ApprovalStatus.PENDING, sa_type=stored(ApprovalStatus, "approval_status"))
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
