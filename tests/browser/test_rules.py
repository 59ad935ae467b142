"""The page of rules: every rule with its numbers on a chosen market."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits


def test_rules_show_the_numbers_of_the_chosen_market(desk: Desk) -> None:
    page = desk.sign_in("guidance.one")
    page.get_by_role("link", name="规则", exact=True).first.click()
    expect(page.get_by_role("heading", name="规则", level=1)).to_be_visible()
    rule = page.locator("#R-06")
    expect(rule.get_by_text("合伙人上限: 50")).to_be_visible()
    expect(page.locator("#R-47").get_by_text("首付不低于: 30.00%")).to_be_visible()
    page.get_by_role("navigation", name="市场").get_by_role("link").last.click()
    expect(page).to_have_url("/rules?profile=OPEN")
    expect(rule.get_by_text("合伙人上限: 50")).to_have_count(0)


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_the_page_is_accessible_and_fits(desk: Desk, language: str, theme: str, width: int) -> None:
    page = desk.sign_in("operator.one", language=language, theme=theme, width=width)
    page.goto("/rules")
    assert_accessible(page)
    assert_fits(page)
