"""Routes of what is taken from data rooms: pages, files, packages; and the logs of who took it and who could."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse

from exchange.access.api import CurrentActor
from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern
from exchange.diligence.api.room_refusals import (
    COMMAND,
    COMMAND_IN_ROOM,
    IN_ROOM,
    READ,
    DocumentPath,
    NumberPath,
    PackagePath,
    RoomPath,
    ViewPath,
)
from exchange.diligence.document_errors import DocumentNotFound
from exchange.diligence.room import PackageKind
from exchange.diligence.room_errors import (
    NotRoomSide,
    PackageEmpty,
    PackageNotFound,
    PackageNotReady,
    PageNotRendered,
    RoomDocumentNotFound,
    RoomViewNotFound,
)
from exchange.diligence.schemas.room_log import DwellView, KnowledgeView, NoteDwell, PackageView, RoomLogView
from exchange.diligence.service import packages, pages, room_log
from exchange.diligence.service.pages import Taken
from exchange.infra.clock import business_now
from exchange.infra.file_faults import FileTruncated
from exchange.infra.file_types import MEDIA_TYPES, FileType
from exchange.infra.files import FileStoreUnavailable, StoredBytesDamaged
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["data rooms"])

SANDBOX_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
STORED = (FileStoreUnavailable, StoredBytesDamaged, FileTruncated)
WidthQuery = Annotated[int, Query(ge=200, le=2400, description="Pixels of the picture.")]
DocumentFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('document')}$")]
OnlyUnequal = Annotated[bool, Query(description="Only what the bidders stand differently to.")]


def _headers(taken: Taken, disposition: str) -> dict[str, str]:
    kind = taken.kind.value
    stem = taken.file_name.rpartition(".")[0] or taken.file_name
    headers = {
        "Content-Disposition": f"{disposition}; filename=\"document.{kind}\"; filename*=UTF-8''{quote(stem)}.{kind}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": SANDBOX_POLICY,
        "Cache-Control": "private, no-store",
    }
    return headers | ({"X-Room-View": taken.view_id} if taken.view_id else {})


@router.get(
    "/documents/{document_id}/versions/{number}/pages/{page}",
    operation_id="get_document_page",
    openapi_extra=needs("rooms:read"),
    response_class=Response,
    responses=responses(*READ, RoomDocumentNotFound, DocumentNotFound, PageNotRendered, *STORED)
    | {200: {"description": "The page as a picture.", "content": {"image/png": {}}}},
)
def get_document_page(
    tx: WriteTx,
    actor: CurrentActor,
    document_id: DocumentPath,
    number: NumberPath,
    page: NumberPath,
    width: WidthQuery = 1200,
) -> Response:
    """A page with the caller's mark in its pixels. The right is computed anew and the view is logged: `X-Room-View`."""
    taken = pages.page_of(tx, actor, business_now(tx), document_id=document_id, number=number, page=page, width=width)
    return Response(taken.content, media_type="image/png", headers=_headers(taken, "inline"))


@router.get(
    "/documents/{document_id}/versions/{number}/file",
    operation_id="get_document_file",
    openapi_extra=needs("rooms:read"),
    response_class=Response,
    responses=responses(*READ, RoomDocumentNotFound, DocumentNotFound, *STORED)
    | {200: {"description": "The file.", "content": {"application/octet-stream": {}}}},
)
def get_document_file(tx: WriteTx, actor: CurrentActor, document_id: DocumentPath, number: NumberPath) -> Response:
    """A whole version as an attachment, a PDF or picture with the caller's mark; the download is logged."""
    taken = pages.file_of(tx, actor, business_now(tx), document_id=document_id, number=number)
    media_type = MEDIA_TYPES[FileType(taken.kind.value)]
    return Response(taken.content, media_type=media_type, headers=_headers(taken, "attachment"))


@router.post(
    "/room-views/{view_id}/dwell",
    operation_id="note_dwell",
    openapi_extra=needs("rooms:read"),
    response_model=DwellView,
    responses=responses(*COMMAND, RoomViewNotFound),
)
def note_dwell(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, view_id: ViewPath, body: NoteDwell
) -> JSONResponse:
    """How long a page stood on the caller's screen; the first word counts."""
    now = business_now(tx)

    def work() -> DwellView:
        return DwellView.of(pages.note_dwell(tx, actor, now, view_id=view_id, seconds=body.seconds))

    return once(tx, actor, f"note_dwell {view_id}", key, body, work).response()


@router.post(
    "/rooms/{room_id}/bulk-download",
    operation_id="request_bulk_download",
    status_code=202,
    openapi_extra=needs("rooms:read"),
    response_model=PackageView,
    responses=responses(*COMMAND_IN_ROOM, PackageEmpty),
)
def request_bulk_download(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath) -> JSONResponse:
    """Ask for everything one may see as a ZIP, each file marked, with a manifest of hashes; made by a worker."""
    return _requested(tx, actor, key, room_id, PackageKind.BULK)


@router.post(
    "/rooms/{room_id}/archive",
    operation_id="request_archive",
    status_code=202,
    openapi_extra=needs("rooms:read"),
    response_model=PackageView,
    responses=responses(*COMMAND_IN_ROOM, NotRoomSide),
)
def request_archive(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath) -> JSONResponse:
    """Ask for the evidence of the deal by one's rights: files, index, questions, log, states; also after its end."""
    return _requested(tx, actor, key, room_id, PackageKind.ARCHIVE)


def _requested(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: str, kind: PackageKind) -> JSONResponse:
    now = business_now(tx)

    def work() -> PackageView:
        return PackageView.of(packages.request(tx, actor, now, room_id=room_id, kind=kind))

    answer = once(tx, actor, f"request_{kind.value} {room_id}", key, {}, work, status_code=202)
    response = answer.response()
    response.headers["Location"] = f"/api/v1/room-packages/{answer.body['id']}"
    return response


@router.get(
    "/room-packages/{package_id}",
    operation_id="get_room_package",
    openapi_extra=needs("rooms:read"),
    responses=responses(*READ, PackageNotFound),
)
def get_room_package(tx: ReadTx, actor: CurrentActor, package_id: PackagePath) -> PackageView:
    """How far a package is; for the person who asked for it."""
    return PackageView.of(packages.package_of(tx, actor, business_now(tx), package_id))


@router.get(
    "/room-packages/{package_id}/content",
    operation_id="get_room_package_content",
    openapi_extra=needs("rooms:read"),
    response_class=StreamingResponse,
    responses=responses(*READ, PackageNotFound, PackageNotReady, *STORED)
    | {200: {"description": "The ZIP.", "content": {"application/zip": {}}}},
)
def get_room_package_content(tx: WriteTx, actor: CurrentActor, package_id: PackagePath) -> StreamingResponse:
    """The ZIP, put together while it leaves. Every file in it is decided once more before."""
    pieces = packages.pieces_of(tx, actor, business_now(tx), package_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{package_id}.zip"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@router.get(
    "/rooms/{room_id}/views",
    operation_id="list_room_views",
    openapi_extra=needs("rooms:read"),
    responses=responses(*IN_ROOM, CursorInvalid),
)
def list_room_views(
    tx: ReadTx, actor: CurrentActor, room_id: RoomPath, page: PageQuery, document_id: DocumentFilter = None
) -> Page[RoomLogView]:
    """Who took what, newest first: persons for the exchange, organisations for the sides, one's own for the others."""
    scope = f"room_views {room_id} {document_id}"
    after = page.after(scope)
    found = room_log.views_of(
        tx,
        actor,
        business_now(tx),
        room_id,
        document_id=document_id,
        before=str(after[0]) if after else None,
        limit=page.limit + 1,
    )
    return page_of(found, page, scope, lambda line: [line.row.id], RoomLogView.of)


@router.get(
    "/rooms/{room_id}/asymmetry",
    operation_id="list_room_asymmetry",
    openapi_extra=needs("rooms:read"),
    responses=responses(*IN_ROOM, NotRoomSide, CursorInvalid),
)
def list_room_asymmetry(
    tx: ReadTx, actor: CurrentActor, room_id: RoomPath, page: PageQuery, *, only_unequal: OnlyUnequal = False
) -> Page[KnowledgeView]:
    """Per answer and document: which bidders can see it and have, which cannot. For the sides and the exchange."""
    scope = f"room_asymmetry {room_id} {only_unequal}"
    after = page.after(scope)
    start = int(after[0]) if after and isinstance(after[0], int) else 0
    if start < 0:
        raise Invalid
    known = room_log.asymmetry_of(tx, actor, business_now(tx), room_id, only_unequal=only_unequal)
    rows = list(enumerate(known))[start : start + page.limit + 1]
    return page_of(rows, page, scope, lambda row: [row[0] + 1], lambda row: KnowledgeView.of(row[1]))
