"""How a bidder of an auction would pay, said on the page of its order."""

from fastapi import APIRouter
from starlette.responses import Response

from exchange.listings.errors import PlanInvalid
from exchange.matching.service.order_plans import state_order_plan
from exchange.matching.service.orders import read_order
from exchange.rest.permissions import needs
from exchange.web.commands import refusal_of
from exchange.web.diligence_page import refusal_texts
from exchange.web.plan_form import PlanForm, TypedPlan, parse_plan
from exchange.web.routes import PageRoute
from exchange.web.views.orders import Key, OrderPath, amend_form, ticket_of
from exchange.web.visit import FormVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/orders/{order_id}/plan", openapi_extra=needs("orders:write"))
def state(visit: FormVisit, order_id: OrderPath, form: TypedPlan, idempotency_key: Key = "") -> Response:
    """Say how an own bid would be paid; a refusal shows the form again with every rule it breaks."""
    try:
        plan = parse_plan(form)
    except ValueError:
        return _again(visit, order_id, form, refusal_texts(visit, PlanInvalid()))

    def work() -> object:
        return state_order_plan(visit.tx, visit.actor, visit.now, order_id=order_id, plan=plan)

    body = {"shares": form.shares, "days": form.days, "interest": form.interest, "security": form.security}
    refused = refusal_of(visit, f"plan {order_id}", idempotency_key, body, work)
    if refused:
        return _again(visit, order_id, form, refused)
    return see_other(f"/orders/{order_id}", done="plan.stated_message")


def _again(visit: Visit, order_id: str, form: PlanForm, refused: tuple[str, ...]) -> Response:
    order = read_order(visit.tx, visit.actor, order_id=order_id)
    return amend_form(visit, order, ticket_of(visit, order), plan=form, refused=refused, status_code=422)
