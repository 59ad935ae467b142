"""Every page: accessible, in both languages, light and dark, wide and narrow, without a word in the console."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk

PAGES = {
    "guidance.one": ["/market", "/orders", "/me"],
    "operator.one": ["/market", "/blotter", "/review", "/valuation-desk", "/me"],
    "gp.haihe": ["/market", "/orders", "/drafts"],
}
LOOKS = [("zh", "light", 1440), ("en", "dark", 1440), ("zh", "dark", 390), ("en", "light", 390)]


def assert_accessible(page: Page) -> None:
    """No violation of axe-core's rules."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def assert_fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), page.url


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
@pytest.mark.parametrize("login", PAGES)
def test_pages_are_accessible_and_fit(desk: Desk, login: str, language: str, theme: str, width: int) -> None:
    page = desk.sign_in(login, language=language, theme=theme, width=width)
    for path in PAGES[login]:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
        assert_accessible(page)
        assert_fits(page)


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_a_listing_is_accessible_and_fits(
    desk: Desk, open_listing: Callable[[Page, str], None], language: str, theme: str, width: int
) -> None:
    page = desk.sign_in("guidance.one", language=language, theme=theme, width=width)
    open_listing(page, "Pathway Private Equity Fund III-B")
    history = page.get_by_role("region", name="净值与现金流" if language == "zh" else "NAV and cash flows")
    history.get_by_text("查看数据表" if language == "zh" else "Show the table").click()
    expect(page.get_by_text("IRR", exact=True)).to_be_visible()
    expect(page.get_by_text("不得用于比较" if language == "zh" else "not to be used to compare").first).to_be_visible()
    assert_accessible(page)
    assert_fits(page)


def test_the_sign_in_page_is_accessible(desk: Desk) -> None:
    for language, theme, width in LOOKS:
        page = desk.page(language=language, theme=theme, width=width)
        page.goto("/sign-in")
        assert_accessible(page)
        assert_fits(page)


def test_every_page_says_that_it_is_a_sandbox(desk: Desk) -> None:
    page = desk.sign_in("guidance.one")
    for path in ("/market", "/orders", "/me"):
        page.goto(path)
        expect(page.get_by_text("模拟环境", exact=True)).to_be_visible()
        expect(page.get_by_text("数据来源：公开披露 / 交易为模拟")).to_be_visible()


def test_the_language_changes_and_the_address_stays(desk: Desk) -> None:
    page = desk.sign_in("guidance.one")
    page.goto("/market?mode=one_way_auction&currency=USD")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile(r"/market\?mode=one_way_auction&currency=USD$"))
    expect(page.get_by_role("heading", name="Market", level=1)).to_be_visible()
    expect(page.get_by_label("Mode")).to_have_value("one_way_auction")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="市场", level=1)).to_be_visible()


def test_the_theme_and_the_colours_of_up_and_down_are_kept(desk: Desk) -> None:
    page = desk.sign_in("guidance.one")
    page.get_by_role("button", name="切换为深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/me")
    page.get_by_role("radio", name="绿涨红跌").check()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("html")).to_have_attribute("data-direction", "western")


def test_filters_narrow_the_market(desk: Desk) -> None:
    page = desk.sign_in("guidance.one")
    everything = page.get_by_role("table").get_by_role("row").count()
    page.get_by_label("转让方式").select_option("one_way_auction")
    expect(page).to_have_url(re.compile("mode=one_way_auction"))
    narrowed = page.get_by_role("table").get_by_role("row").count()
    assert 1 < narrowed < everything
    page.get_by_label("搜索").fill("no such fund")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有符合条件的挂牌")).to_be_visible()
    page.get_by_role("link", name="清除筛选").click()
    expect(page).to_have_url(re.compile("/market$"))


def test_keys_lead_to_search_ticket_pages_and_help(desk: Desk, open_listing: Callable[[Page, str], None]) -> None:
    page = desk.sign_in("guidance.one")
    page.keyboard.press("/")
    expect(page.get_by_label("搜索")).to_be_focused()
    open_listing(page, "Pathway Private Equity Fund III-B")
    amount = page.get_by_label(re.compile("受让份额"))
    expect(amount).not_to_be_focused()
    page.keyboard.press("b")
    expect(amount).to_be_focused()
    expect(amount).to_have_value("")
    page.keyboard.press("g")  # typed into the field: no shortcut while typing
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile("/orders$"))


def test_a_page_without_the_right_names_the_reason_and_the_code(desk: Desk) -> None:
    desk.allowed += ["403", "404"]
    page = desk.sign_in("guidance.one")
    page.goto("/blotter")
    expect(page.get_by_text("FORBIDDEN")).to_be_visible()
    assert_accessible(page)
    page.goto("/listings/lst_00000000000000000000000000")
    expect(page.get_by_text("LISTING_NOT_FOUND")).to_be_visible()


def test_whoever_is_not_signed_in_comes_back_after_signing_in(desk: Desk) -> None:
    desk.allowed += ["401"]
    page = desk.page()
    page.goto("/orders?tab=all")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_label("登录名").fill("guidance.two")
    page.get_by_label("密码").fill("not the password at all")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("密码").fill(desk.market.password)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(r"/orders\?tab=all$"))
    page.goto("/me")
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto("/market")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_our_files_are_kept_for_ever_and_nothing_else_is_allowed(desk: Desk) -> None:
    page = desk.page()
    answer = page.goto("/sign-in")
    assert answer
    policy = answer.header_value("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for address in re.findall(r'(?:href|src)="(/a/[^"]+)"', page.content()):
        file = page.request.get(address)
        assert file.status == 200, address
        assert "immutable" in file.headers["cache-control"]
    desk.allowed += ["404"]
    assert page.request.get("/a/0000000000000000/app.js").status == 404
    assert page.content().count("<style") == 0
