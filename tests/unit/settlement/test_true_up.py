"""What reached the wrong side after the closing, and a contested statement."""

from dataclasses import replace
from datetime import date

import pytest

from exchange.core.terms import AdjustmentPolicy
from exchange.settlement.closing import ClosingStatement, closing_statement
from exchange.settlement.closing_flows import Treatment
from exchange.settlement.true_up import ContestedLine, MovedCash, Party, contest, true_up
from tests.unit.settlement.test_closing import CALL, CLOSING, PAID_OUT, TERMS, YUAN

CASH_FLOW, NONE = AdjustmentPolicy.CASH_FLOW, AdjustmentPolicy.NONE
SELLER, BUYER = Party.SELLER, Party.BUYER
LATE_PAID_OUT = replace(PAID_OUT, reference="dist-2", amount_minor=500_000 * YUAN, cash_on=date(2026, 7, 8))
LATE_CALL = replace(CALL, reference="call-2", cash_on=date(2026, 7, 10))
CLAWBACK = replace(
    CALL,
    reference="claw-1",
    amount_minor=120_000 * YUAN,
    claws_back_of=date(2025, 11, 1),
    cash_on=date(2026, 8, 1),
)


def _statement(policy: AdjustmentPolicy = CASH_FLOW) -> ClosingStatement:
    return closing_statement(TERMS, [CALL, PAID_OUT], policy, CLOSING)


def _net(*moved: MovedCash, policy: AdjustmentPolicy = CASH_FLOW) -> int:
    return true_up(TERMS, _statement(policy), policy, moved).net_to_buyer_minor


def test_edge_3_a_distribution_that_reached_the_seller_is_owed_to_the_buyer() -> None:
    found = true_up(TERMS, _statement(), CASH_FLOW, [MovedCash(LATE_PAID_OUT, SELLER)])
    assert [(line.treatment, line.to_buyer_minor) for line in found.lines] == [(Treatment.TURN_OVER, 500_000 * YUAN)]
    assert found.payer is SELLER


def test_edge_4_a_clawback_the_buyer_paid_is_the_sellers() -> None:
    found = true_up(TERMS, _statement(), CASH_FLOW, [MovedCash(CLAWBACK, BUYER), MovedCash(LATE_PAID_OUT, SELLER)])
    assert found.net_to_buyer_minor == 620_000 * YUAN
    assert _net(MovedCash(CLAWBACK, SELLER)) == 0


def test_a_call_the_seller_still_paid_is_owed_to_it() -> None:
    found = true_up(TERMS, _statement(), CASH_FLOW, [MovedCash(LATE_CALL, SELLER)])
    assert (found.net_to_buyer_minor, found.payer) == (-5_000_000 * YUAN, BUYER)


@pytest.mark.parametrize("policy", AdjustmentPolicy)
def test_after_the_closing_cash_is_the_buyers_whatever_the_policy(policy: AdjustmentPolicy) -> None:
    assert _net(MovedCash(LATE_PAID_OUT, SELLER), policy=policy) == 500_000 * YUAN
    assert _net(MovedCash(LATE_PAID_OUT, BUYER), policy=policy) == 0


def test_a_flow_the_statement_missed_is_settled_and_one_it_counted_is_not() -> None:
    missed = replace(PAID_OUT, reference="dist-9", cash_on=CLOSING)
    assert _net(MovedCash(missed, SELLER)) == 3_200_000 * YUAN
    assert _net(MovedCash(PAID_OUT, SELLER), MovedCash(CALL, SELLER)) == 0
    corrected = replace(PAID_OUT, amount_minor=PAID_OUT.amount_minor + 7)
    assert _net(MovedCash(corrected, SELLER)) == 7


def test_without_adjustment_the_flows_of_the_window_stay_with_the_seller() -> None:
    assert _net(MovedCash(PAID_OUT, SELLER), policy=NONE) == 0
    assert _net(MovedCash(PAID_OUT, BUYER), policy=NONE) == -3_200_000 * YUAN


def test_two_winners_turn_over_the_whole_to_the_fen() -> None:
    terms = replace(TERMS, amounts_minor=(70_000_000 * YUAN, 30_000_000 * YUAN))
    moved = [MovedCash(replace(LATE_PAID_OUT, amount_minor=50_000_001), SELLER)]
    shares = []
    for place in (0, 1):
        mine = replace(terms, place=place)
        statement = closing_statement(mine, [], CASH_FLOW, CLOSING)
        shares.append(true_up(mine, statement, CASH_FLOW, moved).net_to_buyer_minor)
    assert sum(shares) == 50_000_001


def test_nothing_owed_has_no_payer() -> None:
    assert true_up(TERMS, _statement(), CASH_FLOW, []).payer is None


def test_a_contested_line_leaves_the_rest_payable() -> None:
    found = contest(_statement(), {ContestedLine.DISTRIBUTIONS: 3_700_000 * YUAN})
    assert (found.stated_minor, found.claimed_minor) == (74_400_000 * YUAN, 73_900_000 * YUAN)
    assert (found.admitted_minor, found.in_dispute_minor) == (73_900_000 * YUAN, 500_000 * YUAN)


def test_a_claim_above_the_statement_admits_the_statement() -> None:
    found = contest(
        _statement(), {ContestedLine.CONTRIBUTIONS: 6_000_000 * YUAN, ContestedLine.BASE: 72_600_001 * YUAN}
    )
    assert (found.admitted_minor, found.in_dispute_minor) == (74_400_000 * YUAN, 1_000_001 * YUAN)


def test_sides_that_disagree_who_pays_admit_nothing() -> None:
    found = contest(_statement(), {ContestedLine.DISTRIBUTIONS: 80_000_000 * YUAN})
    assert (found.claimed_minor < 0, found.admitted_minor) == (True, 0)


def test_sides_that_agree_the_seller_pays_admit_the_smaller_payment() -> None:
    statement = replace(_statement(), to_pay_minor=-2_000)
    found = contest(statement, {ContestedLine.BASE: statement.base_minor - 500})
    assert (found.admitted_minor, found.in_dispute_minor) == (-2_000, 500)


def test_flows_cannot_be_contested_where_they_move_nothing() -> None:
    found = contest(_statement(NONE), {ContestedLine.DISTRIBUTIONS: 0, ContestedLine.CONTRIBUTIONS: 1})
    assert found.in_dispute_minor == 0


def test_a_counted_notice_that_was_a_call_in_truth_is_settled_twice_over() -> None:
    in_truth = replace(CALL, reference=PAID_OUT.reference, amount_minor=PAID_OUT.amount_minor)
    assert _net(MovedCash(in_truth, SELLER)) == -2 * PAID_OUT.amount_minor
