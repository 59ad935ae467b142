"""Routes that read, change and withdraw orders.

A change is a line in the book's journal: accepted with the commit, final when the worker has come to it. The answer
waits a moment for that: 200 is final, 202 is accepted and queued; repeating the request tells how it ended.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.concurrency import run_in_threadpool

from exchange.access.actor import Actor
from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS
from exchange.core.errors import (
    Busy,
    ExchangeError,
    Forbidden,
    Invalid,
    PreconditionRequired,
    RulesBroken,
    Stale,
    Unauthenticated,
)
from exchange.core.ids import id_pattern
from exchange.infra.database import Tx, run_in_transaction, transaction
from exchange.infra.doorbell import ring
from exchange.matching.errors import OrderNotFound, OrderNotLive, OrderPending
from exchange.matching.lifecycle import OrderStatus
from exchange.matching.order_answer import order_answer
from exchange.matching.order_terms import OrderState
from exchange.matching.schemas.orders import AmendOrder, OrderView
from exchange.matching.service import amend
from exchange.matching.service import orders as service
from exchange.matching.service.outcomes import outcomes
from exchange.rest.body import BodyTooLarge, MalformedBody
from exchange.rest.deps import ReadTx
from exchange.rest.etags import IfMatch, etag
from exchange.rest.idempotency import (
    Answer,
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
    settle,
)
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["orders"])

WAIT_SECONDS = 2.0
OrderPath = Annotated[str, Path(pattern=f"^{id_pattern('order')}$")]
BookFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('book')}$")]
ListingFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('listing')}$")]

_READS: tuple[type[ExchangeError], ...] = (Unauthenticated, *REFUSALS, Forbidden, Invalid)
_CANCELS: tuple[type[ExchangeError], ...] = (
    *(*_READS, OrderNotFound, OrderNotLive, RulesBroken, IdempotencyMismatch),
    *(IdempotencyKeyRequired, IdempotencyKeyInvalid, Busy),
)
_AMENDS: tuple[type[ExchangeError], ...] = (
    *(*_CANCELS, OrderPending, amend.NothingChanges, Stale, PreconditionRequired),
    *(MalformedBody, BodyTooLarge),
)


@router.get(
    "/orders",
    operation_id="list_orders",
    openapi_extra=needs(service.READ, service.READ_ALL),
    responses=responses(*_READS, CursorInvalid),
)
def list_orders(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    book_id: BookFilter = None,
    listing_id: ListingFilter = None,
    status: OrderStatus | None = None,
) -> Page[OrderView]:
    """Orders of the caller's organisation, newest first; everybody's for operators and auditors."""
    scope = f"orders:{book_id}:{listing_id}:{status}"
    key = page.after(scope)
    rows = service.list_orders(
        tx,
        actor,
        book_id=book_id,
        listing_id=listing_id,
        status=status,
        before=str(key[0]) if key else None,
        limit=page.limit + 1,
    )
    return page_of(rows, page, scope, lambda row: [row.id], view_of)


@router.get(
    "/bids",
    operation_id="list_bids",
    openapi_extra=needs(service.READ, service.READ_ALL),
    responses=responses(*_READS, CursorInvalid),
)
def list_bids(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    book_id: BookFilter = None,
    listing_id: ListingFilter = None,
    status: OrderStatus | None = None,
) -> Page[OrderView]:
    """The same as ``/orders``."""
    return list_orders(tx, actor, page, book_id, listing_id, status)


@router.get(
    "/orders/{order_id}",
    operation_id="get_order",
    openapi_extra=needs(service.READ, service.READ_ALL),
    responses=responses(*_READS, OrderNotFound),
)
def get_order(tx: ReadTx, actor: CurrentActor, order_id: OrderPath, response: Response) -> OrderView:
    """One order, with the ETag that a change of it must name."""
    view = view_of(service.read_order(tx, actor, order_id=order_id))
    response.headers["ETag"] = etag(view.version)
    return view


@router.get(
    "/bids/{order_id}",
    operation_id="get_bid",
    openapi_extra=needs(service.READ, service.READ_ALL),
    responses=responses(*_READS, OrderNotFound),
)
def get_bid(tx: ReadTx, actor: CurrentActor, order_id: OrderPath, response: Response) -> OrderView:
    """The same as ``/orders/{id}``."""
    return get_order(tx, actor, order_id, response)


@router.patch(
    "/orders/{order_id}",
    operation_id="amend_order",
    openapi_extra=needs(service.WRITE),
    response_model=OrderView,
    responses={**responses(*_AMENDS), 202: {"model": OrderView, "description": "Accepted and queued."}},
)
async def amend_order(
    actor: CurrentActor, order_id: OrderPath, body: AmendOrder, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """Change limit or amount. Less at the same limit keeps its place; anything else takes a new one."""

    def command(tx: Tx) -> Answer:
        def work() -> OrderView:
            asked = amend.amend_order(tx, actor, order_id=order_id, change=body.change(), if_match=if_match)
            return view_of(asked.order)

        return once(tx, actor, f"amend_order {order_id}", key, body, work, status_code=202)

    answer = await run_in_threadpool(run_in_transaction, command)
    return await _outcome(actor, f"amend_order {order_id}", key, answer)


@router.patch(
    "/bids/{order_id}",
    operation_id="amend_bid",
    openapi_extra=needs(service.WRITE),
    response_model=OrderView,
    responses={**responses(*_AMENDS), 202: {"model": OrderView, "description": "Accepted and queued."}},
)
async def amend_bid(
    actor: CurrentActor, order_id: OrderPath, body: AmendOrder, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """The same as ``PATCH /orders/{id}``."""
    return await amend_order(actor, order_id, body, key, if_match)


@router.post(
    "/orders/{order_id}:cancel",
    operation_id="cancel_order",
    openapi_extra=needs(service.WRITE),
    response_model=OrderView,
    responses={**responses(*_CANCELS), 202: {"model": OrderView, "description": "Accepted and queued."}},
)
async def cancel_order(actor: CurrentActor, order_id: OrderPath, key: IdempotencyKey) -> Response:
    """Withdraw what is still open of an own bid."""

    def command(tx: Tx) -> Answer:
        def work() -> OrderView:
            return view_of(amend.cancel_order(tx, actor, order_id=order_id).order)

        return once(tx, actor, f"cancel_order {order_id}", key, {}, work, status_code=202)

    answer = await run_in_threadpool(run_in_transaction, command)
    return await _outcome(actor, f"cancel_order {order_id}", key, answer)


@router.post(
    "/bids/{order_id}:withdraw",
    operation_id="withdraw_bid",
    openapi_extra=needs(service.WRITE),
    response_model=OrderView,
    responses={**responses(*_CANCELS), 202: {"model": OrderView, "description": "Accepted and queued."}},
)
async def withdraw_bid(actor: CurrentActor, order_id: OrderPath, key: IdempotencyKey) -> Response:
    """The same as ``POST /orders/{id}:cancel``."""
    return await cancel_order(actor, order_id, key)


def view_of(order: OrderState) -> OrderView:
    """An order as its response model."""
    return OrderView.model_validate(order_answer(order))


async def _outcome(actor: Actor, operation: str, key: str, answer: Answer) -> Response:
    """The final answer once the worker has passed the command, the queued one when that takes too long."""
    if answer.status_code != 202:
        return answer.response()
    ring()
    book_id, sequence = str(answer.body["book_id"]), int(answer.body["version"])
    if not await outcomes().matched(book_id, sequence, WAIT_SECONDS):
        return answer.response()

    def final() -> Answer:
        with transaction() as tx:
            body = view_of(service.read_order(tx, actor, order_id=str(answer.body["id"]))).model_dump(mode="json")
            return settle(tx, actor, operation, key, 200, body)

    return (await run_in_threadpool(final)).response()
