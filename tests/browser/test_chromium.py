"""The browser of the browser tests is a real Chromium that runs scripts."""

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

from exchange.browser import FLAGS, Browser, find_browser
from tests.architecture.source import ROOT


def test_chromium_starts_and_runs_scripts() -> None:
    program = os.environ.get("EXCHANGE_BROWSER")
    libraries = os.environ.get("EXCHANGE_BROWSER_LIBRARIES")
    found = Browser(Path(program), Path(libraries) if libraries else None) if program else find_browser(ROOT / ".venv")
    assert found, "run python3 -m exchange test, which installs a browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.program, args=list(FLAGS), env={**found.environment()}
        )
        page = browser.new_page()
        page.set_content("<title>交易所</title>")
        assert page.title() == "交易所"
        assert page.evaluate("10n ** 18n + 1n === 1000000000000000001n") is True
        browser.close()
