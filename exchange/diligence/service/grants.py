"""Extra grants of a room: allow or deny an organisation the room, an item or one document, for a time."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.errors import FieldError
from exchange.core.ids import new_id
from exchange.diligence.errors import ReasonMissing
from exchange.diligence.grant import Grant
from exchange.diligence.room import GrantEffect
from exchange.diligence.room_errors import GrantNotFound, GrantOver, GrantSubjectInvalid, RoomNotFound
from exchange.diligence.service.rooms import side_seat, tell
from exchange.diligence.store import rooms as store
from exchange.diligence.store.room_values import Seat
from exchange.diligence.tables.rooms import RoomGrantRow as RoomGrantRow
from exchange.diligence.visibility import Side
from exchange.infra.database import Tx
from exchange.parties import service as parties


def grant(tx: Tx, actor: Actor, now: datetime, *, room_id: str, wanted: Grant) -> RoomGrantRow:
    """Allow or deny. The seller and the manager over their room, an operator over any.

    A grant never lifts anybody over class or NDA, and never shows what is for the exchange alone or another bidder's.
    GrantSubjectInvalid (422) for a side of the deal, for two subjects, for an end that has passed.
    """
    actor.require("rooms:run")
    if store.lock_room(tx, room_id) is None:
        raise RoomNotFound
    seat = side_seat(tx, actor, now, room_id)
    _check(tx, seat, wanted, now)
    row = RoomGrantRow(
        id=new_id("room_grant"),
        room_id=room_id,
        organisation_id=wanted.organisation_id,
        effect=wanted.effect,
        item_code=wanted.item_code,
        document_id=wanted.document_id,
        engagement_id=wanted.engagement_id,
        reason=wanted.reason,
        granted_by=actor.user_id,
        granted_by_organisation_id=actor.organisation_id,
        granted_at=now,
        ends_at=wanted.ends_at,
    )
    store.add(tx, row)
    _tell(tx, now, seat, "room.granted", actor, row)
    return row


def revoke(tx: Tx, actor: Actor, now: datetime, *, grant_id: str) -> RoomGrantRow:
    """End a grant at once: the next page or download is decided without it. GrantOver (409) when it is over."""
    actor.require("rooms:run")
    row = store.lock_grant(tx, grant_id)
    if row is None:
        raise GrantNotFound
    try:
        seat = side_seat(tx, actor, now, row.room_id)
    except RoomNotFound as error:
        raise GrantNotFound from error
    if row.revoked_at is not None or (row.ends_at is not None and row.ends_at <= now):
        raise GrantOver
    if seat.viewer.side is not Side.OPERATOR and row.granted_by_organisation_id not in seat.deal.sides:
        raise GrantNotFound  # what the exchange decided is ended by the exchange
    row.revoked_at, row.revoked_by = now, actor.user_id
    store.flush(tx)
    _tell(tx, now, seat, "room.grant_revoked", actor, row)
    return row


def grants_of(tx: Tx, actor: Actor, now: datetime, room_id: str) -> list[RoomGrantRow]:
    """Every grant of a room for those who run it, newest first.

    What a bidder opened to its own adviser is for the exchange alone: it tells the sides that the bidder is there.
    """
    actor.require("rooms:read")
    seat = side_seat(tx, actor, now, room_id)
    found = store.grants(tx, room_id)
    if seat.viewer.is_exchange:
        return found
    sides = set(seat.deal.sides)
    return [row for row in found if row.engagement_id is None or row.granted_by_organisation_id in sides]


def _check(tx: Tx, seat: Seat, wanted: Grant, now: datetime) -> None:
    if not wanted.reason.strip():
        raise ReasonMissing
    wrong = []
    if wanted.item_code is not None and wanted.document_id is not None:
        wrong.append(FieldError("/document_id", "GRANT_TWO_SUBJECTS"))
    if wanted.item_code is not None and wanted.item_code not in seat.deal.visibility:
        wrong.append(FieldError("/item_code", "GRANT_SUBJECT_UNKNOWN"))
    if wanted.document_id is not None and not store.entries(tx, seat.deal.room, wanted.document_id):
        wrong.append(FieldError("/document_id", "GRANT_SUBJECT_UNKNOWN"))
    if wanted.ends_at is not None and wanted.ends_at <= now:
        wrong.append(FieldError("/ends_at", "GRANT_ENDED_ALREADY"))
    if wanted.organisation_id in seat.deal.sides or not parties.is_admitted(tx, wanted.organisation_id):
        wrong.append(FieldError("/organisation_id", "GRANT_TO_A_SIDE"))
    if wrong:
        raise GrantSubjectInvalid(fields=tuple(wrong))


def _tell(tx: Tx, now: datetime, seat: Seat, kind: str, actor: Actor, row: RoomGrantRow) -> None:
    data = {
        "grant_id": row.id,
        "organisation_id": row.organisation_id,
        "effect": row.effect.value,
        "item_code": row.item_code,
        "document_id": row.document_id,
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
    }
    # Whom something is denied is not told: what it may not see does not exist for it.
    told = (row.organisation_id,) if row.effect is GrantEffect.ALLOW else ()
    tell(tx, now, seat.deal, kind, actor, (*seat.deal.sides, *told), data)
