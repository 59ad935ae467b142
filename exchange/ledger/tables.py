"""Cash accounts and their insert-only entries."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Identity, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from exchange.infra.database import check, stored
from exchange.ledger.kinds import AccountKind, EntryKind


class AccountRow(SQLModel, table=True):
    """Money of one organisation, or of the house, in one currency. ``held`` is promised to live bids and deals."""

    __tablename__: ClassVar[str] = "account"
    __table_args__ = (
        UniqueConstraint("organisation_id", "currency", "kind", postgresql_nulls_not_distinct=True),
        check(
            "CASE kind WHEN 'cash' THEN organisation_id IS NOT NULL WHEN 'bank' THEN true "
            "ELSE organisation_id IS NULL END",
            "house_has_no_owner",
        ),
        check("held_minor >= 0", "held_not_negative"),
        check("kind = 'bank' OR posted_minor >= held_minor", "held_is_covered"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    kind: AccountKind = Field(default=AccountKind.CASH, sa_type=stored(AccountKind, "account_kind"))
    currency: str
    posted_minor: int = Field(default=0, sa_type=BigInteger)
    held_minor: int = Field(default=0, sa_type=BigInteger)


class LedgerTransferRow(SQLModel, table=True):
    """A group of posted legs with its cause. Insert-only; ``once_key`` keeps a cause from being posted twice."""

    __tablename__: ClassVar[str] = "ledger_transfer"

    id: str = Field(primary_key=True)
    kind: EntryKind = Field(sa_type=stored(EntryKind, "ledger_transfer_kind"))
    reference_id: str = Field(index=True)
    currency: str
    once_key: str | None = Field(default=None, unique=True)
    reverses_transfer_id: str | None = Field(default=None, foreign_key="ledger_transfer.id", unique=True)
    at: datetime


class LedgerEntryRow(SQLModel, table=True):
    """One leg. Insert-only. Posted legs of a transfer sum to zero per currency; a hold has one leg."""

    __tablename__: ClassVar[str] = "ledger_entry"
    # Of posted legs only: holds come with every order and are never looked up by their cause.
    __table_args__ = (
        Index("ix_ledger_entry_posted", "reference_id", "account_id", postgresql_where=text("posted_delta_minor <> 0")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    transfer_id: str
    account_id: str = Field(foreign_key="account.id", index=True)
    kind: EntryKind = Field(sa_type=stored(EntryKind, "ledger_entry_kind"))
    posted_delta_minor: int = Field(default=0, sa_type=BigInteger)
    held_delta_minor: int = Field(default=0, sa_type=BigInteger)
    reference_id: str
    at: datetime
