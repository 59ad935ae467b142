"""Sign in, sign out, and how pages are shown."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from exchange.access.api.caller import token_of
from exchange.access.api.sign_in import clear_cookie, open_session, set_cookie
from exchange.access.credential import is_same_origin
from exchange.access.errors import CsrfRefused, SignInLimited, SignInRefused
from exchange.access.service import sign_in
from exchange.core.clock import system_now
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.infra.settings import settings
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.web.explain import sentence
from exchange.web.page import page
from exchange.web.routes import PageRoute
from exchange.web.viewer import CHOICES
from exchange.web.visit import FormVisit, local_path, see_other, setting_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)

YEAR_SECONDS = 365 * 24 * 3600


@router.get("/", openapi_extra=needs(None))
def home() -> RedirectResponse:
    """The market is the first page."""
    return see_other("/market")


@router.get("/sign-in", openapi_extra=needs(None))
def sign_in_page(request: Request, next: str = "/market") -> Response:  # noqa: A002 - the name of the parameter
    """The sign-in page; it works without scripts."""
    return _form(request, next, "", "", 200)


@router.post("/sign-in", openapi_extra=needs(None))
def sign_in_with_password(
    request: Request,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=500)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/market",  # noqa: A002 - the name of the field
) -> Response:
    """Open a session and go on to the page that was wanted; one message for every wrong pair."""
    try:
        signed_in = open_session(request, login, password)
    except (SignInRefused, SignInLimited) as refusal:
        words = setting_of(request, system_now(), None).formatter
        return _form(request, next, login, sentence(refusal, words), refusal.status)
    response = see_other(local_path(next))
    set_cookie(response, signed_in)
    return response


def _form(request: Request, wanted: str, login: str, problem: str, status: int) -> HTMLResponse:
    with transaction() as tx:
        now = business_now(tx)
    values = {"problem": problem, "next": local_path(wanted), "login": login}
    return page("sign_in.html", setting_of(request, now, None), values, status)


@router.post("/sign-out", openapi_extra=needs(SIGNED_IN))
def sign_out(visit: FormVisit) -> Response:
    """End the session."""
    sign_in.sign_out(visit.tx, visit.actor, system_now())
    response = see_other("/sign-in")
    clear_cookie(response)
    return response


@router.post("/preferences", openapi_extra=needs(None))
def keep_preferences(
    request: Request,
    next: Annotated[str, Form(max_length=2000)] = "/market",  # noqa: A002 - the name of the field
    language: Annotated[str, Form(max_length=20)] = "",
    theme: Annotated[str, Form(max_length=20)] = "",
    direction: Annotated[str, Form(max_length=20)] = "",
    keys: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Keep how pages are shown in this browser and go back to the same page. Unknown values are left out."""
    if not is_same_origin(request.headers):
        raise CsrfRefused
    chosen = {"language": language, "theme": theme, "direction": direction, "keys": keys}
    wanted = local_path(next, "/market" if token_of(request) else "/sign-in")
    response = see_other(wanted)
    for name, value in chosen.items():
        if value in CHOICES[name]:
            response.set_cookie(
                name,
                value,
                max_age=YEAR_SECONDS,
                path="/",
                secure=settings().cookie_secure,
                httponly=True,
                samesite="lax",
            )
    return response
