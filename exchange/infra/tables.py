"""Events, the outbox queue, the audit chain and the sandbox clock."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from exchange.infra.database import check


class EventRow(SQLModel, table=True):
    """What happened. Insert-only; written in the transaction of the change itself."""

    __tablename__: ClassVar[str] = "event"
    __table_args__ = (Index("ix_event_subject_id", "subject_id"),)

    id: str = Field(primary_key=True)
    type: str
    at: datetime
    actor_id: str | None = None
    subject_id: str
    book_id: str | None = None
    listing_id: str | None = None
    audience: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    data: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class OutboxRow(SQLModel, table=True):
    """Events the relay has still to publish; a future ``due_at`` makes an event a deadline."""

    __tablename__: ClassVar[str] = "outbox"
    __table_args__ = (Index("ix_outbox_due_at", "due_at", "event_id"),)

    event_id: str = Field(primary_key=True)
    due_at: datetime


class AuditChainRow(SQLModel, table=True):
    """The order of publication and the hash chain over it. Insert-only; the number is the stream position."""

    __tablename__: ClassVar[str] = "audit_chain"

    number: int = Field(primary_key=True, sa_type=BigInteger)
    event_id: str = Field(unique=True, foreign_key="event.id")
    previous_hash: str
    hash: str
    chained_at: datetime


class ReactionRow(SQLModel, table=True):
    """A job that an event asks for: the durable side of the doorbell. Deleted when its effect is committed."""

    __tablename__: ClassVar[str] = "reaction"
    __table_args__ = (
        Index("ix_reaction_run_at", "run_at"),
        check("attempts >= 0", "attempts_not_negative"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    event_id: str = Field(foreign_key="event.id")
    job: str
    subject_id: str
    run_at: datetime
    attempts: int = 0
    dead: bool = False
    last_error: str | None = None


class SandboxClockRow(SQLModel, table=True):
    """Offset of business time from system time. One row; zero outside a sandbox."""

    __tablename__: ClassVar[str] = "sandbox_clock"
    __table_args__ = (check("id = 1", "one_row"),)

    id: int = Field(default=1, primary_key=True)
    offset_microseconds: int = Field(default=0, sa_type=BigInteger)
    seeded_at: datetime | None = None
