"""Routes of written approvals: file one, read them, verify or refuse."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import SamePerson
from exchange.core.errors import IllegalTransition
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.listings.api.listings import COMMAND, READ, ListingPath
from exchange.listings.approval import ApprovalEvent
from exchange.listings.errors import ApprovalInvalid, ApprovalNotFound, NotListingParty, ReviewedByOwnSide
from exchange.listings.schemas.approvals import ApprovalList, ApprovalView, FileApproval
from exchange.listings.schemas.listings import WithReason
from exchange.listings.service import approvals as service
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(tags=["listings"])

ApprovalPath = Annotated[str, Path(pattern=f"^{id_pattern('listing_approval')}$")]
DECISION = (*COMMAND, ApprovalNotFound, ReviewedByOwnSide, SamePerson, IllegalTransition)


@router.get(
    "/listings/{listing_id}/approvals",
    operation_id="list_listing_approvals",
    openapi_extra=needs("listings:read"),
    responses=responses(*READ, NotListingParty),
)
def list_listing_approvals(tx: ReadTx, actor: CurrentActor, listing_id: ListingPath) -> ApprovalList:
    """Approvals filed for a listing; for its own side, operators and auditors."""
    rows = service.approvals_of(tx, actor, listing_id=listing_id)
    return ApprovalList(items=[ApprovalView.of(row) for row in rows])


@router.post(
    "/listings/{listing_id}/approvals",
    operation_id="file_listing_approval",
    status_code=201,
    openapi_extra=needs("listings:write"),
    response_model=ApprovalView,
    responses=responses(*COMMAND, NotListingParty, ApprovalInvalid),
)
def file_listing_approval(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: FileApproval
) -> Response:
    """File a written approval of the seller's body: of a low floor (R-44) or of a change of the content (R-45)."""

    def work() -> ApprovalView:
        filing = body.filing()
        return ApprovalView.of(service.file_approval(tx, actor, business_now(tx), listing_id=listing_id, filing=filing))

    return once(tx, actor, f"file_listing_approval {listing_id}", key, body, work, status_code=201).response()


@router.post(
    "/listing-approvals/{approval_id}:verify",
    operation_id="verify_listing_approval",
    openapi_extra=needs("listings:review"),
    response_model=ApprovalView,
    responses=responses(*DECISION),
)
def verify_listing_approval(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, approval_id: ApprovalPath
) -> Response:
    """Say that the paper was seen and says what was filed; an operator who is of neither side."""

    def work() -> ApprovalView:
        row = service.decide(tx, actor, business_now(tx), approval_id=approval_id, event=ApprovalEvent.VERIFY)
        return ApprovalView.of(row)

    return once(tx, actor, f"verify_listing_approval {approval_id}", key, {}, work).response()


@router.post(
    "/listing-approvals/{approval_id}:refuse",
    operation_id="refuse_listing_approval",
    openapi_extra=needs("listings:review"),
    response_model=ApprovalView,
    responses=responses(*DECISION),
)
def refuse_listing_approval(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, approval_id: ApprovalPath, body: WithReason
) -> Response:
    """Refuse a filed approval, with the reason."""

    def work() -> ApprovalView:
        row = service.decide(
            tx,
            actor,
            business_now(tx),
            approval_id=approval_id,
            event=ApprovalEvent.REFUSE,
            note=body.reason,
        )
        return ApprovalView.of(row)

    return once(tx, actor, f"refuse_listing_approval {approval_id}", key, body, work).response()
