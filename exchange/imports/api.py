"""Routes of imports and their templates."""

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Path, Query, Response, UploadFile
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.core.errors import Busy, ExchangeError, Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.custody.errors import HoldingBelowEncumbrance
from exchange.funds.errors import FilingCodeTaken
from exchange.imports import service
from exchange.imports.errors import (
    FileEmpty,
    FileTooLarge,
    FileUnreadable,
    ImportNotFound,
    ImportNotOpen,
    ImportOutdated,
    ImportRowErrors,
    MappingInvalid,
)
from exchange.imports.kinds import AmountUnit, ImportKind, RowAction
from exchange.imports.schemas import ImportView, MappingView, RowErrorView, SaveMapping, StagedRowView
from exchange.infra.clock import business_now
from exchange.rest.body import BodyTooLarge, MalformedBody
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import BadRequest, responses

router = APIRouter(prefix="/api/v1", tags=["imports"])

ImportPath = Annotated[str, Path(pattern=f"^{id_pattern('import')}$")]
FileFormat = Literal["csv", "xlsx"]
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
READ: tuple[type[ExchangeError], ...] = (Unauthenticated, Forbidden, Invalid, ImportNotFound)
COMMAND: tuple[type[ExchangeError], ...] = (
    *READ,
    ImportNotOpen,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)


@router.post(
    "/imports",
    operation_id="upload_import",
    status_code=201,
    openapi_extra=needs("imports:write"),
    response_model=ImportView,
    responses=responses(BadRequest, Unauthenticated, Forbidden, Invalid, FileUnreadable, FileTooLarge, FileEmpty, Busy),
)
def upload_import(
    tx: WriteTx,
    actor: CurrentActor,
    kind: Annotated[ImportKind, Form()],
    file: Annotated[UploadFile, File(description="CSV (UTF-8 or GB18030) or XLSX.")],
    unit: Annotated[AmountUnit, Form(description="The unit of every amount in the file.")] = AmountUnit.ONE,
) -> ImportView:
    """Upload a file: it is checked and compared with what is recorded; nothing is recorded before the commit.

    The same file again gives the same preview, so a repetition needs no key.
    """
    row = service.upload(
        tx, actor, business_now(tx), kind=kind, file_name=file.filename or "", file=file.file, unit=unit
    )
    return ImportView.of(row)


@router.get(
    "/imports",
    operation_id="list_imports",
    openapi_extra=needs("imports:write"),
    responses=responses(Unauthenticated, Forbidden, CursorInvalid, Invalid),
)
def list_imports(tx: ReadTx, actor: CurrentActor, page: PageQuery) -> Page[ImportView]:
    """Imports of the caller's organisation, newest first."""
    key = page.after("imports")
    rows = service.imports_of(tx, actor, before=str(key[0]) if key else None, limit=page.limit + 1)
    return page_of(rows, page, "imports", lambda row: [row.id], ImportView.of)


@router.get(
    "/imports/{import_id}",
    operation_id="get_import",
    openapi_extra=needs("imports:write"),
    responses=responses(*READ),
)
def get_import(tx: ReadTx, actor: CurrentActor, import_id: ImportPath) -> ImportView:
    """One import with its counts."""
    return ImportView.of(service.import_of(tx, actor, import_id))


@router.get(
    "/imports/{import_id}/rows",
    operation_id="list_import_rows",
    openapi_extra=needs("imports:write"),
    responses=responses(*READ, CursorInvalid),
)
def list_import_rows(
    tx: ReadTx, actor: CurrentActor, import_id: ImportPath, page: PageQuery, action: RowAction | None = None
) -> Page[StagedRowView]:
    """The preview: what committing each row would do, and what it would replace."""
    scope = f"import-rows:{import_id}:{action}"
    rows = service.staged_rows_of(tx, actor, import_id, action=action, after=_after(page, scope), limit=page.limit + 1)
    return page_of(rows, page, scope, lambda row: [row.row_number], StagedRowView.of)


@router.get(
    "/imports/{import_id}/errors",
    operation_id="list_import_errors",
    openapi_extra=needs("imports:write"),
    responses=responses(*READ, CursorInvalid),
)
def list_import_errors(
    tx: ReadTx, actor: CurrentActor, import_id: ImportPath, page: PageQuery
) -> Page[list[RowErrorView]]:
    """Wrong rows, each with every error in it."""
    scope = f"import-errors:{import_id}"
    rows = service.staged_rows_of(
        tx, actor, import_id, action=RowAction.ERROR, after=_after(page, scope), limit=page.limit + 1
    )
    return page_of(
        rows,
        page,
        scope,
        lambda row: [row.row_number],
        lambda row: [RowErrorView.of(error) for error in row.errors],
    )


@router.get(
    "/imports/{import_id}/errors.csv",
    operation_id="download_import_errors",
    openapi_extra=needs("imports:write"),
    response_class=Response,
    responses=responses(*READ) | {200: {"content": {"text/csv": {}}}},
)
def download_import_errors(tx: ReadTx, actor: CurrentActor, import_id: ImportPath) -> Response:
    """Every error as a CSV that a spreadsheet may open safely."""
    lines = "".join(service.row_errors_csv(tx, actor, import_id))
    return _download(lines.encode("utf-8"), f"{import_id}-errors.csv", "csv")


@router.post(
    "/imports/{import_id}:commit",
    operation_id="commit_import",
    openapi_extra=needs("imports:write"),
    response_model=ImportView,
    responses=responses(*COMMAND, ImportRowErrors, ImportOutdated, FilingCodeTaken, HoldingBelowEncumbrance),
)
def commit_import(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, import_id: ImportPath) -> JSONResponse:
    """Record every new and changed row, or nothing."""
    now = business_now(tx)
    return once(
        tx,
        actor,
        f"commit_import {import_id}",
        key,
        {},
        lambda: ImportView.of(service.commit(tx, actor, now, import_id=import_id)),
    ).response()


@router.post(
    "/imports/{import_id}:discard",
    operation_id="discard_import",
    openapi_extra=needs("imports:write"),
    response_model=ImportView,
    responses=responses(*COMMAND),
)
def discard_import(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, import_id: ImportPath) -> JSONResponse:
    """Drop an import that was not committed."""
    now = business_now(tx)
    return once(
        tx,
        actor,
        f"discard_import {import_id}",
        key,
        {},
        lambda: ImportView.of(service.discard(tx, actor, now, import_id=import_id)),
    ).response()


@router.get(
    "/import-mappings/{kind}",
    operation_id="get_import_mapping",
    openapi_extra=needs("imports:write"),
    responses=responses(Unauthenticated, Forbidden, Invalid),
)
def get_import_mapping(tx: ReadTx, actor: CurrentActor, kind: ImportKind) -> MappingView:
    """The headers kept for the caller's organisation; empty when it uses ours."""
    return MappingView(kind=kind, columns=service.mapping_of(tx, actor, kind=kind))


@router.put(
    "/import-mappings/{kind}",
    operation_id="save_import_mapping",
    openapi_extra=needs("imports:write"),
    responses=responses(Unauthenticated, Forbidden, Invalid, MappingInvalid, MalformedBody, BodyTooLarge, Busy),
)
def save_import_mapping(tx: WriteTx, actor: CurrentActor, kind: ImportKind, body: SaveMapping) -> MappingView:
    """Keep the headers of one's own files; every later upload of this kind is read by them."""
    columns = service.save_mapping(tx, actor, business_now(tx), kind=kind, columns=body.columns)
    return MappingView(kind=kind, columns=columns)


@router.get(
    "/import-templates/{kind}",
    operation_id="import_template",
    openapi_extra=needs("imports:write"),
    response_class=Response,
    responses=responses(Unauthenticated, Forbidden, Invalid)
    | {200: {"content": {"text/csv": {}, MEDIA_TYPES["xlsx"]: {}}}},
)
def import_template(
    actor: CurrentActor, kind: ImportKind, file_format: Annotated[FileFormat, Query(alias="format")] = "xlsx"
) -> Response:
    """An empty file to fill in; the XLSX explains its columns in both languages."""
    actor.require("imports:write")
    return _download(service.template(kind, file_format), f"{kind.value}.{file_format}", file_format)


def _after(page: PageQuery, scope: str) -> int | None:
    key = page.after(scope)
    return key[0] if key and isinstance(key[0], int) else None


def _download(content: bytes, name: str, file_format: FileFormat) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA_TYPES[file_format], headers=headers)
