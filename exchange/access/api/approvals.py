"""Decisions that take two persons, for operators."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api.caller import CurrentActor
from exchange.access.approval import ApprovalStatus
from exchange.access.errors import REFUSALS, AlreadyDecided, SamePerson
from exchange.access.schemas import ApprovalView, Decide
from exchange.access.service import approvals
from exchange.core.errors import IllegalTransition, NotFound
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import etag
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(tags=["access"])

ApprovalPath = Annotated[str, Path(pattern=f"^{id_pattern('approval')}$")]


@router.get(
    "/approvals",
    operation_id="list_approvals",
    openapi_extra=needs("parties:read"),
    responses=responses(*REFUSALS),
)
def list_approvals(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, status: ApprovalStatus | None = None
) -> Page[ApprovalView]:
    """Decisions asked for, newest first; ``status=pending`` is the queue."""
    scope = f"approvals:{status or ''}"
    before = page.after(scope)
    rows = approvals.approvals_of(
        tx, actor, status=status, before=str(before[0]) if before else None, limit=page.limit + 1
    )
    return page_of(rows, page, scope, lambda item: [item.id], ApprovalView.of)


@router.get(
    "/approvals/{approval_id}",
    operation_id="get_approval",
    openapi_extra=needs("parties:read"),
    responses=responses(*REFUSALS, NotFound),
)
def get_approval(tx: ReadTx, actor: CurrentActor, approval_id: ApprovalPath, response: Response) -> ApprovalView:
    """One decision."""
    view = ApprovalView.of(approvals.approval_of(tx, actor, approval_id))
    response.headers["ETag"] = etag(view.version)
    return view


@router.post(
    "/approvals/{approval_id}:approve",
    operation_id="approve",
    response_model=ApprovalView,
    openapi_extra=needs("approvals:decide"),
    responses=responses(*REFUSALS, NotFound, SamePerson, AlreadyDecided, IllegalTransition),
)
def approve(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, approval_id: ApprovalPath, body: Decide) -> Response:
    """Approve as the second person; it takes effect at once."""

    def work() -> ApprovalView:
        row = approvals.decide(tx, actor, business_now(tx), approval_id, ApprovalStatus.APPROVED, reason=body.reason)
        return ApprovalView.of(row)

    return once(tx, actor, f"approve {approval_id}", key, body, work).response()


@router.post(
    "/approvals/{approval_id}:reject",
    operation_id="reject",
    response_model=ApprovalView,
    openapi_extra=needs("approvals:decide"),
    responses=responses(*REFUSALS, NotFound, SamePerson, AlreadyDecided, IllegalTransition),
)
def reject(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, approval_id: ApprovalPath, body: Decide) -> Response:
    """Reject as the second person."""

    def work() -> ApprovalView:
        row = approvals.decide(tx, actor, business_now(tx), approval_id, ApprovalStatus.REJECTED, reason=body.reason)
        return ApprovalView.of(row)

    return once(tx, actor, f"reject {approval_id}", key, body, work).response()
