"""Routes of findings."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.diligence.api.refusals import COMMAND, READ, FindingPath, ListingFilter
from exchange.diligence.errors import ChecklistNotFound, FindingBySubject, FindingNotFound, ReasonMissing
from exchange.diligence.finding import FindingState
from exchange.diligence.schemas.commands import OpenFinding, ResolveFinding
from exchange.diligence.schemas.gates import FindingsView, FindingView
from exchange.diligence.service import findings as service
from exchange.diligence.service.findings import Observation
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter()


@router.get(
    "/findings",
    operation_id="list_findings",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, ChecklistNotFound),
)
def list_findings(
    tx: ReadTx,
    actor: CurrentActor,
    listing_id: ListingFilter,
    state: FindingState | None = None,
) -> FindingsView:
    """Findings of a listing that the caller may see, newest first."""
    rows = service.findings_of(tx, actor, business_now(tx), listing_id=listing_id, state=state)
    return FindingsView(items=[FindingView.of(row) for row in rows])


@router.post(
    "/findings",
    operation_id="open_finding",
    status_code=201,
    openapi_extra=needs("diligence:review"),
    response_model=FindingView,
    responses=responses(*COMMAND, ChecklistNotFound, FindingNotFound),
)
def open_finding(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: OpenFinding) -> JSONResponse:
    """Record what was found. A blocking finding shuts the gates from its item's on until it is resolved."""
    now = business_now(tx)
    seen = Observation(body.listing_id, body.code, body.severity, body.note, body.item_id, body.organisation_id)

    def work() -> FindingView:
        return FindingView.of(service.open_finding(tx, actor, now, seen))

    return once(tx, actor, "open_finding", key, body, work, status_code=201).response()


@router.post(
    "/findings/{finding_id}:resolve",
    operation_id="resolve_finding",
    openapi_extra=needs("diligence:review"),
    response_model=FindingView,
    responses=responses(*COMMAND, FindingNotFound, FindingBySubject, ReasonMissing),
)
def resolve_finding(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, finding_id: FindingPath, body: ResolveFinding
) -> JSONResponse:
    """Resolve a finding, with how; never by whom it is about."""
    now = business_now(tx)

    def work() -> FindingView:
        row = service.resolve_finding(tx, actor, now, finding_id=finding_id, resolution=body.resolution)
        return FindingView.of(row)

    return once(tx, actor, f"resolve_finding {finding_id}", key, body, work).response()
