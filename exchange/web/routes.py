"""The class of every page's route: a refusal becomes a page in the viewer's language, a missing session the sign-in."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi import Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from exchange.access.api.caller import session_cookie
from exchange.access.credential import credential_from
from exchange.access.service import actor_of
from exchange.core.clock import system_now
from exchange.core.errors import ExchangeError, Forbidden, Invalid, Stale, Unauthenticated
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.rest.problems import REQUEST_ID, Internal
from exchange.web.explain import failing, field_problems, heading, sentence
from exchange.web.page import Setting, page
from exchange.web.visit import local_path, section_of, setting_of, viewer_of

log = structlog.get_logger("exchange.web")


class PageRoute(APIRoute):
    """Answers refusals with pages; the transaction of the request is already rolled back then."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The generated handler with our refusals around it."""
        generated = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await generated(request)
            except Unauthenticated:
                return to_sign_in(request)
            except ExchangeError as error:
                return await run_in_threadpool(problem_page, request, error)
            except RequestValidationError:
                return await run_in_threadpool(problem_page, request, Invalid())
            except HTTPException:
                raise
            except Exception as error:  # whatever it is, a person gets a page and the log everything
                return await run_in_threadpool(fault_page, request, error)

        return handle


def to_sign_in(request: Request) -> Response:
    """The sign-in page, which leads back to where the visitor wanted to go."""
    wanted = request.url.path if request.method == "GET" else _referring_path(request)
    if request.method == "GET" and request.url.query:
        wanted = f"{wanted}?{request.url.query}"
    if request.url.path.startswith("/web/"):
        return Response(status_code=401, headers={"Cache-Control": "no-store"})
    return RedirectResponse(f"/sign-in?next={quote(wanted)}", status_code=303, headers={"Cache-Control": "no-store"})


def problem_page(request: Request, error: ExchangeError) -> Response:
    """What happened, why, what to do next; nothing was changed."""
    setting = _setting(request)
    formatter = setting.formatter
    values: dict[str, object] = {
        "title": heading(error, formatter),
        "code": error.code,
        "status": error.status,
        "detail": sentence(error, formatter),
        "failing": failing(error.breaches, formatter),
        "fields": field_problems(error, formatter),
        "advice": _advice(error),
        "request_id": request.scope.get(REQUEST_ID, ""),
        "back": _referring_path(request),
    }
    is_part = request.headers.get("hx-request") == "true"
    return page("parts/problem.html" if is_part else "problem.html", setting, values, error.status)


def fault_page(request: Request, error: Exception) -> Response:
    """An unknown fault: the log gets everything under the request id, the page only that id."""
    log.error("internal error", request_id=request.scope.get(REQUEST_ID), path=request.url.path, exc_info=error)
    return problem_page(request, Internal())


def _advice(error: ExchangeError) -> str:
    if error.retryable:
        return "retry"
    if isinstance(error, Forbidden):
        return "ask"
    if isinstance(error, Stale):
        return "reload"
    return "report" if error.status >= 500 else "fix"


def _referring_path(request: Request) -> str:
    parts = urlsplit(request.headers.get("referer", ""))
    own = parts.netloc == request.headers.get("host", "")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return local_path(path) if own and parts.path != request.url.path else "/market"


def _setting(request: Request) -> Setting:
    """The frame of a problem page; without a database it stands without menu and on the system's clock."""
    credential = credential_from(request.headers, "GET", session_cookie())
    try:
        with transaction() as tx:
            now = business_now(tx)
            plain = setting_of(request, now, None, section_of(request.url.path))
            if credential is None:
                return plain
            actor = actor_of(tx, credential, system_now())
            viewer = viewer_of(request, tx, actor, plain.preferences.language)
            return setting_of(request, now, viewer, section_of(request.url.path))
    except ExchangeError as refusal:
        log.info("problem page without its frame", code=refusal.code)
        return setting_of(request, system_now(), None)
