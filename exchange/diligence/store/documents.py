"""SQL of documents: stored bytes, versions, redactions. Versions are only added; of bytes only the scan changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from exchange.diligence.document import ScanState
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.diligence.tables.documents import DocumentRedactionRow, DocumentRow, DocumentVersionRow, StoredBytesRow
from exchange.infra.database import Tx

_USED = text(
    "SELECT coalesce(sum(b.size_bytes), 0) FROM (SELECT DISTINCT v.sha256 FROM document_version v "
    "JOIN document d ON d.id = v.document_id WHERE d.owner_organisation_id = :owner) s "
    "JOIN stored_bytes b ON b.sha256 = s.sha256"
)
_LOCK_OWNER = text("SELECT pg_advisory_xact_lock(hashtextextended('documents ' || :owner, 0))")
_IDLE = text("SELECT set_config('idle_in_transaction_session_timeout', :milliseconds, true)")


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A document with one of its versions and what is known of the bytes."""

    document: DocumentRow
    version: DocumentVersionRow
    bytes: StoredBytesRow


@dataclass(frozen=True, slots=True)
class DocumentHistory:
    """A document with every version and redaction, oldest first."""

    document: DocumentRow
    versions: Sequence[StoredVersion]
    redactions: Sequence[DocumentRedactionRow]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that came into the files of a listing: a version, or a redaction of one."""

    at: datetime
    document: DocumentRow
    number: int
    sha256: str
    file_name: str
    is_redaction: bool


def listing_checklist(tx: Tx, listing_id: str) -> ChecklistRow | None:
    """The checklist of a listing."""
    return tx.get(ChecklistRow, listing_id)


def lock_owner(tx: Tx, organisation_id: str) -> None:
    """One at a time adds to the files of an organisation, so that its quota is counted right."""
    tx.execute(_LOCK_OWNER, {"owner": organisation_id})


def used_bytes(tx: Tx, organisation_id: str) -> int:
    """Bytes an organisation's documents have stored, the same bytes counted once."""
    return int(tx.execute(_USED, {"owner": organisation_id}).scalar_one())


def allow_idling(tx: Tx, milliseconds: int) -> None:
    """This transaction may wait longer between statements: a page is drawn or a file is scanned meanwhile."""
    tx.execute(_IDLE, {"milliseconds": str(milliseconds)})


def ensure_bytes(tx: Tx, row: StoredBytesRow) -> tuple[StoredBytesRow, bool]:
    """The row of some bytes, locked, and whether it was added now."""
    statement = (
        insert(StoredBytesRow)
        .values(**row.model_dump())
        .on_conflict_do_nothing(index_elements=["sha256"])
        .returning(col(StoredBytesRow.sha256))
    )
    added = tx.execute(statement).first() is not None
    found = lock_bytes(tx, row.sha256)
    assert found is not None  # noqa: S101 - it was there or was added a line above, and rows are never deleted
    return found, added


def lock_bytes(tx: Tx, sha256: str) -> StoredBytesRow | None:
    """What is known of some bytes, locked until the end of the transaction."""
    return tx.get(StoredBytesRow, sha256, with_for_update={"key_share": True}, populate_existing=True)


def stored_bytes(tx: Tx, sha256: str) -> StoredBytesRow | None:
    """What is known of some bytes."""
    return tx.get(StoredBytesRow, sha256)


def lock_document(tx: Tx, document_id: str) -> DocumentRow | None:
    """One document, locked until the end of the transaction, read after the lock."""
    return tx.get(DocumentRow, document_id, with_for_update={"key_share": True}, populate_existing=True)


def document(tx: Tx, document_id: str) -> DocumentRow | None:
    """One document."""
    return tx.get(DocumentRow, document_id)


def owners(tx: Tx, document_ids: Sequence[str]) -> dict[str, str]:
    """The owning organisation of each document."""
    query = select(DocumentRow.id, DocumentRow.owner_organisation_id).where(col(DocumentRow.id).in_(document_ids))
    return dict(tx.exec(query).all())


def add(tx: Tx, row: DocumentRow | DocumentVersionRow | DocumentRedactionRow) -> None:
    """A new row."""
    tx.add(row)
    tx.flush()


def save(tx: Tx) -> None:
    """Write what was changed."""
    tx.flush()


def version(tx: Tx, document_id: str, number: int | None) -> StoredVersion | None:
    """One version of a document, the latest when no number is given."""
    found = tx.get(DocumentRow, document_id)
    if found is None:
        return None
    row = tx.get(DocumentVersionRow, (document_id, found.latest_version if number is None else number))
    stored = None if row is None else tx.get(StoredBytesRow, row.sha256)
    return None if row is None or stored is None else StoredVersion(found, row, stored)


def versions(tx: Tx, document_ids: Sequence[str]) -> dict[str, list[StoredVersion]]:
    """Every version of some documents in order, by document."""
    query = (
        select(DocumentRow, DocumentVersionRow, StoredBytesRow)
        .join(DocumentVersionRow, col(DocumentVersionRow.document_id) == col(DocumentRow.id))
        .join(StoredBytesRow, col(StoredBytesRow.sha256) == col(DocumentVersionRow.sha256))
        .where(col(DocumentRow.id).in_(document_ids))
        .order_by(col(DocumentRow.id), col(DocumentVersionRow.number))
    )
    found: dict[str, list[StoredVersion]] = {document_id: [] for document_id in document_ids}
    for row in tx.exec(query):
        found[row[0].id].append(StoredVersion(*row))
    return found


def redactions(tx: Tx, document_ids: Sequence[str]) -> dict[str, list[DocumentRedactionRow]]:
    """Redacted renditions of some documents, oldest first, by document."""
    query = (
        select(DocumentRedactionRow)
        .where(col(DocumentRedactionRow.document_id).in_(document_ids))
        .order_by(col(DocumentRedactionRow.id))
    )
    found: dict[str, list[DocumentRedactionRow]] = {document_id: [] for document_id in document_ids}
    for row in tx.exec(query):
        found[row.document_id].append(row)
    return found


def newest_redaction(tx: Tx, document_id: str, number: int) -> DocumentRedactionRow | None:
    """The newest redacted rendition of a version."""
    query = (
        select(DocumentRedactionRow)
        .where(DocumentRedactionRow.document_id == document_id, DocumentRedactionRow.number == number)
        .order_by(col(DocumentRedactionRow.id).desc())
        .limit(1)
    )
    return tx.exec(query).first()


def documents(
    tx: Tx, *, listing_id: str | None, owner: str | None, before: str | None, limit: int
) -> Sequence[DocumentRow]:
    """Documents, newest first; of a listing and of an owner where they are named."""
    query = select(DocumentRow)
    if listing_id is not None:
        query = query.where(DocumentRow.listing_id == listing_id)
    if owner is not None:
        query = query.where(DocumentRow.owner_organisation_id == owner)
    if before is not None:
        query = query.where(col(DocumentRow.id) < before)
    return tx.exec(query.order_by(col(DocumentRow.id).desc()).limit(limit)).all()


def documents_with(tx: Tx, sha256: str) -> Sequence[tuple[DocumentRow, int]]:
    """Every document that has a version with these bytes, with its number."""
    query = (
        select(DocumentRow, DocumentVersionRow.number)
        .join(DocumentVersionRow, col(DocumentVersionRow.document_id) == col(DocumentRow.id))
        .where(DocumentVersionRow.sha256 == sha256)
        .order_by(col(DocumentRow.id), col(DocumentVersionRow.number))
    )
    return [(row[0], row[1]) for row in tx.exec(query)]


def changes(
    tx: Tx, *, listing_id: str, owner: str | None, since: datetime, until: datetime, limit: int
) -> list[Change]:
    """What came into a listing's files after one instant and up to another, oldest first."""
    versions_of = (
        select(DocumentRow, DocumentVersionRow)
        .join(DocumentVersionRow, col(DocumentVersionRow.document_id) == col(DocumentRow.id))
        .where(DocumentRow.listing_id == listing_id)
        .where(DocumentVersionRow.uploaded_at > since, DocumentVersionRow.uploaded_at <= until)
        .order_by(col(DocumentVersionRow.uploaded_at), col(DocumentRow.id))
        .limit(limit)
    )
    redactions_of = (
        select(DocumentRow, DocumentRedactionRow)
        .join(DocumentRedactionRow, col(DocumentRedactionRow.document_id) == col(DocumentRow.id))
        .where(DocumentRow.listing_id == listing_id)
        .where(DocumentRedactionRow.redacted_at > since, DocumentRedactionRow.redacted_at <= until)
        .order_by(col(DocumentRedactionRow.redacted_at), col(DocumentRow.id))
        .limit(limit)
    )
    if owner is not None:
        versions_of = versions_of.where(DocumentRow.owner_organisation_id == owner)
        redactions_of = redactions_of.where(DocumentRow.owner_organisation_id == owner)
    found = [
        Change(row.uploaded_at, of, row.number, row.sha256, row.file_name, is_redaction=False)
        for of, row in tx.exec(versions_of)
    ]
    found += [
        Change(row.redacted_at, of, row.number, row.sha256, "", is_redaction=True) for of, row in tx.exec(redactions_of)
    ]
    return sorted(found, key=lambda each: (each.at, each.document.id, each.number, each.is_redaction))[:limit]


def clean_sample(tx: Tx, most: int) -> Sequence[StoredBytesRow]:
    """Some clean bytes, spread over the hashes from a place that moves with how many there are."""
    query = select(StoredBytesRow).where(StoredBytesRow.scan_state == ScanState.CLEAN)
    return tx.exec(query.order_by(text("md5(sha256 || now()::date)")).limit(most)).all()
