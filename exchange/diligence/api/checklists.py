"""Routes of checklists: the lists, their facts, workbooks, gates and templates; items and findings beside them."""

from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.diligence.api.findings import router as findings
from exchange.diligence.api.items import router as items
from exchange.diligence.api.refusals import (
    COMMAND,
    READ,
    ListingPath,
    OrganisationFilter,
    TypePath,
)
from exchange.diligence.api.views import checklist_view
from exchange.diligence.errors import (
    ChecklistNotFound,
    FactOfTheRegisters,
    FactUnknown,
    TemplateNotFound,
    TypeFixed,
    WaiverForbidden,
    WorkbookInvalid,
)
from exchange.diligence.schemas.checklists import ChecklistOut, ImportedView
from exchange.diligence.schemas.commands import DeclareFacts, OpenOwn
from exchange.diligence.schemas.templates import ServiceChecklistView, TemplateView
from exchange.diligence.service import checklists as service
from exchange.diligence.service import workbook
from exchange.diligence.service.reading import account_checklist, checklist_of
from exchange.diligence.service.templates import service_checklist, template_of_type
from exchange.infra.clock import business_now
from exchange.rest.body import BodyTooLarge
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import BadRequest, responses

router = APIRouter(prefix="/api/v1", tags=["diligence"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get(
    "/listings/{listing_id}/checklist",
    operation_id="get_checklist",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, ChecklistNotFound),
)
def get_checklist(
    tx: ReadTx, actor: CurrentActor, listing_id: ListingPath, organisation_id: OrganisationFilter = None
) -> ChecklistOut:
    """The effective items of a listing with their states; with an organisation those of this bidder too."""
    return checklist_view(checklist_of(tx, actor, business_now(tx), listing_id, organisation_id))


@router.post(
    "/listings/{listing_id}/checklist:open",
    operation_id="open_own_checklist",
    openapi_extra=needs("diligence:submit"),
    response_model=ChecklistOut,
    responses=responses(*COMMAND, ChecklistNotFound),
)
def open_own_checklist(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: OpenOwn
) -> JSONResponse:
    """Begin the caller's own items as a bidder of a published listing; repeating it changes nothing."""
    now = business_now(tx)

    def work() -> ChecklistOut:
        service.open_own(tx, actor, now, listing_id=listing_id)
        return checklist_view(checklist_of(tx, actor, now, listing_id))

    return once(tx, actor, f"open_own_checklist {listing_id}", key, body, work).response()


@router.put(
    "/listings/{listing_id}/facts",
    operation_id="declare_facts",
    openapi_extra=needs("facts:write"),
    responses=responses(*READ, ChecklistNotFound, FactUnknown, FactOfTheRegisters, TypeFixed, TemplateNotFound),
)
def declare_facts(tx: WriteTx, actor: CurrentActor, listing_id: ListingPath, body: DeclareFacts) -> ChecklistOut:
    """Declare facts that conditions ask for; the list is derived anew and nothing is deleted."""
    now = business_now(tx)
    service.declare_facts(
        tx,
        actor,
        now,
        listing_id=listing_id,
        facts=body.facts,
        transaction_type=body.transaction_type,
        organisation_id=body.organisation_id,
    )
    return checklist_view(checklist_of(tx, actor, now, listing_id, body.organisation_id))


@router.get(
    "/account/checklist",
    operation_id="get_account_checklist",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, ChecklistNotFound),
)
def get_account_checklist(tx: ReadTx, actor: CurrentActor, organisation_id: OrganisationFilter = None) -> ChecklistOut:
    """The account items of the caller's organisation, kept once for all deals; operators: of any."""
    return checklist_view(account_checklist(tx, actor, business_now(tx), organisation_id))


@router.get(
    "/listings/{listing_id}/checklist.xlsx",
    operation_id="export_checklist",
    openapi_extra=needs("diligence:read"),
    response_class=Response,
    responses={**responses(*READ, ChecklistNotFound), 200: {"content": {XLSX: {}}, "description": "The workbook"}},
)
def export_checklist(
    tx: ReadTx, actor: CurrentActor, listing_id: ListingPath, organisation_id: OrganisationFilter = None
) -> Response:
    """The checklist with its states as a workbook."""
    content = workbook.export_workbook(
        tx, actor, business_now(tx), listing_id=listing_id, organisation_id=organisation_id
    )
    headers = {"Content-Disposition": f'attachment; filename="checklist-{listing_id}.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


@router.post(
    "/listings/{listing_id}/checklist:import",
    operation_id="import_checklist",
    openapi_extra=needs("gates:pass"),
    response_model=ImportedView,
    responses=responses(BadRequest, *READ, ChecklistNotFound, WorkbookInvalid, WaiverForbidden, BodyTooLarge),
)
def import_checklist(
    tx: WriteTx,
    actor: CurrentActor,
    listing_id: ListingPath,
    file: Annotated[UploadFile, File(description="A workbook that another instance exported.")],
    organisation_id: OrganisationFilter = None,
) -> ImportedView:
    """Take an exported checklist over where nothing was handed in yet; the same file again is refused."""
    now = business_now(tx)
    moved = workbook.import_workbook(
        tx, actor, now, listing_id=listing_id, content=file.file.read(), organisation_id=organisation_id
    )
    return ImportedView(listing_id=listing_id, moved=moved, at=now)


@router.get(
    "/checklist-templates/{transaction_type}",
    operation_id="get_checklist_template",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, TemplateNotFound),
)
def get_checklist_template(actor: CurrentActor, transaction_type: TypePath) -> TemplateView:
    """What a type of transaction asks for, under which conditions, and until which gate."""
    return TemplateView.of(template_of_type(actor, transaction_type), transaction_type)


@router.get(
    "/service-checklists/{transaction_type}",
    operation_id="get_service_checklist",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, TemplateNotFound),
)
def get_service_checklist(actor: CurrentActor, transaction_type: TypePath) -> ServiceChecklistView:
    """The papers of a service that is no transaction: first custody of a fund's interests, pledge."""
    return ServiceChecklistView.of(service_checklist(actor, transaction_type))


router.include_router(items)
router.include_router(findings)
