"""Routes of filings: investors file their own records, operators take them up or turn them down."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS, ApprovalPending
from exchange.access.schemas import ApprovalView
from exchange.core.errors import RulesBroken
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.parties import service
from exchange.parties.errors import DeemedInvalid, FilingNotFound, OrganisationNotFound, RecordDates
from exchange.parties.schemas import (
    FiledClassView,
    FiledSuitabilityView,
    FilingsView,
    FilingView,
    InvestorClassView,
    ProposeClass,
    ProposeSuitability,
    SuitabilityView,
    TurnDown,
)
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(tags=["participants"])

RecordPath = Annotated[str, Path(pattern=f"^({id_pattern('investor_class')}|{id_pattern('suitability')})$")]


@router.get(
    "/filings", operation_id="list_filings", openapi_extra=needs("parties:read"), responses=responses(*REFUSALS)
)
def list_filings(tx: ReadTx, actor: CurrentActor) -> FilingsView:
    """What investors filed and no operator has taken up, the longest waiting first."""
    found = service.filings(tx, actor)
    return FilingsView(
        classes=[FiledClassView.of(row) for row in found.classes],
        suitability=[FiledSuitabilityView.of(row) for row in found.suitability],
    )


@router.post(
    "/filings/classes",
    operation_id="file_class",
    status_code=201,
    response_model=InvestorClassView,
    openapi_extra=needs("records:file"),
    responses=responses(*REFUSALS, OrganisationNotFound, RecordDates),
)
def file_class(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: ProposeClass) -> Response:
    """File a class of one's own organisation with its evidence; two operators decide about it."""

    def work() -> InvestorClassView:
        proof = service.ClassProof(**body.model_dump())
        return InvestorClassView.of(service.file_class(tx, actor, business_now(tx), proof))

    return once(tx, actor, "file_class", key, body, work, status_code=201).response()


@router.post(
    "/filings/suitability",
    operation_id="file_suitability",
    status_code=201,
    response_model=SuitabilityView,
    openapi_extra=needs("records:file"),
    responses=responses(*REFUSALS, OrganisationNotFound, RecordDates, DeemedInvalid, RulesBroken),
)
def file_suitability(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: ProposeSuitability) -> Response:
    """File what one's own documents show; two operators decide about it."""

    def work() -> SuitabilityView:
        return SuitabilityView.of(service.file_suitability(tx, actor, business_now(tx), body.proof()))

    return once(tx, actor, "file_suitability", key, body, work, status_code=201).response()


@router.post(
    "/filings/{record_id}:take-up",
    operation_id="take_up_filing",
    status_code=202,
    response_model=ApprovalView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, FilingNotFound, ApprovalPending),
)
def take_up_filing(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, record_id: RecordPath) -> Response:
    """Put an investor's filing before a second operator (`/approvals/{id}:approve`)."""

    def work() -> ApprovalView:
        return ApprovalView.of(service.take_up(tx, actor, business_now(tx), record_id))

    return once(tx, actor, f"take_up_filing {record_id}", key, {}, work, status_code=202).response()


@router.post(
    "/filings/{record_id}:turn-down",
    operation_id="turn_down_filing",
    response_model=FilingView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, FilingNotFound),
)
def turn_down_filing(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, record_id: RecordPath, body: TurnDown
) -> Response:
    """Refuse an investor's filing with the reason, which it is told."""

    def work() -> FilingView:
        row = service.turn_down(tx, actor, business_now(tx), record_id, body.reason)
        return FilingView(id=row.id, organisation_id=row.organisation_id, status=row.status)

    return once(tx, actor, f"turn_down_filing {record_id}", key, body, work).response()
