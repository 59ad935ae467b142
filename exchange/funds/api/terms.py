"""Routes of what binds a transfer of a fund's interests."""

from fastapi import APIRouter, Response

from exchange.access.api import CurrentActor
from exchange.funds import service
from exchange.funds.api.reports import COMMAND, READ, FundPath
from exchange.funds.errors import FundNotFound
from exchange.funds.schemas.terms import SetTransferTerms, TransferTermsView
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(tags=["funds"])


@router.get(
    "/funds/{fund_id}/transfer-terms",
    operation_id="get_transfer_terms",
    openapi_extra=needs("funds:read"),
    responses=responses(*READ),
)
def get_transfer_terms(tx: ReadTx, actor: CurrentActor, fund_id: FundPath) -> TransferTermsView:
    """Whether the other partners may buy first, and whether their silence waives it."""
    service.fund_of(tx, actor, fund_id)
    return TransferTermsView.of(fund_id, service.transfer_terms(tx, fund_id))


@router.put(
    "/funds/{fund_id}/transfer-terms",
    operation_id="set_transfer_terms",
    openapi_extra=needs("funds:write"),
    response_model=TransferTermsView,
    responses=responses(*COMMAND, FundNotFound),
)
def set_transfer_terms(
    tx: WriteTx, actor: CurrentActor, fund_id: FundPath, body: SetTransferTerms, key: IdempotencyKey
) -> Response:
    """Record what the fund's agreement says of transfers; its manager alone."""

    def work() -> TransferTermsView:
        terms = service.set_transfer_terms(tx, actor, business_now(tx), fund_id=fund_id, terms=body.terms())
        return TransferTermsView.of(fund_id, terms)

    return once(tx, actor, f"set_transfer_terms {fund_id}", key, body, work).response()
