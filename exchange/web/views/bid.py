"""The two steps of a bid: review everything, then confirm. Reviewing writes nothing; confirming repeats safely."""

import json
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from exchange.access.api.caller import actor_from, session_cookie
from exchange.access.credential import credential_from
from exchange.core.errors import ExchangeError, Invalid, RulesBroken, Unauthenticated
from exchange.core.ids import new_id
from exchange.infra.database import transaction
from exchange.matching.order_terms import NewOrder
from exchange.matching.service.intake import IntakeRequest, intake
from exchange.rest.idempotency import checked_key, hash_of
from exchange.rest.permissions import needs
from exchange.web.listing_page import listing_page
from exchange.web.models import ListingPage, Quote, TicketForm
from exchange.web.routes import PageRoute
from exchange.web.ticket import Ticket, quote_of
from exchange.web.views.listing import ListingPath, listing_response
from exchange.web.visit import FormVisit, Visit, see_other, visit_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/listings/{listing_id}/review", openapi_extra=needs("orders:write"))
def review(visit: FormVisit, listing_id: ListingPath, form: Ticket) -> Response:
    """The review sheet; back to the ticket when a field cannot be read."""
    listing = listing_page(visit, listing_id)
    quote, new = quote_of(visit, listing, form)
    if new is None:
        return listing_response(visit, listing, form, quote, 422)
    return sheet(visit, listing, form, quote)


def sheet(visit: Visit, listing: ListingPage, form: TicketForm, quote: Quote, status_code: int = 200) -> Response:
    """The review sheet with the whole bid in words and a fresh key."""
    return visit.page(
        "review_order.html",
        status_code=status_code,
        listing=listing,
        form=form,
        quote=quote,
        sentence=_sentence(visit, listing, form, quote),
        idempotency_key=new_id("request"),
    )


def _sentence(visit: Visit, listing: ListingPage, form: TicketForm, quote: Quote) -> str:
    formatter, words = visit.f, visit.t
    if quote.amount is None or quote.total is None or quote.price_ppm is None:
        return ""
    return words(
        "review_order.sentence",
        amount=formatter.money_full(quote.amount),
        fund=listing.line.fund_name,
        price=formatter.percent(quote.price_ppm),
        date=formatter.long_date(listing.line.nav_as_of),
        total=formatter.money_full(quote.total),
        time_in_force=words(f"time_in_force.{form.time_in_force}"),
        condition=words("ticket.all_or_none" if form.all_or_none else "ticket.partial"),
    )


@router.post("/listings/{listing_id}/orders", openapi_extra=needs("orders:write"))
async def place(
    request: Request,
    listing_id: ListingPath,
    form: Ticket,
    csrf_token: Annotated[str, Form(max_length=100)] = "",
    idempotency_key: Annotated[str, Form(max_length=128)] = "",
) -> Response:
    """Hand the bid to the intake, as the API does, and go on to the orders; a refusal shows the sheet again."""
    key = checked_key(idempotency_key)
    new = await run_in_threadpool(_read, request, csrf_token, listing_id, form)
    credential = credential_from(request.headers, request.method, session_cookie(), form_token=csrf_token)
    if credential is None:
        raise Unauthenticated
    body = {"listing_id": listing_id, **{name: str(getattr(form, name)) for name in TicketForm.__slots__}}
    try:
        answer = await intake().place(IntakeRequest(credential, key, hash_of(body), (new,)))
    except RulesBroken as refusal:
        return await run_in_threadpool(_refused, request, csrf_token, listing_id, form, refusal)
    placed = json.loads(answer.body)
    return see_other("/orders", placed=placed["id"], sequence=str(placed["sequence"]))


def _read(request: Request, csrf_token: str, listing_id: str, form: TicketForm) -> NewOrder:
    actor = actor_from(request, form_token=csrf_token)
    with transaction() as tx:
        visit = visit_of(request, tx, actor)
        _, new = quote_of(visit, listing_page(visit, listing_id), form)
    if new is None:
        raise Invalid
    return new


def _refused(request: Request, csrf_token: str, listing_id: str, form: TicketForm, refusal: ExchangeError) -> Response:
    actor = actor_from(request, form_token=csrf_token)
    with transaction() as tx:
        visit = visit_of(request, tx, actor)
        listing = listing_page(visit, listing_id)
        quote, _ = quote_of(visit, listing, form)
        return sheet(visit, listing, form, quote, refusal.status)
