"""The demo world behind two API processes, a relay and a worker, and people with browsers in front of it.

Started once a session. Every page a test opens is watched: an error in its console or a breach of the content policy
fails the test.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from exchange.browser import FLAGS, find_browser
from exchange.browser import Browser as Program
from tests.architecture.source import ROOT
from tests.browser.deal_course import Sale, a_sale
from tests.running import Market, running_market
from tests.servers import PostgresServer

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def market(
    postgres_server: PostgresServer, redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Market]:
    """The demo world, served by two API processes."""
    folder = tmp_path_factory.mktemp("browser")
    with running_market(postgres_server, redis_server, folder, api_processes=2, workers=1) as market:
        yield market


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the session."""
    named = os.environ.get("EXCHANGE_BROWSER")
    libraries = os.environ.get("EXCHANGE_BROWSER_LIBRARIES")
    found = Program(Path(named), Path(libraries) if libraries else None) if named else find_browser(ROOT / ".venv")
    assert found, "run python3 -m exchange test, which installs a browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.program, args=list(FLAGS), env={**found.environment()}
        )
        yield browser
        browser.close()


@dataclass
class Desk:
    """Opens pages for people and keeps what their consoles said."""

    market: Market
    chromium: Browser
    troubles: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def page(self, *, language: str = "zh", theme: str = "light", width: int = 1440, scripts: bool = True) -> Page:
        """A fresh browser of somebody who is not signed in."""
        context = self.chromium.new_context(
            base_url=self.market.address,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        context.add_cookies([{"name": "language", "value": language, "url": self.market.address}])
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        return page

    def sign_in(
        self, login: str, *, language: str = "zh", theme: str = "light", width: int = 1440, scripts: bool = True
    ) -> Page:
        """A person of the demo world at the market list."""
        page = self.page(language=language, theme=theme, width=width, scripts=scripts)
        page.goto("/sign-in")
        page.get_by_label("登录名" if language == "zh" else "Login").fill(login)
        page.get_by_label("密码" if language == "zh" else "Password").fill(self.market.password)
        page.get_by_role("button", name="登录" if language == "zh" else "Sign in").click()
        expect(page).to_have_url(re.compile("/market$"))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"{message.type}: {message.text}")


@pytest.fixture
def desk(market: Market, chromium: Browser) -> Iterator[Desk]:
    """People's browsers; at the end no console may hold an error that the test did not expect."""
    opened = Desk(market, chromium)
    yield opened
    for context in list(chromium.contexts):
        context.close()
    unexpected = [text for text in opened.troubles if not any(part in text for part in opened.allowed)]
    assert unexpected == []


@pytest.fixture(scope="session")
def sale(market: Market) -> Sale:
    """The one sale that the tests of deals follow, made before any of them moves the clock."""
    return a_sale(market.address, market.password)


@pytest.fixture
def open_listing() -> Callable[[Page, str], None]:
    """Go from the market list to a fund's listing."""

    def go(page: Page, fund: str) -> None:
        page.goto("/market")
        page.get_by_role("link", name=fund, exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(fund)

    return go
