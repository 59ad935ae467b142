"""Papers of a deal in real browsers: handed in, reviewed, seen by their states; tasks; papers of the account."""

import io
import re
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Locator, Page, expect
from pypdf import PdfWriter

from tests.browser.conftest import Desk
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits

Open = Callable[[Page, str], None]
FUND = "General Atlantic"  # submitted, managed by gp.haihe
OPEN_FUND = "Aquiline Financial Services Fund"
CODE = "C01"


def pdf(title: str) -> FilePayload:
    """A PDF of one empty page; different bytes for different titles."""
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    writer.add_metadata({"/Title": title})
    content = io.BytesIO()
    writer.write(content)
    return {"name": f"{title}.pdf", "mimeType": "application/pdf", "buffer": content.getvalue()}


def item(page: Page, code: str) -> Locator:
    """The card of an item."""
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=re.compile(f"^{code} ")))


def assert_keys_are_taken(page: Page) -> None:
    """Every form's key is one the server takes, and no two forms share one."""
    fields = page.locator("main input[name=idempotency_key]")
    keys: list[str] = fields.evaluate_all("found => found.map(each => each.value)")
    assert [key for key in keys if not re.fullmatch(r"[!-~]{16,64}", key)] == []
    assert len(keys) == len(set(keys))


def open_drafts_diligence(page: Page, fund: str) -> None:
    """The checklist of one of the organisation's own listings."""
    page.goto("/drafts")
    page.get_by_role("row", name=re.compile(fund)).get_by_role("link", name="查看交割清单").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("交割清单")


def test_a_paper_is_handed_in_by_the_manager_and_accepted_by_an_operator(desk: Desk) -> None:
    manager = desk.sign_in("gp.haihe")
    open_drafts_diligence(manager, FUND)
    manager.get_by_label(f"更换文件 {CODE}").click()
    item(manager, CODE).get_by_label("文件", exact=True).set_input_files(pdf("contract"))
    manager.get_by_role("button", name=f"提交 {CODE}").click()
    expect(manager.get_by_role("status").get_by_text("材料已提交")).to_be_visible()
    expect(item(manager, CODE).get_by_text("审核中").first).to_be_visible()

    operator = desk.sign_in("operator.one")
    operator.goto("/tasks")
    operator.get_by_role("link", name=re.compile(f"^{CODE} ")).first.click()
    expect(item(operator, CODE).get_by_text("审核中").first).to_be_visible()
    operator.get_by_role("button", name=f"通过 {CODE}").click()
    expect(operator.get_by_role("status").get_by_text("材料已通过")).to_be_visible()

    manager.reload()
    expect(item(manager, CODE).get_by_text("已通过").first).to_be_visible()


def test_a_refused_file_is_named_beside_its_form(desk: Desk) -> None:
    desk.allowed.append("422")
    page = desk.sign_in("gp.haihe")
    page.goto("/account/papers")
    page.get_by_label("更换文件 P01").click()
    wrong: FilePayload = {"name": "licence.pdf", "mimeType": "application/pdf", "buffer": b"no PDF at all"}
    item(page, "P01").get_by_label("文件", exact=True).set_input_files(wrong)
    page.get_by_role("button", name="提交 P01").click()
    expect(item(page, "P01").get_by_role("alert")).to_be_visible()
    expect(item(page, "P01").get_by_label("文件", exact=True)).to_be_visible()


def test_an_operator_looks_at_a_bidder_and_takes_the_checklist_along(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("operator.one")
    open_listing(page, OPEN_FUND)
    page.get_by_role("link", name="查看交割清单").click()
    page.get_by_role("navigation", name="意向受让方").get_by_role("link").nth(1).click()
    expect(page.get_by_text("报价/意向登记").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载清单（XLSX）").click()
    assert "items" in load_workbook(io.BytesIO(download.value.path().read_bytes())).sheetnames


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
@pytest.mark.parametrize("login", ["growth", "operator.one"])
def test_the_pages_are_accessible_and_fit(
    desk: Desk, open_listing: Open, login: str, language: str, theme: str, width: int
) -> None:
    page = desk.sign_in(login, language=language, theme=theme, width=width)
    open_listing(page, OPEN_FUND)
    page.get_by_role("link", name="查看交割清单" if language == "zh" else "Open the checklist").click()
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert_keys_are_taken(page)
    assert_accessible(page)
    assert_fits(page)
    for path in ("/tasks", "/account/papers"):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert_accessible(page)
        assert_fits(page)
