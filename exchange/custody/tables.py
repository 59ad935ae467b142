"""Holdings (the partner roll) and the insert-only entries that explain every change of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.custody.pledge import PledgeReason, PledgeStatus
from exchange.infra.database import check, stored


class CustodyEntryKind(StrEnum):
    """Why a holding changed."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    FROZEN = "frozen"
    RELEASED = "released"
    PLEDGED = "pledged"
    UNPLEDGED = "unpledged"
    TRANSFERRED_OUT = "transferred_out"
    TRANSFERRED_IN = "transferred_in"
    REVERSED_OUT = "reversed_out"
    REVERSED_IN = "reversed_in"


class HoldingRow(SQLModel, table=True):
    """One holder's interest in one fund: a line of the partner roll."""

    __tablename__: ClassVar[str] = "holding"
    __table_args__ = (
        UniqueConstraint("fund_id", "holder_organisation_id"),
        check("subscribed_minor >= 0 AND paid_in_minor >= 0 AND unfunded_minor >= 0", "not_negative"),
        check("frozen_minor >= 0 AND pledged_minor >= 0", "encumbrance_not_negative"),
        check("frozen_minor + pledged_minor <= subscribed_minor", "free_not_negative"),
    )

    id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id", index=True)
    holder_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    subscribed_minor: int = Field(sa_type=BigInteger)
    paid_in_minor: int = Field(sa_type=BigInteger)
    unfunded_minor: int = Field(sa_type=BigInteger)
    frozen_minor: int = Field(default=0, sa_type=BigInteger)
    pledged_minor: int = Field(default=0, sa_type=BigInteger)
    version: int = 1
    is_simulated: bool = False


class CustodyEntryRow(SQLModel, table=True):
    """A change of a holding. Insert-only; a holding always equals the sum of its entries."""

    __tablename__: ClassVar[str] = "custody_entry"

    id: str = Field(primary_key=True)
    holding_id: str = Field(foreign_key="holding.id", index=True)
    kind: CustodyEntryKind = Field(sa_type=stored(CustodyEntryKind, "custody_entry_kind"))
    subscribed_delta_minor: int = Field(default=0, sa_type=BigInteger)
    paid_in_delta_minor: int = Field(default=0, sa_type=BigInteger)
    unfunded_delta_minor: int = Field(default=0, sa_type=BigInteger)
    frozen_delta_minor: int = Field(default=0, sa_type=BigInteger)
    pledged_delta_minor: int = Field(default=0, sa_type=BigInteger)
    reference_id: str = Field(index=True)
    actor_id: str
    at: datetime


class InterestTransferRow(SQLModel, table=True):
    """An interest that went from one holder to another with what is paid in and still to pay. Insert-only.

    A reversal is a row of its own that names what it undoes; one reference moves an interest once.
    """

    __tablename__: ClassVar[str] = "interest_transfer"
    __table_args__ = (check("amount_minor > 0", "amount_positive"),)

    id: str = Field(primary_key=True)
    reference_id: str = Field(unique=True)
    fund_id: str = Field(foreign_key="fund.id", index=True)
    from_holding_id: str = Field(foreign_key="holding.id", index=True)
    to_holding_id: str = Field(foreign_key="holding.id", index=True)
    amount_minor: int = Field(sa_type=BigInteger)
    paid_in_minor: int = Field(sa_type=BigInteger)
    unfunded_minor: int = Field(sa_type=BigInteger)
    frozen_reference_id: str
    reverses_id: str | None = Field(default=None, foreign_key="interest_transfer.id", unique=True)
    actor_id: str
    at: datetime


class PledgeRow(SQLModel, table=True):
    """A pledge of part of a holding for a creditor's claim. ``papers``: the documents it came with, by code."""

    __tablename__: ClassVar[str] = "pledge"
    __table_args__ = (
        check("amount_minor > 0 AND secured_minor > 0", "amounts_positive"),
        check("(decided_at IS NULL) = (status IN ('requested', 'withdrawn'))", "decided_says_when"),
        check("(released_at IS NOT NULL) = (status = 'released')", "released_says_when"),
    )

    id: str = Field(primary_key=True)
    holding_id: str = Field(foreign_key="holding.id", index=True)
    fund_id: str = Field(foreign_key="fund.id", index=True)
    holder_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    creditor_name: str
    creditor_code: str
    secured_minor: int = Field(sa_type=BigInteger)
    ends_on: date
    contract_number: str
    permitted_by: str
    papers: dict[str, Any] = Field(sa_type=JSONB)
    release_papers: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    status: PledgeStatus = Field(default=PledgeStatus.REQUESTED, sa_type=stored(PledgeStatus, "pledge_status"))
    reason: PledgeReason | None = Field(default=None, sa_type=stored(PledgeReason, "pledge_reason"), nullable=True)
    note: str = ""
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    released_by: str | None = None
    released_at: datetime | None = None
    version: int = 1
    is_simulated: bool = False


class CertificateRow(SQLModel, table=True):
    """A certificate of a holding as it stood: what it says, and the hash of the paper. Insert-only."""

    __tablename__: ClassVar[str] = "certificate"
    __table_args__ = (UniqueConstraint("holding_id", "holding_version"),)

    id: str = Field(primary_key=True)
    holding_id: str = Field(foreign_key="holding.id", index=True)
    holding_version: int
    state: dict[str, Any] = Field(sa_type=JSONB)
    sha256: str
    size_bytes: int = Field(sa_type=BigInteger)
    issued_by: str
    at: datetime
