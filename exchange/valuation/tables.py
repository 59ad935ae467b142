"""Valuations with what they were made from, appraisals, parameters. Registers: rows are added, never changed.

What a panel was computed from and what came out are kept once each as canonical text under its sha-256
(`valuation_document`), so that a revaluation of the whole market shares the assumptions of its funds. Scenarios are
private: their texts stand in their own rows and are in no view that others read.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from exchange.core.terms import SourceMark
from exchange.infra.database import check, stored
from exchange.valuation.parameters import ParameterKind


class ValuationParameterRow(SQLModel, table=True):
    """A figure of a market that two operators agreed to; another one of the same place and day is its next version."""

    __tablename__: ClassVar[str] = "valuation_parameter"
    __table_args__ = (
        UniqueConstraint("kind", "region", "strategy", "name", "effective_on", "version"),
        check("approved_by <> entered_by", "two_persons"),
    )

    id: str = Field(primary_key=True)
    kind: ParameterKind = Field(sa_type=stored(ParameterKind, "valuation_parameter_kind"))
    region: str
    strategy: str
    name: str
    effective_on: date
    version: int = 1
    values: dict[str, Any] = Field(sa_column=Column("values", JSONB, nullable=False))
    source_mark: SourceMark = Field(sa_type=stored(SourceMark, "valuation_parameter_source_mark"))
    source: str
    proposal_id: str = Field(foreign_key="valuation_parameter_proposal.id")
    entered_by: str
    entered_at: datetime
    approved_by: str
    approved_at: datetime


class ParameterProposalRow(SQLModel, table=True):
    """Figures one operator wants to enter; they count once a second one has approved them."""

    __tablename__: ClassVar[str] = "valuation_parameter_proposal"

    id: str = Field(primary_key=True)
    items: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    items_hash: str
    entered_by: str
    entered_at: datetime


class ValuationDocumentRow(SQLModel, table=True):
    """A canonical text under its sha-256: facts of a fund, assumptions, or a panel."""

    __tablename__: ClassVar[str] = "valuation_document"

    hash: str = Field(primary_key=True)
    content: str = Field(sa_type=Text)


class ValuationRow(SQLModel, table=True):
    """A valuation that was asked for. Its listing, profile, kind of seller and lock-up are those of the asking."""

    __tablename__: ClassVar[str] = "valuation"
    __table_args__ = (
        Index("ix_valuation_fund_id_id", "fund_id", "id"),
        check("lock_up_days BETWEEN 0 AND 3650", "lock_up_in_range"),
    )

    id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id")
    listing_id: str | None = Field(default=None, index=True)
    profile: str
    seller_is_state_owned: bool = False
    lock_up_days: int = 0
    valued_on: date
    requested_by: str
    requested_by_organisation_id: str
    requested_at: datetime
    revaluation_id: str | None = Field(default=None, index=True)


class ValuationResultRow(SQLModel, table=True):
    """What came out: the hashes of inputs and output, and the version of the panel that computed it."""

    __tablename__: ClassVar[str] = "valuation_result"

    valuation_id: str = Field(primary_key=True, foreign_key="valuation.id")
    facts_hash: str = Field(foreign_key="valuation_document.hash")
    assumptions_hash: str = Field(foreign_key="valuation_document.hash")
    panel_hash: str = Field(foreign_key="valuation_document.hash")
    software_version: str
    computed_at: datetime


class ScenarioRow(SQLModel, table=True):
    """Somebody's own assumptions over a valuation, and the panel they give. For their organisation alone."""

    __tablename__: ClassVar[str] = "valuation_scenario"
    __table_args__ = (Index("ix_valuation_scenario_owner", "organisation_id", "valuation_id", "id"),)

    id: str = Field(primary_key=True)
    valuation_id: str = Field(foreign_key="valuation.id")
    organisation_id: str
    name: str
    overrides: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    assumptions: str = Field(sa_type=Text)
    assumptions_hash: str
    panel: str = Field(sa_type=Text)
    panel_hash: str
    software_version: str
    entered_by: str
    entered_at: datetime


class WeightSetRow(SQLModel, table=True):
    """The weights one named person gives to the models of a valuation, why, and the figure that makes."""

    __tablename__: ClassVar[str] = "valuation_weight_set"

    id: str = Field(primary_key=True)
    valuation_id: str = Field(foreign_key="valuation.id", index=True)
    organisation_id: str
    is_public: bool
    entered_by: str
    entered_by_name: str
    entered_at: datetime
    reason: str
    weights: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    low_minor: int = Field(sa_type=BigInteger)
    point_minor: int = Field(sa_type=BigInteger)
    high_minor: int = Field(sa_type=BigInteger)
    low_ppm: int | None = Field(default=None, sa_type=BigInteger)
    point_ppm: int | None = Field(default=None, sa_type=BigInteger)
    high_ppm: int | None = Field(default=None, sa_type=BigInteger)


class AppraisalRow(SQLModel, table=True):
    """An independent appraisal of an amount of subscribed capital, as its appraiser reports it.

    It refers to one NAV statement: the last that the appraiser saw.
    """

    __tablename__: ClassVar[str] = "appraisal"
    __table_args__ = (
        check("low_minor <= point_minor AND point_minor <= high_minor AND low_minor >= 0", "range_in_order"),
        check("amount_minor > 0", "amount_positive"),
        check("valid_until >= base_on", "valid_after_base"),
    )

    id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id", index=True)
    nav_statement_id: str = Field(foreign_key="nav_statement.id")
    amount_minor: int = Field(sa_type=BigInteger)
    profile: str
    base_on: date
    valid_until: date
    purpose: str
    methods: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    appraiser: str
    appraiser_organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    report_number: str
    low_minor: int = Field(sa_type=BigInteger)
    point_minor: int = Field(sa_type=BigInteger)
    high_minor: int = Field(sa_type=BigInteger)
    entered_by: str
    entered_by_organisation_id: str
    entered_at: datetime


class AppraisalFilingRow(SQLModel, table=True):
    """That an appraisal was approved or filed (核准、备案) with who owns the seller, as an operator has seen it."""

    __tablename__: ClassVar[str] = "appraisal_filing"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    filing_number: str
    filed_on: date
    filed_by: str
    recorded_at: datetime


class RevaluationRow(SQLModel, table=True):
    """A valuation of every fund on one day, cut into chunks that workers share."""

    __tablename__: ClassVar[str] = "revaluation"

    id: str = Field(primary_key=True)
    valued_on: date
    profile: str
    requested_by: str
    requested_by_organisation_id: str
    requested_at: datetime
    fund_count: int
    chunk_count: int


class RevaluationChunkRow(SQLModel, table=True):
    """Some funds of a revaluation; computed once, by whichever worker comes first."""

    __tablename__: ClassVar[str] = "revaluation_chunk"
    __table_args__ = (check("number >= 0", "number_not_negative"),)

    revaluation_id: str = Field(primary_key=True, foreign_key="revaluation.id")
    number: int = Field(primary_key=True)
    fund_ids: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    computed_at: datetime | None = None
