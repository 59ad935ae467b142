"""From the signed deal to the register and back: money and interest move together, exactly, once."""

from datetime import timedelta

import pytest

from exchange.access.approval import ApprovalStatus
from exchange.access.errors import SamePerson
from exchange.access.service import approvals
from exchange.core.errors import Forbidden, IllegalTransition, RulesBroken
from exchange.core.money import divide_half_up
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.ledger import service as ledger
from exchange.ledger.errors import FundsNotCovered
from exchange.settlement.bust import BustReason
from exchange.settlement.deal import DealStatus
from exchange.settlement.errors import StatementClosed, StatementNotAgreed
from exchange.settlement.service import busting, funding, statements, transfer
from exchange.settlement.statement import StatementAnswer
from tests.integration.matching.exchange_world import MILLION, Market, wait
from tests.integration.settlement.deal_world import (
    NOTICE_DAYS,
    a_deal,
    a_funded_deal,
    a_signed_deal,
    a_transferred_deal,
    answer,
    cash,
    deal,
    fund,
    holding,
    register,
    second_operator_decides,
    status_of,
)

BASE = 14_960_000_00  # 20,000,000.00 of 100,000,000.00 at an NAV of 88,000,000.00 and 85 %
FEE = 64_880_00
START = 100 * MILLION


def test_a_deal_takes_the_deposit_over_from_its_bid(market: Market) -> None:
    row = a_deal(market)
    assert (row.status, row.base_minor) == (DealStatus.CONFIRMED, BASE)
    assert row.deposit_minor == divide_half_up(BASE * 5, 100)
    assert cash(row.buyer_organisation_id) == (START, row.deposit_minor)


def test_funding_moves_exactly_the_price_and_the_fee(market: Market) -> None:
    row = a_signed_deal(market)
    fund(market, row)
    assert status_of(row.id) is DealStatus.CLOSING
    assert cash(row.buyer_organisation_id) == (START - BASE - FEE, 0)
    with transaction() as tx:
        assert ledger.settlement_balance(tx, row.id, "CNY") == BASE + FEE


def test_money_that_is_short_moves_nothing(market: Market) -> None:
    row = a_signed_deal(market)
    with transaction() as tx:
        ledger.hold(
            tx,
            business_now(tx),
            account_id=market.accounts["social"],
            amount_minor=START - BASE,
            reference_id="elsewhere",
        )
    with pytest.raises(FundsNotCovered):
        fund(market, row)
    assert status_of(row.id) is DealStatus.SIGNED
    assert deal(row.id).deposit_minor == row.deposit_minor
    with transaction() as tx:
        ledger.release(
            tx,
            business_now(tx),
            account_id=market.accounts["social"],
            amount_minor=START - BASE,
            reference_id="elsewhere",
        )


def test_interest_and_money_move_together(market: Market) -> None:
    row = a_funded_deal(market)
    register(market, row)
    assert status_of(row.id) is DealStatus.TRANSFERRED
    bought, left = holding(market, row.buyer_organisation_id), holding(market, row.seller_organisation_id)
    assert bought is not None
    assert left is not None
    assert (bought.subscribed_minor, left.subscribed_minor, left.frozen_minor) == (20 * MILLION, 80 * MILLION, 0)
    assert cash(row.seller_organisation_id) == (BASE - FEE, BASE - FEE)
    wait(timedelta(days=5))
    assert cash(row.seller_organisation_id) == (BASE - FEE, 0)


def test_nothing_is_registered_before_its_time(market: Market) -> None:
    row = a_signed_deal(market)
    with pytest.raises(IllegalTransition):
        register(market, row)
    fund(market, row)
    with pytest.raises(StatementNotAgreed):
        register(market, row)
    for organisation in (row.buyer_organisation_id, row.seller_organisation_id):
        answer(market, row, organisation, StatementAnswer.CONFIRMED)
    with pytest.raises(RulesBroken) as refused:
        register(market, row)
    (breach,) = refused.value.breaches
    assert (breach.rule, breach.code) == ("R-31", "NOTICE_STILL_RUNS")
    assert breach.passes_on is not None
    assert holding(market, row.buyer_organisation_id) is None


def test_silence_agrees_and_a_dispute_waits_for_a_decision(market: Market) -> None:
    quiet = a_signed_deal(market, amount=20)
    fund(market, quiet)
    wait(timedelta(days=7))
    with transaction() as tx:
        assert statements.newest_of(tx, deal(quiet.id))[1].value == "agreed"
    loud = a_signed_deal(market, amount=20, buyer="second")
    fund(market, loud)
    answer(market, loud, loud.seller_organisation_id, StatementAnswer.DISPUTED)
    wait(NOTICE_DAYS)
    with pytest.raises(StatementNotAgreed):
        register(market, loud)
    with transaction() as tx:
        again, _ = funding.reissue(tx, market.operator, business_now(tx), deal_id=loud.id)
    assert again.version == 2
    answer(market, loud, loud.seller_organisation_id, StatementAnswer.DISPUTED)
    with transaction() as tx:
        statements.answer(
            tx,
            market.operator,
            business_now(tx),
            deal_id=loud.id,
            said=StatementAnswer.UPHELD,
            note="the figures are right",
        )
    with pytest.raises(StatementClosed):
        answer(market, loud, loud.buyer_organisation_id, StatementAnswer.DISPUTED)
    register(market, loud)
    assert status_of(loud.id) is DealStatus.TRANSFERRED


def test_only_its_own_side_acts(market: Market) -> None:
    row = a_signed_deal(market)
    with transaction() as tx, pytest.raises(Forbidden):
        funding.fund(tx, market.seller, business_now(tx), deal_id=row.id)
    with transaction() as tx, pytest.raises(Forbidden):
        transfer.register(tx, market.seller, business_now(tx), deal_id=row.id)
    assert status_of(row.id) is DealStatus.SIGNED


def test_a_bust_by_two_persons_puts_both_legs_back(market: Market) -> None:
    row = a_transferred_deal(market)
    with transaction() as tx:
        asked = busting.request_bust(
            tx,
            market.operator,
            business_now(tx),
            deal_id=row.id,
            reason=BustReason.MATERIAL_ERROR,
            statement="both parties were heard",
            document_number="B-1",
        )
    with transaction() as tx, pytest.raises(SamePerson):
        approvals.decide(tx, market.operator, business_now(tx), asked.id, ApprovalStatus.APPROVED, reason="own")
    assert status_of(row.id) is DealStatus.TRANSFERRED
    second_operator_decides(market, asked.id, ApprovalStatus.APPROVED)
    assert status_of(row.id) is DealStatus.BUSTED
    bought, left = holding(market, row.buyer_organisation_id), holding(market, row.seller_organisation_id)
    assert bought is not None
    assert left is not None
    assert (bought.subscribed_minor, left.subscribed_minor, left.frozen_minor) == (0, 100 * MILLION, 0)
    assert cash(row.buyer_organisation_id) == (START, 0)
    assert cash(row.seller_organisation_id) == (0, 0)


def test_after_the_window_a_transfer_is_final(market: Market) -> None:
    row = a_transferred_deal(market)
    wait(timedelta(days=5))
    with transaction() as tx, pytest.raises(RulesBroken) as refused:
        busting.request_bust(
            tx,
            market.operator,
            business_now(tx),
            deal_id=row.id,
            reason=BustReason.MATERIAL_ERROR,
            statement="late",
            document_number="B-2",
        )
    assert [breach.code for breach in refused.value.breaches] == ["TRANSFER_IS_FINAL"]
    assert status_of(row.id) is DealStatus.TRANSFERRED
