"""The browser of the browser tests is a real Chromium that runs scripts."""

from playwright.sync_api import Browser


def test_chromium_starts_and_runs_scripts(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<title>交易所</title>")
    assert page.title() == "交易所"
    assert page.evaluate("10n ** 18n + 1n === 1000000000000000001n") is True
    page.close()
