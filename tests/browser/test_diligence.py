"""Papers of a deal in real browsers: handed in, reviewed, seen by their states; tasks; papers of the account."""

import io
import re
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Locator, Page, expect
from pypdf import PdfWriter

from exchange.api_client import ApiCaller
from tests.browser.conftest import Desk
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits

Open = Callable[[Page, str], None]
FUND = "General Atlantic"  # submitted, managed by gp.haihe
OPEN_FUND = "Aquiline Financial Services Fund"
BEGUN_FUND = "A&M Capital Partners"  # left to its bidders
BIDDER = "venture"
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
    contract = pdf("contract")
    manager.get_by_label(f"更换文件 {CODE}").click()
    item(manager, CODE).get_by_label("文件", exact=True).set_input_files(contract)
    manager.get_by_role("button", name=f"提交 {CODE}").click()
    expect(manager.get_by_role("status").get_by_text("材料已提交")).to_be_visible()
    expect(item(manager, CODE).get_by_text("审核中").first).to_be_visible()
    with manager.expect_download() as download:
        manager.get_by_role("link", name=f"打开文件 {CODE}").click()
    assert download.value.path().read_bytes() == contract["buffer"]

    operator = desk.sign_in("operator.one")
    operator.goto("/tasks")
    operator.get_by_role("link", name=re.compile(f"^{CODE} ")).first.click()
    expect(item(operator, CODE).get_by_text("审核中").first).to_be_visible()
    operator.get_by_label(f"打开文件 {CODE}").click()
    expect(item(operator, CODE).get_by_label("查阅理由")).to_have_value(f"审核 {CODE}")
    with operator.expect_download() as download:
        operator.get_by_role("button", name=f"下载 {CODE}").click()
    assert download.value.path().read_bytes() == contract["buffer"]
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


def listing_of(desk: Desk, fund: str) -> str:
    """The id of a fund's listing."""
    watch = ApiCaller(desk.market.address, "operator.one", desk.market.password)
    names = {item["id"]: item["name"] for item in watch.items("/funds")}
    return str(next(item["id"] for item in watch.items("/listings") if names.get(item["fund_id"]) == fund))


def test_a_bidder_begins_and_a_paper_is_waived_and_asked_for_again(desk: Desk) -> None:
    desk.allowed += ["422"]
    listing_id = listing_of(desk, BEGUN_FUND)
    bidder = desk.sign_in(BIDDER)
    bidder.goto(f"/listings/{listing_id}/diligence")
    bidder.get_by_role("button", name="开始", exact=True).click()
    expect(bidder.get_by_role("status").get_by_text("已开始")).to_be_visible()
    expect(bidder.get_by_role("button", name="开始", exact=True)).to_have_count(0)

    organisation_id = ApiCaller(desk.market.address, BIDDER, desk.market.password).organisation_id
    operator = desk.sign_in("operator.two")
    operator.goto(f"/listings/{listing_id}/diligence?organisation={organisation_id}")
    waive = operator.locator("summary[aria-label^='豁免 ']").first
    code = str(waive.get_attribute("aria-label")).removeprefix("豁免 ")
    waive.click()
    item(operator, code).get_by_label("理由").fill("   ")
    item(operator, code).get_by_role("button", name="豁免").click()
    expect(item(operator, code).get_by_role("alert")).to_be_visible()
    item(operator, code).get_by_label("理由").fill("已有同等材料")
    item(operator, code).get_by_role("button", name="豁免").click()
    expect(operator.get_by_role("status").get_by_text("该材料已豁免")).to_be_visible()
    expect(item(operator, code).get_by_text("已有同等材料").first).to_be_visible()
    bidder.reload()
    expect(item(bidder, code).get_by_text("已豁免").first).to_be_visible()

    operator.get_by_label(f"要求提交 {code}").click()
    item(operator, code).get_by_role("button", name="要求提交").click()
    expect(operator.get_by_role("status").get_by_text("已要求提交")).to_be_visible()
    bidder.reload()
    expect(item(bidder, code).get_by_text("待提交").first).to_be_visible()


def test_a_finding_is_resolved_with_how(desk: Desk) -> None:
    listing_id = listing_of(desk, FUND)
    opener = ApiCaller(desk.market.address, "operator.one", desk.market.password)
    body = {"listing_id": listing_id, "severity": "warn", "note": "缴款台账与资本账户相差一期"}
    opener.post("/findings", body)
    page = desk.sign_in("operator.two", language="zh")
    page.goto(f"/listings/{listing_id}/diligence")
    finding = page.get_by_role("article").filter(has_text="缴款台账与资本账户相差一期")
    finding.get_by_text("解决", exact=True).first.click()
    finding.get_by_label("如何解决").fill("已由管理人更正台账")
    finding.get_by_role("button", name="解决").click()
    expect(page.get_by_role("status").get_by_text("事项已解决")).to_be_visible()
    expect(finding.get_by_text("已由管理人更正台账")).to_be_visible()
    expect(finding.get_by_role("button", name="解决")).to_have_count(0)


def test_the_listing_leads_its_clients_to_a_request_for_advice(desk: Desk, open_listing: Open) -> None:
    manager = desk.sign_in("gp.haihe")
    open_listing(manager, OPEN_FUND)
    manager.get_by_role("link", name="请求顾问意见").click()
    expect(manager.get_by_role("heading", level=1)).to_have_text("请求顾问意见")
    expect(manager.get_by_text(OPEN_FUND).first).to_be_visible()
    watcher = desk.sign_in("operator.one")
    open_listing(watcher, OPEN_FUND)
    expect(watcher.get_by_role("link", name="请求顾问意见")).to_have_count(0)


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
