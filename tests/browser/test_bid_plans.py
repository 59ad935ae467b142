"""A bidder of an auction says how it would pay, and sees what that is worth as cash."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from exchange.api_client import ApiCaller
from exchange.core.money import scale_decimal, unscale_decimal
from tests.browser.conftest import Desk
from tests.browser.test_pages import assert_accessible, assert_fits
from tests.running import Market

BIDDER = "amc"


@pytest.fixture(scope="module")
def order_id(market: Market) -> Iterator[str]:
    """A bid at 82 % of NAV for a tenth of the demo world's auction that takes plans; withdrawn at the end."""
    bidder = ApiCaller(market.address, BIDDER, market.password)
    listing = next(item for item in bidder.items("/listings") if item["payment"]["takes_plans"])
    part = unscale_decimal(scale_decimal(listing["amount"]["amount"], 2) // 10, 2)
    bid = bidder.post(f"/listings/{listing['id']}/bids", {"amount": part, "price": listing["ask"]["price"]})
    yield str(bid["id"])
    bidder.post(f"/orders/{bid['id']}:cancel")


def state(page: Page, share: str, days: str, security: str) -> None:
    """Fill the first row and send the form."""
    page.locator("#share-1").fill(share)
    page.locator("#days-1").fill(days)
    page.locator("#security").select_option(security)
    page.get_by_role("region", name="付款方式").get_by_role("button", name="提交付款方案").click()


def test_the_listing_says_that_bids_may_carry_plans(desk: Desk, market: Market) -> None:
    listings = ApiCaller(market.address, BIDDER, market.password).items("/listings")
    listing = next(item for item in listings if item["payment"]["takes_plans"])
    page = desk.sign_in(BIDDER, language="en")
    page.goto(f"/listings/{listing['id']}")
    terms = page.get_by_role("region", name="Terms")
    expect(terms.get_by_text("In full at closing Bids may carry plans of their own")).to_be_visible()


def test_a_plan_is_stated_and_its_worth_as_cash_shown(desk: Desk, order_id: str) -> None:
    page = desk.sign_in(BIDDER)
    page.goto(f"/orders/{order_id}")
    panel = page.get_by_role("region", name="付款方式")
    expect(panel.get_by_text("交割时一次付清", exact=True)).to_be_visible()
    state(page, "70", "365", "bank_guarantee")
    expect(page.get_by_role("status").get_by_text("付款方案已附于该报价。")).to_be_visible()
    expect(panel.get_by_text("365 天后付 70.00%")).to_be_visible()
    expect(panel.get_by_text("银行保函").first).to_be_visible()
    expect(panel.get_by_text("75.85%")).to_be_visible()  # 82 % x (0.3 + 0.7 / 1.12)
    expect(page.locator("#share-1")).to_have_value("70.00%")


def test_a_plan_that_breaks_the_limits_names_every_rule_and_changes_nothing(desk: Desk, order_id: str) -> None:
    page = desk.sign_in(BIDDER)
    page.goto(f"/orders/{order_id}")
    panel = page.get_by_role("region", name="付款方式")
    before = panel.locator("dl").inner_text()
    desk.allowed.append("422")
    state(page, "75", "400", "none")
    said = panel.get_by_role("alert")
    expect(said.get_by_text("R-47").first).to_be_visible()
    expect(said.get_by_role("listitem")).to_have_count(3)
    assert panel.locator("dl").inner_text() == before
    expect(page.locator("#share-1")).to_have_value("75")
    state(page, "forty", "400", "none")
    expect(panel.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("zh", "light", 1440), ("en", "dark", 390), ("en", "light", 1440)]
)
def test_the_page_of_a_bid_is_accessible_and_fits(
    desk: Desk, order_id: str, language: str, theme: str, width: int
) -> None:
    page = desk.sign_in(BIDDER, language=language, theme=theme, width=width)
    page.goto(f"/orders/{order_id}#plan")
    assert_accessible(page)
    assert_fits(page)
