"""Routes of the figures of a market: proposed by one operator, approved by another, read by everyone."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.access.errors import ApprovalPending
from exchange.access.schemas import ApprovalView
from exchange.core.clock import market_date
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.valuation.api.refusals import COMMAND, READ, ProposalPath
from exchange.valuation.errors import ParameterProposalNotFound, ParametersInvalid
from exchange.valuation.parameters import ParameterKind
from exchange.valuation.schemas.parameters import EnterParameter, ParameterView, ProposalView, ProposeParameters
from exchange.valuation.service import parameters as service
from exchange.valuation.service.parameters import Entered
from exchange.valuation.service.published import published_figures

router = APIRouter()


@router.get(
    "/valuation-parameters",
    operation_id="list_valuation_parameters",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_valuation_parameters(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, kind: ParameterKind | None = None, region: str | None = None
) -> Page[ParameterView]:
    """Every version of every figure that models use, in the order of entry, with source and both persons."""
    scope = f"valuation_parameters:{kind}:{region}"
    key = page.after(scope)
    after = str(key[0]) if key else None
    rows = service.parameters_of(tx, actor, kind=kind, region=region, after=after, limit=page.limit + 1)
    return page_of(rows, page, scope, lambda row: [row.id], ParameterView.of)


@router.post(
    "/valuation-parameters",
    operation_id="propose_valuation_parameters",
    status_code=202,
    openapi_extra=needs(service.PERMISSION),
    response_model=ApprovalView,
    responses=responses(*COMMAND, ParametersInvalid, ApprovalPending),
)
def propose_valuation_parameters(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: ProposeParameters
) -> JSONResponse:
    """Propose figures with their sources; they count once a second operator approves (`/approvals/{id}:approve`)."""
    now = business_now(tx)

    def work() -> ApprovalView:
        return ApprovalView.of(service.propose(tx, actor, now, entered=[_entered(item) for item in body.items]))

    return once(tx, actor, "propose_valuation_parameters", key, body, work, status_code=202).response()


@router.post(
    "/valuation-parameters:propose-published",
    operation_id="propose_published_parameters",
    status_code=202,
    openapi_extra=needs(service.PERMISSION),
    response_model=ApprovalView,
    responses=responses(*COMMAND, ParametersInvalid, ApprovalPending),
)
def propose_published_parameters(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey) -> JSONResponse:
    """Propose the international figures this exchange ships with their sources. It ships none for China."""
    now = business_now(tx)

    def work() -> ApprovalView:
        known = [figure for figure in published_figures() if figure.effective_on <= market_date(now)]
        return ApprovalView.of(service.propose(tx, actor, now, entered=known))

    return once(tx, actor, "propose_published_parameters", key, {}, work, status_code=202).response()


@router.get(
    "/valuation-parameter-proposals/{parameter_proposal_id}",
    operation_id="get_parameter_proposal",
    openapi_extra=needs("parties:read"),
    responses=responses(*READ, ParameterProposalNotFound),
)
def get_parameter_proposal(tx: ReadTx, actor: CurrentActor, parameter_proposal_id: ProposalPath) -> ProposalView:
    """What a second operator is asked to approve."""
    return ProposalView.of(service.proposal_of(tx, actor, parameter_proposal_id))


def _entered(item: EnterParameter) -> Entered:
    return Entered(
        kind=item.kind,
        region=item.region,
        strategy=item.strategy,
        name=item.name,
        effective_on=item.effective_on,
        values=item.values,
        mark=item.source_mark,
        source=item.source,
    )
