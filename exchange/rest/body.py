"""Strict JSON for every route, before any route sees it, and a limit on every body.

Refused with 400: invalid UTF-8, lone surrogates, NUL characters, NaN and infinities (also as ``1e400``), doubled
keys, nesting deeper than the limit, malformed JSON. Refused with 413: a body over the limit.
"""

import json
import math
import re
from typing import NoReturn

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exchange.core.errors import ExchangeError
from exchange.infra.settings import settings
from exchange.rest.problems import problem_response

DEPTH_MAX = 32
FRAME_BYTES = 64_000
"""What the framing and the other fields of a form may add to the bytes of its file."""

_DOCUMENT_PATHS = re.compile(
    r"/api/v1/documents(/[^/]+/versions)?|/listings/[^/]+/diligence/papers|/account/papers|/engagements/[^/]+/deliver"
    r"|/deals/[^/]+/obligations/[^/]+/fulfil"
)
_BULK_PATHS = re.compile(r"/api/v1/listings/[^/]+/documents:bulk")
PARSED = "exchange.json"


class MalformedBody(ExchangeError):
    """The body is not the JSON we accept (400). ``reason`` says which rule it breaks."""

    status = 400
    code = "BODY_MALFORMED"


class MalformedAddress(ExchangeError):
    """The path or query holds a NUL character (400)."""

    status = 400
    code = "ADDRESS_MALFORMED"


class BodyTooLarge(ExchangeError):
    """The body is over the limit (413)."""

    status = 413
    code = "BODY_TOO_LARGE"


def parse(raw: bytes) -> object:
    """The value of a JSON text under the rules above. MalformedBody otherwise."""
    try:
        value: object = _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedBody(reason="utf-8") from error
    except RecursionError as error:
        raise MalformedBody(reason="depth") from error
    except ValueError as error:
        raise MalformedBody(reason="json") from error
    _check(value)
    return value


def _refuse_constant(_: str) -> NoReturn:
    raise MalformedBody(reason="not finite")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedBody(reason="not finite")
    return number


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedBody(reason="doubled key")
    return found


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_without_doubles)


def _check(value: object) -> None:
    """Depth and characters, without recursion of our own."""
    level = [value]
    for _ in range(DEPTH_MAX + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, dict):
                below.extend(item)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if not below:
            return
        level = below
    raise MalformedBody(reason="depth")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise MalformedBody(reason="NUL")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise MalformedBody(reason="surrogate") from error


def is_json(content_type: str) -> bool:
    """True for ``application/json`` and ``application/*+json``."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


class StrictBody:
    """ASGI middleware: reads and checks JSON bodies, counts the others, hands both on unchanged.

    The checked value is left in the scope (``PARSED``), so that a route without a model need not parse again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            receive = await self._admit(scope, receive)
        except ExchangeError as error:
            await problem_response(scope, error)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive) -> Receive:
        if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
            raise MalformedAddress
        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            return receive
        content_type, announced = _described(scope)
        limit = limit_of(scope["path"], content_type)
        if announced.isdecimal() and len(announced) < 20 and int(announced) > limit:
            raise BodyTooLarge(limit=limit)
        if not is_json(content_type):
            return _counted(receive, limit)
        raw = await _read(receive, limit)
        if raw:
            scope[PARSED] = parse(raw)
        return _replayed(raw, receive)


def limit_of(path: str, content_type: str) -> int:
    """The most bytes a body of this type may have at this address."""
    config = settings()
    if not content_type.lower().startswith("multipart/"):
        return config.max_body_bytes
    if _DOCUMENT_PATHS.fullmatch(path):
        return config.max_document_bytes + FRAME_BYTES
    if _BULK_PATHS.fullmatch(path):
        return config.max_bulk_bytes + FRAME_BYTES
    return config.max_upload_bytes


def _described(scope: Scope) -> tuple[str, str]:
    """Type and announced length of a body, empty where a header is missing; of doubled headers the first counts."""
    content_type = announced = ""
    for name, value in reversed(scope["headers"]):
        if name == b"content-type":
            content_type = value.decode("latin-1")
        elif name == b"content-length":
            announced = value.decode("latin-1")
    return content_type, announced


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedBody(reason="disconnected")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise BodyTooLarge(limit=limit)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _replayed(raw: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": raw, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _counted(receive: Receive, limit: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            # The framework lets this kind through its own error handling while it reads a form.
            raise HTTPException(413, str(limit))
        return message

    return counted
