"""Documents and their versions: added by an organisation, owned by it, kept for ever.

Bytes come in through ``receive`` before a transaction; here they get their names. The owner's side and those who watch
the exchange see a document; a data room shows it to others by its own rules.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.document_errors import (
    DocumentListingNotFound,
    DocumentNotFound,
    QuotaExceeded,
    ReadReasonRequired,
    RedactionNeedsPdf,
    VersionUnchanged,
)
from exchange.diligence.errors import DocumentNotClean
from exchange.diligence.service.receiving import Received, receive, shown_name
from exchange.diligence.service.scans import record_bytes
from exchange.diligence.store import documents as store
from exchange.diligence.store.documents import Change, DocumentHistory, StoredVersion
from exchange.diligence.tables.documents import DocumentRedactionRow, DocumentRow, DocumentVersionRow
from exchange.infra.database import Tx
from exchange.infra.files import file_store
from exchange.infra.outbox import emit
from exchange.infra.pdf_redaction import Region, redacted_pdf
from exchange.infra.settings import settings
from exchange.parties import service as parties

TITLE_MAX = 200
RENDER_IDLE_MS = 120_000
CHANGES_MAX = 1_000
SYSTEM_USER = "system"


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What others need to know of a version. ``page_count`` is None where pages mean nothing."""

    document_id: str
    number: int
    sha256: str
    kind: FileKind
    scan_state: ScanState
    size_bytes: int
    page_count: int | None
    owner_organisation_id: str
    listing_id: str | None
    title: str
    file_name: str


def require_upload(
    tx: Tx, actor: Actor, size_bytes: int, *, document_id: str | None = None, listing_id: str | None = None
) -> None:
    """What would refuse an upload anyhow is refused before its bytes are stored; nothing is locked yet.

    DocumentNotFound, DocumentListingNotFound, QuotaExceeded.
    """
    actor.require("documents:write")
    row = None if document_id is None else store.document(tx, document_id)
    if document_id is not None and (row is None or row.owner_organisation_id != actor.organisation_id):
        raise DocumentNotFound
    if listing_id is not None and store.listing_checklist(tx, listing_id) is None:
        raise DocumentListingNotFound
    require_room(tx, actor, size_bytes)


def require_room(tx: Tx, actor: Actor, size_bytes: int) -> None:
    """QuotaExceeded when so many bytes more are too many for the caller's organisation."""
    limit = settings().documents_quota_bytes
    used = store.used_bytes(tx, actor.organisation_id)
    if used + size_bytes > limit:
        raise QuotaExceeded(used=used, limit=limit)


def add_document(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    received: Received,
    file_name: str,
    title: str,
    listing_id: str | None = None,
) -> DocumentVersionRow:
    """A new document of the caller's organisation, of a listing or of its own account; its first version.

    DocumentListingNotFound; QuotaExceeded.
    """
    actor.require("documents:write")
    owner = actor.organisation_id
    store.lock_owner(tx, owner)
    require_room(tx, actor, received.size_bytes)
    row = _document(tx, now, owner, title=title or shown_name(file_name), listing_id=listing_id, by=actor.user_id)
    return _first_version(tx, now, row, received, file_name, actor.organisation_id)


def add_version(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    document_id: str,
    received: Received,
    file_name: str,
    note: str = "",
) -> DocumentVersionRow:
    """The next version of a document of the caller's organisation; earlier ones stay as they are.

    DocumentNotFound; VersionUnchanged when the bytes are those of the latest version; QuotaExceeded.
    """
    actor.require("documents:write")
    store.lock_owner(tx, actor.organisation_id)
    row = store.lock_document(tx, document_id)
    if row is None or row.owner_organisation_id != actor.organisation_id:
        raise DocumentNotFound
    latest = store.version(tx, document_id, None)
    if latest is not None and latest.version.sha256 == received.sha256:
        raise VersionUnchanged(number=latest.version.number)
    require_room(tx, actor, received.size_bytes)
    row.latest_version += 1
    return _add_version(tx, now, row, received, file_name, note, actor.user_id, actor.organisation_id)


def generated(
    tx: Tx,
    now: datetime,
    *,
    content: bytes,
    kind: FileKind,
    title: str,
    file_name: str,
    owner_organisation_id: str,
    listing_id: str | None = None,
) -> DocumentVersionRow:
    """A paper the exchange itself makes for an organisation, checked like any other. No quota counts it out."""
    received = receive(BytesIO(content), file_name, allowed=[kind])
    row = _document(tx, now, owner_organisation_id, title=title, listing_id=listing_id, by=SYSTEM_USER)
    return _first_version(tx, now, row, received, file_name, owner_organisation_id)


def version_facts(tx: Tx, document_id: str, number: int | None = None) -> VersionFacts:
    """What is known of a version, of the latest by default. DocumentNotFound. Who may know is the caller's matter."""
    found = store.version(tx, document_id, number)
    if found is None:
        raise DocumentNotFound
    return facts_of(found)


def facts_of(found: StoredVersion) -> VersionFacts:
    """The facts of a version that was read."""
    return VersionFacts(
        document_id=found.document.id,
        number=found.version.number,
        sha256=found.version.sha256,
        kind=found.bytes.kind,
        scan_state=found.bytes.scan_state,
        size_bytes=found.bytes.size_bytes,
        page_count=found.bytes.page_count,
        owner_organisation_id=found.document.owner_organisation_id,
        listing_id=found.document.listing_id,
        title=found.document.title,
        file_name=found.version.file_name,
    )


def content_of(tx: Tx, sha256: str) -> bytes:
    """Clean bytes, proven to be those that were stored. DocumentNotFound, DocumentNotClean."""
    require_clean(tx, sha256)
    return file_store().read(sha256)


def require_clean(tx: Tx, sha256: str) -> None:
    """DocumentNotClean while the scan has not cleared some bytes, or when it has quarantined them."""
    row = store.stored_bytes(tx, sha256)
    if row is None:
        raise DocumentNotFound
    if row.scan_state is not ScanState.CLEAN:
        raise DocumentNotClean(state=row.scan_state.value)


def document_of(tx: Tx, actor: Actor, document_id: str) -> DocumentHistory:
    """A document of the caller's organisation, or any for those who watch. DocumentNotFound (404) otherwise."""
    actor.require("diligence:read")
    return _histories(tx, [_visible(tx, actor, document_id)])[0]


def documents_of(
    tx: Tx, actor: Actor, *, listing_id: str | None = None, before: str | None = None, limit: int = 200
) -> list[DocumentHistory]:
    """Documents the caller may see, newest first."""
    actor.require("diligence:read")
    owner = None if actor.sees_everything else actor.organisation_id
    return _histories(tx, store.documents(tx, listing_id=listing_id, owner=owner, before=before, limit=limit))


def changes_of(tx: Tx, actor: Actor, *, listing_id: str, since: datetime, until: datetime) -> list[Change]:
    """What came into a listing's files after one instant and up to another, of what the caller may see, oldest first.

    At most 1,000; DocumentListingNotFound.
    """
    actor.require("diligence:read")
    if store.listing_checklist(tx, listing_id) is None:
        raise DocumentListingNotFound
    owner = None if actor.sees_everything else actor.organisation_id
    return store.changes(tx, listing_id=listing_id, owner=owner, since=since, until=until, limit=CHANGES_MAX)


def open_original(tx: Tx, actor: Actor, now: datetime, *, document_id: str, number: int, reason: str) -> VersionFacts:
    """Let the caller have the original bytes of a version: the owner's side, or those who watch, who say why.

    A reading by others than the owner is an event the owner sees. DocumentNotFound, DocumentNotClean,
    ReadReasonRequired.
    """
    actor.require("diligence:read")
    document = _visible(tx, actor, document_id)
    facts = version_facts(tx, document_id, number)
    if facts.scan_state is not ScanState.CLEAN:
        raise DocumentNotClean(state=facts.scan_state.value)
    if document.owner_organisation_id != actor.organisation_id:
        if not reason.strip():
            raise ReadReasonRequired
        data = {"number": number, "sha256": facts.sha256, "reason": reason.strip()}
        audience = (document.owner_organisation_id,)
        event = Event("document.read", document_id, audience, data, listing_id=document.listing_id)
        emit(tx, now, event, actor_id=actor.user_id)
    return facts


def redact(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    document_id: str,
    number: int,
    regions: Sequence[Region],
    reason: str,
) -> DocumentRedactionRow:
    """A rendition of a version of the caller's organisation with regions burned in; the original stays as it is.

    DocumentNotFound, DocumentNotClean, RedactionNeedsPdf, RegionInvalid.
    """
    actor.require("documents:write")
    facts = version_facts(tx, document_id, number)
    if facts.owner_organisation_id != actor.organisation_id:
        raise DocumentNotFound
    if facts.kind is not FileKind.PDF:
        raise RedactionNeedsPdf
    store.allow_idling(tx, RENDER_IDLE_MS)
    rendition = redacted_pdf(content_of(tx, facts.sha256), regions)
    received = receive(BytesIO(rendition), "redacted.pdf", limit=settings().max_bulk_bytes)
    record_bytes(tx, now, received)
    row = DocumentRedactionRow(
        id=new_id("redaction"),
        document_id=document_id,
        number=number,
        sha256=received.sha256,
        regions=[asdict(each) for each in regions],
        reason=reason,
        redacted_by=actor.user_id,
        redacted_at=now,
    )
    store.add(tx, row)
    data = {"redaction_id": row.id, "number": number, "regions": len(regions), "sha256": row.sha256}
    event = Event("document.redacted", document_id, (actor.organisation_id,), data, listing_id=facts.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
    return row


def shown_sha256(tx: Tx, document_id: str, number: int) -> str:
    """Which bytes a viewer of a room is shown of a version: those of its newest redaction, else its own."""
    redaction = store.newest_redaction(tx, document_id, number)
    return version_facts(tx, document_id, number).sha256 if redaction is None else redaction.sha256


def _visible(tx: Tx, actor: Actor, document_id: str) -> DocumentRow:
    row = store.document(tx, document_id)
    if row is None or not (row.owner_organisation_id == actor.organisation_id or actor.sees_everything):
        raise DocumentNotFound
    return row


def _histories(tx: Tx, rows: Sequence[DocumentRow]) -> list[DocumentHistory]:
    ids = [row.id for row in rows]
    versions, redactions = store.versions(tx, ids), store.redactions(tx, ids)
    return [DocumentHistory(row, versions[row.id], redactions[row.id]) for row in rows]


def _document(tx: Tx, now: datetime, owner: str, *, title: str, listing_id: str | None, by: str) -> DocumentRow:
    checklist = None if listing_id is None else store.listing_checklist(tx, listing_id)
    if listing_id is not None and checklist is None:
        raise DocumentListingNotFound
    row = DocumentRow(
        id=new_id("document"),
        listing_id=listing_id,
        owner_organisation_id=owner,
        title=title[:TITLE_MAX],
        is_simulated=parties.is_simulated(tx, owner) if checklist is None else checklist.is_simulated,
        created_by=by,
        created_at=now,
    )
    store.add(tx, row)
    return row


def _first_version(
    tx: Tx, now: datetime, row: DocumentRow, received: Received, file_name: str, organisation_id: str
) -> DocumentVersionRow:
    return _add_version(tx, now, row, received, file_name, "", row.created_by, organisation_id)


def _add_version(
    tx: Tx,
    now: datetime,
    row: DocumentRow,
    received: Received,
    file_name: str,
    note: str,
    by: str,
    organisation_id: str,
) -> DocumentVersionRow:
    state = record_bytes(tx, now, received)
    version = DocumentVersionRow(
        document_id=row.id,
        number=row.latest_version,
        sha256=received.sha256,
        file_name=shown_name(file_name),
        note=note,
        uploaded_by=by,
        uploaded_by_organisation_id=organisation_id,
        uploaded_at=now,
    )
    store.add(tx, version)
    data = {
        "number": version.number,
        "sha256": version.sha256,
        "kind": received.kind.value,
        "size_bytes": received.size_bytes,
        "scan_state": state.value,
    }
    kind = "document.added" if version.number == 1 else "document.version_added"
    audience = (row.owner_organisation_id,)
    actor_id = None if by == SYSTEM_USER else by
    emit(tx, now, Event(kind, row.id, audience, data, listing_id=row.listing_id), actor_id=actor_id)
    if state is ScanState.QUARANTINED:
        quarantined = {"number": version.number, "sha256": version.sha256}
        emit(tx, now, Event("document.quarantined", row.id, (), quarantined, listing_id=row.listing_id))
    return version
