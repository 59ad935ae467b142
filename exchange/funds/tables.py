"""Fund master, NAV statements and cash flows, all versioned."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from exchange.core.terms import SourceMark
from exchange.funds.kinds import CashFlowKind, HoldingMethod, LegalForm
from exchange.infra.database import check, stored


class FundRow(SQLModel, table=True):
    """A fund as its manager reports it. ``code`` is the natural key of imports."""

    __tablename__: ClassVar[str] = "fund"
    __table_args__ = (
        Index("uq_fund_filing_code", "filing_code", unique=True, postgresql_where=text("filing_code <> ''")),
    )

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
    registered_region: str = ""
    filing_code: str = ""
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


class InvestmentScheduleRow(SQLModel, table=True):
    """A fund's balance sheet besides its companies on a date, over its schedule of investments.

    Insert-only but for ``is_current``. ``investor_share_ppm``: share of the net assets that belongs to the capital
    account of the NAV statements, after the waterfall.
    """

    __tablename__: ClassVar[str] = "investment_schedule"
    __table_args__ = (
        UniqueConstraint("fund_id", "as_of", "version"),
        Index("uq_investment_schedule_current", "fund_id", "as_of", unique=True, postgresql_where=text("is_current")),
        check("investor_share_ppm BETWEEN 0 AND 1000000", "investor_share_is_a_share"),
    )

    id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id")
    as_of: date
    version: int = 1
    is_current: bool = True
    cash_minor: int = Field(sa_type=BigInteger)
    other_assets_minor: int = Field(sa_type=BigInteger)
    debt_minor: int = Field(sa_type=BigInteger)
    fees_payable_minor: int = Field(sa_type=BigInteger)
    accrued_carry_minor: int = Field(sa_type=BigInteger)
    investor_share_ppm: int = Field(sa_type=BigInteger)
    source_mark: SourceMark = Field(sa_type=stored(SourceMark, "schedule_source_mark"))
    source: str
    recorded_at: datetime


class InvestmentRow(SQLModel, table=True):
    """One portfolio company of a schedule. Insert-only. A lock-up marks restricted listed shares."""

    __tablename__: ClassVar[str] = "investment"
    __table_args__ = (
        check("owned_ppm BETWEEN 0 AND 1000000", "owned_is_a_share"),
        check("lock_up_days >= 0 AND volatility_ppm >= 0 AND dividend_yield_ppm >= 0", "lock_up_not_negative"),
    )

    schedule_id: str = Field(foreign_key="investment_schedule.id", primary_key=True)
    place: int = Field(primary_key=True)
    name: str
    owned_ppm: int = Field(sa_type=BigInteger)
    fair_value_minor: int = Field(sa_type=BigInteger)
    method: HoldingMethod = Field(sa_type=stored(HoldingMethod, "investment_method"))
    lock_up_days: int = 0
    volatility_ppm: int = Field(default=0, sa_type=BigInteger)
    dividend_yield_ppm: int = Field(default=0, sa_type=BigInteger)
    source_mark: SourceMark = Field(sa_type=stored(SourceMark, "investment_source_mark"))
    source: str


class TransferTermsRow(SQLModel, table=True):
    """What a fund's agreement says of transfers, where it differs from the law. One row a fund."""

    __tablename__: ClassVar[str] = "fund_transfer_terms"

    fund_id: str = Field(primary_key=True, foreign_key="fund.id")
    has_first_refusal: bool
    silence_waives: bool
    clause: str
    recorded_by: str
    recorded_at: datetime
    version: int = 1
