"""The data room of a listing: who stands where in it, opened at publication, awarded, closed, opened again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from exchange.access.actor import SYSTEM, Actor
from exchange.access.roles import Role
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.terms import BuyerClass
from exchange.diligence.errors import ReasonMissing
from exchange.diligence.folder import folder_of
from exchange.diligence.gate import Gate
from exchange.diligence.nda import is_in_force
from exchange.diligence.room import GrantEffect
from exchange.diligence.room_errors import NotRoomSide, RoomNotFound
from exchange.diligence.room_index import places_of
from exchange.diligence.service.nda_texts import nda_text
from exchange.diligence.service.templates import template
from exchange.diligence.store import rooms as store
from exchange.diligence.store.room_values import Deal
from exchange.diligence.store.room_values import Seat as Seat
from exchange.diligence.tables.rooms import RoomGrantRow, RoomRow
from exchange.diligence.visibility import RoomStage, Scope, Side, Viewer
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import service as parties
from exchange.parties.standing import Standing


@dataclass(frozen=True, slots=True)
class Standings:
    """What decides who an organisation is in a room, read once for all of them."""

    standings: Mapping[str, Standing]
    signed_at: Mapping[str, datetime]
    passed_at: Mapping[str, datetime]
    grants: Mapping[str, list[RoomGrantRow]] = field(default_factory=dict)


def deal_of(tx: Tx, room: RoomRow) -> Deal:
    """A room with its checklist and the template its listing was opened under."""
    checklist = store.checklist(tx, room.listing_id)
    if checklist is None:
        raise RoomNotFound
    layout = _layout(checklist.template_version, checklist.transaction_type)
    return Deal(room, checklist, nda=nda_text(room.nda_version), **layout)


@lru_cache(maxsize=64)
def _layout(version: int, transaction_type: str) -> dict[str, Any]:
    """Who may see each item of a type, where it stands in the index, and what items and folders are called."""
    read = template(version)
    items = read.deal_items(transaction_type)
    return {
        "visibility": {code: spec.visibility for code, spec in items.items()},
        "places": places_of({code: folder_of(read.folders, code) for code in items}),
        "titles": {code: (spec.zh, spec.en) for code, spec in items.items()},
        "folder_titles": {folder.number: (folder.zh, folder.en) for folder in read.folders},
    }


def seat_of(tx: Tx, actor: Actor, now: datetime, room_id: str) -> Seat:
    """The caller's seat in a room. RoomNotFound (404) for whom the room does not exist."""
    actor.require("rooms:read")
    room = store.room(tx, room_id)
    if room is None:
        raise RoomNotFound
    return seat_in(tx, actor, now, room)


def seat_of_listing(tx: Tx, actor: Actor, now: datetime, listing_id: str) -> Seat:
    """The caller's seat in the room of a listing. RoomNotFound (404)."""
    actor.require("rooms:read")
    room = store.room_of_listing(tx, listing_id)
    if room is None:
        raise RoomNotFound
    return seat_in(tx, actor, now, room)


def seat_in(tx: Tx, actor: Actor, now: datetime, room: RoomRow) -> Seat:
    """The caller's seat in a room that was read already. RoomNotFound (404) for whom it does not exist."""
    deal = deal_of(tx, room)
    side = _side_of(actor, deal)
    known = standings_in(tx, deal, now, [actor.organisation_id])
    seat = seat_for(deal, actor.organisation_id, known, now, side=side)
    if not is_there_for(seat):
        raise RoomNotFound
    return seat


def is_there_for(seat: Seat) -> bool:
    """Whether the room itself exists for the caller: not when it is denied, not for outsiders after the end."""
    viewer = seat.viewer
    if viewer.denied.is_room:
        return False
    if viewer.is_exchange or viewer.is_deal_side:
        return True
    if viewer.side is Side.ADVISER:
        return seat.stage is not RoomStage.ENDED
    if seat.stage is RoomStage.AWARDED:
        return viewer.is_winner
    return seat.stage is not RoomStage.ENDED or viewer.is_winner


def side_seat(tx: Tx, actor: Actor, now: datetime, room_id: str) -> Seat:
    """The seat of somebody who runs the room. NotRoomSide (403) for the others who may see it."""
    seat = seat_of(tx, actor, now, room_id)
    if not seat.runs_it:
        raise NotRoomSide
    return seat


def standings_in(tx: Tx, deal: Deal, now: datetime, organisation_ids: Iterable[str]) -> Standings:
    """What decides the seats of some organisations, in a handful of statements however many they are."""
    wanted = set(organisation_ids)
    grants: dict[str, list[RoomGrantRow]] = {}
    for grant in store.live_grants(tx, deal.room.id, now):
        grants.setdefault(grant.organisation_id, []).append(grant)
    signed = {
        row.organisation_id: row.signed_at
        for row in store.signatures(tx, deal.room.id)
        if row.text_hash == deal.room.nda_hash and is_in_force(row.signed_at, now)
    }
    return Standings(
        standings=parties.standings_of(tx, sorted(wanted)),
        signed_at=signed,
        passed_at=store.passages(tx, deal.room.listing_id, Gate.DATAROOM),
        grants=grants,
    )


def seat_for(deal: Deal, organisation_id: str, known: Standings, now: datetime, *, side: Side) -> Seat:
    """The seat of an organisation on a side."""
    room = deal.room
    standing = known.standings.get(organisation_id) or Standing(organisation_id)
    is_outsider = side is Side.BIDDER and not standing.is_approved
    viewer = Viewer(
        organisation_id=organisation_id,
        side=Side.STRANGER if is_outsider else side,
        is_qualified=_is_qualified(standing, now),
        has_nda=organisation_id in known.signed_at,
        is_shortlisted=organisation_id in room.shortlisted,
        is_winner=organisation_id in room.winners,
        winners=frozenset(room.winners),
        allowed=_scope(known.grants.get(organisation_id, []), GrantEffect.ALLOW),
        denied=_scope(known.grants.get(organisation_id, []), GrantEffect.DENY),
    )
    return Seat(deal, viewer, _stage(room, is_through=organisation_id in known.passed_at))


def bidder_seats(tx: Tx, deal: Deal, now: datetime) -> dict[str, Seat]:
    """The seats of every organisation that signed the NDA or passed the gate, by id."""
    signers = {row.organisation_id for row in store.signatures(tx, deal.room.id)}
    through = store.passages(tx, deal.room.listing_id, Gate.DATAROOM).keys()
    wanted = sorted((signers | through) - set(deal.sides))
    known = standings_in(tx, deal, now, wanted)
    return {each: seat_for(deal, each, known, now, side=Side.BIDDER) for each in wanted}


def _side_of(actor: Actor, deal: Deal) -> Side:
    if actor.organisation_id == deal.checklist.seller_organisation_id:
        return Side.SELLER
    if actor.organisation_id == deal.checklist.manager_organisation_id:
        return Side.GP
    if Role.OPERATOR in actor.roles:
        return Side.OPERATOR
    if actor.sees_everything:
        return Side.AUDITOR
    return Side.ADVISER if Role.ADVISER in actor.roles else Side.BIDDER


def _is_qualified(standing: Standing, now: datetime) -> bool:
    """A class in force, or a suitability record in force (R-24 and after): a qualified investor."""
    today = market_date(now)
    has_class = standing.class_on(today) is not BuyerClass.OTHER
    return has_class or (standing.suitable_until is not None and today <= standing.suitable_until)


def _stage(room: RoomRow, *, is_through: bool) -> RoomStage:
    if room.closed_at is not None:
        return RoomStage.ENDED
    if room.awarded_at is not None:
        return RoomStage.AWARDED
    return RoomStage.OPEN if is_through else RoomStage.PUBLISHED


def _scope(grants: Iterable[RoomGrantRow], effect: GrantEffect) -> Scope:
    of_effect = [grant for grant in grants if grant.effect is effect]
    return Scope(
        is_room=any(grant.item_code is None and grant.document_id is None for grant in of_effect),
        item_codes=frozenset(grant.item_code for grant in of_effect if grant.item_code is not None),
        document_ids=frozenset(grant.document_id for grant in of_effect if grant.document_id is not None),
    )


# -- the life of a room -----------------------------------------------------------------------------------------------


def open_room(tx: Tx, now: datetime, *, listing_id: str) -> RoomRow | None:
    """Open the room of a published listing; None without a checklist, the same room when it is there already."""
    checklist = store.checklist(tx, listing_id)
    if checklist is None:
        return None
    found = store.room_of_listing(tx, listing_id)
    if found is not None:
        return found
    text = nda_text()
    row = RoomRow(
        id=new_id("room"), listing_id=listing_id, nda_version=text.version, nda_hash=text.text_hash, opened_at=now
    )
    store.add(tx, row)
    deal = deal_of(tx, row)
    tell(tx, now, deal, "room.opened", SYSTEM, deal.sides, {"nda_version": text.version, "nda_hash": text.text_hash})
    return row


def record_buyer(tx: Tx, now: datetime, *, listing_id: str, organisation_id: str) -> None:
    """Remember a buyer of the listing: it stays in the room when the other bidders leave."""
    room = _locked_of_listing(tx, listing_id)
    if room is None or organisation_id in room.winners:
        return
    room.winners = sorted({*room.winners, organisation_id})
    if room.closed_at is not None and room.closed_at == room.awarded_at:
        room.closed_at = None  # the end of the listing was heard of before its buyer
    store.save(tx, room)
    deal = deal_of(tx, room)
    audience = (*deal.sides, organisation_id)
    tell(tx, now, deal, "room.buyer_recorded", SYSTEM, audience, {"organisation_id": organisation_id})


def end_bidding(tx: Tx, now: datetime, *, listing_id: str) -> None:
    """The listing is sold or over: who did not buy leaves; with no buyer at all the room closes."""
    room = _locked_of_listing(tx, listing_id)
    if room is None or room.closed_at is not None or room.awarded_at is not None:
        return
    room.awarded_at = now
    if not room.winners:
        room.closed_at = now
    store.save(tx, room)
    deal = deal_of(tx, room)
    tell(tx, now, deal, "room.closed" if room.closed_at else "room.awarded", SYSTEM, (*deal.sides, *room.winners), {})


def close_when_released(tx: Tx, now: datetime, *, listing_id: str) -> None:
    """Close the room once the money of every buyer was released."""
    room = _locked_of_listing(tx, listing_id)
    if room is None or room.closed_at is not None or room.awarded_at is None:
        return
    if set(room.winners) <= store.passages(tx, listing_id, Gate.RELEASE).keys():
        room.closed_at = now
        store.save(tx, room)
        deal = deal_of(tx, room)
        tell(tx, now, deal, "room.closed", SYSTEM, (*deal.sides, *room.winners), {})


def reopen(tx: Tx, actor: Actor, now: datetime, *, room_id: str, reason: str) -> Seat:
    """An operator opens a closed or awarded room again, to the bidders as well; the reason is kept in the trail."""
    actor.require("rooms:run")
    if not reason.strip():
        raise ReasonMissing
    room = store.lock_room(tx, room_id)
    if room is None:
        raise RoomNotFound
    seat = seat_in(tx, actor, now, room)
    if seat.viewer.side is not Side.OPERATOR:
        raise NotRoomSide
    room.closed_at = room.awarded_at = None
    store.save(tx, room)
    tell(tx, now, seat.deal, "room.reopened", actor, seat.deal.sides, {"reason": reason})
    return seat_in(tx, actor, now, room)


def set_shortlist(tx: Tx, actor: Actor, now: datetime, *, room_id: str, organisation_ids: Iterable[str]) -> Seat:
    """Name the bidders that may see shortlist papers. Each must have signed the NDA; nobody learns of the others."""
    actor.require("rooms:run")
    room = store.lock_room(tx, room_id)
    if room is None:
        raise RoomNotFound
    seat = side_seat(tx, actor, now, room_id)
    wanted = sorted(set(organisation_ids))
    known = bidder_seats(tx, seat.deal, now)
    if any(each not in known for each in wanted):
        raise RoomNotFound
    before = set(room.shortlisted)
    room.shortlisted = wanted
    store.save(tx, room)
    for each in sorted(before ^ set(wanted)):
        kind = "room.shortlisted" if each in wanted else "room.shortlist_left"
        tell(tx, now, seat.deal, kind, actor, (*seat.deal.sides, each), {"organisation_id": each})
    return seat_in(tx, actor, now, room)


def _locked_of_listing(tx: Tx, listing_id: str) -> RoomRow | None:
    found = store.room_of_listing(tx, listing_id)
    return None if found is None else store.lock_room(tx, found.id)


def tell(
    tx: Tx,
    now: datetime,
    deal: Deal,
    kind: str,
    actor: Actor,
    audience: Iterable[str],
    data: Mapping[str, object],
) -> None:
    """Emit one event about a room to some organisations."""
    event = Event(kind, deal.room.id, tuple(dict.fromkeys(audience)), dict(data), listing_id=deal.room.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
