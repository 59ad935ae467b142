"""Routes of funds, NAV statements and cash flows."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.core.errors import (
    Busy,
    ExchangeError,
    Forbidden,
    Invalid,
    PreconditionRequired,
    Stale,
    Unauthenticated,
)
from exchange.core.ids import id_pattern
from exchange.core.money import MINOR_DIGITS
from exchange.funds import service
from exchange.funds.errors import (
    CashFlowInvalid,
    FilingCodeTaken,
    FundCodeTaken,
    FundInvalid,
    FundNotFound,
    NavStatementInvalid,
    NotFundManager,
)
from exchange.funds.schemas.reports import (
    CashFlowView,
    EditFund,
    FundView,
    NavStatementView,
    RecordCashFlow,
    RecordFund,
    RecordNavStatement,
)
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import IfMatch, etag, require_match
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(tags=["funds"])

FundPath = Annotated[str, Path(pattern=f"^{id_pattern('fund')}$")]
ManagerFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('organisation')}$")]
CurrencyFilter = Annotated[str | None, Query(pattern=f"^({'|'.join(MINOR_DIGITS)})$")]

READ: tuple[type[ExchangeError], ...] = (Unauthenticated, Forbidden, Invalid, FundNotFound)
COMMAND: tuple[type[ExchangeError], ...] = (
    Unauthenticated,
    Forbidden,
    Invalid,
    NotFundManager,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)


@router.get(
    "/funds",
    operation_id="list_funds",
    openapi_extra=needs("funds:read"),
    responses=responses(Unauthenticated, Forbidden, CursorInvalid, Invalid),
)
def list_funds(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    manager_organisation_id: ManagerFilter = None,
    currency: CurrencyFilter = None,
) -> Page[FundView]:
    """Funds in the order in which they were recorded."""
    scope = f"funds:{manager_organisation_id}:{currency}"
    key = page.after(scope)
    rows = service.funds_of(
        tx,
        actor,
        manager_id=manager_organisation_id,
        currency=currency,
        after=str(key[0]) if key else None,
        limit=page.limit + 1,
    )
    return page_of(rows, page, scope, lambda row: [row.id], FundView.of)


@router.post(
    "/funds",
    operation_id="record_fund",
    status_code=201,
    openapi_extra=needs("funds:write"),
    response_model=FundView,
    responses=responses(*COMMAND, FundInvalid, FundCodeTaken, FilingCodeTaken),
)
def record_fund(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: RecordFund) -> JSONResponse:
    """Record a fund."""
    now = business_now(tx)

    def work() -> FundView:
        return FundView.of(service.record_fund(tx, actor, now, fund=body.fund(actor.organisation_id)))

    return once(tx, actor, "record_fund", key, body, work, status_code=201).response()


@router.get("/funds/{fund_id}", operation_id="get_fund", openapi_extra=needs("funds:read"), responses=responses(*READ))
def get_fund(tx: ReadTx, actor: CurrentActor, fund_id: FundPath, response: Response) -> FundView:
    """One fund; its ETag is needed to change it."""
    row = service.fund_of(tx, actor, fund_id)
    response.headers["ETag"] = etag(row.version)
    return FundView.of(row)


@router.patch(
    "/funds/{fund_id}",
    operation_id="edit_fund",
    openapi_extra=needs("funds:write"),
    responses=responses(*READ, NotFundManager, FundInvalid, FilingCodeTaken, PreconditionRequired, Stale, Busy),
)
def edit_fund(
    tx: WriteTx, actor: CurrentActor, fund_id: FundPath, body: EditFund, response: Response, if_match: IfMatch = None
) -> FundView:
    """Change what a manager may change, based on the version read."""
    row = service.edit_fund(
        tx,
        actor,
        business_now(tx),
        fund_id=fund_id,
        check_version=lambda version: require_match(if_match, version),
        changes=body.changes(),
    )
    response.headers["ETag"] = etag(row.version)
    return FundView.of(row)


@router.get(
    "/funds/{fund_id}/navs",
    operation_id="list_nav_statements",
    openapi_extra=needs("funds:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_nav_statements(tx: ReadTx, actor: CurrentActor, fund_id: FundPath, page: PageQuery) -> Page[NavStatementView]:
    """NAV history, newest reference date first, as it is known today."""
    scope = f"navs:{fund_id}"
    key = page.after(scope)
    fund = service.fund_of(tx, actor, fund_id)
    before = date.fromisoformat(str(key[0])) if key else None
    rows = service.nav_statements_of(tx, actor, fund_id, before=before, limit=page.limit + 1)
    return page_of(
        rows,
        page,
        scope,
        lambda row: [row.as_of.isoformat()],
        lambda row: NavStatementView.of(row, fund.currency),
    )


@router.post(
    "/funds/{fund_id}/navs",
    operation_id="record_nav_statement",
    status_code=201,
    openapi_extra=needs("funds:write"),
    response_model=NavStatementView,
    responses=responses(*COMMAND, FundNotFound, NavStatementInvalid),
)
def record_nav_statement(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, fund_id: FundPath, body: RecordNavStatement
) -> JSONResponse:
    """Report a NAV; another one for the same date is a correction and becomes the next version."""
    now = business_now(tx)

    def work() -> NavStatementView:
        currency = service.fund_of(tx, actor, fund_id).currency
        row = service.record_nav_statement(tx, actor, now, statement=body.statement(fund_id, currency))
        return NavStatementView.of(row, currency)

    return once(tx, actor, f"record_nav_statement {fund_id}", key, body, work, status_code=201).response()


@router.get(
    "/funds/{fund_id}/cash-flows",
    operation_id="list_cash_flows",
    openapi_extra=needs("funds:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_cash_flows(tx: ReadTx, actor: CurrentActor, fund_id: FundPath, page: PageQuery) -> Page[CashFlowView]:
    """Cash flows by date, each with its effect on unfunded."""
    scope = f"flows:{fund_id}"
    key = page.after(scope)
    fund = service.fund_of(tx, actor, fund_id)
    after = (date.fromisoformat(str(key[0])), str(key[1])) if key else None
    rows = service.cash_flows_of(tx, actor, fund_id, after=after, limit=page.limit + 1)
    return page_of(
        rows,
        page,
        scope,
        lambda row: [row.occurred_on.isoformat(), row.notice_no],
        lambda row: CashFlowView.of(row, fund.currency),
    )


@router.post(
    "/funds/{fund_id}/cash-flows",
    operation_id="record_cash_flow",
    status_code=201,
    openapi_extra=needs("funds:write"),
    response_model=CashFlowView,
    responses=responses(*COMMAND, FundNotFound, CashFlowInvalid),
)
def record_cash_flow(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, fund_id: FundPath, body: RecordCashFlow
) -> JSONResponse:
    """Report a call, a distribution or a restatement; the same notice again with other figures is a correction."""
    now = business_now(tx)

    def work() -> CashFlowView:
        currency = service.fund_of(tx, actor, fund_id).currency
        row = service.record_cash_flow(tx, actor, now, flow=body.flow(fund_id, currency))
        return CashFlowView.of(row, currency)

    return once(tx, actor, f"record_cash_flow {fund_id}", key, body, work, status_code=201).response()
