"""The access of an engaged adviser to the data room: item by item, until a day, and what the client itself may open."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from exchange.core.ids import new_id
from exchange.diligence.room import GrantEffect
from exchange.diligence.tables.advice import EngagementRow
from exchange.diligence.tables.rooms import NdaSignatureRow, RoomGrantRow, RoomRow
from exchange.infra.database import Tx


def room_of_listing(tx: Tx, listing_id: str) -> RoomRow | None:
    """The data room of a listing, where there is one."""
    return tx.exec(select(RoomRow).where(RoomRow.listing_id == listing_id)).first()


def has_signed(tx: Tx, room: RoomRow, organisation_id: str) -> bool:
    """Whether an organisation signed the text of the non-disclosure agreement that the room now asks for."""
    query = select(NdaSignatureRow.id).where(
        NdaSignatureRow.room_id == room.id,
        NdaSignatureRow.organisation_id == organisation_id,
        NdaSignatureRow.text_hash == room.nda_hash,
    )
    return tx.exec(query).first() is not None


def grant_for_engagement(
    tx: Tx,
    now: datetime,
    row: EngagementRow,
    room: RoomRow,
    *,
    codes: Sequence[str],
    ends_at: datetime,
    granted_by: str,
) -> list[RoomGrantRow]:
    """Let the engaged adviser see the papers of these items until an instant."""
    grants = [
        RoomGrantRow(
            id=new_id("room_grant"),
            room_id=room.id,
            organisation_id=str(row.adviser_organisation_id),
            effect=GrantEffect.ALLOW,
            item_code=code,
            engagement_id=row.id,
            reason="engagement",
            granted_by=granted_by,
            granted_by_organisation_id=row.client_organisation_id,
            granted_at=now,
            ends_at=ends_at,
        )
        for code in codes
    ]
    tx.add_all(grants)
    tx.flush()
    return grants


def revoke_for_engagement(tx: Tx, now: datetime, engagement_id: str, *, revoked_by: str) -> int:
    """End what an engagement still opens; how many grants that were."""
    query = (
        select(RoomGrantRow)
        .where(RoomGrantRow.engagement_id == engagement_id, col(RoomGrantRow.revoked_at).is_(None))
        .with_for_update()
    )
    found = list(tx.exec(query, execution_options={"populate_existing": True}).all())
    for grant in found:
        grant.revoked_at, grant.revoked_by = now, revoked_by
    tx.flush()
    return len(found)


def has_grants(tx: Tx, engagement_id: str) -> bool:
    """Whether an engagement ever opened anything."""
    return (
        tx.exec(select(RoomGrantRow.id).where(RoomGrantRow.engagement_id == engagement_id).limit(1)).first() is not None
    )
