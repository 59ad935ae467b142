"""Valuations in real browsers: figures by two persons, the panel of a listing, private scenarios, weights, proof."""

import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from exchange.fonts import font_files
from tests.browser.conftest import Desk
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits

Open = Callable[[Page, str], None]
FUND = "Pathway Private Equity Fund III-B"  # in US dollars, reported by a public plan
OTHER = "OrbiMed Private Investments VI"
TARGET_RETURN = {"低": "15", "中": "18", "高": "22"}
PACING = {"净值增长率": "11", "存续期": "12", "弯度": "2.5", "最低分配率": "0", "各年缴款率": "25, 33, 50"}


def propose(page: Page, kind: str, values: dict[str, str]) -> None:
    """Enter a figure of the US market for all strategies as an operator."""
    page.goto(f"/valuation-desk?kind={kind}")
    page.get_by_label("市场", exact=True).select_option(label="美国")
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("生效日").fill("2026-03-31")
    page.get_by_label("来源", exact=True).fill("示范调查 2026")
    page.get_by_role("button", name="提交复核").click()
    expect(page.get_by_role("status").get_by_text("待另一名运营人员复核")).to_be_visible()


@pytest.fixture
def entered(desk: Desk) -> None:
    """Target returns and pacing of the US market are in force."""
    second = desk.sign_in("operator.two")
    second.goto("/valuation-desk?kind=pacing")
    if second.get_by_role("rowheader", name="美国 · 全部策略").count():
        return
    first = desk.sign_in("operator.one")
    propose(first, "target_return", TARGET_RETURN)
    propose(first, "pacing", PACING)
    expect(first.get_by_text("您录入的数字须由另一名运营人员复核").first).to_be_visible()
    expect(first.get_by_role("button", name="同意")).to_have_count(0)
    for left in (1, 0):
        second.goto("/valuation-desk?kind=pacing")
        second.get_by_role("button", name="同意").first.click()
        expect(second.get_by_role("status").get_by_text("已复核")).to_be_visible()
        expect(second.get_by_role("button", name="同意")).to_have_count(left)


def valued(page: Page, open_listing: Open, fund: str = FUND) -> None:
    """Ask for a valuation from the fund's listing and wait for its figures."""
    open_listing(page, fund)
    page.get_by_role("button", name=re.compile("^(申请估值|重新估值)$")).click()
    expect(page.get_by_role("heading", name="各模型意见")).to_be_visible(timeout=60_000)


def test_a_figure_counts_once_a_second_operator_approves_it(desk: Desk, entered: None) -> None:
    page = desk.sign_in("guidance.one")
    page.goto("/valuation-desk?kind=pacing")
    row = page.get_by_role("row", name=re.compile("美国 · 全部策略"))
    expect(row.get_by_text("25.00% / 33.00% / 50.00%")).to_be_visible()
    expect(row.get_by_text("复核 运营二")).to_be_visible()
    expect(page.get_by_role("button", name="提交复核")).to_have_count(0)
    assert entered is None


def test_a_figure_that_cannot_be_is_named_by_its_field(desk: Desk) -> None:
    desk.allowed += ["422"]
    page = desk.sign_in("operator.one")
    page.goto("/valuation-desk?kind=target_return")
    for label, value in {"低": "30", "中": "18", "高": "lots"}.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("来源", exact=True).fill("示范调查")
    page.get_by_role("button", name="提交复核").click()
    expect(page.get_by_text("请填写百分数，如 18.5")).to_be_visible()
    expect(page.get_by_label("低", exact=True)).to_have_value("30")
    page.get_by_label("高", exact=True).fill("22")
    page.get_by_role("button", name="提交复核").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)


@pytest.mark.usefixtures("entered")
def test_a_listing_shows_the_range_of_every_model_and_why_others_are_silent(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("sfund.one")
    valued(page, open_listing)
    open_listing(page, FUND)
    panel = page.get_by_role("region", name="估值", exact=True)
    expect(panel.get_by_role("img", name="估值区间")).to_be_visible()
    expect(panel.get_by_text(re.compile("个模型给出区间.*各模型不作平均")).last).to_be_visible()
    panel.get_by_text("查看数据表").click()
    table = panel.get_by_role("table", name="各模型的区间与市场价格")
    expect(table.get_by_role("row", name=re.compile("要价.*82.50%"))).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("现金流折现.*%.*%.*%"))).to_be_visible()
    panel.get_by_text("未能运行，及其原因").click()
    expect(panel.get_by_text(re.compile("管理人未报送投资明细"))).to_be_visible()


@pytest.mark.usefixtures("entered")
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_a_valuation_is_accessible_and_fits(
    desk: Desk, open_listing: Open, language: str, theme: str, width: int
) -> None:
    page = desk.sign_in("sfund.two", language=language, theme=theme, width=width)
    open_listing(page, FUND)
    page.get_by_role("link", name="查看完整估值" if language == "zh" else "The whole valuation").click()
    for words in ("新建私有情景", "New private scenario", "录入权重", "Enter weights"):
        summary = page.get_by_text(words, exact=True)
        if summary.count() and not summary.locator("xpath=..").get_attribute("open"):
            summary.click()
    expect(page.get_by_role("img", name="估值区间" if language == "zh" else "Valuation ranges")).to_have_count(1)
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.usefixtures("entered")
def test_own_assumptions_are_drawn_beside_the_market_s_and_nobody_else_sees_them(
    desk: Desk, open_listing: Open
) -> None:
    desk.allowed += ["422"]
    page = desk.sign_in("guidance.two")
    valued(page, open_listing)
    address = page.url
    page.get_by_label("情景名称").fill("谨慎")
    page.get_by_label("目标收益率 %").fill("much")
    page.get_by_role("button", name="计算并保存情景").click()
    expect(page.get_by_text("请填写百分数，如 18.5")).to_be_visible()
    page.get_by_label("目标收益率 %").fill("30")
    page.get_by_label("退出推迟（年）").fill("2")
    page.get_by_label("限售期（天）").fill("4000")
    page.get_by_role("button", name="计算并保存情景").click()
    expect(page.get_by_text("限售期为 0 至 3650 天。")).to_be_visible()
    page.get_by_label("限售期（天）").fill("365")
    page.get_by_role("button", name="计算并保存情景").click()
    expect(page.get_by_role("status").get_by_text("情景已保存")).to_be_visible()
    expect(page.get_by_role("article", name="谨慎").get_by_text("现金流折现")).to_be_visible()
    expect(page.get_by_role("article", name="谨慎").get_by_text(re.compile("限售期 365"))).to_be_visible()
    page.get_by_text("查看数据表").first.click()
    expect(page.get_by_role("row", name=re.compile("现金流折现 · 谨慎"))).to_be_visible()
    for other in ("sfund.one", "operator.one", "auditor"):
        watcher = desk.sign_in(other)
        watcher.goto(address.removeprefix(desk.market.address))
        expect(watcher.get_by_role("heading", name="各模型意见")).to_be_visible()
        expect(watcher.get_by_text("谨慎")).to_have_count(0)


@pytest.mark.usefixtures("entered")
def test_weights_need_a_reason_and_sum_to_one(desk: Desk, open_listing: Open) -> None:
    desk.allowed += ["422"]
    page = desk.sign_in("insurer")
    valued(page, open_listing)
    expect(page.get_by_text("没有人为各模型录入权重，因此没有加权数字")).to_be_visible()
    page.get_by_text("录入权重", exact=True).click()
    page.get_by_label("现金流折现 %").fill("60")
    page.get_by_label("报告净值 %").fill("30")
    page.get_by_label("理由").fill("基金接近清算")
    page.get_by_role("button", name="保存权重").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("现金流折现 %")).to_have_value("60")
    page.get_by_label("报告净值 %").fill("40")
    page.get_by_role("button", name="保存权重").click()
    expect(page.get_by_role("status").get_by_text("权重已保存")).to_be_visible()
    expect(page.get_by_text("理由：基金接近清算")).to_be_visible()


@pytest.mark.usefixtures("entered")
def test_a_valuation_is_computed_again_to_the_same_bytes_and_leaves_as_a_note(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("amc")
    valued(page, open_listing)
    page.get_by_role("button", name="重新计算并核验").click()
    expect(page.get_by_role("status").get_by_text("结果逐字节相同")).to_be_visible()
    digest = page.get_by_role("region", name="可核验性").get_by_text(re.compile("^[0-9a-f]{64}$")).last.text_content()
    if not font_files():
        pytest.skip("no Chinese font on this machine: neither Noto Sans CJK nor the npm package")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载估值说明（PDF）").click()
    words = "".join(part.extract_text() for part in PdfReader(io.BytesIO(download.value.path().read_bytes())).pages)
    assert "估值说明" in words
    assert digest
    assert digest in words


def test_the_whole_market_is_valued_with_progress(desk: Desk, open_listing: Open) -> None:
    operator = desk.sign_in("operator.two")
    operator.goto("/valuation-desk")
    operator.get_by_role("button", name=re.compile("重估全部基金")).click()
    expect(operator.get_by_role("status").get_by_text("重估已开始")).to_be_visible()
    expect(operator.get_by_text(re.compile("只基金，已完成")).first).to_be_visible(timeout=120_000)
    page = desk.sign_in("family")
    open_listing(page, OTHER)
    panel = page.get_by_role("region", name="估值", exact=True)
    expect(panel.get_by_role("img", name="估值区间")).to_be_visible()
    assert_accessible(page)


def test_asking_for_a_valuation_works_without_scripts(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("wealth", scripts=False)
    open_listing(page, OTHER)
    page.get_by_role("button", name=re.compile("^(申请估值|重新估值)$")).click()
    for _ in range(60):
        if page.get_by_role("heading", name="各模型意见").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("heading", name="各模型意见")).to_be_visible()
