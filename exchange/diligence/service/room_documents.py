"""One document of a room as a viewer opens it: where it stands, the version shown to it, and what else it may have."""

from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.room_errors import RoomDocumentNotFound, RoomNotFound
from exchange.diligence.service.pages import CARRY_A_MARK, allowed_version, through
from exchange.diligence.service.room_index import shown_version
from exchange.diligence.service.rooms import Seat, seat_in
from exchange.diligence.store import rooms as store
from exchange.diligence.store.rooms import Entry
from exchange.infra.database import Tx


@dataclass(frozen=True, slots=True)
class OpenVersion:
    """A version that the caller may have. ``page_count``: pages that can be shown as pictures, 0 for none."""

    number: int
    file_name: str
    kind: str
    page_count: int
    size_bytes: int
    sha256: str
    uploaded_at: datetime
    is_redacted: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document at its place in a room, with the versions the caller may have, newest first."""

    seat: Seat
    document_id: str
    index_number: str
    item_code: str
    title: str
    versions: tuple[OpenVersion, ...]

    def version(self, number: int | None) -> OpenVersion:
        """A version by its number, or the one shown. RoomDocumentNotFound (404) for one the caller may not have."""
        for each in self.versions:
            if each.number == number or (number is None and each.is_shown):
                return each
        raise RoomDocumentNotFound


def open_document(tx: Tx, actor: Actor, now: datetime, document_id: str) -> OpenDocument:
    """A document as the caller may open it, through the first room that shows it. RoomDocumentNotFound (404).

    Reading this is not logged: what is logged is each page and each file.
    """
    actor.require("rooms:read")
    for room in store.rooms_with(tx, document_id):
        try:
            seat = seat_in(tx, actor, now, room)
        except RoomNotFound:
            continue
        for entry in store.entries(tx, room, document_id):
            versions = _versions(tx, seat, entry)
            if versions:
                return OpenDocument(seat, document_id, entry.number, entry.item_code, entry.title, versions)
    raise RoomDocumentNotFound


def _versions(tx: Tx, seat: Seat, entry: Entry) -> tuple[OpenVersion, ...]:
    shown = shown_version(seat, entry)
    found = []
    for number in sorted(entry.versions, reverse=True):
        version = allowed_version(tx, seat, entry, number)
        if version is None or version.scan_state is not ScanState.CLEAN:
            continue
        access = through(seat, entry, version)
        found.append(
            OpenVersion(
                number=number,
                file_name=access.file_name,
                kind=access.kind.value,
                page_count=_pages(access.kind, access.served.page_count),
                size_bytes=access.served.size_bytes,
                sha256=access.served.sha256,
                uploaded_at=version.uploaded_at,
                is_redacted=access.is_redacted,
                is_shown=shown is not None and shown.number == number,
            )
        )
    return tuple(found)


def _pages(kind: FileKind, counted: int | None) -> int:
    if kind not in CARRY_A_MARK:
        return 0
    return counted or 1
