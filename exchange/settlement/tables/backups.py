"""Offers to the next in rank after a deal fell away."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from exchange.infra.database import check, stored
from exchange.settlement.backup import BackupStatus


class BackupOfferRow(SQLModel, table=True):
    """What one losing bid is offered of a fallen deal: at its own price, up to what is left and what it asked.

    While it stands, the amount is frozen for the listing again. ``deal_id`` is the deal it became.
    """

    __tablename__: ClassVar[str] = "backup_offer"
    __table_args__ = (
        check("amount_minor > 0 AND price_ppm > 0 AND deposit_minor >= 0", "terms_positive"),
        check("(status = 'accepted') = (deal_id IS NOT NULL)", "accepted_has_a_deal"),
        Index("uq_backup_offer_open_order", "order_id", unique=True, postgresql_where=text("status = 'offered'")),
        Index("ix_backup_offer_organisation_id", "organisation_id", "id"),
    )

    id: str = Field(primary_key=True)
    fallen_deal_id: str = Field(foreign_key="deal.id", index=True)
    listing_id: str = Field(foreign_key="listing.id", index=True)
    order_id: str = Field(foreign_key="market_order.id")
    organisation_id: str = Field(foreign_key="organisation.id")
    rank: int
    price_ppm: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    money_minor: int = Field(sa_type=BigInteger)
    deposit_minor: int = Field(sa_type=BigInteger)
    currency: str
    status: BackupStatus = Field(default=BackupStatus.OFFERED, sa_type=stored(BackupStatus, "backup_offer_status"))
    status_note: str = ""
    lapses_at: datetime
    lapse_rule: str
    deal_id: str | None = Field(default=None, foreign_key="deal.id", unique=True)
    decided_by: str | None = None
    decided_at: datetime | None = None
    is_simulated: bool = False
    created_at: datetime
    version: int = 1
