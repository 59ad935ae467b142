"""One event stream a page: rendered parts, sent whole whenever they change.

A message replaces the parts of its page, so a client that reconnects needs no history: it names the last state it saw
(``Last-Event-ID``) and gets the present one unless it is the same. Any process can answer.
"""

import asyncio
import contextlib
import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from exchange.access.actor import Actor
from exchange.access.api.caller import actor_from
from exchange.core.errors import Busy, ExchangeError, NotFound
from exchange.core.events import Event
from exchange.core.ids import is_id
from exchange.infra.database import transaction
from exchange.rest.permissions import needs
from exchange.rest.streams import Wanted, events_from
from exchange.web.books import book_of, ladder_values
from exchange.web.lines import Filters
from exchange.web.listing_page import listing_page
from exchange.web.page import render
from exchange.web.routes import PageRoute
from exchange.web.views import blotter, market, orders
from exchange.web.visit import Visit, visit_of

log = structlog.get_logger("exchange.web")
router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAUSE_SECONDS = 0.2
"""A stream renders at most this often."""
HEARTBEAT_SECONDS = 15.0
LIFE_SECONDS = 300.0
"""Then the client reconnects and is asked again who it is."""

Parameters = Mapping[str, str]
_COUNTDOWN = re.compile(r'<time class="countdown[^>]*>[^<]*</time>')


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a page: where it stands, its template and values."""

    target: str
    template: str
    values: Mapping[str, object]


def _market(visit: Visit, parameters: Parameters) -> list[Part]:
    visit.actor.require("market:read")
    names = ("mode", "policy", "seller", "currency", "status")
    filters = Filters(parameters.get("q", ""), *(parameters.get(name, "") for name in names))
    values = market.parts(visit, filters)
    return [
        Part("#market-strip", "parts/market_strip.html", values),
        Part("#market-table", "parts/market_table.html", values),
    ]


def _listing(visit: Visit, parameters: Parameters) -> list[Part]:
    listing_id = parameters.get("id", "")
    if not is_id("listing", listing_id):
        raise NotFound
    listing = listing_page(visit, listing_id)
    values = ladder_values(visit, book_of(visit.tx, visit.actor, listing.line.book_id))
    return [
        Part("#book", "parts/book.html", values),
        Part("#listing-status", "parts/listing_status.html", {"status": listing.line.status}),
    ]


def _orders(visit: Visit, parameters: Parameters) -> list[Part]:
    values = orders.parts(visit, parameters.get("tab", ""))
    return [
        Part("#proposals", "parts/proposals.html", values),
        Part("#orders", "parts/orders_table.html", values),
    ]


def _blotter(visit: Visit, parameters: Parameters) -> list[Part]:
    visit.actor.require("trades:read_all")
    values = blotter.parts(visit, parameters.get("state", ""))
    return [
        Part("#blotter-strip", "parts/blotter_strip.html", values),
        Part("#blotter-table", "parts/blotter_table.html", values),
        Part("#blotter-books", "parts/blotter_books.html", values),
    ]


Parts = Callable[[Visit, Parameters], list[Part]]


@dataclass(frozen=True, slots=True)
class LivePage:
    """How a page is rendered, and which events concern it."""

    parts: Parts
    concerns: Callable[[Event, Parameters], bool]


def _any_event(event: Event, parameters: Parameters) -> bool:
    return event.book_id is not None or event.listing_id is not None or event.type.startswith("market.")


def _of_listing(event: Event, parameters: Parameters) -> bool:
    """Events of the listing and of its book; of every book while the page knows of none."""
    listing_id, book_id = parameters.get("id", ""), parameters.get("book", "")
    if event.book_id is not None and event.book_id == (book_id or event.book_id):
        return True
    return listing_id in {event.listing_id, event.subject_id} or event.type.startswith("market.")


PAGES: Mapping[str, LivePage] = {
    "market": LivePage(_market, _any_event),
    "listing": LivePage(_listing, _of_listing),
    "orders": LivePage(_orders, _any_event),
    "blotter": LivePage(_blotter, _any_event),
}


@router.get("/web/stream", openapi_extra=needs("market:read"))
async def stream(
    request: Request,
    page: Annotated[str, Query(max_length=20)],
    last_event_id: Annotated[str, Header(max_length=80)] = "",
) -> Response:
    """The live parts of one page."""
    live = PAGES.get(page)
    if live is None:
        raise NotFound
    actor = await run_in_threadpool(actor_from, request)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    messages = _messages(request, actor, live, last_event_id)
    return StreamingResponse(messages, media_type="text/event-stream", headers=headers)


async def _messages(request: Request, actor: Actor, page: LivePage, seen: str) -> AsyncIterator[str]:
    """What changed, whole; a comment when nothing did for a while."""
    changed = asyncio.Event()
    listening = asyncio.create_task(_listen(changed, lambda event: page.concerns(event.event, request.query_params)))
    started = time.monotonic()
    try:
        yield "retry: 500\n\n"
        await changed.wait()  # first hear, then look: nothing falls between
        while time.monotonic() - started < LIFE_SECONDS and not listening.done():
            changed.clear()
            text = await _looked(request, actor, page)
            digest = _digest(text)
            if text and digest != seen:
                seen = digest
                yield _message(digest, text)
            else:
                yield ": nothing new\n\n"
            await asyncio.sleep(PAUSE_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), HEARTBEAT_SECONDS)
    except ExchangeError as refusal:
        log.info("stream ended", code=refusal.code)
    finally:
        listening.cancel()


async def _listen(changed: asyncio.Event, wanted: Wanted) -> None:
    """Set the flag for every published event that concerns the page."""
    async for _ in events_from(None, wanted):
        changed.set()
    changed.set()


async def _looked(request: Request, actor: Actor, page: LivePage) -> str:
    """The parts as they are now; empty while the servers are not there, so that the page keeps what it shows."""
    try:
        return await run_in_threadpool(_rendered, request, actor, page.parts)
    except Busy:
        return ""


def _rendered(request: Request, actor: Actor, parts: Parts) -> str:
    """The parts as they are now, each with the place where it belongs."""
    with transaction() as tx:
        visit = visit_of(request, tx, actor)
        found = parts(visit, dict(request.query_params))
        return "".join(
            f'<hx-partial hx-target="{part.target}" hx-swap="innerMorph">'
            f"{render(part.template, visit.setting, part.values)}</hx-partial>"
            for part in found
        )


def _digest(text: str) -> str:
    """What identifies a state. Countdowns run on in the page and are no change."""
    return hashlib.sha256(_COUNTDOWN.sub("", text).encode()).hexdigest()[:32]


def _message(identifier: str, text: str) -> str:
    body = "\n".join(f"data: {line}" for line in text.splitlines() if line.strip())
    return f"id: {identifier}\n{body}\n\n"
