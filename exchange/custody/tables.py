"""Holdings (the partner roll) and the insert-only entries that explain every change of them."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

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
