"""Where a fund is registered and filed, as its manager reports it, and what a regional market makes of it."""

import queue
import threading
from dataclasses import replace

import pytest

from exchange.core.errors import ExchangeError, RulesBroken
from exchange.funds import service as funds
from exchange.funds.errors import FilingCodeTaken, FundInvalid
from exchange.funds.fund import Fund
from exchange.infra.database import transaction
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingStatus
from tests.builders import (
    Exchange,
    a_draft,
    a_fund_as_reported,
    a_gp,
    a_holding,
    a_nav_statement,
    an_investor,
    at_work,
)


def test_a_listing_waits_until_its_fund_is_filed(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    with at_work() as (tx, now):
        fund = funds.record_fund(tx, gp, now, fund=replace(a_fund_as_reported(gp), filing_code=""))
        fund_id, code = fund.id, a_fund_as_reported(gp).filing_code
    a_nav_statement(fund_id, gp)
    draft = a_draft(a_holding(fund_id, gp, an_investor(exchange)), gp)
    with pytest.raises(RulesBroken) as refused, at_work() as (tx, now):
        listings.submit(tx, gp, now, listing_id=draft)
    assert [(breach.rule, breach.code) for breach in refused.value.breaches] == [("R-08", "FUND_NOT_FILED")]
    with transaction() as tx:
        assert listings.listing_facts(tx, draft).status is ListingStatus.DRAFT
    with at_work() as (tx, now):
        funds.edit_fund(tx, gp, now, fund_id=fund_id, check_version=lambda _: None, changes={"filing_code": code})
        listings.submit(tx, gp, now, listing_id=draft)
    with transaction() as tx:
        assert listings.listing_facts(tx, draft).status is ListingStatus.SUBMITTED


def test_a_filing_code_belongs_to_one_fund(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    first, second = a_fund_as_reported(gp), a_fund_as_reported(gp)
    with at_work() as (tx, now):
        funds.record_fund(tx, gp, now, fund=first)
        fund_id = funds.record_fund(tx, gp, now, fund=second).id
    copied = first.filing_code
    with pytest.raises(FilingCodeTaken), at_work() as (tx, now):
        funds.edit_fund(tx, gp, now, fund_id=fund_id, check_version=lambda _: None, changes={"filing_code": copied})
    with pytest.raises(FilingCodeTaken), at_work() as (tx, now):
        funds.record_fund(tx, gp, now, fund=replace(a_fund_as_reported(gp), filing_code=copied))
    with pytest.raises(FilingCodeTaken), at_work() as (tx, now):
        funds.record_funds(tx, gp, now, funds=[replace(second, filing_code=copied)])
    with pytest.raises(FundInvalid), at_work() as (tx, now):
        funds.edit_fund(tx, gp, now, fund_id=fund_id, check_version=lambda _: None, changes={"filing_code": "P1"})
    with transaction() as tx:
        assert funds.fund_facts(tx, fund_id).filing_code == second.filing_code


def test_two_who_give_one_filing_code_at_once_leave_one_fund_with_it(exchange: Exchange) -> None:
    gp, start, answers = a_gp(exchange), threading.Barrier(2), queue.Queue[str]()
    first, second = a_fund_as_reported(gp), a_fund_as_reported(gp)

    def record(fund: Fund) -> None:
        start.wait()
        try:
            with at_work() as (tx, now):
                funds.record_fund(tx, gp, now, fund=replace(fund, filing_code=first.filing_code))
            answers.put("recorded")
        except ExchangeError as error:
            answers.put(error.code)

    threads = [threading.Thread(target=record, args=(fund,)) for fund in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted([answers.get(), answers.get()]) == ["FILING_CODE_TAKEN", "recorded"]
