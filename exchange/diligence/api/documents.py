"""Routes of documents: upload, versions, originals, redactions, what changed.

An upload holds no transaction while the file is checked, scanned and stored; the row that names it comes after. What
leaves is an attachment that no browser shows or runs in our name.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import AwareDatetime

from exchange.access.actor import Actor
from exchange.access.api import CallerFirst, CurrentActor
from exchange.core.errors import ExchangeError
from exchange.core.ids import id_pattern
from exchange.diligence.api.refusals import COMMAND, READ, ListingPath
from exchange.diligence.document import ScanState
from exchange.diligence.document_errors import (
    ArchiveExpected,
    DocumentListingNotFound,
    DocumentNotFound,
    QuotaExceeded,
    ReadReasonRequired,
    RedactionNeedsPdf,
    VersionUnchanged,
)
from exchange.diligence.errors import DocumentNotClean
from exchange.diligence.schemas.documents import BulkRowView, BulkView, ChangesView, DocumentView, Redact, RedactionView
from exchange.diligence.service import documents as service
from exchange.diligence.service.bulk_upload import BulkRow, add_bulk, receive_bulk
from exchange.diligence.service.documents import VersionFacts
from exchange.diligence.service.receiving import Received, receive
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.infra.file_faults import FILE_FAULTS
from exchange.infra.file_types import MEDIA_TYPES, FileType
from exchange.infra.files import FileStoreUnavailable, StoredBytesDamaged, file_store, pieces_of, sha256_of
from exchange.infra.pdf import PageMissing
from exchange.infra.pdf_redaction import RegionInvalid
from exchange.rest.body import BodyTooLarge, MalformedBody
from exchange.rest.deps import ReadTx, WriteTx, written
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import BadRequest, responses
from exchange.rest.texts import detail

router = APIRouter(prefix="/api/v1", tags=["documents"])
uploads = APIRouter(route_class=CallerFirst)

DocumentPath = Annotated[str, Path(pattern=f"^{id_pattern('document')}$")]
ListingField = Annotated[str | None, Form(pattern=f"^{id_pattern('listing')}$")]
ListingFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('listing')}$")]
NumberPath = Annotated[int, Path(ge=1, le=1_000_000)]
TitleField = Annotated[str, Form(max_length=service.TITLE_MAX, description="By default the name of the file.")]
NoteField = Annotated[str, Form(max_length=1_000)]
Archive = Annotated[UploadFile, File(description="ZIP of files named like `C07_report.pdf` or `C07/report.pdf`.")]
Upload = Annotated[UploadFile, File(description="PDF, OFD, JPG, PNG, XLSX, DOCX, CSV, JSON, HTML or ZIP.")]

UPLOAD: tuple[type[ExchangeError], ...] = (
    *COMMAND,
    BadRequest,
    BodyTooLarge,
    *FILE_FAULTS,
    QuotaExceeded,
    FileStoreUnavailable,
)
SANDBOX_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def received_from(
    actor: Actor, file: UploadFile, *, document_id: str | None = None, listing_id: str | None = None
) -> Received:
    """Check and store the bytes of an upload, with no transaction held; what refuses it anyhow does so before."""
    with transaction() as tx:
        service.require_upload(tx, actor, file.size or 0, document_id=document_id, listing_id=listing_id)
    return receive(file.file, file.filename or "")


@uploads.post(
    "/documents",
    operation_id="upload_document",
    status_code=201,
    openapi_extra=needs("documents:write"),
    response_model=DocumentView,
    responses=responses(*UPLOAD, DocumentListingNotFound),
)
def upload_document(
    actor: CurrentActor, key: IdempotencyKey, file: Upload, title: TitleField = "", listing_id: ListingField = None
) -> JSONResponse:
    """Upload a document, of a listing or of one's own account: checked, scanned and stored before it gets its name."""
    received = received_from(actor, file, listing_id=listing_id)
    name = file.filename or ""
    body = {"sha256": received.sha256, "file_name": name, "title": title, "listing_id": listing_id}
    with written() as tx:
        now = business_now(tx)

        def work() -> DocumentView:
            added = service.add_document(
                tx, actor, now, received=received, file_name=name, title=title, listing_id=listing_id
            )
            return DocumentView.of(service.document_of(tx, actor, added.document_id))

        return once(tx, actor, "upload_document", key, body, work, status_code=201).response()


@uploads.post(
    "/documents/{document_id}/versions",
    operation_id="upload_document_version",
    status_code=201,
    openapi_extra=needs("documents:write"),
    response_model=DocumentView,
    responses=responses(*UPLOAD, DocumentNotFound, VersionUnchanged),
)
def upload_document_version(
    actor: CurrentActor, key: IdempotencyKey, document_id: DocumentPath, file: Upload, note: NoteField = ""
) -> JSONResponse:
    """Upload a new version of a document of one's organisation; earlier ones stay readable."""
    received = received_from(actor, file, document_id=document_id)
    name = file.filename or ""
    body = {"sha256": received.sha256, "file_name": name, "note": note}
    with written() as tx:
        now = business_now(tx)

        def work() -> DocumentView:
            service.add_version(tx, actor, now, document_id=document_id, received=received, file_name=name, note=note)
            return DocumentView.of(service.document_of(tx, actor, document_id))

        operation = f"upload_document_version {document_id}"
        return once(tx, actor, operation, key, body, work, status_code=201).response()


@uploads.post(
    "/listings/{listing_id}/documents:bulk",
    operation_id="upload_documents_in_bulk",
    status_code=201,
    openapi_extra=needs("documents:write"),
    response_model=BulkView,
    responses=responses(*UPLOAD, DocumentListingNotFound, ArchiveExpected),
)
def upload_documents_in_bulk(
    actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, file: Archive
) -> JSONResponse:
    """Upload many documents of a listing in one ZIP, each handed in for the item that its name or folder begins with.

    The answer goes file by file; one that is refused does not hold up the others.
    """
    with transaction() as tx:
        service.require_upload(tx, actor, file.size or 0, listing_id=listing_id)
    sha256 = sha256_of(pieces_of(file.file))
    files = receive_bulk(file.file)
    with written() as tx:
        now = business_now(tx)

        def work() -> BulkView:
            return bulk_view(add_bulk(tx, actor, now, listing_id=listing_id, files=files))

        operation = f"upload_documents_in_bulk {listing_id}"
        return once(tx, actor, operation, key, {"sha256": sha256}, work, status_code=201).response()


router.include_router(uploads)


def bulk_view(rows: Sequence[BulkRow]) -> BulkView:
    """Rows of a bulk upload with the words of their faults."""
    views = [
        BulkRowView(
            path=row.path,
            code=row.code,
            document_id=row.document_id,
            number=row.number,
            scan_state=None if row.scan_state is None else ScanState(row.scan_state),
            is_handed_in=row.is_handed_in,
            fault=row.fault,
            fault_zh=None if row.fault is None else detail(row.fault, "zh", row.fault_parameters),
            fault_en=None if row.fault is None else detail(row.fault, "en", row.fault_parameters),
        )
        for row in rows
    ]
    kept = [view for view in views if view.document_id is not None]
    handed_in = sum(view.is_handed_in for view in views)
    return BulkView(handed_in=handed_in, kept=len(kept), refused=len(views) - len(kept), items=views)


@router.get(
    "/documents",
    operation_id="list_documents",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_documents(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, listing_id: ListingFilter = None
) -> Page[DocumentView]:
    """Documents of the caller's organisation, newest first; all of them for those who watch the exchange."""
    scope = f"documents:{listing_id}"
    key = page.after(scope)
    before = str(key[0]) if key else None
    found = service.documents_of(tx, actor, listing_id=listing_id, before=before, limit=page.limit + 1)
    return page_of(found, page, scope, lambda each: [each.document.id], DocumentView.of)


@router.get(
    "/documents/{document_id}",
    operation_id="get_document",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, DocumentNotFound),
)
def get_document(tx: ReadTx, actor: CurrentActor, document_id: DocumentPath) -> DocumentView:
    """One document with the hash, size, kind and scan state of each version."""
    return DocumentView.of(service.document_of(tx, actor, document_id))


@router.get(
    "/documents/{document_id}/versions/{number}/content",
    operation_id="get_document_content",
    openapi_extra=needs("diligence:read"),
    response_class=StreamingResponse,
    responses=responses(
        *READ, DocumentNotFound, DocumentNotClean, ReadReasonRequired, FileStoreUnavailable, StoredBytesDamaged
    )
    | {200: {"content": {"application/octet-stream": {}}, "description": "The original bytes, as an attachment."}},
)
def get_document_content(
    actor: CurrentActor,
    document_id: DocumentPath,
    number: NumberPath,
    reason: Annotated[str, Query(max_length=1_000, description="Why, for a reader other than the owner.")] = "",
) -> StreamingResponse:
    """The original bytes of a version. A reader other than the owner's side says why, and the owner sees that."""
    with written() as tx:
        facts = service.open_original(
            tx, actor, business_now(tx), document_id=document_id, number=number, reason=reason
        )
    return attachment(facts)


@router.post(
    "/documents/{document_id}/redactions",
    operation_id="redact_document",
    status_code=201,
    openapi_extra=needs("documents:write"),
    response_model=RedactionView,
    responses=responses(
        *COMMAND,
        MalformedBody,
        BodyTooLarge,
        DocumentNotFound,
        DocumentNotClean,
        RedactionNeedsPdf,
        RegionInvalid,
        PageMissing,
        *FILE_FAULTS,
        FileStoreUnavailable,
        StoredBytesDamaged,
    ),
)
def redact_document(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, document_id: DocumentPath, body: Redact
) -> JSONResponse:
    """Burn regions into a rendition that rooms show instead of the original, whose bytes stay as they are."""
    now = business_now(tx)

    def work() -> RedactionView:
        regions = [each.region() for each in body.regions]
        row = service.redact(
            tx, actor, now, document_id=document_id, number=body.number, regions=regions, reason=body.reason
        )
        return RedactionView.of(row)

    return once(tx, actor, f"redact_document {document_id}", key, body, work, status_code=201).response()


@router.get(
    "/listings/{listing_id}/documents/changes",
    operation_id="list_document_changes",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, DocumentListingNotFound),
)
def list_document_changes(
    tx: ReadTx,
    actor: CurrentActor,
    listing_id: ListingPath,
    since: Annotated[AwareDatetime, Query(alias="from", description="Exclusive, with its offset.")],
    until: Annotated[AwareDatetime | None, Query(description="Inclusive; now by default.")] = None,
) -> ChangesView:
    """What came into a listing's files between two instants, of what the caller may see."""
    end: datetime = until or business_now(tx)
    return ChangesView.of(since, end, service.changes_of(tx, actor, listing_id=listing_id, since=since, until=end))


def attachment(facts: VersionFacts) -> StreamingResponse:
    """Stored bytes as a download: proven whole before the first byte leaves, never shown or run by a browser."""
    stack = ExitStack()
    file = stack.enter_context(file_store().opened(facts.sha256))

    def pieces() -> Iterator[bytes]:
        with stack:
            yield from pieces_of(file)

    plain = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in facts.file_name)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(facts.file_name, safe='')}",
        "Content-Length": str(facts.size_bytes),
        "Content-Security-Policy": SANDBOX_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "ETag": f'"{facts.sha256}"',
    }
    return StreamingResponse(pieces(), media_type=MEDIA_TYPES[FileType(facts.kind.value)], headers=headers)
