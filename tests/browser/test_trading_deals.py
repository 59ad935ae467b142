"""A deal in real browsers, from the match to the register and back: what each side sees and does, and what refuses it.

The tests follow one deal in order. The last one moves the market's clock, so the file runs after open books.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from exchange.diligence.gate import Gate
from tests.browser.conftest import Desk
from tests.browser.deal_course import Course
from tests.browser.test_diligence import pdf
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits
from tests.running import Market

FUND = "Fisher Lynch Co-Investment Partnership II"
WHOLE_FUND = "Hamilton Lane SMID Fund"  # sold to one buyer, with another behind it
LEAVER, BACKUP = "sfund.one", "sfund.two"
BUYER, SECOND_BUYER = "amc", "insurer"
DONE_SECONDS = 20_000


@dataclass(frozen=True)
class Sale:
    """A listing with one match that waits and one deal whose partners were told."""

    course: Course
    listing_id: str
    noticed: dict[str, Any]
    seller: str
    manager: str

    @property
    def deal(self) -> dict[str, Any]:
        """The deal that the first match became."""
        buyer = self.course.caller(BUYER)
        found = buyer.items("/deals", listing_id=self.listing_id)
        return next(item for item in found if item["buyer_organisation_id"] == buyer.organisation_id)


@pytest.fixture(scope="module")
def sale(market: Market) -> Sale:
    """The one sale of this file."""
    course = Course(market.address, market.password)
    listing = course.listing_of(FUND)
    proposal = course.matched(listing, BUYER)
    deal = course.sold(listing, SECOND_BUYER)
    course.noticed(deal)
    seller = course.login_of(proposal["seller_organisation_id"])
    course.caller(seller).post(f"/proposals/{proposal['id']}:confirm")
    return Sale(course, listing["id"], deal, seller, course.login_of(deal["manager_organisation_id"]))


def at_deal(desk: Desk, sale: Sale, login: str) -> Page:
    """Somebody of the demo world at the page of the deal."""
    page = desk.sign_in(login)
    page.goto(f"/deals/{sale.deal['id']}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(FUND)
    return page


def waiting_proposal(sale: Sale) -> dict[str, Any]:
    """The match that waits for the buyer."""
    found = sale.course.caller(BUYER).items("/proposals", listing_id=sale.listing_id)
    return next(item for item in found if item["status"] == "proposed")


def said(page: Page, text: str) -> None:
    """The page says that it is done."""
    expect(page.get_by_role("status").get_by_text(text)).to_be_visible(timeout=DONE_SECONDS)


def test_a_confirmation_without_its_papers_names_them_on_the_orders_page(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["409"]
    course, buyer = sale.course, sale.course.caller(BUYER)
    items = course.caller("operator.two").get(
        f"/listings/{sale.listing_id}/checklist", organisation_id=buyer.organisation_id
    )["items"]
    paper = next(item for item in items if item["code"] == "G08")
    course.caller("operator.two").post(f"/checklist-items/{paper['id']}:return", {"reason": "请更新"})
    page = desk.sign_in(BUYER)
    page.goto("/orders")
    page.get_by_role("button", name="确认提案").click()
    told = page.get_by_role("alert").filter(has_text="没有任何内容被更改")
    expect(told.get_by_text(re.compile("^G08 .* · 已退回$"))).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    assert waiting_proposal(sale)["buyer_confirmed_at"] is None
    told.get_by_role("link", name="查看交割清单").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("交割清单")
    course.papers.satisfy(sale.listing_id, Gate.AWARD, buyer)
    page.goto("/orders")
    page.get_by_role("button", name="确认提案").click()
    said(page, "提案已确认")


def test_the_manager_serves_notice_and_a_partner_waives(desk: Desk, sale: Sale) -> None:
    manager = at_deal(desk, sale, sale.manager)
    manager.get_by_label("送达凭证").fill("平台站内信")
    manager.get_by_role("button", name="向其他合伙人送达通知").click()
    said(manager, "通知已送达")
    course, deal = sale.course, sale.deal
    notices = course.caller(sale.manager).get(f"/rofr/{deal['id']}")["notices"]
    partner = course.login_of(notices[0]["partner_organisation_id"])
    page = desk.sign_in(partner)
    page.goto("/deals")
    served = page.get_by_role("region", name="收到的优先购买权通知")
    expect(served.get_by_text("待答复")).to_have_count(2)
    served.locator(f"a[href='/rofr/{deal['id']}']").click()
    expect(page.get_by_role("heading", name="四项同等条件")).to_be_visible()
    expect(page.get_by_text("79.00%")).to_be_visible()
    page.get_by_role("button", name="放弃优先购买权").click()
    said(page, "答复已提交")
    expect(page.get_by_role("button", name="放弃优先购买权")).to_have_count(0)
    page.goto("/deals")
    expect(served.get_by_text("待答复")).to_have_count(1)
    course.cleared(deal, but=(partner,))
    manager.reload()
    expect(manager.get_by_text("优先购买权已清，等待管理人同意")).to_be_visible()
    expect(manager.get_by_role("table", name="通知与优先购买").get_by_role("cell", name="放弃")).to_have_count(
        len(notices)
    )


def test_a_partner_who_asks_for_a_part_is_told_why_not_and_keeps_what_it_typed(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["409", "422"]
    course, deal = sale.course, sale.noticed
    notices = course.caller(sale.manager).get(f"/rofr/{deal['id']}")["notices"]
    page = desk.sign_in(course.login_of(notices[0]["partner_organisation_id"]), language="en", width=390)
    page.goto(f"/rofr/{deal['id']}")
    page.get_by_label("Amount (subscribed)").fill("not an amount")
    page.get_by_role("button", name="Exercise the right").click()
    expect(page.get_by_role("alert")).to_contain_text("Not done; nothing was changed")
    expect(page.get_by_label("Amount (subscribed)")).to_have_value("not an amount")
    assert_accessible(page)
    assert_fits(page)
    answered = [row for row in course.caller(sale.manager).get(f"/rofr/{deal['id']}")["notices"] if row["answer"]]
    assert answered == []


def test_a_shut_gate_is_named_then_consent_and_approvals_are_recorded(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["409"]
    manager = at_deal(desk, sale, sale.manager)
    manager.get_by_role("button", name="同意受让方入伙").click()
    refused = manager.get_by_role("alert").filter(has_text="未能办理")
    expect(refused.get_by_role("listitem").filter(has_text=re.compile("^H02 "))).to_be_visible()
    assert_accessible(manager)
    assert sale.course.status(sale.deal) == "rofr_cleared"
    sale.course.satisfied(sale.deal, Gate.CONSENT, BUYER)
    manager.goto(f"/deals/{sale.deal['id']}")
    manager.get_by_role("button", name="同意受让方入伙").click()
    said(manager, "管理人决定已记录")
    operator = at_deal(desk, sale, "operator.one")
    while operator.get_by_label("批准机构").count():
        operator.get_by_label("批准机构").first.fill("交易所合规部")
        operator.get_by_label("文件编号").first.fill("T-1")
        operator.get_by_role("button", name="批准", exact=True).first.click()
        said(operator, "审批结果已记录")
    expect(operator.get_by_text("审批通过，等待各方签署协议")).to_be_visible()


def test_three_sides_sign_one_agreement_and_the_buyer_pays(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["409"]
    manager = at_deal(desk, sale, sale.manager)
    manager.get_by_role("button", name="生成转让协议").click()
    said(manager, "协议已生成")
    buyer = at_deal(desk, sale, BUYER)
    buyer.get_by_role("button", name="签署协议").click()
    expect(buyer.get_by_role("alert").filter(has_text="G10")).to_be_visible()
    sale.course.satisfied(sale.deal, Gate.SIGN, BUYER)
    for login in (BUYER, sale.seller, sale.manager):
        page = at_deal(desk, sale, login)
        page.get_by_role("button", name="签署协议").click()
        said(page, "协议已签署")
        expect(page.get_by_role("button", name="签署协议")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载协议（PDF）").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    sale.course.satisfied(sale.deal, Gate.FUND, BUYER)
    buyer.goto(f"/deals/{sale.deal['id']}")
    buyer.get_by_role("button", name="支付价款").click()
    said(buyer, "结算单已出具")


def test_a_disputed_statement_is_upheld_and_each_answer_is_shown(desk: Desk, sale: Sale) -> None:
    buyer = at_deal(desk, sale, BUYER)
    buyer.get_by_role("button", name="确认结算单").click()
    said(buyer, "对结算单的答复已记录")
    expect(buyer.get_by_role("button", name="确认结算单")).to_have_count(0)
    statement = buyer.get_by_role("region", name="交割结算单")
    expect(statement.get_by_text("已确认")).to_be_visible()
    expect(statement.get_by_text("未答复")).to_be_visible()
    seller = at_deal(desk, sale, sale.seller)
    seller.get_by_text("提出异议", exact=True).first.click()
    seller.get_by_label("异议内容").fill("费用计算有误")
    seller.get_by_role("button", name="提出异议").click()
    said(seller, "对结算单的答复已记录")
    operator = at_deal(desk, sale, "operator.one")
    expect(operator.get_by_role("region", name="交割结算单").get_by_text("有异议").first).to_be_visible()
    operator.get_by_label("裁定理由").fill("费用按费率表计算无误")
    operator.get_by_role("button", name="维持结算单").click()
    said(operator, "结算单裁定已记录")
    expect(operator.get_by_role("button", name="过户并放款")).to_be_visible()


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_pages_of_deals_are_accessible_and_fit(desk: Desk, sale: Sale, language: str, theme: str, width: int) -> None:
    for login in (BUYER, sale.manager, "operator.one"):
        page = desk.sign_in(login, language=language, theme=theme, width=width)
        paths = ["/deals", f"/deals/{sale.deal['id']}"]
        for path in paths if login == BUYER else [*paths, f"/deals/{sale.noticed['id']}"]:
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert_accessible(page)
            assert_fits(page)
            if width < 760:
                entry = page.get_by_role("navigation").get_by_role(
                    "link", name="交易单" if language == "zh" else "Deals"
                )
                expect(entry.first).to_be_in_viewport(ratio=1)


def test_a_deal_of_others_is_not_there(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["404"]
    page = desk.sign_in("venture")
    page.goto(f"/deals/{sale.deal['id']}")
    expect(page.get_by_text("DEAL_NOT_FOUND")).to_be_visible()
    page.goto("/deals")
    expect(page.get_by_text("暂无交易单")).to_be_visible()


def test_a_backup_takes_the_place_of_a_buyer_that_left(desk: Desk, sale: Sale) -> None:
    course = sale.course
    listing = course.listing_of(WHOLE_FUND)
    proposal = course.matched(listing, LEAVER, parts=1)
    course.bid(listing, BACKUP, parts=1)
    course.caller(course.login_of(proposal["seller_organisation_id"])).post(f"/proposals/{proposal['id']}:confirm")
    course.papers.satisfy(listing["id"], Gate.AWARD, course.caller(LEAVER))
    course.caller(LEAVER).post(f"/proposals/{proposal['id']}:confirm")
    leaver = course.caller(LEAVER)
    deals = leaver.wait_for(lambda: leaver.items("/deals", listing_id=listing["id"]), bool)
    page = desk.sign_in(LEAVER, language="en", width=390)
    page.goto(f"/deals/{deals[0]['id']}")
    page.get_by_text("Withdraw", exact=True).first.click()
    page.get_by_label("Why", exact=True).last.fill("no money left")
    page.get_by_role("button", name="Withdraw from the deal").click()
    expect(page.get_by_role("status")).to_be_visible(timeout=DONE_SECONDS)
    backup = course.caller(BACKUP)
    backup.wait_for(lambda: backup.items("/backup-offers", status="offered"), bool)
    taker = desk.sign_in(BACKUP)
    taker.goto("/deals")
    offers = taker.get_by_role("region", name="候补邀约")
    expect(offers.get_by_text(WHOLE_FUND)).to_be_visible()
    assert_accessible(taker)
    assert_fits(taker)
    offers.get_by_role("button", name="接受递补").click()
    said(taker, "已接受递补")
    expect(taker.get_by_role("table", name="交易单").get_by_role("link", name=WHOLE_FUND)).to_be_visible()


def test_the_register_waits_for_the_notice(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["409"]
    operator = at_deal(desk, sale, "operator.one")
    operator.get_by_role("button", name="过户并放款").click()
    early = operator.get_by_role("alert").filter(has_text="未能办理")
    expect(early.get_by_role("listitem").filter(has_text=re.compile(r"^R-31 .*\d{4}-\d{2}-\d{2}"))).to_be_visible()
    assert sale.course.status(sale.deal) == "closing"
    sale.course.pass_notice()
    sale.course.satisfied(sale.deal, Gate.REGISTER, BUYER)
    operator.goto(f"/deals/{sale.deal['id']}")
    operator.get_by_role("button", name="过户并放款").click()
    said(operator, "已过户，价款已划付")


def test_the_manager_hands_in_evidence_of_a_filing(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["409", "422"]
    page = at_deal(desk, sale, sale.manager)
    duties = page.get_by_role("region", name="交割后事项")
    expect(duties.get_by_text("待办理")).to_have_count(2)
    wrong: FilePayload = {"name": "receipt.pdf", "mimeType": "application/pdf", "buffer": b"no PDF at all"}
    duties.get_by_label("办理证明文件 · 工商变更登记").set_input_files(wrong)
    duties.get_by_role("button", name="提交证明 工商变更登记").click()
    expect(page.get_by_role("alert").filter(has_text="未能办理")).to_be_visible()
    expect(duties.get_by_text("待办理")).to_have_count(2)
    duties.get_by_label("办理证明文件 · 工商变更登记").set_input_files(pdf("receipt"))
    duties.get_by_role("button", name="提交证明 工商变更登记").click()
    said(page, "办理证明已提交")
    expect(duties.get_by_text("已办理")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    buyer = at_deal(desk, sale, BUYER)
    expect(buyer.get_by_role("region", name="交割后事项").get_by_text("已办理")).to_be_visible()
    expect(buyer.get_by_role("button", name=re.compile("^提交证明"))).to_have_count(0)


def test_two_operators_undo_a_transfer(desk: Desk, sale: Sale) -> None:
    operator = at_deal(desk, sale, "operator.one")
    operator.get_by_text("撤销过户", exact=True).click()
    operator.get_by_label("双方陈述").fill("双方均已陈述")
    operator.get_by_label("文件编号").fill("B-1")
    operator.get_by_role("button", name="申请撤销，由第二人复核").click()
    said(operator, "撤销申请已提交")
    expect(operator.get_by_text("须由另一名操作员复核")).to_be_visible()
    expect(operator.get_by_role("button", name="批准撤销")).to_have_count(0)
    second = at_deal(desk, sale, "operator.two")
    expect(second.get_by_text("双方均已陈述")).to_be_visible()
    second.get_by_label("原因", exact=True).first.fill("已核对")
    second.get_by_role("button", name="批准撤销").click()
    said(second, "申请已批准并执行")
    expect(second.get_by_text("过户已撤销，份额与价款均已退回")).to_be_visible()
    buyer = at_deal(desk, sale, BUYER)
    buyer.get_by_text("对撤销提出申诉", exact=True).first.click()
    buyer.get_by_label("申诉理由").fill("并无重大差错")
    buyer.get_by_role("button", name="提交申诉").click()
    said(buyer, "申诉已记录")


def test_a_deal_ends_by_order_after_two_operators_agree(desk: Desk, sale: Sale) -> None:
    operator = desk.sign_in("operator.one", language="en")
    operator.goto(f"/deals/{sale.noticed['id']}")
    operator.get_by_text("End by order", exact=True).click()
    operator.get_by_label("Authority that gave the order").fill("Court of the district")
    operator.get_by_label("Order number").fill("O-1")
    operator.get_by_role("button", name="Ask a second person to end the deal").click()
    said(operator, "The end by order waits for a second person")
    second = desk.sign_in("operator.two", language="en")
    second.goto(f"/deals/{sale.noticed['id']}")
    expect(second.get_by_text("Court of the district")).to_be_visible()
    assert_accessible(second)
    second.get_by_role("button", name="Refuse the request").click()
    expect(second.get_by_label("Why", exact=True).first).to_be_focused()
    second.get_by_label("Why", exact=True).first.fill("checked")
    second.get_by_role("button", name="End the deal").click()
    said(second, "The request is approved and carried out")
    assert sale.course.status(sale.noticed) == "terminated"
