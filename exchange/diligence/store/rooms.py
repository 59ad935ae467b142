"""SQL of data rooms: the room, signatures, entries, grants, visits and the log of views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import text
from sqlmodel import SQLModel, col, or_, select

from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.gate import Gate
from exchange.diligence.tables.checklists import ChecklistItemRow, ChecklistRow, GatePassageRow
from exchange.diligence.tables.rooms import (
    NdaSignatureRow,
    RoomDwellRow,
    RoomEntryRow,
    RoomGrantRow,
    RoomPackageMemberRow,
    RoomPackageRow,
    RoomRow,
    RoomViewRow,
    RoomVisitRow,
)
from exchange.infra.database import Tx

R = TypeVar("R", bound=SQLModel)

# What a bidder may know of a document: the newest version handed in before the last word of its reviewer, if that
# was yes. A version handed in since then waits for its own review, and the accepted one stands in its place.
_ACCEPTED = text("""
WITH said AS (
  SELECT DISTINCT ON (d.item_id) d.item_id, d.state_after, d.at FROM item_decision d
  JOIN checklist_item i ON i.id = d.item_id
  WHERE i.listing_id = :listing_id AND d.state_after IN ('accepted', 'returned')
  ORDER BY d.item_id, d.at DESC, d.id DESC
)
SELECT s.document_id, max(s.document_version), max(said.at) FROM item_submission s
JOIN said ON said.item_id = s.item_id AND said.state_after = 'accepted' AND s.submitted_at <= said.at
WHERE :document_id = '' OR s.document_id = :document_id
GROUP BY s.document_id
""")
# Joined with the above by hand: before statistics are there, the planner compares every entry with every document.
_ENTRIES = text("""
SELECT e.id, e.number, e.item_code, e.document_id, e.organisation_id, e.entered_at, d.title, d.owner_organisation_id,
  d.latest_version
FROM room_entry e JOIN document d ON d.id = e.document_id
WHERE e.room_id = :room_id AND e.moved_to IS NULL AND (:document_id = '' OR e.document_id = :document_id)
ORDER BY e.number, e.id
""")
_VERSIONS = text("""
SELECT v.document_id, v.number, v.sha256, v.file_name, v.uploaded_at, b.kind, b.page_count, b.size_bytes, b.scan_state
FROM document_version v JOIN stored_bytes b ON b.sha256 = v.sha256
WHERE v.document_id IN (SELECT document_id FROM room_entry WHERE room_id = :room_id)
  AND (:document_id = '' OR v.document_id = :document_id)
""")
_REDACTIONS = text("""
SELECT DISTINCT ON (r.document_id, r.number) r.document_id, r.number, r.sha256, b.size_bytes, b.page_count,
  r.redacted_at
FROM document_redaction r JOIN stored_bytes b ON b.sha256 = r.sha256
WHERE r.document_id IN (SELECT document_id FROM room_entry WHERE room_id = :room_id)
  AND (:document_id = '' OR r.document_id = :document_id)
ORDER BY r.document_id, r.number, r.redacted_at DESC, r.id DESC
""")
_UNENTERED = text("""
SELECT s.document_id, i.code, i.organisation_id FROM item_submission s JOIN checklist_item i ON i.id = s.item_id
WHERE i.listing_id = :listing_id AND NOT EXISTS (
  SELECT 1 FROM room_entry e WHERE e.room_id = :room_id AND e.document_id = s.document_id
  AND e.organisation_id IS NOT DISTINCT FROM i.organisation_id)
GROUP BY 1, 2, 3 ORDER BY min(s.submitted_at), s.document_id
""")
_FIRST_SEEN = text("""
SELECT document_id, organisation_id, user_id, min(at), max(at), count(*),
  array_agg(DISTINCT document_version ORDER BY document_version)
FROM room_view WHERE room_id = :room_id GROUP BY 1, 2, 3
""")


@dataclass(frozen=True, slots=True)
class Rendition:
    """Bytes that may be served of a version: its own, or those of its newest redaction."""

    sha256: str
    size_bytes: int
    page_count: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document in a room. ``redacted`` is what viewers get instead, where there is one."""

    number: int
    file_name: str
    kind: FileKind
    scan_state: ScanState
    uploaded_at: datetime
    original: Rendition
    redacted: Rendition | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A document at its place in the room. ``accepted_version``: what a bidder may see at most; None: nothing yet."""

    id: str
    number: str
    item_code: str
    document_id: str
    bidder_id: str | None
    entered_at: datetime
    title: str
    owner_id: str
    latest_version: int
    accepted_version: int | None
    accepted_at: datetime | None
    versions: Mapping[int, Version] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """That a person of an organisation took a document: first, last, how often, which versions."""

    document_id: str
    organisation_id: str
    user_id: str
    first_at: datetime
    last_at: datetime
    count: int
    versions: tuple[int, ...]


def add(tx: Tx, row: SQLModel) -> None:
    """A new row."""
    tx.add(row)
    tx.flush()


def save(tx: Tx, row: RoomRow) -> None:
    """Write a changed room under its next version."""
    row.version += 1
    tx.flush()


def checklist(tx: Tx, listing_id: str) -> ChecklistRow | None:
    """The checklist of a listing, read anew."""
    return tx.get(ChecklistRow, listing_id, populate_existing=True)


def items(tx: Tx, listing_id: str) -> list[ChecklistItemRow]:
    """Every item of a listing and its bidders, by code."""
    query = select(ChecklistItemRow).where(ChecklistItemRow.listing_id == listing_id)
    return list(tx.exec(query.order_by(col(ChecklistItemRow.code), col(ChecklistItemRow.id))).all())


def room(tx: Tx, room_id: str) -> RoomRow | None:
    """A room, read anew."""
    return tx.get(RoomRow, room_id, populate_existing=True)


def room_of_listing(tx: Tx, listing_id: str) -> RoomRow | None:
    """The room of a listing."""
    query = select(RoomRow).where(RoomRow.listing_id == listing_id)
    return tx.exec(query, execution_options={"populate_existing": True}).first()


def lock_room(tx: Tx, room_id: str) -> RoomRow | None:
    """A room, locked until the end of the transaction, read after the lock."""
    return tx.get(RoomRow, room_id, with_for_update={"key_share": True}, populate_existing=True)


def signatures(tx: Tx, room_id: str, organisation_id: str | None = None) -> list[NdaSignatureRow]:
    """Signatures of a room, oldest first; of one organisation when it is named."""
    query = select(NdaSignatureRow).where(NdaSignatureRow.room_id == room_id)
    if organisation_id is not None:
        query = query.where(NdaSignatureRow.organisation_id == organisation_id)
    return list(tx.exec(query.order_by(col(NdaSignatureRow.signed_at), col(NdaSignatureRow.id))).all())


def listings_concerning(tx: Tx, organisation_id: str) -> list[str]:
    """Listings with a live room whose agreement an organisation signed, or that it sells or manages, by id."""
    signed = select(NdaSignatureRow.room_id).where(NdaSignatureRow.organisation_id == organisation_id)
    query = (
        select(RoomRow.listing_id)
        .join(ChecklistRow, col(ChecklistRow.listing_id) == col(RoomRow.listing_id))
        .where(
            or_(
                col(RoomRow.id).in_(signed),
                col(ChecklistRow.seller_organisation_id) == organisation_id,
                col(ChecklistRow.manager_organisation_id) == organisation_id,
            ),
            col(RoomRow.closed_at).is_(None),
            col(RoomRow.awarded_at).is_(None),
        )
        .distinct()
    )
    return sorted(tx.exec(query).all())


def passages(tx: Tx, listing_id: str, gate: Gate) -> dict[str, datetime]:
    """Since when a gate is passed, by bidder of a listing."""
    query = select(GatePassageRow).where(GatePassageRow.listing_id == listing_id, GatePassageRow.gate == gate)
    return {row.organisation_id: row.passed_at for row in tx.exec(query).all() if row.organisation_id is not None}


def live_grants(tx: Tx, room_id: str, now: datetime, organisation_id: str | None = None) -> list[RoomGrantRow]:
    """Grants that are neither revoked nor over."""
    query = select(RoomGrantRow).where(
        RoomGrantRow.room_id == room_id,
        col(RoomGrantRow.revoked_at).is_(None),
        or_(col(RoomGrantRow.ends_at).is_(None), col(RoomGrantRow.ends_at) > now),
    )
    if organisation_id is not None:
        query = query.where(RoomGrantRow.organisation_id == organisation_id)
    return list(tx.exec(query.order_by(col(RoomGrantRow.id)), execution_options={"populate_existing": True}).all())


def grants(tx: Tx, room_id: str) -> list[RoomGrantRow]:
    """Every grant that was ever given in a room, newest first."""
    query = select(RoomGrantRow).where(RoomGrantRow.room_id == room_id).order_by(col(RoomGrantRow.id).desc())
    return list(tx.exec(query).all())


def lock_grant(tx: Tx, grant_id: str) -> RoomGrantRow | None:
    """A grant, locked until the end of the transaction, read after the lock."""
    return tx.get(RoomGrantRow, grant_id, with_for_update=True, populate_existing=True)


def entries(tx: Tx, room: RoomRow, document_id: str = "") -> list[Entry]:
    """Every document of a room at its live places with its versions, in four statements however many there are."""
    named = {"room_id": room.id, "document_id": document_id}
    redacted = {
        (row[0], row[1]): Rendition(row[2], row[3], row[4]) for row in tx.connection().execute(_REDACTIONS, named)
    }
    versions: dict[str, dict[int, Version]] = {}
    for row in tx.connection().execute(_VERSIONS, named):
        original = Rendition(row[2], row[7], row[6])
        version = Version(
            row[1], row[3], FileKind(row[5]), ScanState(row[8]), row[4], original, redacted.get((row[0], row[1]))
        )
        versions.setdefault(row[0], {})[row[1]] = version
    listed = named | {"listing_id": room.listing_id}
    accepted = {row[0]: (row[1], row[2]) for row in tx.connection().execute(_ACCEPTED, listed)}
    return [
        Entry(*row, *accepted.get(row[3], (None, None)), versions.get(row[3], {}))  # type: ignore[call-arg]
        for row in tx.connection().execute(_ENTRIES, named)
    ]


def rooms_with(tx: Tx, document_id: str) -> list[RoomRow]:
    """The rooms in which a document stands."""
    query = (
        select(RoomRow)
        .join(RoomEntryRow, col(RoomEntryRow.room_id) == col(RoomRow.id))
        .where(RoomEntryRow.document_id == document_id)
        .distinct()
    )
    return list(tx.exec(query).all())


def aliases(tx: Tx, room_id: str) -> dict[str, list[str]]:
    """Old numbers by the entry that a document was moved to in the end."""
    query = select(RoomEntryRow).where(RoomEntryRow.room_id == room_id, col(RoomEntryRow.moved_to).is_not(None))
    moved = {row.id: row for row in tx.exec(query.order_by(col(RoomEntryRow.id))).all()}
    found: dict[str, list[str]] = {}
    for row in moved.values():
        end = row.moved_to
        while end is not None and end in moved:
            end = moved[end].moved_to
        found.setdefault(str(end), []).append(row.number)
    return found


def numbers(tx: Tx, room_id: str, bidder_id: str | None) -> list[str]:
    """Every number ever given to the listing's papers, or to those of one bidder."""
    query = select(RoomEntryRow.number).where(
        RoomEntryRow.room_id == room_id, col(RoomEntryRow.organisation_id).is_not_distinct_from(bidder_id)
    )
    return list(tx.exec(query).all())


def entry(tx: Tx, entry_id: str) -> RoomEntryRow | None:
    """An entry, read anew."""
    return tx.get(RoomEntryRow, entry_id, populate_existing=True)


def unentered(tx: Tx, room: RoomRow) -> list[tuple[str, str, str | None]]:
    """Documents handed in for items of the listing that have no number yet: document, item code, bidder."""
    found = tx.connection().execute(_UNENTERED, {"room_id": room.id, "listing_id": room.listing_id})
    return [(row[0], row[1], row[2]) for row in found]


def visit(tx: Tx, room_id: str, user_id: str) -> RoomVisitRow | None:
    """When a person was in a room."""
    return tx.get(RoomVisitRow, (room_id, user_id), populate_existing=True)


# -- the log ----------------------------------------------------------------------------------------------------------


def seen_versions(tx: Tx, room_id: str, organisation_id: str) -> set[tuple[str, int]]:
    """Document and version that somebody of an organisation has taken."""
    query = (
        select(RoomViewRow.document_id, RoomViewRow.document_version)
        .where(RoomViewRow.room_id == room_id, RoomViewRow.organisation_id == organisation_id)
        .distinct()
    )
    return {(row[0], row[1]) for row in tx.exec(query).all()}


def first_seen(tx: Tx, room_id: str) -> list[Seen]:
    """Who took what, one line a person and document."""
    found = tx.connection().execute(_FIRST_SEEN, {"room_id": room_id})
    return [Seen(row[0], row[1], row[2], row[3], row[4], row[5], tuple(row[6])) for row in found]


def view(tx: Tx, view_id: str) -> RoomViewRow | None:
    """One line of the log."""
    return tx.get(RoomViewRow, view_id)


def dwell(tx: Tx, view_id: str) -> RoomDwellRow | None:
    """How long a page stood on the screen."""
    return tx.get(RoomDwellRow, view_id)


def views(
    tx: Tx,
    room_id: str,
    *,
    organisation_ids: Sequence[str] | None,
    document_id: str | None,
    before: str | None,
    limit: int,
) -> list[tuple[RoomViewRow, int | None]]:
    """Lines of the log with the seconds on screen, newest first; of some organisations only when they are named."""
    query: Any = (
        select(RoomViewRow, RoomDwellRow.seconds)
        .join(RoomDwellRow, col(RoomDwellRow.view_id) == col(RoomViewRow.id), isouter=True)
        .where(RoomViewRow.room_id == room_id)
    )
    if organisation_ids is not None:
        query = query.where(col(RoomViewRow.organisation_id).in_(organisation_ids))
    if document_id is not None:
        query = query.where(RoomViewRow.document_id == document_id)
    if before is not None:
        query = query.where(col(RoomViewRow.id) < before)
    found = tx.exec(query.order_by(col(RoomViewRow.id).desc()).limit(limit)).all()
    return [(row[0], row[1]) for row in found]


def all_grantees(tx: Tx, room_id: str) -> set[str]:
    """Organisations that ever had a grant in a room."""
    return set(tx.exec(select(RoomGrantRow.organisation_id).where(RoomGrantRow.room_id == room_id)).all())


# -- packages ---------------------------------------------------------------------------------------------------------


def package(tx: Tx, package_id: str) -> RoomPackageRow | None:
    """A package, read anew."""
    return tx.get(RoomPackageRow, package_id, populate_existing=True)


def lock_package(tx: Tx, package_id: str) -> RoomPackageRow | None:
    """A package, locked until the end of the transaction, read after the lock."""
    return tx.get(RoomPackageRow, package_id, with_for_update=True, populate_existing=True)


def flush(tx: Tx) -> None:
    """Write what was changed."""
    tx.flush()


def package_members(tx: Tx, package_id: str) -> list[RoomPackageMemberRow]:
    """What a package holds and what was left out of it, in its order."""
    query = select(RoomPackageMemberRow).where(RoomPackageMemberRow.package_id == package_id)
    return list(tx.exec(query.order_by(col(RoomPackageMemberRow.place))).all())


def member_names(tx: Tx, package_id: str) -> set[str]:
    """Names that are taken in a package."""
    query = select(RoomPackageMemberRow.name).where(RoomPackageMemberRow.package_id == package_id)
    return set(tx.exec(query).all())
