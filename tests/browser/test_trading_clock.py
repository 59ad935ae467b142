"""Clock and calendar in a browser: two operators load a year, and one moves the sandbox clock to the next deadline.

Moves the clock, so it runs after the tests that look at open books.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk
from tests.browser.test_pages import LOOKS, assert_accessible, assert_fits


def test_two_operators_load_a_year_and_a_wrong_day_is_named(desk: Desk) -> None:
    desk.allowed.append("409")
    one = desk.sign_in("operator.one")
    one.goto("/clock")
    form = one.get_by_role("region", name="加载年度日历")
    form.get_by_label("年度", exact=True).fill("2031")
    form.get_by_label("放假的工作日").fill("2031-01-01 2031-01-04")
    form.get_by_label("来源").fill("国办发明电（演示）")
    form.get_by_role("button", name="提交年度日历").click()
    expect(one.get_by_role("alert")).to_be_visible()  # 2031-01-04 is a Saturday
    form.get_by_label("年度", exact=True).fill("2031")
    form.get_by_label("放假的工作日").fill("2031-01-01")
    form.get_by_label("来源").fill("国办发明电（演示）")
    form.get_by_role("button", name="提交年度日历").click()
    expect(one.get_by_role("status").get_by_text("等待第二名运营人员批准")).to_be_visible()
    expect(one.get_by_text("须由另一名运营人员决定。")).to_be_visible()
    two = desk.sign_in("operator.two", language="en")
    two.goto("/clock")
    two.get_by_role("button", name="Approve").click()
    expect(two.get_by_role("status").get_by_text("The year is decided.")).to_be_visible()
    row = two.get_by_role("table", name="Published years").get_by_role("row", name=re.compile("2031"))
    expect(row.get_by_text("Version 1")).to_be_visible()


def test_the_clock_moves_to_the_next_deadline(desk: Desk) -> None:
    page = desk.sign_in("operator.one", language="en")
    page.goto("/clock")
    ahead = page.get_by_role("table", name="Due next")
    first = ahead.get_by_role("rowheader").first.inner_text()
    page.get_by_role("button", name="To the next deadline").click()
    expect(page.get_by_role("status").get_by_text("The clock was moved.")).to_be_visible()
    expect(page.locator(".page-head").get_by_text(first.split("\n")[0][:16])).to_be_visible()


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_the_page_is_accessible_and_fits(desk: Desk, language: str, theme: str, width: int) -> None:
    page = desk.sign_in("operator.one", language=language, theme=theme, width=width)
    page.goto("/clock")
    assert_accessible(page)
    assert_fits(page)
