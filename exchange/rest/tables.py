"""Answers kept for repeated requests."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class IdempotencyRow(SQLModel, table=True):
    """One command of one user under one key, with the answer it got. Same transaction as the command."""

    __tablename__: ClassVar[str] = "idempotency"

    user_id: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_hash: str
    status_code: int
    answer: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime
