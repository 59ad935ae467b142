"""Routes of schedules of investments."""

from datetime import date

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.funds import service
from exchange.funds.api.reports import COMMAND, READ, FundPath
from exchange.funds.errors import FundNotFound, ScheduleInvalid
from exchange.funds.schemas.schedules import RecordSchedule, ScheduleView
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(tags=["funds"])


@router.get(
    "/funds/{fund_id}/holdings",
    operation_id="list_investment_schedules",
    openapi_extra=needs("funds:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_investment_schedules(
    tx: ReadTx, actor: CurrentActor, fund_id: FundPath, page: PageQuery
) -> Page[ScheduleView]:
    """What the fund owns and owes, date by date, newest first, as it is known today."""
    scope = f"schedules:{fund_id}"
    key = page.after(scope)
    fund = service.fund_of(tx, actor, fund_id)
    before = date.fromisoformat(str(key[0])) if key else None
    found = service.schedules_of(tx, actor, fund_id, before=before, limit=page.limit + 1)
    return page_of(
        found,
        page,
        scope,
        lambda item: [item.row.as_of.isoformat()],
        lambda item: ScheduleView.of(item.row, item.investments, fund.currency),
    )


@router.post(
    "/funds/{fund_id}/holdings",
    operation_id="record_investment_schedule",
    status_code=201,
    openapi_extra=needs("funds:write"),
    response_model=ScheduleView,
    responses=responses(*COMMAND, FundNotFound, ScheduleInvalid),
)
def record_investment_schedule(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, fund_id: FundPath, body: RecordSchedule
) -> JSONResponse:
    """Report the whole schedule of a date; another one for the same date becomes its next version."""
    now = business_now(tx)

    def work() -> ScheduleView:
        currency = service.fund_of(tx, actor, fund_id).currency
        found = service.record_schedule(tx, actor, now, schedule=body.schedule(fund_id, currency))
        return ScheduleView.of(found.row, found.investments, currency)

    return once(tx, actor, f"record_investment_schedule {fund_id}", key, body, work, status_code=201).response()
