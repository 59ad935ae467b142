"""Cash that reached the wrong side after the closing statement is turned over once, when the deal is settled."""

from datetime import date, timedelta

import pytest

from exchange.core.clock import market_date
from exchange.core.terms import SourceMark
from exchange.funds import service as funds
from exchange.funds.cash_flow import CashFlow
from exchange.funds.kinds import CashFlowKind
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.ledger import service as ledger
from exchange.ledger.errors import FundsNotCovered
from exchange.settlement.deal import DealStatus
from exchange.settlement.errors import DealNotFound, StatementNotIssued
from exchange.settlement.service import settling, true_ups
from exchange.settlement.service.true_ups import SeenTrueUp
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.true_up import Party
from tests.integration.matching.exchange_world import MILLION, Market, settle, wait
from tests.integration.settlement.deal_world import (
    a_signed_deal,
    a_transferred_deal,
    actor_of,
    cash,
    status_of,
    transferred,
)
from tests.integration.settlement.test_after_transfer import fulfil_all, told

FINAL = timedelta(days=5)
SHARE = 5  # a fifth of the fund is sold


def a_flow(market: Market, notice_no: str, kind: CashFlowKind, amount_minor: int, day: date) -> None:
    """The manager reports a flow of the whole fund, or corrects what it reported."""
    flow = CashFlow(market.fund_id, notice_no, day, kind, amount_minor, 0, SourceMark.SIMULATED, "test")
    with transaction() as tx:
        funds.record_cash_flow(tx, market.seller, business_now(tx), flow=flow)


def today() -> date:
    """The day of the market."""
    with transaction() as tx:
        return market_date(business_now(tx))


def seen(market: Market, row: DealRow) -> SeenTrueUp:
    """The true-up as the buyer reads it."""
    with transaction() as tx:
        buyer = actor_of(market, row.buyer_organisation_id)
        return true_ups.true_up_seen_by(tx, buyer, business_now(tx), deal_id=row.id)


def test_a_distribution_the_seller_still_got_reaches_the_buyer_once(market: Market) -> None:
    row = a_transferred_deal(market)
    a_flow(market, "D1", CashFlowKind.DISTRIBUTION, MILLION, today() - timedelta(days=10))
    a_flow(market, "D2", CashFlowKind.DISTRIBUTION, MILLION, today())  # the buyer is on the roll by then
    owed = MILLION // SHARE
    assert (seen(market, row).found.net_to_buyer_minor, seen(market, row).found.payer) == (owed, Party.SELLER)
    seller, buyer = cash(row.seller_organisation_id)[0], cash(row.buyer_organisation_id)[0]
    fulfil_all(market, row)
    wait(FINAL)
    assert status_of(row.id) is DealStatus.SETTLED
    assert cash(row.seller_organisation_id) == (seller - owed, 0)
    assert cash(row.buyer_organisation_id) == (buyer + owed, 0)
    wait(FINAL)
    assert told("deal.trued_up") == 1
    assert seen(market, row).is_paid


def test_a_notice_that_was_corrected_moves_the_difference_only(market: Market) -> None:
    row = a_signed_deal(market)
    a_flow(market, "D1", CashFlowKind.DISTRIBUTION, MILLION, today())
    row = transferred(market, row)
    assert seen(market, row).found.lines == ()
    a_flow(market, "D1", CashFlowKind.DISTRIBUTION, 3 * MILLION, row.created_at.date())
    (line,) = seen(market, row).found.lines
    assert line.to_buyer_minor == 2 * MILLION // SHARE


def test_without_the_money_nothing_is_settled_until_it_is_there(market: Market) -> None:
    row = a_transferred_deal(market)
    a_flow(market, "C1", CashFlowKind.CONTRIBUTION, MILLION, today() - timedelta(days=10))
    buyer = market.accounts["social"]
    free = cash(row.buyer_organisation_id)[0]
    with transaction() as tx:
        ledger.hold(tx, business_now(tx), account_id=buyer, amount_minor=free, reference_id="elsewhere")
    fulfil_all(market, row)
    wait(FINAL)
    assert status_of(row.id) is DealStatus.FILED
    assert told("deal.true_up_due") == 1
    with pytest.raises(FundsNotCovered):
        settle_by_hand(market, row)
    assert (status_of(row.id), cash(row.buyer_organisation_id)) == (DealStatus.FILED, (free, free))
    with transaction() as tx:
        ledger.release(tx, business_now(tx), account_id=buyer, amount_minor=free, reference_id="elsewhere")
    settle_by_hand(market, row)
    assert status_of(row.id) is DealStatus.SETTLED
    assert cash(row.buyer_organisation_id) == (free - MILLION // SHARE, 0)


def test_there_is_none_before_a_statement_and_none_for_strangers(market: Market) -> None:
    row = a_signed_deal(market)
    with pytest.raises(StatementNotIssued):
        seen(market, row)
    with transaction() as tx, pytest.raises(DealNotFound):
        true_ups.true_up_seen_by(tx, market.buyers["guidance"], business_now(tx), deal_id=row.id)


def settle_by_hand(market: Market, row: DealRow) -> None:
    """An operator settles a filed deal."""
    with transaction() as tx:
        settling.settle(tx, market.operator, business_now(tx), deal_id=row.id)
    settle()
