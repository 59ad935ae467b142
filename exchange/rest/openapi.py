"""The OpenAPI document made complete: every error documented, required headers marked, one order of keys."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from exchange.core.errors import Busy, ExchangeError, Forbidden, Invalid, TooMany, Unauthenticated
from exchange.rest.body import BodyTooLarge, MalformedAddress, MalformedBody
from exchange.rest.deps import Simultaneous
from exchange.rest.idempotency import IdempotencyKeyInvalid, IdempotencyKeyRequired, IdempotencyMismatch
from exchange.rest.permissions import EXTENSION, PUBLIC
from exchange.rest.problems import Internal, Problem, documented, responses

KEY_HEADER = "Idempotency-Key"
METHODS = frozenset({"get", "put", "post", "delete", "patch"})
ANYWHERE: tuple[type[ExchangeError], ...] = (MalformedAddress, Invalid, Internal, Busy)
WITH_CALLER: tuple[type[ExchangeError], ...] = (Unauthenticated, Forbidden)
WITH_BODY: tuple[type[ExchangeError], ...] = (MalformedBody, BodyTooLarge)
WITH_KEY: tuple[type[ExchangeError], ...] = (
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Simultaneous,
)
SECURITY = {
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-sid"},
    "api_key": {"type": "http", "scheme": "bearer", "bearerFormat": "fx_<id>_<secret>"},
}


def document_of(app: FastAPI) -> dict[str, Any]:
    """The document of an application, completed; kept on the application."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _complete(document)
        app.openapi_schema = document
    return app.openapi_schema


def canonical(document: dict[str, Any]) -> str:
    """The document as text, the same for the same routes."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _complete(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    components["securitySchemes"] = SECURITY
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            _complete_operation(path, item[method], method)


def _complete_operation(path: str, operation: dict[str, Any], method: str) -> None:
    given = operation["responses"]
    if "x-codes" not in given.get("422", {}):
        given.pop("422", None)  # the framework's own form of a validation error, which we never send
    if not path.startswith("/api/"):
        return
    keyed = _mark_key(operation)
    errors = [*ANYWHERE, *(WITH_CALLER if operation.get(EXTENSION) != PUBLIC else ())]
    errors += [*(WITH_BODY if "requestBody" in operation or method == "post" else ()), *(WITH_KEY if keyed else ())]
    errors += [TooMany] if "429" in given else []
    for status, entry in responses(*errors).items():
        stated = given.get(str(status), {}).get("x-codes", [])
        given[str(status)] = documented([*stated, *(code for code in entry["x-codes"] if code not in stated)])
    if operation.get(EXTENSION) != PUBLIC:
        operation["security"] = [{"session": []}, {"api_key": []}]


def _mark_key(operation: dict[str, Any]) -> bool:
    """The header is checked by us, so that its absence has a code of its own; clients are told it is required."""
    for parameter in operation.get("parameters", []):
        if parameter["name"] == KEY_HEADER:
            parameter["required"] = True
            parameter["schema"] = {"type": "string", "minLength": 16, "maxLength": 64, "pattern": "^[!-~]{16,64}$"}
            return True
    return False
