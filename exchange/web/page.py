"""Rendering of a page: templates, the words and formats of the viewer's language, and the headers of every answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from exchange.infra.settings import settings
from exchange.web.assets import version
from exchange.web.catalogue import catalogue
from exchange.web.formatting import Formatter
from exchange.web.viewer import Preferences, Viewer

TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language",
}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The template engine: escaping on, an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html", "j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = lambda name: f"/a/{version()}/{name}"
    return made


@dataclass(frozen=True, slots=True)
class Setting:
    """What every template needs besides its own values."""

    preferences: Preferences
    viewer: Viewer | None
    now: datetime
    path: str
    here: str
    section: str = ""

    @property
    def formatter(self) -> Formatter:
        """Figures in the viewer's language."""
        return Formatter(catalogue(self.preferences.language))


def render(template: str, setting: Setting, values: Mapping[str, object]) -> str:
    """The text of a template. Templates read values; they call no service."""
    formatter = setting.formatter
    context: dict[str, object] = {
        "t": formatter.words,
        "f": formatter,
        "language": setting.preferences.language,
        "theme": setting.preferences.theme,
        "direction": setting.preferences.direction,
        "keys": setting.preferences.keys,
        "viewer": setting.viewer,
        "csrf_token": setting.viewer.csrf_token if setting.viewer else "",
        "now": setting.now,
        "path": setting.path,
        "here": setting.here,
        "section": setting.section,
        "sandbox": settings().sandbox,
    }
    return environment().get_template(template).render(context | dict(values))


def page(template: str, setting: Setting, values: Mapping[str, object], status_code: int = 200) -> HTMLResponse:
    """A whole page or a part of one, with the policy that allows nothing but our own files."""
    headers = HEADERS | {"Content-Language": "zh-CN" if setting.preferences.language == "zh" else "en"}
    return HTMLResponse(render(template, setting, values), status_code=status_code, headers=headers)
