"""An award in real browsers: a guidance fund takes its match right, the seller accepts, bidders see what they may.

Moves the market's clock to the close of an auction, so it runs after the tests that look at open books.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from exchange.api_client import ApiCaller, ApiProblem
from exchange.core.money import scale_decimal, unscale_decimal
from tests.browser.conftest import Desk
from tests.running import Market

BIDDERS = {"growth": "0.96", "sfund.one": "0.95", "guidance.one": "0.94"}
SELLER = "holder.c"
HOURS_MAX = 240


@dataclass(frozen=True)
class Auction:
    """An auction with a match right after its close."""

    award_id: str
    listing_id: str


def held_auction(market: Market) -> Auction:
    """The demo world's auction with a match right: two bids above a guidance fund's, then the close."""
    operator = ApiCaller(market.address, "operator.one", market.password)
    listings = operator.items("/listings")
    listing = next(row for row in listings if row["policy"] == "match_right" and row["mode"] == "one_way_auction")
    part = scale_decimal(listing["amount"]["amount"], 2) // 2 // 10_000_00 * 10_000_00
    path = f"/listings/{listing['id']}"
    for login, price in BIDDERS.items():
        caller = ApiCaller(market.address, login, market.password)
        caller.post(f"{path}/bids", {"amount": unscale_decimal(part, 2), "price": price})
    now = datetime.fromisoformat(operator.get("/clock")["now"])
    left = datetime.fromisoformat(listing["closes_at"]) - now
    for hours in split_hours(int(left.total_seconds() // 3600) + 1):
        operator.post("/sandbox/clock", {"hours": hours})
    award = operator.wait_for(lambda: award_of(operator, path), bool, seconds=60)
    assert award["status"] == "match_right_offered"
    return Auction(award["id"], listing["id"])


def split_hours(whole: int) -> list[int]:
    """Steps the sandbox clock takes at once."""
    return [HOURS_MAX] * (whole // HOURS_MAX) + [whole % HOURS_MAX] * (whole % HOURS_MAX > 0)


def award_of(operator: ApiCaller, path: str) -> dict[str, Any]:
    """The award of a listing, empty before the matcher has made it."""
    try:
        return operator.get(f"{path}/award")
    except ApiProblem as problem:
        if problem.code != "AWARD_NOT_FOUND":
            raise
        return {}


@pytest.fixture(scope="module")
def auction(market: Market) -> Auction:
    """The one auction of this file."""
    return held_auction(market)


def test_a_guidance_fund_takes_its_match_right(desk: Desk, auction: Auction) -> None:
    page = desk.sign_in("guidance.one")
    page.goto(f"/listings/{auction.listing_id}")
    page.get_by_role("link", name="中选结果", exact=True).click()
    expect(page.get_by_role("heading", level=1, name=re.compile("中选结果"))).to_be_visible()
    taking = page.get_by_role("region", name="您的同价优先权")
    expect(taking.get_by_text("96.00%")).to_be_visible()
    expect(taking.get_by_text("94.00%")).to_be_visible()
    taking.get_by_role("button", name="按此价格取得").click()
    expect(page.get_by_role("status").filter(has_text="同价优先权已登记")).to_be_visible()


def test_a_bidder_sees_prices_without_names_and_only_its_own_backup(desk: Desk, auction: Auction) -> None:
    page = desk.sign_in("sfund.one", language="en", width=390)
    page.goto(f"/awards/{auction.award_id}")
    winners = page.get_by_role("table", name="Winners in rank order")
    expect(winners.get_by_text("Your bid")).to_be_visible()
    expect(winners.get_by_text("A bidder").first).to_be_visible()
    expect(page.get_by_role("table", name="Backups")).to_have_count(0)
    expect(page.get_by_role("link", name="Whole proof (JSON)")).to_have_count(0)
    expect(page.get_by_role("heading", name="Your match right")).to_have_count(0)


def test_the_seller_accepts_and_the_blotter_shows_each_proposals_cost(desk: Desk, auction: Auction) -> None:
    operator = ApiCaller(desk.market.address, "operator.one", desk.market.password)
    operator.post("/sandbox/clock", {"working_days": 5})
    operator.wait_for(
        lambda: operator.get(f"/awards/{auction.award_id}")["status"], lambda status: status == "proposed", seconds=60
    )
    page = desk.sign_in(SELLER)
    page.goto(f"/awards/{auction.award_id}")
    expect(page.get_by_role("table", name="中选者（按顺位）").get_by_text("行使同价优先权")).to_be_visible()
    expect(page.get_by_role("link", name="完整证明（JSON）")).to_be_visible()
    page.get_by_role("button", name="接受结果").click()
    expect(page.get_by_role("status").filter(has_text="已接受结果")).to_be_visible()
    blotter = desk.sign_in("operator.two")
    blotter.goto("/blotter")
    row = blotter.get_by_role("row").filter(has=blotter.locator(f'a[href="/awards/{auction.award_id}"]')).first
    expect(row).to_be_visible()
    row.get_by_role("link", name="中选结果").click()
    expect(blotter).to_have_url(re.compile(f"/awards/{auction.award_id}$"))
