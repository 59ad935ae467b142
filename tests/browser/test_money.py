"""Money in real browsers: a participant asks for a payout, the bank desk pays it out and places what it cannot read."""

import re

from playwright.sync_api import Page, expect

from exchange.api_client import ApiCaller
from tests.browser.conftest import Desk

NUMBER = "6222020200112233445"


def opened(desk: Desk, login: str, language: str = "zh", width: int = 1440) -> Page:
    """The page of money of a person."""
    page = desk.sign_in(login, language=language, width=width)
    page.goto("/money")
    return page


def ask(page: Page, amount: str) -> None:
    """Fill in and send the form of a payout."""
    form = page.get_by_role("region", name="申请出款")
    form.get_by_label("金额").fill(amount)
    form.get_by_label("收款账号").fill(NUMBER)
    form.get_by_role("button", name="申请出款").click()


def wait_for_queue(page: Page, reference: str) -> None:
    """Reload until the simulated money is there."""
    for _ in range(40):
        if page.get_by_text(reference).count():
            return
        page.wait_for_timeout(250)
        page.goto("/money")
    raise AssertionError("the simulated money never came")


def test_a_payout_beyond_the_free_money_is_refused_and_changes_nothing(desk: Desk) -> None:
    desk.allowed.append("409")
    page = opened(desk, "growth")
    free = page.get_by_role("region", name="资金账户").get_by_role("row").nth(1).inner_text()
    ask(page, "900000000000")
    expect(page.get_by_role("alert")).to_contain_text("没有任何内容被更改")
    page.goto("/money")
    assert page.get_by_role("region", name="资金账户").get_by_role("row").nth(1).inner_text() == free
    expect(page.get_by_role("region", name="出款", exact=True)).to_contain_text("还没有出款")


def test_a_payout_goes_from_request_to_the_banks_answer(desk: Desk) -> None:
    page = opened(desk, "growth")
    ask(page, "1.2万")
    expect(page.get_by_role("status").first).to_contain_text("金额已占用")
    own = page.get_by_role("region", name="出款", exact=True)
    expect(own).to_contain_text("12,000.00")
    expect(own).to_contain_text("已申请")
    expect(own).not_to_contain_text(NUMBER)

    operator = opened(desk, "operator.one")
    out = operator.get_by_role("region", name="出款", exact=True)
    out.get_by_role("button", name="批准").click()
    expect(operator.get_by_text("出款已批准")).to_be_visible()
    operator.get_by_role("button", name=re.compile("^发送已批准的")).click()
    expect(operator.get_by_text("付款指令文件已生成")).to_be_visible()
    link = operator.get_by_role("region", name="付款指令文件").get_by_role("link", name="pain.001").first
    path = (link.get_attribute("href") or "").removeprefix("/api/v1")
    content = ApiCaller(desk.market.address, "operator.one", desk.market.password).download(path)
    assert b"12000.00" in content
    assert NUMBER.encode() in content
    out.get_by_role("button", name="银行已付款").click()
    expect(operator.get_by_text("出款已办结")).to_be_visible()

    page.goto("/money")
    expect(own).to_contain_text("已付款")


def test_money_that_names_nothing_waits_until_an_operator_places_it(desk: Desk) -> None:
    page = opened(desk, "operator.one")
    form = page.get_by_role("region", name="模拟银行")
    form.get_by_label("附言").fill("invoice 7")
    form.get_by_label("金额", exact=True).fill("5000")
    form.get_by_label("少付金额").fill("20")
    form.get_by_role("button", name="模拟付款").click()
    expect(page.get_by_text("模拟银行将付款")).to_be_visible()
    wait_for_queue(page, "invoice 7")
    queued = page.get_by_role("article").filter(has_text="invoice 7")
    expect(queued).to_contain_text("4,980.00")
    expect(queued).to_contain_text("模拟")
    queued.get_by_label("归属").select_option(index=1)
    queued.get_by_label("理由").first.fill("付款人来电确认")
    queued.get_by_role("button", name="记入该账户").click()
    expect(page.get_by_text("款项已记入该账户")).to_be_visible()
    expect(page.get_by_role("region", name="待认领来款")).not_to_contain_text("invoice 7")
    expect(page.get_by_role("region", name="来款", exact=True)).to_contain_text("付款人来电确认")


def test_a_file_that_is_no_bank_message_is_refused_with_its_reason(desk: Desk) -> None:
    desk.allowed.append("409")
    page = opened(desk, "operator.one", "en")
    file = {"name": "statement.xml", "mimeType": "application/xml", "buffer": b"<Document/>"}
    page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was written")
    expect(page.get_by_role("region", name="Messages taken in")).not_to_contain_text("statement.xml")


def test_an_auditor_sees_the_desk_without_any_form(desk: Desk) -> None:
    page = opened(desk, "auditor", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bank desk")
    assert page.locator("main form").count() == 0


def test_the_pages_of_money_fit_a_telephone_in_both_languages(desk: Desk) -> None:
    for login, language in (("growth", "zh"), ("operator.one", "en")):
        page = opened(desk, login, language, 390)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
