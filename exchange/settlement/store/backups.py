"""SQL of offers to backups."""

from datetime import datetime

from sqlmodel import col, or_, select

from exchange.infra.database import Tx
from exchange.settlement.backup import BackupStatus
from exchange.settlement.tables.backups import BackupOfferRow
from exchange.settlement.tables.deals import DealRow


def add(tx: Tx, row: BackupOfferRow) -> None:
    """Write a new offer."""
    tx.add(row)
    tx.flush()


def save(tx: Tx, row: BackupOfferRow) -> None:
    """Write a changed offer under its next version."""
    row.version += 1
    tx.add(row)
    tx.flush()


def offer(tx: Tx, offer_id: str) -> BackupOfferRow | None:
    """One offer, read anew. The lock of the deal that fell covers it."""
    return tx.get(BackupOfferRow, offer_id, populate_existing=True)


def open_offers_after(tx: Tx, moment: datetime) -> list[str]:
    """Offers nobody has answered that lapse after an instant, oldest first."""
    query = select(BackupOfferRow.id).where(
        BackupOfferRow.status == BackupStatus.OFFERED, col(BackupOfferRow.lapses_at) > moment
    )
    return list(tx.exec(query.order_by(col(BackupOfferRow.id))))


def offer_of_deal(tx: Tx, deal_id: str) -> BackupOfferRow | None:
    """The offer a backup's deal came from."""
    return tx.exec(select(BackupOfferRow).where(BackupOfferRow.deal_id == deal_id)).one_or_none()


def offers_of_listing(tx: Tx, listing_id: str) -> list[BackupOfferRow]:
    """Every offer of a listing, oldest first."""
    query = select(BackupOfferRow).where(BackupOfferRow.listing_id == listing_id).order_by(col(BackupOfferRow.id))
    return list(tx.exec(query, execution_options={"populate_existing": True}))


def deals_of_listing(tx: Tx, listing_id: str) -> list[DealRow]:
    """Every deal of a listing, oldest first."""
    query = select(DealRow).where(DealRow.listing_id == listing_id).order_by(col(DealRow.id))
    return list(tx.exec(query, execution_options={"populate_existing": True}))


def offers(
    tx: Tx,
    *,
    organisation_id: str | None,
    listing_id: str | None,
    status: BackupStatus | None,
    before: str | None,
    limit: int,
) -> list[BackupOfferRow]:
    """Offers, newest first; those an organisation got or whose seller it is, or all."""
    query = select(BackupOfferRow).order_by(col(BackupOfferRow.id).desc()).limit(limit)
    if organisation_id is not None:
        query = query.join(DealRow, col(DealRow.id) == BackupOfferRow.fallen_deal_id).where(
            or_(
                BackupOfferRow.organisation_id == organisation_id,
                DealRow.seller_organisation_id == organisation_id,
            )
        )
    if listing_id is not None:
        query = query.where(BackupOfferRow.listing_id == listing_id)
    if status is not None:
        query = query.where(BackupOfferRow.status == status)
    if before is not None:
        query = query.where(col(BackupOfferRow.id) < before)
    return list(tx.exec(query))
