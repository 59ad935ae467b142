"""Advice in real browsers: the directory, a request to a sealed quote, what an adviser sees before its check."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_pages import assert_accessible, assert_fits

PHONE = [("zh", "dark", 390), ("en", "light", 390)]
LAW_FIRM = re.compile("示范律师事务所")


def a_form(page: Page, kind: str) -> None:
    """The form of a request about the first listing the person may ask about."""
    page.goto("/engagements")
    page.locator("#ask-kind").select_option(kind)
    page.locator("form[action='/engagements/new'] button").click()
    expect(page).to_have_url(re.compile("/engagements/new"))


@pytest.mark.parametrize(("language", "theme", "width"), PHONE)
def test_pages_of_advice_are_accessible_and_fit(desk: Desk, language: str, theme: str, width: int) -> None:
    page = desk.sign_in("gp.haihe", language=language, theme=theme, width=width)
    for path in ("/engagements", "/advisers"):
        page.goto(path)
        assert_accessible(page)
        assert_fits(page)
    page.locator("tbody a.fund-link").first.click()
    assert_accessible(page)
    assert_fits(page)
    a_form(page, "appraisal")
    assert_accessible(page)
    assert_fits(page)


def test_the_papers_of_a_request_do_not_lie_on_each_other(desk: Desk) -> None:
    page = desk.sign_in("gp.haihe", language="en", width=390)
    a_form(page, "law")
    boxes = [box.bounding_box() for box in page.locator(".box-list").last.locator("label > span").all()]
    rows = [(box["y"], box["y"] + box["height"]) for box in boxes if box is not None]
    assert len(rows) > 3
    assert all(end <= start + 1 for (_, end), (start, _) in pairwise(rows))


def test_a_request_goes_to_an_adviser_who_reads_names_after_its_check_and_seals_a_quote(desk: Desk) -> None:
    desk.allowed += ["422"]
    client = desk.sign_in("gp.haihe")
    a_form(client, "law")
    client.get_by_label("请求说明").fill("请核查份额转让限制。")
    client.get_by_role("button", name="保存请求").click()
    expect(client.get_by_role("alert").get_by_text("邀请的顾问")).to_be_visible()
    expect(client.get_by_label("请求说明")).to_have_value("请核查份额转让限制。")
    client.get_by_label(LAW_FIRM).check()
    client.get_by_role("button", name="保存请求").click()
    expect(client.get_by_role("status").get_by_text("请求已发出")).to_be_visible()
    expect(client.get_by_text("报价密封至截止时间")).to_be_visible()
    heading = client.get_by_role("heading", level=1).inner_text()
    fund = heading.partition(" · ")[2]
    address = client.url.partition("?")[0]

    adviser = desk.sign_in("law.one")
    adviser.goto(address)
    expect(adviser.get_by_role("heading", name="法律 · 匿名事项", level=1)).to_be_visible()
    assert fund not in adviser.content()
    assert "海河示范管理人" not in adviser.content()
    assert_accessible(adviser)
    adviser.get_by_label("本机构无利益冲突").check()
    adviser.get_by_label("声明", exact=True).fill("已核查。")
    adviser.get_by_role("button", name="提交声明").click()
    expect(adviser.get_by_role("heading", name=heading, level=1)).to_be_visible()

    for label in ("团队", "前提与假设", "利益冲突说明"):
        adviser.get_by_label(label, exact=True).fill("示范")
    adviser.get_by_label("费用总额").fill("很多")
    adviser.get_by_role("button", name="密封提交").click()
    expect(adviser.get_by_role("alert").get_by_text("请填写金额")).to_be_visible()
    expect(adviser.get_by_label("团队", exact=True)).to_have_value("示范")
    assert_accessible(adviser)
    adviser.get_by_label("费用总额").fill("30万")
    adviser.get_by_role("button", name="密封提交").click()
    expect(adviser.get_by_role("status").get_by_text("报价已密封")).to_be_visible()
    client.goto(address)
    expect(client.get_by_text("报价密封至截止时间")).to_be_visible()
    assert "30.00" not in client.content()


def test_an_operator_suspends_with_a_reason_and_admits_again(desk: Desk) -> None:
    page = desk.sign_in("operator.one")
    page.goto("/advisers?kind=tax")
    page.get_by_role("link", name=re.compile("示范会计师")).click()
    page.get_by_text("暂停准入", exact=True).click()
    page.get_by_label("理由").fill("示范")
    page.get_by_role("button", name="确认暂停").click()
    expect(page.get_by_role("status").get_by_text("已暂停")).to_be_visible()
    reader = desk.sign_in("guidance.one")
    reader.goto("/advisers")
    expect(reader.get_by_role("link", name=LAW_FIRM)).to_be_visible()
    expect(reader.get_by_role("link", name=re.compile("示范会计师"))).to_have_count(0)
    page.get_by_role("button", name="准入", exact=True).click()
    expect(page.get_by_role("status").get_by_text("已准入")).to_be_visible()
