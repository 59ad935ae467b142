"""Agreements of deals and their signatures."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Column, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.infra.database import check, stored


class SignatureSide(StrEnum):
    """For whom a signature stands."""

    SELLER = "seller"
    BUYER = "buyer"
    MANAGER = "manager"


class AgreementRow(SQLModel, table=True):
    """One version of a deal's agreement, made from register data alone. Insert-only; a new version voids the last."""

    __tablename__: ClassVar[str] = "agreement"
    __table_args__ = (UniqueConstraint("deal_id", "version"), check("version > 0", "version_positive"))

    id: str = Field(primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", index=True)
    version: int
    terms: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    terms_hash: str
    sha256: str
    made_by: str
    made_at: datetime


class SignatureRow(SQLModel, table=True):
    """A signature on one version; ``sha256`` names the file with it. Insert-only."""

    __tablename__: ClassVar[str] = "agreement_signature"
    __table_args__ = (UniqueConstraint("agreement_id", "side"),)

    id: str = Field(primary_key=True)
    agreement_id: str = Field(foreign_key="agreement.id", index=True)
    side: SignatureSide = Field(sa_type=stored(SignatureSide, "agreement_signature_side"))
    organisation_id: str
    user_id: str
    sha256: str
    signed_at: datetime
