"""Who looks at a page, what the menu offers them, and how they like it shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.web.catalogue import DEFAULT_LANGUAGE, LANGUAGES, Catalogue

THEMES = ("auto", "light", "dark")
DIRECTIONS = ("chinese", "western")
KEYS = ("on", "off")
CHOICES = {"language": LANGUAGES, "theme": THEMES, "direction": DIRECTIONS, "keys": KEYS}


@dataclass(frozen=True, slots=True)
class Preferences:
    """How pages are shown; kept in cookies, so that they hold before sign-in and on every process."""

    language: str = DEFAULT_LANGUAGE
    theme: str = "auto"
    direction: str = "chinese"
    keys: str = "on"


def preferences_of(cookies: Mapping[str, str], preferred_language: str) -> Preferences:
    """Preferences from cookies; the browser's language decides where none is kept; the unknown is ignored."""

    def chosen(name: str, default: str) -> str:
        value = cookies.get(name, default)
        return value if value in CHOICES[name] else default

    return Preferences(
        language=chosen("language", preferred_language),
        theme=chosen("theme", "auto"),
        direction=chosen("direction", "chinese"),
        keys=chosen("keys", "on"),
    )


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the role menu: name in the catalogue, path, icon, key, the permission it takes."""

    name: str
    path: str
    icon: str
    key: str
    permissions: tuple[str, ...]


MENU = (
    MenuEntry("market", "/market", "market", "g m", ("market:read",)),
    MenuEntry("orders", "/orders", "orders", "g o", ("orders:read",)),
    MenuEntry("deals", "/deals", "deals", "", ("deals:act", "deals:run", "audit:export")),
    MenuEntry("holdings", "/holdings", "lock", "", ("holdings:read",)),
    MenuEntry("money", "/money", "money", "", ("accounts:read",)),
    MenuEntry("blotter", "/blotter", "blotter", "g b", ("trades:read_all",)),
    MenuEntry("review", "/review", "review", "g r", ("listings:review",)),
    MenuEntry("valuation_desk", "/valuation-desk", "valuation", "g v", ("valuation_parameters:write", "audit:export")),
    MenuEntry("drafts", "/drafts", "draft", "", ("listings:write",)),
    MenuEntry("tasks", "/tasks", "tasks", "", ("diligence:submit", "diligence:review")),
    MenuEntry("account_papers", "/account/papers", "papers", "", ("engagements:write", "engagements:work")),
    MenuEntry("advice", "/engagements", "advice", "", ("engagements:write", "engagements:work", "advisers:admit")),
    MenuEntry("clock", "/clock", "clock", "", ("calendars:write",)),
    MenuEntry("rules", "/rules", "info", "", ("me:read",)),
    MenuEntry("me", "/me", "me", "", ("me:read",)),
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in person behind a page."""

    actor: Actor
    name: str
    organisation: str
    csrf_token: str

    def may(self, permission: str) -> bool:
        """Whether the viewer holds a permission."""
        return permission in self.actor.permissions

    def menu(self) -> tuple[MenuEntry, ...]:
        """The entries this viewer may open."""
        return tuple(entry for entry in MENU if any(self.may(name) for name in entry.permissions))

    def role_words(self, words: Catalogue) -> str:
        """The viewer's roles in words."""
        return " / ".join(words(f"role.{role.value}") for role in Role if role in self.actor.roles)
