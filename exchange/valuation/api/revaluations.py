"""Routes of revaluations of the whole market."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.valuation.api.refusals import COMMAND, READ, RevaluationPath
from exchange.valuation.errors import NothingToRevalue, RevaluationNotFound, ValuationInvalid
from exchange.valuation.schemas.revaluations import RequestRevaluation, RevaluationView
from exchange.valuation.service import revaluations as service
from exchange.valuation.service.revaluations import Revaluation

router = APIRouter()


@router.post(
    "/revaluations",
    operation_id="request_revaluation",
    status_code=202,
    openapi_extra=needs(service.PERMISSION),
    response_model=RevaluationView,
    responses=responses(*COMMAND, NothingToRevalue, ValuationInvalid),
)
def request_revaluation(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: RequestRevaluation
) -> JSONResponse:
    """Value every fund on a day: chunks that the workers share. `Location` says where to watch the progress."""
    now = business_now(tx)

    def work() -> RevaluationView:
        return _view(service.request(tx, actor, now, valued_on=body.valued_on))

    answer = once(tx, actor, "request_revaluation", key, body, work, status_code=202)
    response = answer.response()
    response.headers["Location"] = f"/api/v1/revaluations/{answer.body['id']}"
    return response


@router.get(
    "/revaluations",
    operation_id="list_revaluations",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_revaluations(tx: ReadTx, actor: CurrentActor, page: PageQuery) -> Page[RevaluationView]:
    """Revaluations, newest first, each with its progress."""
    key = page.after("revaluations")
    found = service.revaluations_of(tx, actor, before=str(key[0]) if key else None, limit=page.limit + 1)
    return page_of(found, page, "revaluations", lambda item: [item.row.id], _view)


@router.get(
    "/revaluations/{revaluation_id}",
    operation_id="get_revaluation",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, RevaluationNotFound),
)
def get_revaluation(tx: ReadTx, actor: CurrentActor, revaluation_id: RevaluationPath) -> RevaluationView:
    """How far a revaluation has come."""
    return _view(service.revaluation_of(tx, actor, revaluation_id))


def _view(found: Revaluation) -> RevaluationView:
    return RevaluationView.of(
        found.row,
        funds_done=found.funds_done,
        chunks_done=found.chunks_done,
        last_computed_at=found.last_computed_at,
    )
