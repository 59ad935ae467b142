"""The main jobs in real browsers: bid in two steps, see it live elsewhere, confirm, watch, halt, review, list."""

import re
import signal
from collections.abc import Callable
from os import kill

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.evidence import complete

Open = Callable[[Page, str], None]
FUND = "Pathway Private Equity Fund III-B"
RESTING = "OrbiMed Private Investments VI"  # no floor: bids under the ask wait in its book
NOTE_TRIES = 20
AMOUNT, PRICE = re.compile("受让份额"), "价格"


def fill_ticket(page: Page, amount: str, price: str) -> None:
    """Type amount and price into the ticket and wait for the server's word."""
    ticket = page.get_by_role("region", name="报价单")
    ticket.get_by_label(AMOUNT).fill(amount)
    with page.expect_response(re.compile("/check$")):
        ticket.get_by_label(PRICE, exact=True).fill(price)


def bid(page: Page, amount: str, price: str) -> None:
    """Bid in two steps from a listing's page."""
    fill_ticket(page, amount, price)
    page.get_by_role("button", name="核对报价").click()
    expect(page.get_by_role("heading", name="核对报价", level=1)).to_be_visible()
    page.get_by_role("button", name="确认提交报价").click()
    expect(page).to_have_title(re.compile("报价成功"))


def test_the_ticket_shows_all_three_prices_and_the_amount_in_capitals(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("guidance.one")
    open_listing(page, FUND)
    fill_ticket(page, "100万", "82.5")
    ticket = page.get_by_role("region", name="报价单")
    expect(ticket.get_by_text("美元壹佰万元整")).to_be_visible()
    expect(ticket.get_by_text("报价总额")).to_be_visible()
    expect(ticket.get_by_text("全部规则通过")).to_be_visible()
    ticket.get_by_text("总价", exact=True).click()
    with page.expect_response(re.compile("/check$")):
        ticket.get_by_label(PRICE, exact=True).fill("50万")
    expect(ticket.get_by_text("50.00 万美元").first).to_be_visible()


def test_the_ticket_names_every_failing_rule(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("guidance.one")
    open_listing(page, FUND)
    fill_ticket(page, "5", "82.51")
    ticket = page.get_by_role("region", name="报价单")
    for rule in ("D-TICK", "R-21"):
        expect(ticket.get_by_text(rule)).to_be_visible()
    expect(ticket.get_by_text("82.50% 或 82.55%").first).to_be_visible()
    page.get_by_role("button", name="核对报价").click()
    expect(page.get_by_role("heading", name="核对报价", level=1)).to_be_visible()
    expect(page.get_by_text("D-TICK")).to_be_visible()
    expect(page.get_by_role("button", name="确认提交报价")).to_have_count(0)


def test_an_amount_that_cannot_be_read_is_explained(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("guidance.one")
    open_listing(page, FUND)
    fill_ticket(page, "lots", "82.5")
    expect(page.get_by_role("alert").get_by_text("请输入金额")).to_be_visible()


def test_a_bid_appears_live_in_another_browser(desk: Desk, open_listing: Open) -> None:
    watcher, bidder = desk.sign_in("sfund.one"), desk.sign_in("guidance.one")
    fund = "Oaktree Opportunities Fund IX"
    open_listing(watcher, fund)
    expect(watcher.get_by_role("status").get_by_text("实时")).to_be_visible()
    open_listing(bidder, fund)
    bid(bidder, "100万", "71.15")
    book = watcher.get_by_role("region", name="实时盘口")
    expect(book.get_by_role("rowheader", name=re.compile(r"71\.15%"))).to_be_visible()
    expect(book.get_by_text("其中引导基金")).to_be_attached()


def test_an_order_is_amended_and_cancelled(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("growth")
    open_listing(page, RESTING)
    bid(page, "100万", "60.05")
    page.get_by_role("link", name=re.compile("改单")).click()
    page.get_by_label("价格（净值 %）").fill("61.00")
    page.get_by_role("button", name="确认修改").click()
    expect(page.get_by_text("改单已完成")).to_be_visible()
    orders = page.get_by_role("region", name="我的委托")
    expect(orders.get_by_text("61.00%")).to_be_visible()
    page.get_by_role("button", name=re.compile("撤单")).click()
    expect(page.get_by_text("撤单已完成")).to_be_visible()
    page.get_by_role("link", name=re.compile("已结束")).click()
    expect(page.get_by_text("已撤销")).to_be_visible()


def test_an_amendment_that_breaks_a_rule_shows_the_form_again(desk: Desk, open_listing: Open) -> None:
    desk.allowed += ["409"]
    page = desk.sign_in("venture")
    open_listing(page, RESTING)
    bid(page, "100万", "60.05")
    page.get_by_role("link", name=re.compile("改单")).click()
    page.get_by_label("价格（净值 %）").fill("61.01")
    page.get_by_role("button", name="确认修改").click()
    expect(page.get_by_role("alert").get_by_text("D-TICK")).to_be_visible()
    expect(page.get_by_label("价格（净值 %）")).to_have_value("61.01")


def test_bids_of_an_auction_are_sealed(desk: Desk, open_listing: Open) -> None:
    bidder, watcher, operator = desk.sign_in("guidance.two"), desk.sign_in("amc"), desk.sign_in("operator.one")
    fund = "Blackstone Capital Partners VI"
    open_listing(bidder, fund)
    bid(bidder, "100万", "86.00")
    open_listing(watcher, fund)
    expect(watcher.get_by_role("heading", name="竞价期间报价不公开")).to_be_visible()
    expect(watcher.get_by_text("86.00%")).to_have_count(0)
    open_listing(operator, fund)
    expect(operator.get_by_role("region", name="实时盘口").get_by_text("86.00%")).to_be_visible()


def test_a_match_is_confirmed_by_both_and_the_blotter_follows(desk: Desk, open_listing: Open) -> None:
    operator, buyer, seller = (desk.sign_in(login) for login in ("operator.one", "guidance.one", "holder.a"))
    operator.goto("/blotter")
    expect(operator.get_by_role("status").get_by_text("实时")).to_be_visible()
    fund = "Aquiline Financial Services Fund"
    open_listing(buyer, fund)
    bid(buyer, "100万", "86.00")
    matches = operator.get_by_role("region", name="撮合与成交")
    line = matches.get_by_role("row", name=re.compile(fund))
    expect(line.get_by_text("待确认")).to_be_visible()
    expect(line.get_by_text("政府引导基金")).to_be_visible()
    for person in (buyer, seller):
        person.goto("/orders")
        proposal = person.get_by_role("article").filter(has=person.get_by_role("link", name=fund))
        expect(proposal.get_by_text("优先规则对卖方的影响")).to_be_visible()
        proposal.get_by_role("button", name="确认提案").click()
        expect(person.get_by_text("提案已确认")).to_be_visible()
    expect(line.get_by_text("已确认")).to_be_visible()
    expect(line.get_by_text("待确认")).to_have_count(0)


def test_a_declined_proposal_calls_the_next_in_rank(desk: Desk, open_listing: Open) -> None:
    first, second = desk.sign_in("guidance.one"), desk.sign_in("guidance.two")
    fund = "澜沧硬科技一期创业投资基金（有限合伙）【模拟】"
    for page in (first, second):
        open_listing(page, fund)
        bid(page, "8000万", "70.00")
    first.goto("/orders")
    proposal = first.get_by_role("article").filter(has=first.get_by_role("link", name=fund))
    proposal.get_by_text("拒绝提案").click()
    proposal.get_by_label("拒绝原因").fill("投决会未通过")
    proposal.get_by_role("button", name="确认拒绝").click()
    expect(first.get_by_text("提案已拒绝")).to_be_visible()
    second.goto("/orders")
    called = second.get_by_role("article").filter(has=second.get_by_role("link", name=fund))
    expect(called.get_by_role("button", name="确认提案").first).to_be_visible()


def test_an_operator_halts_a_book_and_lifts_the_halt(desk: Desk, open_listing: Open) -> None:
    operator, investor = desk.sign_in("operator.one"), desk.sign_in("sfund.two")
    fund = "Hamilton Lane SMID Fund"
    open_listing(investor, fund)
    operator.goto("/blotter")
    scope = operator.get_by_label("范围")
    scope.select_option(label=scope.get_by_role("option", name=re.compile(fund)).text_content() or "")
    operator.get_by_label("停牌原因").fill("核对净值")
    operator.get_by_role("button", name="停牌", exact=True).click()
    expect(operator.get_by_role("status").get_by_text("已停牌")).to_be_visible()
    expect(investor.get_by_text("已停牌：只可撤单")).to_be_visible()
    fill_ticket(investor, "100万", "80.00")
    expect(investor.get_by_text("R-55")).to_be_visible()
    operator.get_by_role("button", name=re.compile(f"复牌 {fund}")).click()
    expect(operator.get_by_role("status").get_by_text("已复牌")).to_be_visible()
    expect(investor.get_by_text("到达即撮合", exact=True)).to_be_visible()


def test_a_halt_of_the_whole_market_takes_two_operators(desk: Desk) -> None:
    first, second = desk.sign_in("operator.one"), desk.sign_in("operator.two")
    first.goto("/blotter")
    first.get_by_label("停牌原因").fill("系统检修")
    first.get_by_role("button", name="停牌", exact=True).click()
    expect(first.get_by_text("申请人不能复核自己的申请")).to_be_visible()
    second.goto("/blotter")
    expect(second.get_by_text("全市场停牌待第二人复核：系统检修")).to_be_visible()
    second.get_by_role("button", name="同意全市场停牌").click()
    expect(second.get_by_text("全市场已停牌：系统检修")).to_be_visible()
    second.get_by_role("button", name="全市场复牌").click()
    expect(second.get_by_role("status").get_by_text("已复牌")).to_be_visible()
    expect(second.get_by_text("全市场已停牌：系统检修")).to_have_count(0)


def test_a_gp_lists_with_its_papers_in_and_an_operator_publishes(desk: Desk) -> None:
    desk.allowed += ["409"]
    gp, operator = desk.sign_in("gp.haihe"), desk.sign_in("operator.two")
    gp.goto("/drafts")
    before = gp.get_by_role("button", name=re.compile("^提交审核")).count()
    gp.get_by_label("转让份额（认缴）").fill("100万")
    gp.get_by_label("要价（净值 %）").fill("91.00")
    gp.get_by_role("button", name="保存草稿").click()
    expect(gp.get_by_text("草稿已保存")).to_be_visible()
    expect(gp.get_by_role("button", name=re.compile("^提交审核"))).to_have_count(before + 1)
    draft = gp.get_by_role("row").filter(has_text="91.00%")
    submit = draft.get_by_role("button", name=re.compile("^提交审核"))
    action = submit.locator("xpath=ancestor::form").get_attribute("action") or ""
    submit.click()
    expect(gp.get_by_role("alert").first).to_be_visible()
    expect(gp.get_by_text("挂牌已提交审核")).to_have_count(0)

    complete(action.split("/")[2])
    gp.goto("/drafts")
    submit.click()
    expect(gp.get_by_text("挂牌已提交审核")).to_be_visible()
    published = operator.get_by_text("挂牌已发布")
    for _ in range(NOTE_TRIES):  # the worker writes the valuation note that publication waits for
        operator.goto("/review")
        operator.get_by_role("article").filter(has_text="91.00%").get_by_role("button", name="发布").click()
        expect(published.or_(operator.get_by_text("GATE_BLOCKED"))).to_be_visible()
        if published.count():
            break
        operator.wait_for_timeout(1_000)
    expect(published).to_be_visible()


def test_a_draft_off_the_step_shows_the_form_again(desk: Desk) -> None:
    desk.allowed += ["422"]
    gp = desk.sign_in("gp.haihe")
    gp.goto("/drafts")
    gp.get_by_label("转让份额（认缴）").fill("100万")
    gp.get_by_label("要价（净值 %）").fill("91.01")
    gp.get_by_role("button", name="保存草稿").click()
    expect(gp.get_by_role("alert")).to_be_visible()
    expect(gp.get_by_label("要价（净值 %）")).to_have_value("91.01")


def test_a_bid_works_without_scripts(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("wealth", scripts=False)
    open_listing(page, RESTING)
    page.get_by_label(AMOUNT).fill("100万")
    page.get_by_role("region", name="报价单").get_by_label(PRICE, exact=True).fill("55.00")
    page.get_by_role("button", name="核对报价").click()
    page.get_by_role("button", name="返回修改").click()
    expect(page.get_by_label(AMOUNT)).to_have_value("100万")
    page.get_by_role("button", name="核对报价").click()
    page.get_by_role("button", name="确认提交报价").click()
    expect(page).to_have_title(re.compile("报价成功"))


def test_a_confirmation_sent_twice_places_one_order(desk: Desk, open_listing: Open) -> None:
    page = desk.sign_in("industry")
    open_listing(page, RESTING)
    fill_ticket(page, "100万", "56.00")
    page.get_by_role("button", name="核对报价").click()
    page.get_by_role("button", name="确认提交报价").dblclick()
    expect(page).to_have_title(re.compile("报价成功"))
    page.goto("/orders?tab=all")
    expect(page.get_by_text("56.00%")).to_have_count(1)


def test_the_stream_comes_back_after_its_process_was_killed(desk: Desk, open_listing: Open) -> None:
    desk.allowed += ["ERR_", "Failed to load resource", "htmx:sse:error"]
    watcher, bidder = desk.sign_in("family"), desk.sign_in("guidance.three")
    open_listing(watcher, RESTING)
    expect(watcher.get_by_role("status").get_by_text("实时")).to_be_visible()
    fleet = desk.market.fleet
    kill(fleet.pids()["api-1"], signal.SIGKILL)
    kill(fleet.pids()["api-2"], signal.SIGKILL)
    expect(watcher.get_by_role("status").get_by_text("连接中断")).to_be_visible()
    host, _, port = desk.market.address.removeprefix("http://").partition(":")
    from exchange.up import is_ready

    for _ in range(200):
        fleet.tend()
        if is_ready(host, int(port)):
            break
        watcher.wait_for_timeout(100)
    open_listing(bidder, RESTING)
    bid(bidder, "100万", "57.05")
    book = watcher.get_by_role("region", name="实时盘口")
    expect(book.get_by_role("rowheader", name=re.compile(r"57\.05%"))).to_be_visible()
