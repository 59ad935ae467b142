"""The outermost layer of every request: its id, security headers, one log line, the opaque 500.

Plain ASGI: a wrapper object per request would cost the order path more than its parsing.
"""

import logging
import re
import time

import structlog
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
_EVERYWHERE = tuple((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
_OF_API = (*_EVERYWHERE, (b"content-security-policy", API_POLICY.encode()), (b"cache-control", b"no-store"))
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
    """Ours wherever the answer did not set its own; header names of an answer are lower case (ASGI)."""
    headers = [pair for pair in message.get("headers", ()) if pair[0] != b"x-request-id"]
    given = {name for name, _ in headers}
    headers.append((b"x-request-id", request_id.encode()))
    headers += [
        pair for pair in (_OF_API if scope["path"].startswith("/api/") else _EVERYWHERE) if pair[0] not in given
    ]
    message["headers"] = headers


def _write_log(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    """Refusals by us, faults and slow answers are always told; the rest on the debug level."""
    is_slow = seconds > SLOW_SECONDS and not scope["path"].endswith("/stream")
    if status >= 500 or status == 0:
        write = log.warning
    elif status in {401, 403, 429} or is_slow:
        write = log.info
    elif log.is_enabled_for(logging.DEBUG):
        write = log.debug
    else:
        return
    write(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round(seconds * 1000, 1),
        request_id=request_id,
        client=(scope.get("client") or ("-",))[0],
    )
