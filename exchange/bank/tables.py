"""Bank messages, money in, payee accounts, payouts and their batches."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from exchange.bank.payment import PaymentStatus, PayoutStatus
from exchange.infra.database import check, stored


class BankMessageRow(SQLModel, table=True):
    """A message of the bank that was taken in. Insert-only; the same message again changes nothing.

    ``debits_unexplained``: lines of money out that no sent payout accounts for.
    """

    __tablename__: ClassVar[str] = "bank_message"

    id: str = Field(primary_key=True)
    message_id: str = Field(unique=True)
    kind: str
    sha256: str
    entries: int
    debits_unexplained: int = 0
    is_simulated: bool = False
    received_by: str
    received_at: datetime


class PaymentRow(SQLModel, table=True):
    """A credit at the bank, once for its bank reference, the account it went to, and the deal it names (or nothing)."""

    __tablename__: ClassVar[str] = "payment"
    __table_args__ = (
        check("amount_minor > 0", "amount_positive"),
        check("(status IN ('matched', 'assigned')) = (account_id IS NOT NULL)", "account_when_booked"),
        check("decided_by IS NULL OR status IN ('assigned', 'returned')", "decided"),
        Index("ix_payment_status", "status", "id"),
    )

    id: str = Field(primary_key=True)
    message_id: str = Field(foreign_key="bank_message.id", index=True)
    bank_reference: str = Field(unique=True)
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    booked_on: date
    end_to_end_id: str = ""
    remittance: str = ""
    debtor: str = ""
    status: PaymentStatus = Field(sa_type=stored(PaymentStatus, "payment_status"))
    account_id: str | None = Field(default=None, foreign_key="account.id")
    deal_id: str = ""
    note: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = None
    is_simulated: bool = False
    received_at: datetime


class PayoutRow(SQLModel, table=True):
    """Money a participant takes out, to a bank account of its own; the number is kept sealed."""

    __tablename__: ClassVar[str] = "payout"
    __table_args__ = (
        check("amount_minor > 0", "amount_positive"),
        check("decided_by IS NULL OR decided_by <> requested_by", "two_persons"),
        Index("ix_payout_status", "status", "id"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    account_id: str = Field(foreign_key="account.id")
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    creditor: str
    number_sealed: str
    number_masked: str
    status: PayoutStatus = Field(default=PayoutStatus.REQUESTED, sa_type=stored(PayoutStatus, "payout_status"))
    note: str = ""
    batch_id: str | None = Field(default=None, foreign_key="payout_batch.id", index=True)
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 1


class PayoutBatchRow(SQLModel, table=True):
    """A file of payment orders (pain.001) as it went to the bank. Insert-only."""

    __tablename__: ClassVar[str] = "payout_batch"

    id: str = Field(primary_key=True)
    currency: str
    payouts: int
    total_minor: int = Field(sa_type=BigInteger)
    execute_on: date
    sha256: str
    made_by: str
    made_at: datetime
