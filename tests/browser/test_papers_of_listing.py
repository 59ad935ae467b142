"""Papers of a listing that an operator verifies: filed by its side, refused when they contradict themselves."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits


def fill(page: Page, kind: str, invested_on: str = "") -> None:
    """A paper of this kind, dated yesterday on the market's clock."""
    page.get_by_label("文件", exact=True).select_option(kind)
    page.get_by_label("出具机构").fill("北京某法院")
    page.get_by_label("文号").fill("（2026）京执17号")
    page.get_by_label("出具日期").fill("2026-07-14")
    page.get_by_label("有效期至").fill("2026-12-31")
    page.get_by_label("出资日期").fill(invested_on)
    page.get_by_role("button", name="提交", exact=True).click()


def test_a_paper_is_filed_by_the_side_and_verified_by_an_operator(desk: Desk) -> None:
    desk.allowed += ["409"]
    manager = desk.sign_in("gp.yanshan")
    manager.goto("/drafts")
    manager.get_by_role("link", name="批准与文书").first.click()
    expect(manager.get_by_role("heading", name="批准与文书", level=1)).to_be_visible()
    fill(manager, "exit_clause")
    expect(manager.get_by_role("alert")).to_be_visible()
    expect(manager.get_by_label("文号")).to_have_value("（2026）京执17号")
    fill(manager, "court_order")
    expect(manager.get_by_role("status").get_by_text("文件已提交")).to_be_visible()
    expect(manager.get_by_role("button", name="核对通过")).to_have_count(0)
    address = manager.url.partition("?")[0]
    operator = desk.sign_in("operator.two")
    operator.goto(address)
    operator.get_by_role("button", name="核对通过").click()
    expect(operator.get_by_role("row", name="法院文书").get_by_text("已核对")).to_be_visible()
    for language, theme, width in LOOKS:
        page = desk.sign_in("gp.yanshan", language=language, theme=theme, width=width)
        page.goto(address)
        assert_accessible(page)
        assert_fits(page)


def test_others_do_not_read_the_papers_of_a_listing(desk: Desk) -> None:
    desk.allowed += ["403", "404"]
    manager = desk.sign_in("gp.yanshan")
    manager.goto("/drafts")
    address = manager.get_by_role("link", name="批准与文书").first.get_attribute("href") or ""
    stranger = desk.sign_in("holder.d")
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name="批准与文书", level=1)).to_have_count(0)


def test_a_partner_sees_the_auction_in_which_it_may_buy_first(desk: Desk) -> None:
    partner = desk.sign_in("holder.a")
    partner.goto("/deals")
    panel = partner.get_by_role("region", name="您可优先受让的竞价")
    expect(panel.get_by_text("合伙人同场竞价，同价优先")).to_be_visible()
    panel.get_by_role("link").first.click()
    expect(partner.get_by_text("合伙人同场竞价，同价优先")).to_be_visible()
    stranger = desk.sign_in("sfund.one")
    stranger.goto("/deals")
    expect(stranger.get_by_role("region", name="您可优先受让的竞价")).to_have_count(0)
    for language, theme, width in LOOKS:
        page = desk.sign_in("holder.a", language=language, theme=theme, width=width)
        page.goto("/deals")
        assert_accessible(page)
        assert_fits(page)
