"""Routes that hand the request straight to their endpoint: the framework's overridable route class, used to the full.

The usual machinery (dependency graph, response model, exit stacks, a thread a call) costs a request more than all the
rules of an order. A direct endpoint declares its body, key and path like any other, so the documentation is complete;
at run time it gets them from the already checked body and the headers, and renders its own answer.
"""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from exchange.access.credential import Credential, cookie_name, credential_from
from exchange.core.errors import Unauthenticated
from exchange.infra.settings import settings
from exchange.rest.body import PARSED
from exchange.rest.idempotency import checked_key

M = TypeVar("M", bound=BaseModel)


class DirectRoute(APIRoute):
    """A route whose endpoint is ``async (request, body, key, **path) -> Response``, called with nothing in between."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint with its body and key, in place of the generated handler."""
        endpoint = self.endpoint
        model: type[BaseModel] = inspect.signature(endpoint).parameters["body"].annotation

        async def handle(request: Request) -> Response:
            key = checked_key(request.headers.get("idempotency-key"))
            answer: Response = await endpoint(
                request=request, body=body_of(request, model), key=key, **request.path_params
            )
            return answer

        return handle


def body_of(request: Request, model: type[M]) -> M:
    """The checked JSON body as a model; the usual problem (422) when its shape is wrong or it is missing."""
    try:
        return model.model_validate(request.scope.get(PARSED))
    except ValidationError as error:
        located = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_input=False)]
        raise RequestValidationError(located) from error


def credential_of(request: Request) -> Credential:
    """Who claims to be calling, from headers alone; proved later, together with the batch."""
    cookie = cookie_name(secure=settings().cookie_secure)
    found = credential_from(request.headers, request.method, cookie)
    if found is None:
        raise Unauthenticated
    return found
