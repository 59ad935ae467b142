"""The data room in real browsers: agreement, index, a marked page, a question and its answer, grants, packages."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_pages import assert_accessible, assert_fits

Open = Callable[[Page, str], None]
FUND = "澜沧硬科技一期创业投资基金（有限合伙）【模拟】"
QUESTION = "第一页所列金额以何日汇率折算？"
ANSWER = "以基准日中国人民银行公布的中间价折算。"
PICTURE_SECONDS = 10
NARROW = [("zh", "dark"), ("en", "light")]


def in_room(page: Page, open_listing: Open, language: str = "zh") -> None:
    """Go to the data room of the listing whose papers were handed in one by one."""
    open_listing(page, FUND)
    page.get_by_role("link", name="进入资料室" if language == "zh" else "Open the data room").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("资料室" if language == "zh" else "Data room")


def signed(page: Page, open_listing: Open) -> None:
    """Sign the agreement for the bidder unless it has."""
    in_room(page, open_listing)
    if page.get_by_role("button", name="签署保密协议").count():
        page.get_by_label(re.compile("我有权代表")).check()
        page.get_by_role("button", name="签署保密协议").click()
        expect(page.get_by_role("status").get_by_text("保密协议已签署")).to_be_visible()


def picture(page: Page) -> None:
    """The picture of the page has come, with pixels."""
    image = page.get_by_role("img", name=re.compile("第 1 页"))
    expect(image).to_be_visible()
    # Polled from outside: a predicate that the page itself evaluates is against its content policy.
    deadline = time.monotonic() + PICTURE_SECONDS
    while (width := image.evaluate("picture => picture.naturalWidth")) <= 1000 and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert width > 1000


def test_a_bidder_signs_the_text_it_read_and_then_sees_more(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("sfund.one")
    in_room(page, open_listing)
    agreement = page.get_by_role("region", name="保密协议")
    expect(agreement.get_by_text(re.compile("^[0-9a-f]{64}$"))).to_be_visible()
    before = page.locator(".papers a").count()
    signed(page, open_listing)
    expect(page.get_by_role("button", name="签署保密协议")).to_have_count(0)
    assert page.locator(".papers a").count() > before
    expect(page.get_by_role("link", name=re.compile("授权与入围"))).to_have_count(0)
    page.get_by_role("link", name=re.compile("上次来访后新增")).click()
    expect(page.get_by_text("上次来访后没有新增文件")).to_be_visible()


def test_a_question_about_a_page_is_answered_checked_and_read_by_all_without_its_asker(
    desk: Desk, open_listing: Open
) -> None:
    asker = desk.sign_in("sfund.two")
    signed(asker, open_listing)
    asker.locator(".papers a").first.click()
    picture(asker)
    asker.get_by_label("问题", exact=True).fill(QUESTION)
    asker.get_by_role("button", name="提交问题").click()
    expect(asker.get_by_role("status").get_by_text("问题已提交")).to_be_visible()
    address = asker.url.removeprefix(desk.market.address).partition("?")[0]

    operator = desk.sign_in("operator.two")
    operator.goto(address)
    operator.get_by_label("答复", exact=True).last.scroll_into_view_if_needed()
    thread = operator.get_by_role("article", name=QUESTION)
    thread.get_by_label("答复", exact=True).fill(ANSWER)
    thread.get_by_role("button", name="提交答复").click()
    expect(thread.get_by_text("答复须由另一人复核后发布")).to_be_visible()
    asker.reload()
    expect(asker.get_by_text(ANSWER)).to_have_count(0)

    second = desk.sign_in("operator.one")
    second.goto(address)
    second.get_by_role("article", name=QUESTION).get_by_role("button", name="复核并发布").click()
    expect(second.get_by_role("status").get_by_text("答复已发布")).to_be_visible()

    reader = desk.sign_in("sfund.one")
    signed(reader, open_listing)
    reader.goto(address)
    expect(reader.get_by_text(ANSWER)).to_be_visible()
    assert "示范S基金二号" not in reader.get_by_role("article", name=QUESTION).inner_text()
    asker.reload()
    asker.get_by_role("button", name="已解决，结束").click()
    expect(asker.get_by_role("status").get_by_text("问题已结束")).to_be_visible()


def test_a_denial_shuts_a_paper_away_until_it_is_revoked_and_the_log_names_who_looked(
    desk: Desk, open_listing: Open
) -> None:
    desk.allowed += ["404"]
    bidder = desk.sign_in("guidance.two")
    signed(bidder, open_listing)
    bidder.locator(".papers a").first.click()
    picture(bidder)
    paper = bidder.url
    operator = desk.sign_in("operator.one")
    in_room(operator, open_listing)
    operator.get_by_role("link", name="查阅记录").click()
    expect(operator.get_by_role("row", name=re.compile("查阅 第 1 页.*引导基金二号")).first).to_be_visible()
    operator.get_by_role("link", name="授权与入围").click()
    operator.get_by_label("机构", exact=True).select_option(label="示范政府引导基金二号【模拟】")
    operator.locator(".segments").get_by_text("禁止").click()
    operator.get_by_label("理由").fill("利益冲突待核查")
    operator.get_by_role("button", name="保存", exact=True).click()
    expect(operator.get_by_role("status").get_by_text("授权已保存")).to_be_visible()
    bidder.goto(paper)
    expect(bidder.get_by_role("heading", level=1)).not_to_contain_text("【模拟】")
    expect(bidder.locator(".sheet")).to_have_count(0)
    operator.get_by_role("button", name="撤销").click()
    expect(operator.get_by_role("status").get_by_text("授权已撤销")).to_be_visible()
    bidder.goto(paper)
    picture(bidder)


def test_everything_one_may_see_is_packed_and_downloaded(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("sfund.one")
    signed(page, open_listing)
    page.get_by_role("button", name="打包全部可见文件").click()
    link = page.get_by_role("link", name="下载压缩包")
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    assert download.value.path().read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(("language", "theme"), NARROW)
def test_the_room_is_accessible_and_fits_a_narrow_screen(
    desk: Desk, open_listing: Open, language: str, theme: str
) -> None:
    bidder = desk.sign_in("guidance.one", language=language, theme=theme, width=390)
    in_room(bidder, open_listing, language)
    room = bidder.url.removeprefix(desk.market.address).partition("?")[0]
    paper = bidder.locator(".papers a").first.get_attribute("href")
    operator = desk.sign_in("operator.one", language=language, theme=theme, width=390)
    looks = [(bidder, room), (bidder, str(paper)), (bidder, room.replace("/room", "/questions"))]
    looks += [(operator, f"{room}?tab={tab}") for tab in ("index", "nda", "access", "log", "knowledge")]
    looks += [(operator, room.replace("/room", "/questions"))]
    for page, path in looks:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible(page)
        assert_fits(page)
