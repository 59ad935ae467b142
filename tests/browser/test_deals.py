"""A deal in real browsers, from the match to the closing: what each side sees and does, and what refuses it.

The tests follow one deal in order and leave the clock alone; test_trading_after_notice goes on from here.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from exchange.diligence.gate import Gate
from tests.browser.conftest import Desk
from tests.browser.deal_course import BUYER, Sale, at_deal, said
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits


def waiting_proposal(sale: Sale) -> dict[str, Any]:
    """The match that waits for the buyer."""
    found = sale.course.caller(BUYER).items("/proposals", listing_id=sale.listing_id)
    return next(item for item in found if item["status"] == "proposed")


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


def test_a_buyer_states_how_it_would_pay_and_reads_its_estimates_of_tax(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["409"]
    buyer = at_deal(desk, sale, BUYER)
    taxes = buyer.get_by_role("region", name="税费")
    expect(taxes.get_by_text("印花税（受让方）")).to_be_visible()
    expect(taxes.get_by_text("企业所得税")).to_have_count(0)
    buyer.get_by_text("分期付款", exact=True).click()
    buyer.get_by_label("第 1 笔：占价款比例（%）").fill("75")
    buyer.get_by_label("第 1 笔：交割后天数").fill("365")
    buyer.get_by_role("button", name="提交付款方案").click()
    expect(buyer.get_by_role("alert").get_by_text("R-47").first).to_be_visible()
    expect(buyer.get_by_label("第 1 笔：占价款比例（%）")).to_have_value("75")
    buyer.get_by_label("第 1 笔：占价款比例（%）").fill("40")
    buyer.get_by_label("担保方式").select_option("bank_guarantee")
    buyer.get_by_role("button", name="提交付款方案").click()
    said(buyer, "付款方案已提交")
    # One side alone agrees nothing.
    terms = buyer.get_by_role("region", name="交易条款")
    expect(terms.get_by_text("交割时一次付清")).to_be_visible()


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
    expect(buyer.get_by_role("region", name="补差").get_by_text("互不相欠")).to_be_visible()
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


def test_the_register_waits_for_the_notice(desk: Desk, sale: Sale) -> None:
    desk.allowed += ["409"]
    operator = at_deal(desk, sale, "operator.one")
    operator.get_by_role("button", name="过户并放款").click()
    early = operator.get_by_role("alert").filter(has_text="未能办理")
    expect(early.get_by_role("listitem").filter(has_text=re.compile(r"^R-31 .*\d{4}-\d{2}-\d{2}"))).to_be_visible()
    assert sale.course.status(sale.deal) == "closing"
