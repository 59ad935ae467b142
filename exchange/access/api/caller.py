"""The caller of a request, checked against what its route declares."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from exchange.access.actor import Actor
from exchange.access.credential import cookie_name, credential_from, session_token
from exchange.access.service import actor_of
from exchange.core.clock import system_now
from exchange.core.errors import Forbidden, Unauthenticated
from exchange.infra.database import transaction
from exchange.infra.settings import settings
from exchange.rest.permissions import PUBLIC, SIGNED_IN, declared


def session_cookie() -> str:
    """The name of the session cookie under the present settings."""
    return cookie_name(secure=settings().cookie_secure)


def actor_from(request: Request, *, form_token: str | None = None) -> Actor:
    """The caller of a request, checked against the permission its route declares.

    Unauthenticated (401) without a valid credential; Forbidden (403) without the permission or the CSRF token.
    ``form_token`` is the session's token from a form, for pages that cannot send the header.
    """
    credential = credential_from(request.headers, request.method, session_cookie(), form_token=form_token)
    if credential is None:
        raise Unauthenticated
    # Its own short transaction: what it writes down (last use) must not hang on the fate of the command.
    with transaction() as tx:
        actor = actor_of(tx, credential, system_now())
    demand_permission(actor, permission_of(request))
    return actor


def permission_of(request: Request) -> str | None:
    """What the matched route declares with ``needs``."""
    return declared(getattr(request.scope.get("route"), "openapi_extra", None))


def demand_permission(actor: Actor, stated: str | None) -> None:
    """Forbidden unless the actor holds one of the permissions of a route; a route that states none is closed."""
    if stated in {PUBLIC, SIGNED_IN}:
        return
    if stated is None or not actor.permissions & set(stated.split("|")):
        raise Forbidden(permission=stated or "-")


def token_of(request: Request) -> str | None:
    """The session token of a request, for what is derived from it (the CSRF token of a page)."""
    return session_token(request.headers, session_cookie())


def address_of(request: Request) -> str:
    """The address the request came from, as the server saw it."""
    return request.client.host if request.client else "-"


class CallerFirst(APIRoute):
    """A route that knows its caller before it reads the body: a stranger's upload is refused unread.

    Without it the framework spools the whole body to the disk before it asks who is calling.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the question who calls and whether he may."""
        handler = super().get_route_handler()

        async def after_caller(request: Request) -> Response:
            await run_in_threadpool(actor_from, request)
            return await handler(request)

        return after_caller


def _current_actor(request: Request) -> Actor:
    return actor_from(request)


CurrentActor = Annotated[Actor, Depends(_current_actor)]
"""The caller: from a session cookie (with CSRF token for changes) or an API key."""
