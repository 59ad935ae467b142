"""Routes that place and check bids. Sells enter by listings; their asks are changed in ``order_changes``."""

import json
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from exchange.access.api import CurrentActor
from exchange.access.credential import CredentialKind
from exchange.access.errors import REFUSALS
from exchange.core.errors import Breach, Busy, ExchangeError, Forbidden, Invalid, RulesBroken, Unauthenticated
from exchange.core.ids import id_pattern, is_id
from exchange.core.quantity import price_text
from exchange.matching.api.direct import DirectRoute, credential_of
from exchange.matching.errors import ApiKeyRequired, BookNotFound, IntakeFull
from exchange.matching.order_terms import NewOrder
from exchange.matching.schemas.orders import BulkView, CheckView, OrderView, PlaceBid, PlaceOrder, PlaceOrders
from exchange.matching.service import orders as service
from exchange.matching.service.intake import IntakeRequest, intake
from exchange.matching.service.place import PlaceAnswer
from exchange.rest.body import PARSED, BodyTooLarge, MalformedBody
from exchange.rest.deps import ReadTx
from exchange.rest.etags import etag
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    hash_of,
)
from exchange.rest.numbers import MoneyView
from exchange.rest.permissions import needs
from exchange.rest.problems import REQUEST_ID, breach_view, problem_of, responses
from exchange.rest.texts import preferred_language

router = APIRouter(prefix="/api/v1", tags=["orders"])
direct = APIRouter(prefix="/api/v1", tags=["orders"], route_class=DirectRoute)

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]

WRITES: tuple[type[ExchangeError], ...] = (
    *REFUSALS,
    *(Unauthenticated, Forbidden, BookNotFound, RulesBroken, Invalid, IdempotencyMismatch),
    *(IdempotencyKeyRequired, IdempotencyKeyInvalid, MalformedBody, BodyTooLarge, Busy, IntakeFull),
)


@direct.post(
    "/orders",
    operation_id="place_order",
    status_code=201,
    response_model=OrderView,
    openapi_extra=needs(service.WRITE),
    responses=responses(*WRITES),
)
async def place_order(request: Request, body: PlaceOrder, key: IdempotencyKey) -> Response:
    """Place a bid. The answer comes after the commit; matching follows within moments and is told by the stream."""
    return await _place(request, key, body.new_order())


@direct.post(
    "/listings/{listing_id}/bids",
    operation_id="place_bid",
    status_code=201,
    response_model=OrderView,
    openapi_extra=needs(service.WRITE),
    responses=responses(*WRITES),
)
async def place_bid(request: Request, body: PlaceBid, key: IdempotencyKey, listing_id: ListingPath) -> Response:
    """Place a bid for a listing."""
    if not is_id("listing", listing_id):
        raise BookNotFound
    return await _place(request, key, body.order(listing_id=listing_id))


@direct.post(
    "/orders:bulk",
    operation_id="place_orders",
    response_model=BulkView,
    openapi_extra=needs(service.WRITE),
    responses=responses(*WRITES, ApiKeyRequired),
)
async def place_orders(request: Request, body: PlaceOrders, key: IdempotencyKey) -> Response:
    """Place up to 1,000 bids in one transaction, each with its own answer. For systems: with an API key."""
    credential = credential_of(request)
    if credential.kind is not CredentialKind.API_KEY:
        raise ApiKeyRequired
    orders = tuple(order.new_order() for order in body.orders)
    answer = await intake().place(IntakeRequest(credential, key, _body_hash(request), orders, bulk=True))
    return Response(_with_words(answer, request), media_type="application/json", headers=_headers(answer))


@router.post(
    "/orders:check",
    operation_id="check_order",
    openapi_extra=needs(service.WRITE),
    responses=responses(Unauthenticated, *REFUSALS, Forbidden, BookNotFound, Invalid, MalformedBody, BodyTooLarge),
)
def check_order(tx: ReadTx, actor: CurrentActor, body: PlaceOrder, request: Request) -> CheckView:
    """Every rule that a bid would break now, with numbers and first passing dates. Writes nothing."""
    return _checked(service.check_order(tx, actor, new=body.new_order()), request)


@router.post(
    "/listings/{listing_id}/bids:check",
    operation_id="check_bid",
    openapi_extra=needs(service.WRITE),
    responses=responses(Unauthenticated, *REFUSALS, Forbidden, BookNotFound, Invalid, MalformedBody, BodyTooLarge),
)
def check_bid(tx: ReadTx, actor: CurrentActor, listing_id: ListingPath, body: PlaceBid, request: Request) -> CheckView:
    """Every rule that a bid for a listing would break now. Writes nothing."""
    return _checked(service.check_order(tx, actor, new=body.order(listing_id=listing_id)), request)


async def _place(request: Request, key: str, order: NewOrder) -> Response:
    answer = await intake().place(IntakeRequest(credential_of(request), key, _body_hash(request), (order,)))
    return Response(
        answer.body, status_code=answer.status_code, media_type="application/json", headers=_headers(answer)
    )


def _body_hash(request: Request) -> str:
    """sha256 of what was asked for: the address with its ids and the canonical body."""
    return hash_of({"path": request.scope["path"], "body": request.scope.get(PARSED)})


def _headers(answer: PlaceAnswer) -> dict[str, str]:
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    if answer.version is not None:
        headers["ETag"] = etag(answer.version)
    return headers


def _checked(found: service.Checked, request: Request) -> CheckView:
    language = preferred_language(request.headers.get("accept-language", ""))
    book, terms = found.book, found.terms
    return CheckView(
        passes=not found.breaches,
        breaches=[breach_view(breach, language) for breach in found.breaches],
        price=price_text(terms.price_ppm),
        unit_price=book.basis.unit_price(terms.price_ppm),
        total=MoneyView.of(found.value_minor, book.currency),
        deposit=MoneyView.of(found.deposit_minor, book.currency),
        free=MoneyView.of(found.free_minor, book.currency),
        buyer_class=found.buyer_class,
    )


_ITEM_REFUSALS: dict[str, type[ExchangeError]] = {kind.code: kind for kind in (BookNotFound, RulesBroken)}


def _with_words(answer: PlaceAnswer, request: Request) -> str:
    """The answer to a bulk with its refusals as problems in the reader's language."""
    if answer.refused == 0:
        return answer.body
    language = preferred_language(request.headers.get("accept-language", ""))
    values = json.loads(answer.body)
    values["items"] = [
        item if item["status_code"] == 201 else _told(item, language, request) for item in values["items"]
    ]
    return json.dumps(values, ensure_ascii=False)


def _told(item: dict[str, Any], language: str, request: Request) -> dict[str, Any]:
    breaches = tuple(
        Breach(
            line["rule"],
            line["code"],
            line["parameters"],
            _day(line["passes_on"]),
            is_provisional=line.get("is_provisional", False),
        )
        for line in item["breaches"]
    )
    error = _ITEM_REFUSALS[item["code"]](breaches=breaches, **item["parameters"])
    problem = problem_of(error, language, request.scope["path"], request.scope.get(REQUEST_ID, ""))
    return {"status_code": item["status_code"], "problem": problem.model_dump(mode="json")}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
