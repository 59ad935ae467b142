"""What is due after a transfer: filings, later parts of the price; and the payment plans the parties stated."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.infra.database import check, stored
from exchange.settlement.instalment import InstalmentStatus
from exchange.settlement.lateness import Lateness
from exchange.settlement.obligation import ObligationKind, ObligationStatus


class ObligationRow(SQLModel, table=True):
    """One thing to file after a transfer, by whom and by when; fulfilled with a document as evidence."""

    __tablename__: ClassVar[str] = "obligation"
    __table_args__ = (
        UniqueConstraint("deal_id", "kind"),
        check("breach_on >= due_on", "due_before_breach"),
        check("(status = 'done') = (done_at IS NOT NULL)", "done_says_when"),
    )

    id: str = Field(primary_key=True)
    deal_id: str = Field(foreign_key="deal.id")
    kind: ObligationKind = Field(sa_type=stored(ObligationKind, "obligation_kind"))
    rule: str
    responsible_organisation_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    due_on: date
    breach_on: date
    lateness: Lateness = Field(default=Lateness.IN_TIME, sa_type=stored(Lateness, "obligation_lateness"))
    status: ObligationStatus = Field(
        default=ObligationStatus.OPEN, sa_type=stored(ObligationStatus, "obligation_status")
    )
    document_id: str | None = Field(default=None, foreign_key="document.id")
    document_number: int | None = None
    done_by: str | None = None
    done_at: datetime | None = None
    created_at: datetime
    version: int = 1


class InstalmentRow(SQLModel, table=True):
    """A later part of the price: principal in minor units, its interest as planned and as paid."""

    __tablename__: ClassVar[str] = "instalment"
    __table_args__ = (
        UniqueConstraint("deal_id", "number"),
        check("principal_minor >= 0 AND interest_minor >= 0 AND days > 0", "terms_sensible"),
        check("status <> 'paid' OR (paid_at IS NOT NULL AND transfer_id IS NOT NULL)", "paid_says_how"),
    )

    id: str = Field(primary_key=True)
    deal_id: str = Field(foreign_key="deal.id")
    number: int
    closing_on: date
    due_on: date
    days: int
    principal_minor: int = Field(sa_type=BigInteger)
    interest_minor: int = Field(sa_type=BigInteger)
    interest_ppm: int = Field(sa_type=BigInteger)
    currency: str
    lateness: Lateness = Field(default=Lateness.IN_TIME, sa_type=stored(Lateness, "instalment_lateness"))
    status: InstalmentStatus = Field(
        default=InstalmentStatus.DUE, sa_type=stored(InstalmentStatus, "instalment_status")
    )
    due_at: datetime | None = None
    paid_interest_minor: int | None = Field(default=None, sa_type=BigInteger)
    transfer_id: str | None = Field(default=None, foreign_key="ledger_transfer.id")
    paid_by: str | None = None
    paid_at: datetime | None = None
    created_at: datetime
    version: int = 1


class PlanStatementRow(SQLModel, table=True):
    """A payment plan one party of a deal stated; it is agreed once both state the same. Insert-only."""

    __tablename__: ClassVar[str] = "deal_plan_statement"

    id: str = Field(primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    plan: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    stated_by: str
    at: datetime
