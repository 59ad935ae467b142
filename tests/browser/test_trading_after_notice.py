"""A deal after its notice has run: the register, evidence of filings, and the way back by two operators.

Takes a listing off the market and moves the clock past the notice, so it runs after the tests that look at open books
and before those that move the clock by months, when papers have ended.
"""

import re

import pytest
from playwright.sync_api import FilePayload, expect

from exchange.diligence.gate import Gate
from tests.browser.conftest import Desk
from tests.browser.deal_course import BUYER, DONE_SECONDS, Sale, at_deal, said
from tests.browser.test_diligence import pdf
from tests.browser.test_pages import assert_accessible, assert_fits

WHOLE_FUND = "Hamilton Lane SMID Fund"  # sold to one buyer, with another behind it
LEAVER, BACKUP = "sfund.one", "sfund.two"


@pytest.fixture(scope="module", autouse=True)
def agreed(sale: Sale) -> None:
    """The deal of the earlier tests, or the same brought here over the API."""
    sale.agreed()


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


def test_an_operator_registers_interest_and_money_together(desk: Desk, sale: Sale) -> None:
    sale.course.pass_notice()
    sale.course.satisfied(sale.deal, Gate.REGISTER, BUYER)
    operator = at_deal(desk, sale, "operator.one")
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
