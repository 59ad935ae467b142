"""Routes by which a holder asks for a pledge, or for its release: both come with papers."""

from fastapi import APIRouter, Response

from exchange.access.api import CurrentActor
from exchange.custody.api.holdings import HoldingPath
from exchange.custody.api.pledges import WRITES, PledgePath
from exchange.custody.errors import HoldingNotFound, InterestNotFree, PledgeInvalid
from exchange.custody.schemas.pledges import PledgeView
from exchange.custody.service.pledges import ASK
from exchange.diligence.document_errors import DocumentNotFound
from exchange.diligence.errors import DocumentNotClean, PledgePapersMissing, PledgePaperUnknown
from exchange.diligence.schemas.pledges import PledgeRequest, ReleaseRequest
from exchange.diligence.service import pledge_papers as service
from exchange.infra.clock import business_now
from exchange.rest.deps import WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["holdings"])

PAPERS = (DocumentNotFound, DocumentNotClean)


@router.post(
    "/holdings/{holding_id}/pledges",
    status_code=201,
    response_model=PledgeView,
    openapi_extra=needs(ASK),
    responses=responses(
        *WRITES, *PAPERS, HoldingNotFound, PledgeInvalid, InterestNotFree, PledgePapersMissing, PledgePaperUnknown
    ),
)
def request_pledge(
    tx: WriteTx, actor: CurrentActor, holding_id: HoldingPath, body: PledgeRequest, key: IdempotencyKey
) -> Response:
    """Ask for a pledge of part of an own holding, with the papers of its checklist; it binds once it is registered."""

    def work() -> PledgeView:
        row = service.request_pledge(
            tx, actor, business_now(tx), holding_id=holding_id, terms=body.terms(), papers=body.handed_in()
        )
        return PledgeView.of(row)

    return once(tx, actor, f"request_pledge {holding_id}", key, body, work, status_code=201).response()


@router.post(
    "/pledges/{pledge_id}:request-release",
    response_model=PledgeView,
    openapi_extra=needs(ASK),
    responses=responses(*WRITES, *PAPERS),
)
def request_pledge_release(
    tx: WriteTx, actor: CurrentActor, pledge_id: PledgePath, body: ReleaseRequest, key: IdempotencyKey
) -> Response:
    """Hand in the creditor's letter of release; the amount stays pledged until an operator has read it."""

    def work() -> PledgeView:
        row = service.request_release(tx, actor, business_now(tx), pledge_id=pledge_id, document_id=body.document_id)
        return PledgeView.of(row)

    return once(tx, actor, f"request_pledge_release {pledge_id}", key, body, work).response()
