"""The viewer's orders and proposals: tabs, amend, cancel."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from exchange.access.actor import Actor
from exchange.access.api.caller import actor_from
from exchange.core.errors import RulesBroken
from exchange.core.ids import id_pattern, is_id, new_id
from exchange.core.money import Money
from exchange.core.terms import Side
from exchange.diligence.errors import GateBlocked
from exchange.funds import service as funds
from exchange.infra.database import Tx, run_in_transaction, transaction
from exchange.infra.doorbell import ring
from exchange.matching.lifecycle import LIVE_ORDER, OrderStatus
from exchange.matching.order_terms import Limit, OrderChange, OrderState, PriceForm
from exchange.matching.service import amend as amending
from exchange.matching.service.orders import list_orders, read_order
from exchange.matching.service.outcomes import outcomes
from exchange.rest.etags import etag
from exchange.rest.permissions import needs
from exchange.web.amounts import parse_amount, parse_percent
from exchange.web.commands import run_once
from exchange.web.diligence_page import blocked_lines
from exchange.web.explain import failing, said_reason, sentence
from exchange.web.models import Blocked, Failing, FieldProblem, OrderLine, TicketForm
from exchange.web.plan_form import PlanForm, plan_panel
from exchange.web.proposal_lines import proposal_lines
from exchange.web.routes import PageRoute
from exchange.web.visit import ReadVisit, Visit, see_other, visit_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)

OrderPath = Annotated[str, Path(pattern=f"^{id_pattern('order')}$")]
Token = Annotated[str, Form(max_length=100)]
Key = Annotated[str, Form(max_length=128)]
TABS = {
    "active": LIVE_ORDER,
    "filled": frozenset({OrderStatus.FILLED}),
    "ended": frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED}),
    "all": frozenset(OrderStatus),
}
ORDERS_MAX = 200
WAIT_SECONDS = 2.0


@router.get("/orders", openapi_extra=needs("orders:read", "orders:read_all"))
def orders(
    visit: ReadVisit,
    tab: Annotated[str, Query(max_length=10)] = "active",
    placed: Annotated[str, Query(max_length=40)] = "",
    sequence: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Proposals first, because they run out; then orders by state."""
    was_placed = is_id("order", placed)
    message = visit.message()
    if was_placed:
        number = sequence if sequence.isascii() and sequence.isdigit() else "-"
        message = visit.t("orders.placed", id=placed, sequence=number)
    return _page(visit, tab, message=message, placed=was_placed)


def blocked_page(visit: Visit, listing_id: str, refusal: GateBlocked) -> Response:
    """The orders page again after a gate refused a confirmation: what is missing stands above the proposals."""
    blocked = Blocked(listing_id, sentence(refusal, visit.f), tuple(blocked_lines(visit, refusal.verdict)))
    return _page(visit, "active", blocked=blocked, status_code=refusal.status)


def _page(
    visit: Visit,
    tab: str,
    *,
    message: str = "",
    placed: bool = False,
    blocked: Blocked | None = None,
    status_code: int = 200,
) -> Response:
    return visit.page(
        "orders.html",
        parts(visit, tab),
        status_code=status_code,
        placed=placed,
        message=message,
        blocked=blocked,
        tabs=list(TABS),
    )


def parts(visit: Visit, tab: str) -> dict[str, object]:
    """What the lists show; a stream renders the same."""
    tab = tab if tab in TABS else "active"
    found = list_orders(visit.tx, visit.actor, limit=ORDERS_MAX)
    counts = {name: sum(order.status in states for order in found) for name, states in TABS.items()}
    chosen = [order for order in found if order.status in TABS[tab]]
    return {"tab": tab, "counts": counts, "orders": order_lines(visit, chosen), "proposals": proposal_lines(visit)}


def order_lines(visit: Visit, found: Sequence[OrderState]) -> list[OrderLine]:
    """Orders with their funds' names, in one query."""
    known = funds.funds_by_id(visit.tx, sorted({order.fund_id for order in found}))
    return [_line(visit, order, known[order.fund_id].name, known[order.fund_id].code) for order in found]


def _line(visit: Visit, order: OrderState, fund_name: str, fund_code: str) -> OrderLine:
    def money(minor: int) -> Money:
        return Money(minor, order.currency)

    own = order.organisation_id == visit.actor.organisation_id and visit.viewer.may("orders:write")
    return OrderLine(
        order_id=order.id,
        listing_id=order.listing_id,
        fund_name=fund_name,
        fund_code=fund_code,
        side=order.side.value,
        price_ppm=order.price_ppm,
        amount=money(order.amount_minor),
        leaves=money(order.leaves_minor),
        filled=money(order.filled_minor),
        hold=money(order.hold_minor) if order.side is Side.BUY else None,
        status=order.status.value,
        reason=said_reason(visit.t, order.reason),
        time_in_force=order.time_in_force.value,
        expires_at=order.expires_at,
        all_or_none=order.all_or_none,
        accepted_at=order.accepted_at,
        sequence=order.sequence,
        is_simulated=order.is_simulated,
        can_change=own and order.side is Side.BUY and order.status in LIVE_ORDER,
    )


@router.get("/orders/{order_id}", openapi_extra=needs("orders:write"))
def amend_page(visit: ReadVisit, order_id: OrderPath) -> Response:
    """The form to change an order, with what a change does to its place."""
    order = read_order(visit.tx, visit.actor, order_id=order_id)
    return amend_form(visit, order, ticket_of(visit, order))


def ticket_of(visit: Visit, order: OrderState) -> TicketForm:
    """An order's amount and price as they stand in its form."""
    amount = visit.f.money_full(Money(order.amount_minor, order.currency)).split(" ")
    number = next(part for part in amount if part[0].isdigit())
    return TicketForm(number, str(visit.f.percent(order.price_ppm)).removesuffix("%"))


def amend_form(
    visit: Visit,
    order: OrderState,
    form: TicketForm,
    rules: Sequence[Failing] = (),
    fields: Sequence[FieldProblem] = (),
    *,
    plan: PlanForm | None = None,
    refused: Sequence[str] = (),
    status_code: int = 200,
) -> Response:
    """The page of one order: its terms, and how it would be paid where the auction takes plans."""
    return visit.page(
        "amend.html",
        status_code=status_code,
        order=order_lines(visit, [order])[0],
        form=form,
        failing=rules,
        fields=fields,
        plan=plan_panel(visit, order, plan),
        refused=refused,
        message=visit.message(),
        plan_key=new_id("request"),
        idempotency_key=f"{order.id}-{new_id('request')[4:20]}",
        version=order.last_sequence,
    )


@router.post("/orders/{order_id}/cancel", openapi_extra=needs("orders:write"))
async def cancel(request: Request, order_id: OrderPath, csrf_token: Token = "", idempotency_key: Key = "") -> Response:
    """Withdraw what is open of an order; waits a moment for the matcher."""
    actor = await run_in_threadpool(actor_from, request, form_token=csrf_token)

    def command(tx: Tx) -> OrderState:
        visit = visit_of(request, tx, actor)
        work = lambda: amending.cancel_order(tx, actor, order_id=order_id)  # noqa: E731 - one line, used once
        run_once(visit, f"cancel {order_id}", idempotency_key, {}, work)
        return read_order(tx, actor, order_id=order_id)

    return await _settled(await run_in_threadpool(run_in_transaction, command), "cancelled_message")


@router.post("/orders/{order_id}/amend", openapi_extra=needs("orders:write"))
async def amend(
    request: Request,
    order_id: OrderPath,
    csrf_token: Token = "",
    idempotency_key: Key = "",
    version: Annotated[int, Form()] = 0,
    amount: Annotated[str, Form(max_length=60)] = "",
    price: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Change limit or amount; a refusal shows the form again with every rule it breaks."""
    actor = await run_in_threadpool(actor_from, request, form_token=csrf_token)
    form = TicketForm(amount=amount, price=price)
    try:
        change = OrderChange(parse_amount(amount), Limit(PriceForm.RATIO, number=parse_percent(price)))
    except ValueError:
        return await run_in_threadpool(_again, request, actor, order_id, form, None)

    def command(tx: Tx) -> OrderState:
        visit = visit_of(request, tx, actor)
        body = {"amount_minor": change.amount_minor, "price": price, "version": version}
        run_once(
            visit, f"amend {order_id}", idempotency_key, body, lambda: _amend(tx, actor, order_id, change, version)
        )
        return read_order(tx, actor, order_id=order_id)

    try:
        order = await run_in_threadpool(run_in_transaction, command)
    except RulesBroken as refusal:
        return await run_in_threadpool(_again, request, actor, order_id, form, refusal)
    return await _settled(order, "amended_message")


def _amend(tx: Tx, actor: Actor, order_id: str, change: OrderChange, version: int) -> None:
    amending.amend_order(tx, actor, order_id=order_id, change=change, if_match=etag(version))


def _again(request: Request, actor: Actor, order_id: str, form: TicketForm, refusal: RulesBroken | None) -> Response:
    with transaction() as tx:
        visit = visit_of(request, tx, actor)
        order = read_order(tx, actor, order_id=order_id)
        if refusal is not None:
            rules = failing(refusal.breaches, visit.f)
            return amend_form(visit, order, form, rules, status_code=refusal.status)
        problems = (
            FieldProblem("amount", visit.t("ticket.bad_amount")),
            FieldProblem("price", visit.t("ticket.bad_percent")),
        )
        return amend_form(visit, order, form, (), problems, status_code=422)


async def _settled(order: OrderState, done: str) -> Response:
    """Go on to the orders; the message says whether the matcher has come to the command yet."""
    ring()
    matched = await outcomes().matched(order.book_id, order.last_sequence, WAIT_SECONDS)
    return see_other("/orders", done=f"orders.{done if matched else 'queued_message'}")
