"""What a seller does with a listing that found no buyer: extend its window, or list it anew."""

from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.background import BackgroundTask
from starlette.responses import Response

from exchange.core.clock import MARKET_ZONE, end_of_market_day
from exchange.core.errors import Invalid
from exchange.core.quantity import price_text
from exchange.infra.doorbell import ring
from exchange.listings import service as listings
from exchange.listings.pricing import PriceInput
from exchange.matching.service import extension
from exchange.rest.permissions import needs
from exchange.web.amounts import parse_percent
from exchange.web.commands import demand_version, run_once
from exchange.web.routes import PageRoute
from exchange.web.views.drafts import Key, ListingPath
from exchange.web.visit import FormVisit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Day = Annotated[str, Form(max_length=10)]
Version = Annotated[int, Form()]


@router.post("/drafts/{listing_id}/extend", openapi_extra=needs("listings:write"))
def extend(
    visit: FormVisit, listing_id: ListingPath, idempotency_key: Key = "", version: Version = 0, closes_on: Day = ""
) -> Response:
    """Move the close of a listing without a bid to the end of a later day."""
    closes_at = end_of_market_day(_day(closes_on))

    def work() -> None:
        demand_version(version, listings.listing_of(visit.tx, visit.actor, listing_id).version)
        extension.extend(visit.tx, visit.actor, visit.now, listing_id=listing_id, closes_at=closes_at)

    run_once(visit, f"extend {listing_id}", idempotency_key, {"version": version, "closes_on": closes_on}, work)
    response = see_other("/drafts", done="drafts.extended_message")
    response.background = BackgroundTask(ring)  # after the commit
    return response


@router.post("/drafts/{listing_id}/relist", openapi_extra=needs("listings:write"))
def relist(
    visit: FormVisit,
    listing_id: ListingPath,
    idempotency_key: Key = "",
    version: Version = 0,
    opens_on: Day = "",
    closes_on: Day = "",
    price: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """A new draft on the old terms, perhaps at a new price."""
    opens_at = datetime.combine(_day(opens_on), time(), MARKET_ZONE)
    closes_at = end_of_market_day(_day(closes_on))
    new_price = _price(price)

    def work() -> None:
        demand_version(version, listings.listing_of(visit.tx, visit.actor, listing_id).version)
        listings.relist(
            visit.tx,
            visit.actor,
            visit.now,
            listing_id=listing_id,
            opens_at=opens_at,
            closes_at=closes_at,
            price=new_price,
        )

    body = {"version": version, "opens_on": opens_on, "closes_on": closes_on, "price": price}
    run_once(visit, f"relist {listing_id}", idempotency_key, body, work)
    return see_other("/drafts", done="drafts.relisted_message")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid from error


def _price(text: str) -> PriceInput | None:
    if not text.strip():
        return None
    try:
        return PriceInput(ratio=price_text(parse_percent(text)))
    except ValueError as error:
        raise Invalid from error
