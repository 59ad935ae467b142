"""Packages of a room: what one person may see, or the whole evidence of a deal, as a ZIP with a manifest of hashes.

A worker makes it piece by piece, one short transaction each: every document is decided anew, marked for the person who
asked, logged, and kept under its hash. The archive itself is put together while it is downloaded, so that neither a
worker nor memory holds it; before that every document in it is decided once more.
"""

from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from exchange.access.actor import SYSTEM, Actor
from exchange.core.errors import ExchangeError
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.diligence.document import ScanState
from exchange.diligence.package_plan import (
    LEFT_OUT_HIDDEN,
    LEFT_OUT_UNREADABLE,
    LeftOut,
    PackedMember,
    distinct,
    manifest,
    member_name,
)
from exchange.diligence.room import PackageKind, PackageState, ViewKind
from exchange.diligence.room_errors import NotRoomSide, PackageEmpty, PackageNotFound, PackageNotReady
from exchange.diligence.service import documents
from exchange.diligence.service.evidence import evidence_of, evidence_text
from exchange.diligence.service.pages import CARRY_A_MARK, Access, deal_code, mark_for, marked, through
from exchange.diligence.service.room_index import shown_version
from exchange.diligence.service.rooms import deal_of, is_there_for, seat_for, seat_of, standings_in, tell
from exchange.diligence.store import rooms as store
from exchange.diligence.store.documents import allow_idling
from exchange.diligence.store.room_values import Deal, Seat
from exchange.diligence.store.rooms import Entry
from exchange.diligence.tables.rooms import RoomPackageMemberRow, RoomRow, RoomViewRow
from exchange.diligence.tables.rooms import RoomPackageRow as RoomPackageRow
from exchange.diligence.visibility import RoomStage, Side
from exchange.infra.database import Tx
from exchange.infra.files import file_store
from exchange.infra.outbox import emit
from exchange.infra.pdf import Mark
from exchange.infra.zipping import Member, zip_pieces

STEP_SECONDS = 0.4
"""About how long one piece of the work keeps a worker from its books."""
KEPT_DAYS = 7


def request(tx: Tx, actor: Actor, now: datetime, *, room_id: str, kind: PackageKind) -> RoomPackageRow:
    """Ask for a package. A bulk download holds what the caller sees now; the archive the evidence of a deal by rights.

    PackageEmpty (409) when the caller sees nothing; NotRoomSide (403) for an archive asked for by somebody who is
    neither a side, nor the buyer, nor the exchange.
    """
    seat = seat_of(tx, actor, now, room_id)
    viewer = seat.viewer
    if kind is PackageKind.ARCHIVE:
        if not (viewer.is_exchange or viewer.is_deal_side or viewer.is_winner):
            raise NotRoomSide
        seat = _as_of_the_deal(seat)
    planned = [entry.id for entry in store.entries(tx, seat.deal.room) if _served(seat, entry) is not None]
    if not planned and kind is PackageKind.BULK:
        raise PackageEmpty
    mark = mark_for(tx, actor, now, seat.deal.room.listing_id)
    row = RoomPackageRow(
        id=new_id("room_package"),
        room_id=room_id,
        kind=kind,
        state=PackageState.REQUESTED,
        organisation_id=actor.organisation_id,
        requested_by=actor.user_id,
        requested_at=now,
        file_count=len(planned),
        detail={
            "plan": planned,
            "side": viewer.side.value,
            "viewer_name": mark.viewer_name,
            "organisation_name": mark.organisation_name,
        },
    )
    store.add(tx, row)
    _ask_for_more(tx, now, row, seat.deal, actor)
    return row


def package_of(tx: Tx, actor: Actor, now: datetime, package_id: str) -> RoomPackageRow:
    """How far a package is. PackageNotFound (404) for everybody but the person who asked for it, and after its time."""
    actor.require("rooms:read")
    row = store.package(tx, package_id)
    if row is None or row.requested_by != actor.user_id or row.state is PackageState.EXPIRED:
        raise PackageNotFound
    if row.expires_at is not None and row.expires_at <= now:
        raise PackageNotFound
    return row


def pieces_of(tx: Tx, actor: Actor, now: datetime, package_id: str) -> Iterator[bytes]:
    """The ZIP in pieces, put together as it is read. Nothing in it may have become invisible since it was made.

    PackageNotReady (409) while it is made; PackageNotFound (404) after its time or when a right has ended.
    """
    row = package_of(tx, actor, now, package_id)
    room = store.room(tx, row.room_id)
    if room is None:
        raise PackageNotFound
    seat = _seat_of_package(tx, now, row, room)
    if not is_there_for(seat):
        raise PackageNotFound
    if row.state is not PackageState.READY or row.ready_at is None:
        raise PackageNotReady(state=row.state.value)
    members = [member for member in store.package_members(tx, package_id) if not member.left_out]
    visible = {entry.document_id for entry in store.entries(tx, room) if _served(seat, entry) is not None}
    if any(member.document_id and member.document_id not in visible for member in members):
        raise PackageNotFound
    data = {"package_id": row.id, "kind": row.kind.value}
    tell(tx, now, seat.deal, "room.package_taken", actor, (actor.organisation_id,), data)
    kept, made_at = file_store(), row.ready_at
    return zip_pieces(Member(each.name, made_at, kept.stream(each.sha256)) for each in members)


def work_on(tx: Tx, now: datetime, *, package_id: str) -> None:
    """Make the next piece of a package; the last one closes it with its manifest. Again on a finished one: nothing."""
    row = store.lock_package(tx, package_id)
    if row is None or row.state is not PackageState.REQUESTED:
        return
    room = store.room(tx, row.room_id)
    if room is None:
        return
    seat = _seat_of_package(tx, now, row, room)
    entries = {entry.id: entry for entry in store.entries(tx, room)}
    mark = Mark(row.detail["viewer_name"], row.detail["organisation_name"], now, deal_code(room.listing_id))
    taken = store.member_names(tx, package_id)
    allow_idling(tx, documents.RENDER_IDLE_MS)
    started = monotonic()
    for entry_id in row.detail["plan"][row.done_count :]:
        member = _pack(tx, now, row, seat, entries.get(entry_id), mark, taken)
        taken.add(member.name)
        row.done_count += 1
        if monotonic() - started > STEP_SECONDS:
            break
    if row.done_count < row.file_count:
        store.flush(tx)
        _ask_for_more(tx, now, row, seat.deal, SYSTEM)
        return
    _finish(tx, now, row, seat)


def expire(tx: Tx, now: datetime, *, package_id: str) -> None:
    """A package's time is over."""
    row = store.lock_package(tx, package_id)
    if row is not None and row.state is PackageState.READY and row.expires_at is not None and row.expires_at <= now:
        row.state = PackageState.EXPIRED
        store.flush(tx)


def _pack(
    tx: Tx, now: datetime, row: RoomPackageRow, seat: Seat, entry: Entry | None, mark: Mark, taken: Set[str]
) -> RoomPackageMemberRow:
    """Take one document into the package, or note why it is left out."""
    access = _served(seat, entry) if entry is not None else None  # None: moved to another item meanwhile
    content, kind, left_out = b"", "", LEFT_OUT_HIDDEN
    if access is not None:
        try:
            marked_bytes, what = marked(documents.content_of(tx, access.served.sha256), access.kind, mark)
            content, kind, left_out = marked_bytes, what.value, ""
        except ExchangeError as error:
            if error.retryable:
                raise
            left_out = LEFT_OUT_UNREADABLE
    member = RoomPackageMemberRow(
        package_id=row.id,
        place=row.done_count,
        name=f"{row.done_count}",
        number=entry.number if entry is not None else "",
        document_id=entry.document_id if entry is not None else None,
        left_out=left_out,
    )
    if access is not None and not left_out:
        member.name = distinct(member_name(member.number, access.title, access.number, kind), taken)
        member.sha256, member.size_bytes = file_store().put([content]), len(content)
        member.document_version, member.original_sha256 = access.number, access.original_sha256
        member.is_marked, member.is_redacted = access.kind in CARRY_A_MARK, access.is_redacted
        _log(tx, now, row, access)
    store.add(tx, member)
    return member


def _log(tx: Tx, now: datetime, row: RoomPackageRow, access: Access) -> None:
    view = RoomViewRow(
        id=new_id("room_view"),
        room_id=row.room_id,
        document_id=access.document_id,
        document_version=access.number,
        page=0,
        kind=ViewKind.PACKAGE,
        sha256=access.served.sha256,
        organisation_id=row.organisation_id,
        user_id=row.requested_by,
        at=now,
    )
    store.add(tx, view)


def _finish(tx: Tx, now: datetime, row: RoomPackageRow, seat: Seat) -> None:
    place = row.file_count
    if row.kind is PackageKind.ARCHIVE:
        for name, value in evidence_of(tx, now, seat).items():
            _add_text(tx, row, place, name, value)
            place += 1
    packed = store.package_members(tx, row.id)
    said = manifest(
        package_id=row.id,
        room_id=row.room_id,
        listing_id=seat.deal.room.listing_id,
        kind=row.kind.value,
        made_for={
            "viewer_name": row.detail["viewer_name"],
            "organisation_name": row.detail["organisation_name"],
            "organisation_id": row.organisation_id,
            "user_id": row.requested_by,
        },
        made_at=now,
        members=[_packed(member) for member in packed if not member.left_out],
        left_out=[LeftOut(each.number, each.document_id, each.left_out) for each in packed if each.left_out],
    )
    last = _add_text(tx, row, place, "manifest.json", said)
    row.state, row.ready_at, row.expires_at = PackageState.READY, now, now + timedelta(days=KEPT_DAYS)
    row.manifest_sha256 = last.sha256
    row.size_bytes = sum(member.size_bytes for member in (*packed, last))
    store.flush(tx)
    data = {"package_id": row.id, "kind": row.kind.value, "manifest_sha256": last.sha256}
    tell(tx, now, seat.deal, "room.package_ready", SYSTEM, (row.organisation_id,), data)
    due = Event("room.package_expires", row.id, (row.organisation_id,), {}, listing_id=seat.deal.room.listing_id)
    emit(tx, now, due, due_at=row.expires_at)


def _packed(member: RoomPackageMemberRow) -> PackedMember:
    return PackedMember(
        name=member.name,
        sha256=member.sha256,
        size_bytes=member.size_bytes,
        number=member.number,
        document_id=member.document_id,
        version=member.document_version,
        original_sha256=member.original_sha256,
        is_marked=member.is_marked,
        is_redacted=member.is_redacted,
    )


def _add_text(tx: Tx, row: RoomPackageRow, place: int, name: str, value: object) -> RoomPackageMemberRow:
    content = evidence_text(value)
    member = RoomPackageMemberRow(
        package_id=row.id, place=place, name=name, sha256=file_store().put([content]), size_bytes=len(content)
    )
    store.add(tx, member)
    return member


def _served(seat: Seat, entry: Entry) -> Access | None:
    """What somebody gets of a document now; None when it sees none of it or it is not scanned clean."""
    version = shown_version(seat, entry)
    if version is None or version.scan_state is not ScanState.CLEAN:
        return None
    return through(seat, entry, version)


def _as_of_the_deal(seat: Seat) -> Seat:
    """The seat with the rights of the deal: the archive is given when the room is closed already."""
    return replace(seat, stage=RoomStage.AWARDED) if seat.stage is RoomStage.ENDED else seat


def _seat_of_package(tx: Tx, now: datetime, row: RoomPackageRow, room: RoomRow) -> Seat:
    deal: Deal = deal_of(tx, room)
    known = standings_in(tx, deal, now, [row.organisation_id])
    seat = seat_for(deal, row.organisation_id, known, now, side=Side(row.detail["side"]))
    return _as_of_the_deal(seat) if row.kind is PackageKind.ARCHIVE else seat


def _ask_for_more(tx: Tx, now: datetime, row: RoomPackageRow, deal: Deal, actor: Actor) -> None:
    data = {"kind": row.kind.value, "done": row.done_count, "of": row.file_count}
    event = Event("room.package_wanted", row.id, (row.organisation_id,), data, listing_id=deal.room.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
