"""Organisations, investor classes, suitability records, ownership edges, and the standing read on the order path."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from exchange.core.terms import BuyerClass
from exchange.infra.database import check, stored
from exchange.parties.deemed import DeemedKind, DeemedProofKind
from exchange.parties.lifecycle import OrganisationKind, OrganisationStatus, RecordStatus


class OrganisationRow(SQLModel, table=True):
    """A legal person admitted, or asking to be."""

    __tablename__: ClassVar[str] = "organisation"

    id: str = Field(primary_key=True)
    kind: OrganisationKind = Field(sa_type=stored(OrganisationKind, "organisation_kind"))
    name_zh: str
    name_en: str
    credit_code: str = Field(unique=True)
    is_simulated: bool = False
    is_state_owned: bool = False
    status: OrganisationStatus = Field(
        default=OrganisationStatus.APPLIED, sa_type=stored(OrganisationStatus, "organisation_status")
    )
    version: int = 1
    created_at: datetime


class InvestorClassRow(SQLModel, table=True):
    """The class of a buyer with its evidence and expiry; two operators approve it."""

    __tablename__: ClassVar[str] = "investor_class"
    __table_args__ = (check("valid_to >= valid_from", "dates_in_order"),)

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    buyer_class: BuyerClass = Field(sa_type=stored(BuyerClass, "buyer_class"))
    evidence: str
    valid_from: date
    valid_to: date
    status: RecordStatus = Field(default=RecordStatus.PROPOSED, sa_type=stored(RecordStatus, "class_record_status"))


class SuitabilityRow(SQLModel, table=True):
    """What makes an investor a qualified one (profile numbers, or by law: ``deemed``), with evidence and expiry."""

    __tablename__: ClassVar[str] = "suitability"
    __table_args__ = (
        check("(deemed_kind IS NULL) = (deemed_proof_kind IS NULL)", "deemed_is_proved"),
        check(
            "(deemed_manager_id IS NOT NULL) = (deemed_kind IS NOT DISTINCT FROM 'manager_or_staff')", "manager_named"
        ),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    currency: str = "CNY"
    net_assets_minor: int = Field(sa_type=BigInteger)
    financial_assets_minor: int = Field(sa_type=BigInteger)
    evidence: str
    as_of: date
    valid_to: date
    risk_rating: int
    risk_statement_signed_on: date | None = None
    no_nominee_declared_on: date | None = None
    deemed_kind: DeemedKind | None = Field(default=None, sa_type=stored(DeemedKind, "suitability_deemed_kind"))
    deemed_proof_kind: DeemedProofKind | None = Field(
        default=None, sa_type=stored(DeemedProofKind, "suitability_deemed_proof_kind")
    )
    deemed_proof_number: str = ""
    deemed_manager_id: str | None = Field(default=None, foreign_key="organisation.id")
    status: RecordStatus = Field(
        default=RecordStatus.PROPOSED, sa_type=stored(RecordStatus, "suitability_record_status")
    )


class OwnershipRow(SQLModel, table=True):
    """An edge of the ownership graph: the owner (organisation or natural person) holds a share of the owned."""

    __tablename__: ClassVar[str] = "ownership"
    __table_args__ = (check("share_ppm > 0 AND share_ppm <= 1000000", "share_in_range"),)

    id: str = Field(primary_key=True)
    owner_id: str = Field(index=True)
    owner_name: str
    owned_id: str = Field(foreign_key="organisation.id", index=True)
    share_ppm: int = Field(sa_type=BigInteger)
    as_of: date
    ended_on: date | None = None
    evidence: str


class StandingRow(SQLModel, table=True):
    """What the order path needs to know of an organisation in one read.

    Rewritten by ``parties.service.refresh_standing`` in the transaction of every change to the records above.
    ``group_keys`` are the beneficial owners at or above the profile's share, the organisation itself included.
    """

    __tablename__: ClassVar[str] = "standing"

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    is_approved: bool = False
    is_simulated: bool = False
    buyer_class: BuyerClass = Field(default=BuyerClass.OTHER, sa_type=stored(BuyerClass, "standing_buyer_class"))
    class_valid_to: date | None = None
    suitable_until: date | None = None
    suitability_currency: str | None = None
    net_assets_minor: int = Field(default=0, sa_type=BigInteger)
    financial_assets_minor: int = Field(default=0, sa_type=BigInteger)
    risk_rating: int = 0
    risk_statement_signed: bool = False
    no_nominee_declared: bool = False
    deemed_kind: DeemedKind | None = Field(default=None, sa_type=stored(DeemedKind, "standing_deemed_kind"))
    deemed_manager_id: str | None = None
    group_keys: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
