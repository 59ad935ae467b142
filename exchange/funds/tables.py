"""Fund master, NAV statements and cash flows, all versioned."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from exchange.core.terms import SourceMark
from exchange.funds.kinds import CashFlowKind, LegalForm
from exchange.infra.database import check, stored


class FundRow(SQLModel, table=True):
    """A fund as its manager reports it. ``code`` is the natural key of imports."""

    __tablename__: ClassVar[str] = "fund"

    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    manager_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    legal_form: LegalForm = Field(default=LegalForm.PARTNERSHIP, sa_type=stored(LegalForm, "legal_form"))
    vintage: int
    currency: str
    strategy: str = ""
    risk_rating: int = 3
    sci_tech_ppm: int = Field(default=0, sa_type=BigInteger)
    source_mark: SourceMark = Field(sa_type=stored(SourceMark, "fund_source_mark"))
    source: str
    warning: str = ""
    version: int = 1
    created_at: datetime


class NavStatementRow(SQLModel, table=True):
    """A NAV at a reference date with the capital account it belongs to. Insert-only but for ``is_current``."""

    __tablename__: ClassVar[str] = "nav_statement"
    __table_args__ = (
        UniqueConstraint("fund_id", "as_of", "version"),
        Index(
            "uq_nav_statement_current",
            "fund_id",
            "as_of",
            unique=True,
            postgresql_where=text("is_current"),
        ),
        check("subscribed_minor > 0", "subscribed_positive"),
    )

    id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id")
    as_of: date
    version: int = 1
    is_current: bool = True
    nav_minor: int = Field(sa_type=BigInteger)
    subscribed_minor: int = Field(sa_type=BigInteger)
    paid_in_minor: int = Field(sa_type=BigInteger)
    distributed_minor: int = Field(sa_type=BigInteger)
    unfunded_minor: int = Field(sa_type=BigInteger)
    tvpi_ppm: int | None = Field(default=None, sa_type=BigInteger)
    irr_ppm: int | None = Field(default=None, sa_type=BigInteger)
    source_mark: SourceMark = Field(sa_type=stored(SourceMark, "nav_source_mark"))
    source: str
    import_id: str | None = None
    recorded_at: datetime


class CashFlowRow(SQLModel, table=True):
    """A contribution (positive: investors paid), distribution (positive: investors received) or restatement."""

    __tablename__: ClassVar[str] = "cash_flow"
    __table_args__ = (
        UniqueConstraint("fund_id", "notice_no", "version"),
        Index("uq_cash_flow_current", "fund_id", "notice_no", unique=True, postgresql_where=text("is_current")),
        Index("ix_cash_flow_fund_id_occurred_on", "fund_id", "occurred_on"),
    )

    id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id")
    notice_no: str
    occurred_on: date
    kind: CashFlowKind = Field(sa_type=stored(CashFlowKind, "cash_flow_kind"))
    amount_minor: int = Field(sa_type=BigInteger)
    effect_on_unfunded_minor: int = Field(sa_type=BigInteger)
    version: int = 1
    is_current: bool = True
    source_mark: SourceMark = Field(sa_type=stored(SourceMark, "flow_source_mark"))
    source: str
    import_id: str | None = None
    recorded_at: datetime
