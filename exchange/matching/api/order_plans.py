"""Routes of the payment plans of bids."""

from fastapi import APIRouter, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS
from exchange.core.errors import Busy, ExchangeError, Forbidden, Invalid, RulesBroken, Unauthenticated
from exchange.infra.clock import business_now
from exchange.listings.errors import PlanInvalid
from exchange.listings.payment_plan import plan_from_document
from exchange.listings.schemas.payment import PlanBody
from exchange.matching.api.order_changes import OrderPath
from exchange.matching.errors import OrderNotFound, OrderNotLive
from exchange.matching.schemas.plans import OrderPlanView
from exchange.matching.service import order_plans
from exchange.matching.service import orders as service
from exchange.rest.body import BodyTooLarge, MalformedBody
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["orders"])

_READS: tuple[type[ExchangeError], ...] = (Unauthenticated, *REFUSALS, Forbidden, Invalid, OrderNotFound)
_WRITES: tuple[type[ExchangeError], ...] = (
    *(*_READS, OrderNotLive, RulesBroken, PlanInvalid, Busy, MalformedBody, BodyTooLarge),
    *(IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyMismatch),
)


@router.get(
    "/orders/{order_id}/payment-plan",
    openapi_extra=needs(service.READ, service.READ_ALL),
    responses=responses(*_READS),
)
def get_order_plan(tx: ReadTx, actor: CurrentActor, order_id: OrderPath) -> OrderPlanView:
    """How a bid would be paid, and what its price is worth as cash at closing."""
    plan, equivalent = order_plans.order_plan_of(tx, actor, order_id=order_id)
    return OrderPlanView.of_order(order_id, plan, equivalent)


@router.post(
    "/orders/{order_id}/payment-plan",
    status_code=201,
    response_model=OrderPlanView,
    openapi_extra=needs(service.WRITE),
    responses=responses(*_WRITES),
)
def state_order_plan(
    tx: WriteTx, actor: CurrentActor, order_id: OrderPath, body: PlanBody, key: IdempotencyKey
) -> Response:
    """Say how an own standing bid in an auction would be paid; the last word before the close counts."""

    def work() -> OrderPlanView:
        row = order_plans.state_order_plan(tx, actor, business_now(tx), order_id=order_id, plan=body.plan())
        return OrderPlanView.of_order(order_id, plan_from_document(row.plan), row.equivalent_price_ppm)

    return once(tx, actor, f"state_order_plan {order_id}", key, body, work, status_code=201).response()
