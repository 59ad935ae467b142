"""The index of a room: numbers for what was handed in, the tree a caller sees, visits, moved papers."""

from datetime import datetime, timedelta

from exchange.access.actor import SYSTEM, Actor
from exchange.core.ids import new_id
from exchange.diligence.errors import ReasonMissing
from exchange.diligence.item import Visibility
from exchange.diligence.room_errors import EntryNotMovable, NotRoomSide, RoomDocumentNotFound
from exchange.diligence.room_index import Leaf, grow, next_number
from exchange.diligence.service.rooms import deal_of, seat_in, seat_of, tell
from exchange.diligence.store import rooms as store
from exchange.diligence.store.room_values import Seat, Tree
from exchange.diligence.store.rooms import Entry, Version
from exchange.diligence.tables.rooms import RoomEntryRow, RoomRow, RoomVisitRow
from exchange.diligence.visibility import Side
from exchange.infra.database import Tx

VISIT_MINUTES = 30
"""Who comes back within this time is still on the same visit."""


def tree_of(tx: Tx, actor: Actor, now: datetime, room_id: str, *, since: datetime | None = None) -> Tree:
    """The index as the caller may see it, with marks of what is new since its last visit or since a named instant.

    Nothing outside its rights is counted or numbered. A handful of statements however many documents there are.
    """
    seat = seat_of(tx, actor, now, room_id)
    if since is None:
        known = store.visit(tx, room_id, actor.user_id)
        since = known.before_at if known is not None else None
    return Tree(seat, grow(leaves_of(tx, seat, since), seat.deal.places), since)


def leaves_of(tx: Tx, seat: Seat, since: datetime | None = None) -> list[Leaf]:
    """The documents of a room that somebody sees, each in the version shown to it."""
    old = store.aliases(tx, seat.deal.room.id)
    may_know_bidder = seat.viewer.is_exchange or seat.viewer.is_deal_side
    found = []
    for entry in store.entries(tx, seat.deal.room):
        version = shown_version(seat, entry)
        if version is None or entry.item_code not in seat.deal.places:
            continue
        redacted = is_redacted_for(seat, entry, version)
        served = version.redacted if redacted and version.redacted else version.original
        renewed_at = max(entry.entered_at, version.uploaded_at, entry.accepted_at or entry.entered_at)
        found.append(
            Leaf(
                entry_id=entry.id,
                number=entry.number,
                aliases=tuple(old.get(entry.id, ())),
                item_code=entry.item_code,
                document_id=entry.document_id,
                title=entry.title,
                version=version.number,
                kind=version.kind.value,
                page_count=served.page_count,
                size_bytes=served.size_bytes,
                entered_at=entry.entered_at,
                renewed_at=renewed_at,
                is_new=since is not None and renewed_at > since,
                is_redacted=redacted,
                bidder_id=entry.bidder_id if may_know_bidder else None,
            )
        )
    return found


def shown_version(seat: Seat, entry: Entry) -> Version | None:
    """The version of a document that somebody is shown: its owner, the sides and the exchange the newest, bidders and
    advisers the newest that was accepted. None when it sees none."""
    if not seat.sees(entry):
        return None
    viewer = seat.viewer
    own = viewer.is_exchange or viewer.is_deal_side or entry.owner_id == viewer.organisation_id
    number = entry.latest_version if own else entry.accepted_version
    return entry.versions.get(number) if number is not None else None


def is_redacted_for(seat: Seat, entry: Entry, version: Version) -> bool:
    """Whether somebody is served the redacted rendition: everybody but the owner and the exchange, where one exists."""
    if version.redacted is None:
        return False
    return not (seat.viewer.is_exchange or entry.owner_id == seat.viewer.organisation_id)


def enter_papers(tx: Tx, now: datetime, *, listing_id: str) -> int:
    """Give every document handed in for an item of the listing its number; how many got one. Repeating does nothing."""
    found = store.room_of_listing(tx, listing_id)
    if found is None:
        return 0
    room = store.lock_room(tx, found.id)
    if room is None:
        return 0
    deal = deal_of(tx, room)
    taken: dict[str | None, list[str]] = {}
    count = 0
    for document_id, code, bidder_id in store.unentered(tx, room):
        if code not in deal.places:
            continue
        numbers = taken.setdefault(bidder_id, store.numbers(tx, room.id, bidder_id))
        number = next_number(deal.places[code], numbers)
        numbers.append(number)
        _enter(tx, now, room, number, code, document_id, bidder_id)
        count += 1
    return count


def move(tx: Tx, actor: Actor, now: datetime, *, entry_id: str, item_code: str, reason: str) -> RoomEntryRow:
    """File a document under another item of the listing; its old number stays as an alias.

    Its owner or an operator. Never from or to what is for the exchange alone, and no bidder's paper:
    EntryNotMovable (409).
    """
    actor.require("rooms:run")
    row = store.entry(tx, entry_id)
    room = store.lock_room(tx, row.room_id) if row is not None else None
    row = store.entry(tx, entry_id)
    if row is None or room is None or row.moved_to is not None:
        raise RoomDocumentNotFound
    seat = seat_in(tx, actor, now, room)
    entry = next((each for each in store.entries(tx, room, row.document_id) if each.id == entry_id), None)
    if entry is None or not seat.sees(entry):
        raise RoomDocumentNotFound
    if seat.viewer.side is not Side.OPERATOR and entry.owner_id != actor.organisation_id:
        raise NotRoomSide
    if not reason.strip():
        raise ReasonMissing
    closed = {seat.deal.visibility.get(code, Visibility.EXCHANGE_ONLY) for code in (row.item_code, item_code)}
    if row.organisation_id is not None or Visibility.EXCHANGE_ONLY in closed or item_code == row.item_code:
        raise EntryNotMovable
    number = next_number(seat.deal.places[item_code], store.numbers(tx, room.id, None))
    moved = _enter(tx, now, room, number, item_code, row.document_id, None)
    row.moved_to = moved.id
    store.flush(tx)
    data = {"document_id": row.document_id, "from": row.number, "to": moved.number, "reason": reason}
    tell(tx, now, seat.deal, "room.entry_moved", actor, seat.deal.sides, data)
    return moved


def come_in(tx: Tx, actor: Actor, now: datetime, room_id: str) -> RoomVisitRow:
    """Note that the caller is in the room; what is newer than its visit before is then marked as new."""
    seat_of(tx, actor, now, room_id)
    known = store.visit(tx, room_id, actor.user_id)
    if known is None:
        known = RoomVisitRow(room_id=room_id, user_id=actor.user_id, came_at=now)
        store.add(tx, known)
    elif now - known.came_at > timedelta(minutes=VISIT_MINUTES):
        known.before_at, known.came_at = known.came_at, now
        store.flush(tx)
    return known


def _enter(
    tx: Tx, now: datetime, room: RoomRow, number: str, code: str, document_id: str, bidder_id: str | None
) -> RoomEntryRow:
    row = RoomEntryRow(
        id=new_id("room_entry"),
        room_id=room.id,
        number=number,
        item_code=code,
        document_id=document_id,
        organisation_id=bidder_id,
        entered_at=now,
    )
    store.add(tx, row)
    deal = deal_of(tx, room)
    audience = (*deal.sides,) if bidder_id is None else (bidder_id,)
    tell(tx, now, deal, "room.paper_entered", SYSTEM, audience, {"document_id": document_id, "number": number})
    return row
