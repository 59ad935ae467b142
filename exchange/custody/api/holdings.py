"""Routes of holdings and the partner register."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from exchange.access.api import CurrentActor
from exchange.core.errors import Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.custody import service
from exchange.custody.errors import HoldingNotFound
from exchange.custody.schemas.holdings import HoldingView, RollView
from exchange.funds import service as funds
from exchange.funds.errors import FundNotFound
from exchange.rest.deps import ReadTx
from exchange.rest.etags import etag
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["holdings"])

FundPath = Annotated[str, Path(pattern=f"^{id_pattern('fund')}$")]
HoldingPath = Annotated[str, Path(pattern=f"^{id_pattern('holding')}$")]
FundFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('fund')}$")]


@router.get(
    "/funds/{fund_id}/partners",
    operation_id="fund_partners",
    openapi_extra=needs("holdings:read"),
    responses=responses(Unauthenticated, Forbidden, FundNotFound, Invalid),
)
def fund_partners(tx: ReadTx, actor: CurrentActor, fund_id: FundPath) -> RollView:
    """The partner register of a fund; for its manager, operators and auditors."""
    rows, sums = service.roll_of(tx, actor, fund_id)
    return RollView.of(fund_id, rows, sums, funds.fund_facts(tx, fund_id).currency)


@router.get(
    "/holdings",
    operation_id="list_holdings",
    openapi_extra=needs("holdings:read"),
    responses=responses(Unauthenticated, Forbidden, CursorInvalid, Invalid),
)
def list_holdings(tx: ReadTx, actor: CurrentActor, page: PageQuery, fund_id: FundFilter = None) -> Page[HoldingView]:
    """Holdings of the caller and of the funds it manages."""
    scope = f"holdings:{fund_id}"
    key = page.after(scope)
    rows = service.holdings_of(tx, actor, fund_id=fund_id, after=str(key[0]) if key else None, limit=page.limit + 1)
    known = funds.funds_by_id(tx, sorted({row.fund_id for row in rows}))
    return page_of(
        rows, page, scope, lambda row: [row.id], lambda row: HoldingView.of(row, known[row.fund_id].currency)
    )


@router.get(
    "/holdings/{holding_id}",
    operation_id="get_holding",
    openapi_extra=needs("holdings:read"),
    responses=responses(Unauthenticated, Forbidden, HoldingNotFound, Invalid),
)
def get_holding(tx: ReadTx, actor: CurrentActor, holding_id: HoldingPath, response: Response) -> HoldingView:
    """One holding with what is frozen, pledged and free of it."""
    held = service.holding_of(tx, actor, holding_id)
    response.headers["ETag"] = etag(held.version)
    return HoldingView.of(held, funds.fund_facts(tx, held.fund_id).currency)
