"""A request for a page: who asks, in which transaction, how they like it shown. Views get a ``Visit`` and no more.

The caller is proved first, in a short transaction of its own, and then the page's transaction opens, so that a
request never holds two connections.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from exchange.access.actor import Actor
from exchange.access.api.caller import actor_from, token_of
from exchange.access.credential import csrf_token_of
from exchange.access.service.profile import profile_of
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.rest.deps import ReadTx, WriteTx
from exchange.web.catalogue import DEFAULT_LANGUAGE, Catalogue
from exchange.web.formatting import Formatter
from exchange.web.names import organisation_names
from exchange.web.page import Setting, page
from exchange.web.viewer import Preferences, Viewer, preferences_of


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed-in request for a page."""

    request: Request
    tx: Tx
    actor: Actor
    viewer: Viewer
    setting: Setting

    @property
    def now(self) -> datetime:
        """The market's time."""
        return self.setting.now

    @property
    def f(self) -> Formatter:
        """Figures in the viewer's language."""
        return self.setting.formatter

    @property
    def t(self) -> Catalogue:
        """Words in the viewer's language."""
        return self.setting.formatter.words

    @property
    def language(self) -> str:
        """``zh`` or ``en``."""
        return self.setting.preferences.language

    def page(
        self,
        template: str,
        common: Mapping[str, object] = MappingProxyType({}),
        /,
        *,
        status_code: int = 200,
        **more: object,
    ) -> HTMLResponse:
        """The answer: a page or a part of one."""
        return page(template, self.setting, {**common, **more}, status_code)

    def message(self) -> str:
        """What the last command did, named in the address; only words of the catalogue are shown."""
        key = self.request.query_params.get("done", "")
        return self.t(key) if key.endswith("_message") and self.t.has(key) else ""


def preferences(request: Request) -> Preferences:
    """How this browser wants pages shown; Chinese when it never said."""
    return preferences_of(request.cookies, DEFAULT_LANGUAGE)


def setting_of(request: Request, now: datetime, viewer: Viewer | None, section: str = "") -> Setting:
    """What every template needs, for a page with or without a signed-in person."""
    path = request.url.path
    here = path if request.method == "GET" else section or "/market"
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return Setting(preferences(request), viewer, now, path, here + query, section)


def viewer_of(request: Request, tx: Tx, actor: Actor, language: str) -> Viewer:
    """The person behind a request, with the token its forms carry."""
    profile = profile_of(tx, actor)
    names = organisation_names(tx, [actor.organisation_id], language)
    token = token_of(request)
    return Viewer(
        actor=actor,
        name=profile.name,
        organisation=names[actor.organisation_id],
        csrf_token=csrf_token_of(token) if token else "",
    )


def visit_of(request: Request, tx: Tx, actor: Actor) -> Visit:
    """A visit inside an open transaction."""
    viewer = viewer_of(request, tx, actor, preferences(request).language)
    setting = setting_of(request, business_now(tx), viewer, section_of(request.url.path))
    return Visit(request, tx, actor, viewer, setting)


SECTIONS = {
    "listings": "/market",
    "awards": "/market",
    "room-documents": "/market",
    "room-packages": "/market",
    "valuations": "/market",
    "proposals": "/orders",
    "certificates": "/holdings",
    "pledges": "/holdings",
    "rofr": "/deals",
    "backup-offers": "/deals",
    "halts": "/blotter",
    "books": "/blotter",
    "revaluations": "/valuation-desk",
    "advisers": "/engagements",
}


def section_of(path: str) -> str:
    """The entry of the menu a page belongs to."""
    first = path.split("/")[1] if "/" in path else ""
    return SECTIONS.get(first, f"/{first}")


def _page_actor(request: Request) -> Actor:
    return actor_from(request)


def _form_actor(request: Request, csrf_token: Annotated[str, Form(max_length=100)] = "") -> Actor:
    return actor_from(request, form_token=csrf_token)


PageActor = Annotated[Actor, Depends(_page_actor)]
FormActor = Annotated[Actor, Depends(_form_actor)]


def _read_visit(request: Request, actor: PageActor, tx: ReadTx) -> Visit:
    return visit_of(request, tx, actor)


def _noted_visit(request: Request, actor: PageActor, tx: WriteTx) -> Visit:
    return visit_of(request, tx, actor)


def _form_visit(request: Request, actor: FormActor, tx: WriteTx) -> Visit:
    return visit_of(request, tx, actor)


ReadVisit = Annotated[Visit, Depends(_read_visit, scope="function")]
NotedVisit = Annotated[Visit, Depends(_noted_visit, scope="function")]
"""A page that keeps that it was opened."""
FormVisit = Annotated[Visit, Depends(_form_visit, scope="function")]


def local_path(text: str, default: str = "/market") -> str:
    """A path of our own to go to next; anything that could leave the site becomes the default."""
    parts = urlsplit(text)
    safe = text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return text if safe and "\\" not in text and text.isprintable() else default


def see_other(path: str, **query: str) -> RedirectResponse:
    """Go on to a page after a command (303), so that reloading never repeats it."""
    tail = "&".join(f"{name}={quote(value)}" for name, value in query.items() if value)
    return RedirectResponse(f"{path}?{tail}" if tail else path, status_code=303, headers={"Cache-Control": "no-store"})
