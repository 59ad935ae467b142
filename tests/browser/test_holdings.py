"""Holdings in a browser: a holder asks for a pledge, operators enter it and give it back, certificates open."""

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits
from tests.files import a_pdf

HOLDER, CREDITOR = "holder.b", "示范银行【模拟】"


def paper(name: str) -> FilePayload:
    """A small file of its own."""
    return {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": a_pdf(words=name)}


def ask(page: Page, amount: str) -> None:
    """Fill the form of a pledge and send it."""
    page.goto("/holdings")
    form = page.get_by_role("region", name="申请质押登记")
    form.get_by_text("填写申请").click()
    for name, text in {
        "amount": amount,
        "secured": "500万",
        "creditor_name": CREDITOR,
        "creditor_code": "91110000100000000X",
        "contract_number": "质借-2026-01",
        "permitted_by": "合伙协议第9.2条",
        "ends_on": "2030-01-01",
    }.items():
        form.locator(f"#pledge-{name}").fill(text)
    for code in ("W01", "W02", "W03"):
        form.locator(f"#pledge-{code}").set_input_files(paper(f"{code} {amount}"))
    form.get_by_role("button", name="提交质押申请").click()


def test_a_pledge_is_asked_for_registered_and_released_by_two_operators(desk: Desk) -> None:
    holder = desk.sign_in(HOLDER)
    ask(holder, "10万")
    expect(holder.get_by_role("status").get_by_text("质押申请已提交。")).to_be_visible()
    register = holder.get_by_role("region", name="份额质押")
    expect(register.get_by_text("待登记")).to_be_visible()
    with holder.expect_download() as saved:
        register.get_by_role("link", name="主合同与质押合同").click()
    assert saved.value.suggested_filename.endswith(".pdf")
    one = desk.sign_in("operator.one")
    one.goto("/holdings#pledges")
    with one.expect_download():
        one.get_by_role("link", name="主合同与质押合同").first.click()
    one.get_by_role("button", name="登记质押").first.click()
    expect(one.get_by_role("status").get_by_text("质押已登记。")).to_be_visible()
    holder.goto("/holdings")
    register = holder.get_by_role("region", name="份额质押")
    expect(register.get_by_text("已登记")).to_be_visible()
    register.get_by_text("申请解除质押").first.click()
    register.get_by_label("质权人解除质押函").set_input_files(paper("letter"))
    register.get_by_role("button", name="申请解除质押").click()
    expect(holder.get_by_role("status").get_by_text("解除申请已提交。")).to_be_visible()
    desk.allowed.append("409")
    one.goto("/holdings")
    one.get_by_role("button", name="解除质押", exact=True).click()
    expect(one.get_by_role("alert")).to_be_visible()
    two = desk.sign_in("operator.two", language="en")
    two.goto("/holdings")
    two.get_by_role("button", name="Release pledge").click()
    expect(two.get_by_role("status").get_by_text("The pledge is released.")).to_be_visible()


def test_more_than_is_free_is_refused_and_what_was_typed_stands(desk: Desk) -> None:
    holder = desk.sign_in(HOLDER)
    desk.allowed.append("409")
    ask(holder, "900亿")
    expect(holder.get_by_role("alert").get_by_text(re.compile("可用份额不足|只有"))).to_be_visible()
    expect(holder.locator("#pledge-creditor_name")).to_have_value(CREDITOR)


def test_a_long_register_goes_on_on_further_pages(desk: Desk) -> None:
    operator = desk.sign_in("operator.one", language="en")
    operator.goto("/holdings")
    rows = operator.get_by_role("table", name="Interests").get_by_role("rowheader")
    first = rows.all_inner_texts()
    operator.get_by_role("link", name="Further interests").click()
    assert not set(first) & set(rows.all_inner_texts())


def test_a_certificate_is_issued_as_a_pdf(desk: Desk) -> None:
    holder = desk.sign_in(HOLDER)
    holder.goto("/holdings")
    with holder.expect_download() as saved:
        holder.get_by_role("button", name=re.compile("持有凭证")).first.click()
    assert re.fullmatch(r"certificate-crt_[0-9A-Z]{26}\.pdf", saved.value.suggested_filename)
    assert saved.value.path().read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
@pytest.mark.parametrize("login", [HOLDER, "operator.one", "gp.haihe"])
def test_the_page_is_accessible_and_fits(desk: Desk, login: str, language: str, theme: str, width: int) -> None:
    page = desk.sign_in(login, language=language, theme=theme, width=width)
    page.goto("/holdings")
    assert_accessible(page)
    assert_fits(page)
