"""Pages and files as a viewer gets them: the right is computed anew each time, marked for the person, and logged."""

from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.service.profile import profile_of
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.room import ViewKind
from exchange.diligence.room_errors import PageNotRendered, RoomDocumentNotFound, RoomNotFound, RoomViewNotFound
from exchange.diligence.service import documents
from exchange.diligence.service.room_index import is_redacted_for, shown_version
from exchange.diligence.service.rooms import seat_in
from exchange.diligence.store import rooms as store
from exchange.diligence.store.documents import allow_idling
from exchange.diligence.store.room_values import Seat
from exchange.diligence.store.rooms import Entry, Rendition, Version
from exchange.diligence.tables.rooms import RoomDwellRow, RoomViewRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.infra.pdf import Mark, PageMissing, marked_pdf, page_image, picture_marked
from exchange.parties import service as parties

PICTURES = frozenset({FileKind.JPG, FileKind.PNG})
CARRY_A_MARK = frozenset({FileKind.PDF}) | PICTURES
PICTURE_WIDTH = 2_400
DEAL_CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Access:
    """Bytes that a caller may have: which version of which document, through which room (None: no room has it)."""

    document_id: str
    number: int
    title: str
    file_name: str
    kind: FileKind
    served: Rendition
    original_sha256: str
    listing_id: str | None
    seat: Seat | None = None
    is_redacted: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What was served, and the line of the log it left (None for a document that stands in no room)."""

    content: bytes
    kind: FileKind
    file_name: str
    view_id: str | None


def page_of(tx: Tx, actor: Actor, now: datetime, *, document_id: str, number: int, page: int, width: int) -> Taken:
    """A page as a PNG with the caller's mark burned in. Each call is decided and logged for itself.

    RoomDocumentNotFound (404) for whatever the caller may not see; PageNotRendered (409) for files without pages.
    """
    access = access_to(tx, actor, now, document_id, number)
    mark = mark_for(tx, actor, now, access.listing_id)
    allow_idling(tx, documents.RENDER_IDLE_MS)
    content = documents.content_of(tx, access.served.sha256)
    if access.kind is FileKind.PDF:
        try:
            picture = page_image(content, page, mark=mark, width=width)
        except PageMissing as error:
            raise RoomDocumentNotFound from error
    elif access.kind in PICTURES:
        if page != 1:
            raise RoomDocumentNotFound
        picture = picture_marked(content, mark=mark, width=width)
    else:
        raise PageNotRendered(kind=access.kind.value)
    view_id = _log(tx, actor, now, access, ViewKind.PAGE, page)
    return Taken(picture, FileKind.PNG, access.file_name, view_id)


def file_of(tx: Tx, actor: Actor, now: datetime, *, document_id: str, number: int) -> Taken:
    """A whole version: a PDF with the caller's mark on every page, a picture with it burned in, others as they are."""
    access = access_to(tx, actor, now, document_id, number)
    mark = mark_for(tx, actor, now, access.listing_id)
    allow_idling(tx, documents.RENDER_IDLE_MS)
    content, kind = marked(documents.content_of(tx, access.served.sha256), access.kind, mark)
    view_id = _log(tx, actor, now, access, ViewKind.DOWNLOAD, 0)
    return Taken(content, kind, access.file_name, view_id)


def marked(content: bytes, kind: FileKind, mark: Mark) -> tuple[bytes, FileKind]:
    """The bytes with the mark and what they then are; kinds that can carry none come back as they are."""
    if kind is FileKind.PDF:
        return marked_pdf(content, mark), kind
    if kind in PICTURES:
        return picture_marked(content, mark=mark, width=PICTURE_WIDTH), FileKind.PNG
    return content, kind


def access_to(tx: Tx, actor: Actor, now: datetime, document_id: str, number: int) -> Access:
    """What the caller may have of a version of a document, through any room it stands in.

    RoomDocumentNotFound (404): missing, hidden, not scanned clean, or a version that the caller never saw.
    """
    actor.require("rooms:read")
    rooms = store.rooms_with(tx, document_id)
    for room in rooms:
        try:
            seat = seat_in(tx, actor, now, room)
        except RoomNotFound:
            continue
        for entry in store.entries(tx, room, document_id):
            version = allowed_version(tx, seat, entry, number)
            if version is not None and version.scan_state is ScanState.CLEAN:
                return through(seat, entry, version)
    if rooms:
        raise RoomDocumentNotFound
    return _of_no_room(tx, actor, document_id, number)


def allowed_version(tx: Tx, seat: Seat, entry: Entry, number: int) -> Version | None:
    """A version that somebody may have: the one shown to it, any for the owner, the sides and the exchange, and for
    bidders and advisers an older one that their organisation has seen."""
    viewer = seat.viewer
    if viewer.is_exchange or viewer.is_deal_side or entry.owner_id == viewer.organisation_id:
        return entry.versions.get(number) if seat.sees(entry) else None
    shown = shown_version(seat, entry)
    if shown is not None and shown.number == number:
        return shown
    if not seat.sees(entry, is_accepted=True):
        return None
    seen = (entry.document_id, number) in store.seen_versions(tx, seat.deal.room.id, viewer.organisation_id)
    return entry.versions.get(number) if seen else None


def through(seat: Seat, entry: Entry, version: Version) -> Access:
    """The bytes that somebody in a room gets of a version: the redacted ones where it must not have the original."""
    redacted = is_redacted_for(seat, entry, version)
    return Access(
        document_id=entry.document_id,
        number=version.number,
        title=entry.title,
        file_name=version.file_name,
        kind=version.kind,
        served=version.redacted if redacted and version.redacted else version.original,
        original_sha256=version.original.sha256,
        listing_id=seat.deal.room.listing_id,
        seat=seat,
        is_redacted=redacted,
    )


def mark_for(tx: Tx, actor: Actor, now: datetime, listing_id: str | None) -> Mark:
    """The mark of a caller: name, organisation, instant, code of the deal."""
    name = profile_of(tx, actor).name
    zh, _ = parties.names_of(tx, [actor.organisation_id])[actor.organisation_id]
    return Mark(viewer_name=name, organisation_name=zh, at=now, deal_code=deal_code(listing_id))


def deal_code(listing_id: str | None) -> str:
    """How a deal is called in marks: the last characters of its listing's id."""
    return listing_id[-DEAL_CODE_LENGTH:] if listing_id else "-"


def note_dwell(tx: Tx, actor: Actor, now: datetime, *, view_id: str, seconds: int) -> RoomDwellRow:
    """How long a page stood on the caller's screen; the first word counts. RoomViewNotFound (404) for others' views."""
    actor.require("rooms:read")
    view = store.view(tx, view_id)
    if view is None or view.user_id != actor.user_id:
        raise RoomViewNotFound
    known = store.dwell(tx, view_id)
    if known is not None:
        return known
    row = RoomDwellRow(view_id=view_id, seconds=seconds, at=now)
    store.add(tx, row)
    return row


def _of_no_room(tx: Tx, actor: Actor, document_id: str, number: int) -> Access:
    """A document that stands in no room is its owner's and the exchange's."""
    facts = documents.version_facts(tx, document_id, number)
    is_own = facts.owner_organisation_id == actor.organisation_id
    if not (is_own or actor.sees_everything) or facts.scan_state is not ScanState.CLEAN:
        raise RoomDocumentNotFound
    return Access(
        document_id=document_id,
        number=facts.number,
        title=facts.title,
        file_name=facts.file_name,
        kind=facts.kind,
        served=Rendition(facts.sha256, facts.size_bytes, facts.page_count),
        original_sha256=facts.sha256,
        listing_id=facts.listing_id,
    )


def _log(tx: Tx, actor: Actor, now: datetime, access: Access, kind: ViewKind, page: int) -> str | None:
    if access.seat is None:
        data = {"version": access.number, "page": page, "kind": kind.value}
        event = Event("document.taken", access.document_id, (actor.organisation_id,), data)
        emit(tx, now, event, actor_id=actor.user_id)
        return None
    row = RoomViewRow(
        id=new_id("room_view"),
        room_id=access.seat.deal.room.id,
        document_id=access.document_id,
        document_version=access.number,
        page=page,
        kind=kind,
        sha256=access.served.sha256,
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        at=now,
    )
    store.add(tx, row)
    return row.id
