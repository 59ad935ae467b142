"""Builds the application: routers, problem handlers, middleware, probes; and runs it in one process or several."""

import argparse
import gc
import html
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from exchange.access.api import router as access
from exchange.bank.api import router as bank
from exchange.core.errors import Busy, NotFound
from exchange.custody.api import router as custody
from exchange.diligence.api.advisers import router as advisers
from exchange.diligence.api.checklists import router as checklists
from exchange.diligence.api.documents import router as documents
from exchange.diligence.api.engagements import router as engagements
from exchange.diligence.api.pledge_papers import router as pledge_papers
from exchange.diligence.api.questions import router as questions
from exchange.diligence.api.room_content import router as room_content
from exchange.diligence.api.rooms import router as rooms
from exchange.funds.api import router as funds
from exchange.imports.api import router as imports
from exchange.infra.database import cursor, forget_engine, transaction
from exchange.infra.settings import settings
from exchange.ledger.api import router as ledger
from exchange.listings.api import router as listings
from exchange.matching.api.direct import DirectRoute, ShortWay
from exchange.matching.api.router import router as matching
from exchange.matching.service.intake import stop_intake
from exchange.notices.api import router as notices
from exchange.oversight.api import router as oversight
from exchange.parties.api import router as parties
from exchange.processes import PARENT
from exchange.rest import logs, problems, streams
from exchange.rest.body import StrictBody
from exchange.rest.context import RequestContext
from exchange.rest.model import ViewModel
from exchange.rest.openapi import canonical, document_of
from exchange.rest.permissions import declared, needs
from exchange.rest.problems import code_of_slug, responses
from exchange.rest.texts import catalogue
from exchange.rulebook.api import router as rulebook
from exchange.settlement.api.router import router as settlement
from exchange.valuation.api import router as valuation
from exchange.web.api import router as web

VERSION = "0.1.0"
ROUTERS = (
    matching,
    access,
    rulebook,
    parties,
    funds,
    imports,
    custody,
    ledger,
    listings,
    checklists,
    valuation,
    advisers,
    engagements,
    documents,
    rooms,
    room_content,
    questions,
    pledge_papers,
    settlement,
    bank,
    oversight,
    notices,
    web,
)
"""Routes are tried in this order; those of the order path not at all, see ``Application``."""

SHUTDOWN_SECONDS = 2
KEEP_ALIVE_SECONDS = 65
OPENAPI_FILE = Path(__file__).parents[1] / "docs" / "openapi.json"

probes = APIRouter(tags=["probes"])


class ProbeView(ViewModel):
    """A probe's answer."""

    status: str


class VersionView(ViewModel):
    """What runs here."""

    name: str
    version: str
    sandbox: bool


@probes.get("/health", operation_id="health", openapi_extra=needs(None))
async def health() -> ProbeView:
    """The process is alive."""
    return ProbeView(status="alive")


@probes.get("/ready", operation_id="ready", openapi_extra=needs(None), responses=responses(Busy))
def ready() -> ProbeView:
    """The database answers, so that requests can be served; 503 otherwise."""
    with transaction() as tx, cursor(tx) as raw:
        raw.execute("SELECT 1")
    return ProbeView(status="ready")


@probes.get("/version", operation_id="version", openapi_extra=needs(None))
async def version() -> VersionView:
    """Name and version of the program, and whether this is a sandbox."""
    return VersionView(name="exchange", version=VERSION, sandbox=settings().sandbox)


@probes.get(
    "/problems/{slug}",
    operation_id="problem_page",
    response_class=HTMLResponse,
    openapi_extra=needs(None),
    responses=responses(NotFound),
)
def problem_page(slug: str) -> HTMLResponse:
    """What a problem's type means, in both languages."""
    code = code_of_slug(slug)
    if code is None:
        raise NotFound
    text = catalogue()[code]
    sections = "".join(
        f'<section lang="{language}"><h2>{html.escape(text.title[language])}</h2>'
        f"<p>{html.escape(text.detail[language])}</p></section>"
        for language in ("zh", "en")
    )
    page = f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{code}</title><h1>{code}</h1>{sections}</html>'
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"})


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Threads as many as connections; the stream lives as long as the process, the intake stops with it."""
    config = settings()
    limiter = anyio.to_thread.current_default_thread_limiter()
    limiter.total_tokens = config.pool_size + config.pool_overflow
    streams.start()
    try:
        yield
    finally:
        streams.stop()
        stop_intake()


class Application(FastAPI):
    """The framework's application, in which direct routes are answered without the framework.

    Its search through the tree of routers costs more than the rest of a placed order's way to the intake. The outer
    layers (request id, headers, log, strict body) are the same both ways.
    """

    short_way: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the short way what it takes, everything else by the framework."""
        if self.short_way is None:
            routes = [found.original_route for found in iter_route_contexts(self.routes)]
            self._direct = ShortWay(route for route in routes if isinstance(route, DirectRoute))
            self.short_way = RequestContext(StrictBody(self._direct))
        if self._direct.takes(scope):
            await self.short_way(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """The application with these routers. Fails when a route states no permission."""
    app = Application(
        title="Exchange for private-equity fund shares",
        version=VERSION,
        description=(
            "List interests of private-equity funds, bid, match guidance funds first, confirm, watch. "
            "Money and ratios are strict decimal strings; errors are RFC 9457 problems with a code and both languages."
        ),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,
        # Off: asking for a provider that nobody configured reads the environment three times a request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    problems.install(app)
    app.include_router(probes)
    for router in routers:
        app.include_router(router)
    app.add_middleware(StrictBody)
    app.add_middleware(RequestContext)
    app.openapi = lambda: document_of(app)  # type: ignore[method-assign]
    silent = silent_routes(app)
    if silent:
        raise RuntimeError(f"routes that state no permission: {', '.join(silent)}")
    return app


def silent_routes(app: FastAPI) -> list[str]:
    """Routes that declare neither a permission nor that they are public."""
    return [
        str(context.path)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute) and declared(context.original_route.openapi_extra) is None
    ]


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    config = settings()
    parser = argparse.ArgumentParser(prog="python3 -m exchange api")
    parser.add_argument("--host", default=config.host)
    parser.add_argument("--port", type=int, default=config.port)
    parser.add_argument("--api-processes", type=int, default=config.api_processes, dest="processes")
    parser.add_argument("--socket", type=int, default=None, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def serve(argv: Sequence[str] = ()) -> int:
    """``python3 -m exchange api``: one process, or a parent with several that share one listening socket."""
    logs.configure(settings().log_level)
    chosen = _arguments(argv)
    if chosen.socket is not None:
        return _run(socket.socket(fileno=chosen.socket))
    listening = _listen(chosen.host, chosen.port)
    if chosen.processes <= 1:
        return _run(listening)
    return _supervise(listening, chosen.processes)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.bind((host, port))
    listening.listen(2048)
    return listening


def _run(listening: socket.socket) -> int:
    """Serve on a socket until told to stop."""
    forget_engine()
    behind_proxy = os.environ.get("FORWARDED_ALLOW_IPS", "")
    app = create_app()
    # What is loaded now stays: a full collection would stop every request to look at it again.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        # With asyncio's own loop an inherited socket loses TCP_NODELAY: 44 ms for every kept-alive request.
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(behind_proxy),
        forwarded_allow_ips=behind_proxy or None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])
    return 0


def _supervise(listening: socket.socket, processes: int) -> int:
    """Children of our own on one socket; a child that dies is replaced, a signal to us stops all."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    children = [_spawn(listening) for _ in range(processes)]
    while not stopping:
        time.sleep(0.2)
        for index, child in enumerate(children):
            if child.poll() is not None and not stopping:
                time.sleep(0.5)  # a child that cannot start must not spin
                children[index] = _spawn(listening)
    for child in children:
        child.send_signal(signal.SIGTERM)
    for child in children:
        try:
            child.wait(timeout=SHUTDOWN_SECONDS + 8)
        except subprocess.TimeoutExpired:
            child.kill()
    return 0


def _spawn(listening: socket.socket) -> "subprocess.Popen[bytes]":
    number = listening.fileno()
    command = [sys.executable, "-m", "exchange.cli", "api", "--socket", str(number)]
    environment = {**os.environ, PARENT: str(os.getpid())}
    return subprocess.Popen(command, pass_fds=[number], env=environment)  # noqa: S603 - our own interpreter


def openapi_text() -> str:
    """The canonical text of the OpenAPI document."""
    document: dict[str, Any] = create_app().openapi()
    return canonical(document)


def openapi_main(argv: Sequence[str] = ()) -> int:
    """``python3 -m exchange openapi``: write ``docs/openapi.json``; with ``--check`` only compare."""
    text = openapi_text()
    if "--check" in argv:
        return 0 if OPENAPI_FILE.exists() and OPENAPI_FILE.read_text(encoding="utf-8") == text else 1
    OPENAPI_FILE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{OPENAPI_FILE}\n")
    return 0
