"""Routes of private scenarios: for the caller's organisation, for nobody else."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.valuation.api.refusals import COMMAND, READ, ScenarioPath, ValuationPath
from exchange.valuation.errors import ScenarioInvalid, ScenarioNotFound, ValuationNotComputed, ValuationNotFound
from exchange.valuation.schemas.scenarios import AddScenario, ScenarioView
from exchange.valuation.service import scenarios as service

router = APIRouter()


@router.post(
    "/valuations/{valuation_id}/scenarios",
    operation_id="add_scenario",
    status_code=201,
    openapi_extra=needs(service.PERMISSION),
    response_model=ScenarioView,
    responses=responses(*COMMAND, ValuationNotFound, ValuationNotComputed, ScenarioInvalid),
)
def add_scenario(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, valuation_id: ValuationPath, body: AddScenario
) -> JSONResponse:
    """Run the models under the caller's own assumptions; kept, and visible to the caller's organisation only."""
    now = business_now(tx)

    def work() -> ScenarioView:
        overrides = body.overrides()
        row, panel = service.add_scenario(
            tx, actor, now, valuation_id=valuation_id, name=body.name, overrides=overrides
        )
        return ScenarioView.of(row, panel)

    return once(tx, actor, f"add_scenario {valuation_id}", key, body, work, status_code=201).response()


@router.get(
    "/valuations/{valuation_id}/scenarios",
    operation_id="list_scenarios",
    openapi_extra=needs(service.PERMISSION),
    responses=responses(*READ, CursorInvalid, ValuationNotFound),
)
def list_scenarios(tx: ReadTx, actor: CurrentActor, valuation_id: ValuationPath, page: PageQuery) -> Page[ScenarioView]:
    """The scenarios of the caller's organisation over a valuation, newest first, without their panels."""
    scope = f"scenarios:{valuation_id}:{actor.organisation_id}"
    key = page.after(scope)
    before = str(key[0]) if key else None
    rows = service.scenarios_of(tx, actor, valuation_id=valuation_id, before=before, limit=page.limit + 1)
    return page_of(rows, page, scope, lambda row: [row.id], lambda row: ScenarioView.of(row, None))


@router.get(
    "/scenarios/{scenario_id}",
    operation_id="get_scenario",
    openapi_extra=needs(service.PERMISSION),
    responses=responses(*READ, ScenarioNotFound),
)
def get_scenario(tx: ReadTx, actor: CurrentActor, scenario_id: ScenarioPath) -> ScenarioView:
    """One scenario of the caller's organisation; for everyone else it does not exist."""
    return ScenarioView.of(*service.scenario_of(tx, actor, scenario_id))
