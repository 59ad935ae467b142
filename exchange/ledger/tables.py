"""Cash accounts and their insert-only entries."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Identity, UniqueConstraint
from sqlmodel import Field, SQLModel

from exchange.infra.database import check, stored


class AccountKind(StrEnum):
    """A participant's cash, or the bank side that makes every transfer sum to zero."""

    CASH = "cash"
    BANK = "bank"


class EntryKind(StrEnum):
    """Why an account changed."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    HOLD = "hold"
    RELEASE = "release"


class AccountRow(SQLModel, table=True):
    """Money of one organisation in one currency. ``held`` is the part promised to live bids."""

    __tablename__: ClassVar[str] = "account"
    __table_args__ = (
        UniqueConstraint("organisation_id", "currency", "kind"),
        check("held_minor >= 0", "held_not_negative"),
        check("kind = 'bank' OR posted_minor >= held_minor", "held_is_covered"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    kind: AccountKind = Field(default=AccountKind.CASH, sa_type=stored(AccountKind, "account_kind"))
    currency: str
    posted_minor: int = Field(default=0, sa_type=BigInteger)
    held_minor: int = Field(default=0, sa_type=BigInteger)


class LedgerEntryRow(SQLModel, table=True):
    """One leg. Insert-only. Posted legs of a transfer sum to zero per currency; a hold has one leg."""

    __tablename__: ClassVar[str] = "ledger_entry"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    transfer_id: str
    account_id: str = Field(foreign_key="account.id", index=True)
    kind: EntryKind = Field(sa_type=stored(EntryKind, "ledger_entry_kind"))
    posted_delta_minor: int = Field(default=0, sa_type=BigInteger)
    held_delta_minor: int = Field(default=0, sa_type=BigInteger)
    reference_id: str
    at: datetime
