"""Routes that hand the request straight to their endpoint: the framework's overridable route class, used to the full.

The usual machinery (search through the tree of routers, dependency graph, response model, exit stacks, a thread a
call) costs a request more than all the rules of an order. A direct endpoint declares its body, key and path like any
other, so the documentation is complete; at run time it gets them from the already checked body and the headers, and
renders its own answer. ``ShortWay`` finds it by its address before the framework begins to look.
"""

import inspect
import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.types import Receive, Scope, Send

from exchange.access.credential import Credential, cookie_name, credential_from
from exchange.core.errors import ExchangeError, Unauthenticated
from exchange.infra.settings import settings
from exchange.rest.body import PARSED
from exchange.rest.idempotency import checked_key
from exchange.rest.problems import problem_response, validation_error

M = TypeVar("M", bound=BaseModel)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

CHOSEN = "exchange.direct"


class DirectRoute(APIRoute):
    """A route whose endpoint is ``async (request, body, key, **path) -> Response``, called with nothing in between."""

    def get_route_handler(self) -> Handler:
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


class ShortWay:
    """An ASGI application of direct routes alone, with the same answers and refusals as the long way."""

    def __init__(self, routes: Iterable[DirectRoute]) -> None:
        self._by_path: dict[str, Handler] = {}
        self._by_pattern: list[tuple[re.Pattern[str], Handler]] = []
        for route in routes:
            handler = route.get_route_handler()
            if route.param_convertors:
                self._by_pattern.append((route.path_regex, handler))
            else:
                self._by_path[route.path] = handler

    def takes(self, scope: Scope) -> bool:
        """Whether a direct route answers this; what was found stays in the scope."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return False
        handler, parameters = self._by_path.get(scope["path"]), {}
        if handler is None:
            for pattern, candidate in self._by_pattern:
                if match := pattern.match(scope["path"]):
                    handler, parameters = candidate, match.groupdict()
        if handler is None:
            return False
        scope[CHOSEN], scope["path_params"] = handler, parameters
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that ``takes`` has found a route for."""
        handler: Handler = scope[CHOSEN]
        try:
            response = await handler(Request(scope))
        except ExchangeError as error:
            response = problem_response(scope, error)
        except RequestValidationError as error:
            response = problem_response(scope, validation_error(error))
        await response(scope, receive, send)


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
