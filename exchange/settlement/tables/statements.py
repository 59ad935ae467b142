"""Closing statements of deals, and what the parties say of them."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.infra.database import check, stored
from exchange.settlement.statement import StatementAnswer


class ClosingStatementRow(SQLModel, table=True):
    """One version of a deal's closing statement, with every published line. Insert-only."""

    __tablename__: ClassVar[str] = "closing_statement"
    __table_args__ = (UniqueConstraint("deal_id", "version"), check("version > 0", "version_positive"))

    id: str = Field(primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", index=True)
    version: int
    closing_on: date
    lines: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    lines_hash: str
    to_pay_minor: int = Field(sa_type=BigInteger)
    seller_fee_minor: int = Field(sa_type=BigInteger)
    buyer_fee_minor: int = Field(sa_type=BigInteger)
    currency: str
    issued_by: str
    issued_at: datetime


class StatementAnswerRow(SQLModel, table=True):
    """One answer to a statement. Insert-only."""

    __tablename__: ClassVar[str] = "statement_answer"

    id: str = Field(primary_key=True)
    statement_id: str = Field(foreign_key="closing_statement.id", index=True)
    organisation_id: str
    answer: StatementAnswer = Field(sa_type=stored(StatementAnswer, "statement_answer"))
    note: str = ""
    answered_by: str
    answered_at: datetime
