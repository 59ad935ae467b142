"""Every refusal as RFC 9457 problem details, in the caller's language and always in both.

Nothing of the request is echoed, nothing of the inside is told: an unknown error is an opaque 500 with the
request id under which the log has the rest.
"""

import http
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.responses import JSONResponse
from pydantic import Field, ValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Scope

from exchange.core.errors import Breach, ExchangeError, FieldError, Invalid, NotFound
from exchange.rest.model import ViewModel
from exchange.rest.texts import catalogue, detail, preferred_language, title

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = "exchange.request_id"
RETRY_SECONDS = {429: "30", 503: "1"}
FIELDS_MAX = 50

log = structlog.get_logger("exchange.problems")


class MethodNotAllowed(ExchangeError):
    """The address exists, the verb does not (405)."""

    status = 405
    code = "METHOD_NOT_ALLOWED"


class BadRequest(ExchangeError):
    """HTTP itself is broken (400)."""

    status = 400
    code = "BAD_REQUEST"


class TooLarge(ExchangeError):
    """The body is over the limit (413)."""

    status = 413
    code = "BODY_TOO_LARGE"


class Internal(ExchangeError):
    """A fault of ours (500)."""


class BreachView(ViewModel):
    """A broken rule, with its text in both languages and the first date on which it passes."""

    rule: str
    code: str
    detail: str
    detail_zh: str
    detail_en: str
    parameters: dict[str, str]
    passes_on: date | None = None
    passes_on_is_provisional: bool = Field(
        default=False, description="The holidays of that year are not published; the date may move."
    )


class FieldView(ViewModel):
    """A wrong field: where it stands (JSON pointer) and what is wrong with it."""

    pointer: str
    code: str
    detail: str
    detail_zh: str
    detail_en: str


class Problem(ViewModel):
    """A refusal (RFC 9457). Nothing was changed."""

    type: str = Field(examples=["/problems/window-closed"])
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(examples=["WINDOW_CLOSED"])
    retryable: bool
    detail_zh: str
    detail_en: str
    title_zh: str
    title_en: str
    breaches: list[BreachView] = Field(default_factory=list)
    fields: list[FieldView] = Field(default_factory=list)
    request_id: str


def slug(code: str) -> str:
    """The last part of a problem's type: ``WINDOW_CLOSED`` -> ``window-closed``."""
    return code.lower().replace("_", "-")


def code_of_slug(text: str) -> str | None:
    """The code behind a slug, when it has a text."""
    code = text.upper().replace("-", "_")
    return code if code in catalogue() else None


def breach_view(breach: Breach, language: str) -> BreachView:
    """A breach for people, also used by checks that refuse nothing."""
    sentences = {name: detail(breach.code, name, breach.parameters) for name in ("zh", "en")}
    return BreachView(
        rule=breach.rule,
        code=breach.code,
        detail=sentences[language],
        detail_zh=sentences["zh"],
        detail_en=sentences["en"],
        parameters=breach.parameters,
        passes_on=breach.passes_on,
        passes_on_is_provisional=breach.is_provisional,
    )


def _field_view(field: FieldError, language: str) -> FieldView:
    sentences = {name: detail(field.code, name, field.parameters) for name in ("zh", "en")}
    return FieldView(
        pointer=field.pointer,
        code=field.code,
        detail=sentences[language],
        detail_zh=sentences["zh"],
        detail_en=sentences["en"],
    )


def problem_of(error: ExchangeError, language: str, instance: str, request_id: str) -> Problem:
    """The problem details of an error."""
    return Problem(
        type=f"/problems/{slug(error.code)}",
        title=title(error.code, language),
        status=error.status,
        detail=detail(error.code, language, error.parameters),
        instance=instance,
        code=error.code,
        retryable=error.retryable,
        detail_zh=detail(error.code, "zh", error.parameters),
        detail_en=detail(error.code, "en", error.parameters),
        title_zh=title(error.code, "zh"),
        title_en=title(error.code, "en"),
        breaches=[breach_view(breach, language) for breach in error.breaches],
        fields=[_field_view(field, language) for field in error.fields],
        request_id=request_id,
    )


def problem_response(scope: Scope, error: ExchangeError) -> Response:
    """The answer to a refused request."""
    language = preferred_language(Headers(scope=scope).get("accept-language", ""))
    problem = problem_of(error, language, scope["path"], scope.get(REQUEST_ID, ""))
    headers = {"Content-Language": language, "Cache-Control": "no-store", "Vary": "Accept-Language"}
    if error.status in RETRY_SECONDS:
        headers["Retry-After"] = error.parameters.get("seconds", RETRY_SECONDS[error.status])
    if error.status == http.HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    body = {**error.members, **problem.model_dump(mode="json")}
    return JSONResponse(body, status_code=error.status, media_type=MEDIA_TYPE, headers=headers)


# What the validation library says, in our words. Codes in capitals are our own and pass unchanged.
_PREFIXES = {
    "missing": "FIELD_REQUIRED",
    "extra_forbidden": "FIELD_UNKNOWN",
    "string_pattern_mismatch": "FIELD_FORMAT",
    "string_too": "FIELD_LENGTH",
    "string_type": "FIELD_NOT_TEXT",
    "too_": "FIELD_LENGTH",
    "enum": "FIELD_NOT_ALLOWED",
    "literal_error": "FIELD_NOT_ALLOWED",
    "int_": "FIELD_NOT_INTEGER",
    "bool_": "FIELD_NOT_BOOLEAN",
    "greater_than": "FIELD_OUT_OF_RANGE",
    "less_than": "FIELD_OUT_OF_RANGE",
    "date": "FIELD_NOT_DATE",
    "list_type": "FIELD_NOT_LIST",
    "model_": "FIELD_NOT_OBJECT",
    "dict_type": "FIELD_NOT_OBJECT",
    "json_invalid": "FIELD_NOT_OBJECT",
}


def _field_error(error: Mapping[str, Any]) -> FieldError:
    kind = str(error["type"])
    code = (
        kind
        if kind.isupper()
        else next((code for prefix, code in _PREFIXES.items() if kind.startswith(prefix)), "FIELD_INVALID")
    )
    return FieldError(pointer=_pointer(error["loc"]), code=code, parameters=_bounds(error.get("ctx") or {}))


def _pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer for the body, ``/query/limit`` and the like for the rest."""
    parts = location[1:] if location and location[0] == "body" else location
    # A name the caller invented is his text: it is cut, and characters outside a name are dropped.
    safe = ["".join(c for c in str(part)[:60] if c.isascii() and (c.isalnum() or c in "_-")) for part in parts]
    return "".join(f"/{part}" for part in safe)


def _bounds(context: Mapping[str, Any]) -> dict[str, str]:
    """The rule's own numbers, never the input."""
    names = ("ge", "gt", "le", "lt", "min_length", "max_length", "expected")
    return {name: str(context[name]) for name in names if name in context}


def validation_error(error: RequestValidationError | ValidationError) -> Invalid:
    """Our error for a request of the wrong shape; the input itself is left behind."""
    return Invalid(fields=tuple(_field_error(item) for item in error.errors()[:FIELDS_MAX]))


def _of_http(error: HTTPException) -> ExchangeError:
    kinds: dict[int, ExchangeError] = {
        404: NotFound(),
        405: MethodNotAllowed(),
        413: TooLarge(limit=error.detail if error.detail.isdecimal() else "-"),
    }
    return kinds.get(error.status_code, BadRequest())


def internal(scope: Scope, error: BaseException) -> Response:
    """The opaque 500: the log gets everything under the request id, the caller only that id."""
    log.error("internal error", request_id=scope.get(REQUEST_ID), path=scope["path"], exc_info=error)
    return problem_response(scope, Internal())


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""

    @app.exception_handler(ExchangeError)
    async def on_refusal(request: Request, error: ExchangeError) -> Response:
        return problem_response(request.scope, error)

    @app.exception_handler(RequestValidationError)
    async def on_shape(request: Request, error: RequestValidationError) -> Response:
        return problem_response(request.scope, validation_error(error))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        response = problem_response(request.scope, _of_http(error))
        if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED and error.headers:
            response.headers["Allow"] = error.headers.get("Allow", "")
        return response

    @app.exception_handler(ResponseValidationError)
    async def on_answer(request: Request, error: ResponseValidationError) -> Response:
        return internal(request.scope, error)


def responses(*errors: type[ExchangeError]) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route: each error it may give, by status with its codes."""
    codes: dict[int, list[str]] = {}
    for error in errors:
        if error.code not in codes.setdefault(error.status, []):
            codes[error.status].append(error.code)
    return {status: documented(names) for status, names in sorted(codes.items())}


def documented(codes: Sequence[str]) -> dict[str, Any]:
    """The OpenAPI response of a status with these codes."""
    return {
        "description": "; ".join(f"`{code}` {title(code, 'en')}" for code in codes),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-codes": list(codes),
    }
