"""Years of the calendar that operators loaded. A register: another version of a year is another row."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Date, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from exchange.infra.database import check


class CalendarYearRow(SQLModel, table=True):
    """Days of a year as two operators loaded them. ``number`` counts the versions of all years, ``version`` its own."""

    __tablename__: ClassVar[str] = "calendar_year"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("year", "version"),
        check("approved_by <> entered_by", "two_persons"),
    )

    id: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    year: int
    version: int
    holidays: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    worked_weekend_days: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    source: str
    entered_by: str
    approved_by: str
    approved_at: datetime
