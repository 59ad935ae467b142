"""The outermost layer of every request: its id, security headers, one log line, the opaque 500.

Plain ASGI: a wrapper object per request would cost the order path more than its parsing.
"""

import re
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exchange.core.ids import new_id
from exchange.rest.problems import REQUEST_ID, internal

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
SLOW_SECONDS = 1.0
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

log = structlog.get_logger("exchange.request")


class RequestContext:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope[REQUEST_ID] = request_id
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(scope, message, request_id)
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            if status:
                raise  # half an answer is out: the server closes the connection
            await internal(scope, error)(scope, receive, answer)
        finally:
            _write_log(scope, request_id, status, time.perf_counter() - started)


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return str(given.decode()) if _GIVEN_ID.fullmatch(given) else new_id("request")


def _add_headers(scope: Scope, message: Message, request_id: str) -> None:
    headers = MutableHeaders(raw=message.setdefault("headers", []))
    headers["X-Request-Id"] = request_id
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if scope["path"].startswith("/api/"):
        headers.setdefault("Content-Security-Policy", API_POLICY)
        headers.setdefault("Cache-Control", "no-store")


def _write_log(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    """Refusals by us, faults and slow answers are always told; the rest on the debug level."""
    fields = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 1),
        "request_id": request_id,
        "client": (scope.get("client") or ("-",))[0],
    }
    if status >= 500 or status == 0:
        log.warning("request", **fields)
    elif status in {401, 403, 429} or (seconds > SLOW_SECONDS and not scope["path"].endswith("/stream")):
        log.info("request", **fields)
    else:
        log.debug("request", **fields)
