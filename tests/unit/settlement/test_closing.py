"""Closing statements to the fen: the worked example, its edge cases, several buyers."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.money import divide_half_up
from exchange.core.terms import AdjustmentPolicy
from exchange.funds.kinds import CashFlowKind
from exchange.settlement.closing import Charges, ClosingStatement, ClosingTerms, closing_statement
from exchange.settlement.closing_flows import SaleFlow, Treatment

YUAN = 100
REFERENCE, CLOSING = date(2025, 12, 31), date(2026, 6, 30)
CASH_FLOW, NONE = AdjustmentPolicy.CASH_FLOW, AdjustmentPolicy.NONE
CONTRIBUTION, DISTRIBUTION = CashFlowKind.CONTRIBUTION, CashFlowKind.DISTRIBUTION
CALL = SaleFlow("call-1", CONTRIBUTION, 5_000_000 * YUAN, -5_000_000 * YUAN, date(2026, 3, 15))
PAID_OUT = SaleFlow("dist-1", DISTRIBUTION, 3_200_000 * YUAN, 1_000_000 * YUAN, date(2026, 4, 20))
WHOLE = 100_000_000 * YUAN
TERMS = ClosingTerms("CNY", 88_000_000 * YUAN, WHOLE, 30_000_000 * YUAN, 825_000, REFERENCE, (WHOLE,))


def _of(*flows: SaleFlow, terms: ClosingTerms = TERMS, policy: AdjustmentPolicy = CASH_FLOW) -> ClosingStatement:
    return closing_statement(terms, flows, policy, CLOSING)


def test_example_a_line_by_line() -> None:
    found = _of(CALL, PAID_OUT)
    assert found.base_minor == 72_600_000 * YUAN
    assert (found.contributions_minor, found.distributions_minor) == (5_000_000 * YUAN, 3_200_000 * YUAN)
    assert found.recallable_minor == 1_000_000 * YUAN
    assert (found.effect_minor, found.adjusted_minor) == (1_800_000 * YUAN, 74_400_000 * YUAN)
    assert (found.unfunded_reference_minor, found.unfunded_closing_minor) == (30_000_000 * YUAN, 26_000_000 * YUAN)
    assert found.exposure_minor == 100_400_000 * YUAN
    assert (found.rolled_nav_minor, found.rolled_ppm) == (89_800_000 * YUAN, 828_508)


def test_fees_and_duty_of_each_side() -> None:
    fee, duty = 192_600 * YUAN, 37_200 * YUAN
    charges = Charges(
        deposit_minor=7_000_000 * YUAN,
        seller_fee_minor=fee,
        buyer_fee_minor=fee,
        seller_stamp_duty_minor=duty,
        buyer_stamp_duty_minor=duty,
    )
    found = closing_statement(TERMS, [CALL, PAID_OUT], CASH_FLOW, CLOSING, charges)
    assert found.seller_proceeds_minor == 74_170_200 * YUAN
    assert found.buyer_outlay_minor == 74_629_800 * YUAN
    assert (found.deposit_converted_minor, found.deposit_returned_minor) == (7_000_000 * YUAN, 0)
    assert found.to_fund_minor == 67_400_000 * YUAN


def test_a_deferred_part_is_not_due_at_closing() -> None:
    found = closing_statement(TERMS, [CALL, PAID_OUT], CASH_FLOW, CLOSING, Charges(deferred_minor=29_040_000 * YUAN))
    assert (found.to_pay_minor, found.adjusted_minor) == (45_360_000 * YUAN, 74_400_000 * YUAN)


def test_forty_percent_scale_nav_and_flows() -> None:
    found = _of(CALL, PAID_OUT, terms=replace(TERMS, amounts_minor=(40_000_000 * YUAN,)))
    assert (found.base_minor, found.adjusted_minor) == (29_040_000 * YUAN, 29_760_000 * YUAN)
    assert found.unfunded_closing_minor == 10_400_000 * YUAN


def test_edge_1_the_seller_pays_when_more_came_back_than_the_base() -> None:
    terms = replace(TERMS, nav_minor=10_000_000 * YUAN, price_ppm=1_000_000)
    flow = replace(PAID_OUT, amount_minor=12_000_000 * YUAN, effect_on_unfunded_minor=0)
    found = closing_statement(terms, [flow], CASH_FLOW, CLOSING, Charges(deposit_minor=500_000 * YUAN))
    assert (found.adjusted_minor, found.to_pay_minor) == (-2_000_000 * YUAN, -2_000_000 * YUAN)
    assert found.is_paid_by_seller
    assert (found.rolled_ppm, found.to_fund_minor, found.deposit_converted_minor) == (None, 0, 0)
    assert found.deposit_returned_minor == 500_000 * YUAN


def test_edge_2_a_call_due_after_closing_is_the_buyers() -> None:
    late = replace(CALL, reference="call-2", noticed_on=date(2026, 6, 25), cash_on=date(2026, 7, 10))
    found = _of(late)
    assert found.flows[0].treatment is Treatment.BUYER_PAYS
    assert (found.adjusted_minor, found.unfunded_closing_minor) == (found.base_minor, 30_000_000 * YUAN)


def test_edge_3_a_distribution_after_closing_is_turned_over_not_adjusted() -> None:
    late = replace(PAID_OUT, noticed_on=date(2026, 6, 20), cash_on=date(2026, 7, 1))
    found = _of(late)
    assert found.flows[0].treatment is Treatment.TURN_OVER
    assert found.adjusted_minor == found.base_minor


def test_edge_4_a_clawback_of_what_came_before_the_reference_date_is_the_sellers() -> None:
    clawback = replace(CALL, claws_back_of=date(2025, 11, 1), effect_on_unfunded_minor=0)
    found = _of(clawback)
    assert found.flows[0].treatment is Treatment.EXCLUDED_OBLIGATION
    assert (found.adjusted_minor, found.rolled_nav_minor) == (found.base_minor, found.nav_minor)
    assert _of(replace(clawback, claws_back_of=date(2026, 2, 1))).effect_minor == 5_000_000 * YUAN


def test_edge_5_things_count_at_their_value_or_are_delivered() -> None:
    assert _of(PAID_OUT).effect_minor == -3_200_000 * YUAN
    delivered = _of(replace(PAID_OUT, is_delivered_in_kind=True))
    assert delivered.flows[0].treatment is Treatment.DELIVERED_IN_KIND
    assert delivered.adjusted_minor == delivered.base_minor


def test_edge_6_a_newer_nav_is_told_and_reprices_nothing() -> None:
    told = closing_statement(TERMS, [CALL], CASH_FLOW, CLOSING, later_nav_minor=96_800_000 * YUAN)
    assert told.later_nav_change_ppm == 100_000
    assert replace(told, later_nav_change_ppm=None) == _of(CALL)


def test_edge_7_without_adjustment_the_flows_are_shown_and_move_nothing() -> None:
    found = _of(CALL, PAID_OUT, policy=NONE)
    assert found.adjusted_minor == found.base_minor == 72_600_000 * YUAN
    assert (found.effect_minor, found.shown_effect_minor) == (0, 1_800_000 * YUAN)
    assert {line.treatment for line in found.flows} == {Treatment.POLICY_NONE}
    assert {line.price_effect_minor for line in found.flows} == {0}
    assert (found.contributions_minor, found.unfunded_closing_minor) == (5_000_000 * YUAN, 26_000_000 * YUAN)


def test_edge_8_two_winners_sum_to_the_whole_to_the_fen() -> None:
    terms = replace(TERMS, nav_minor=8_800_000_001, amounts_minor=(70_000_000 * YUAN, 30_000_000 * YUAN))
    flows = (replace(CALL, amount_minor=500_000_003), replace(PAID_OUT, amount_minor=320_000_007))
    first, second = (_of(*flows, terms=replace(terms, place=place)) for place in (0, 1))
    whole = _of(*flows, terms=replace(terms, amounts_minor=(WHOLE,)))
    assert first.adjusted_minor + second.adjusted_minor == whole.adjusted_minor
    assert first.base_minor + second.base_minor == whole.base_minor


@pytest.mark.parametrize(("cash_on", "counts"), [(REFERENCE, False), (date(2026, 1, 1), True), (CLOSING, True)])
def test_the_window_opens_after_the_reference_date_and_ends_with_the_closing(cash_on: date, *, counts: bool) -> None:
    found = _of(replace(CALL, cash_on=cash_on))
    assert found.effect_minor == (5_000_000 * YUAN if counts else 0)


def test_a_call_the_buyer_paid_is_not_added_but_lowers_unfunded() -> None:
    found = _of(replace(CALL, is_paid_by_buyer=True))
    assert found.flows[0].treatment is Treatment.PAID_BY_BUYER
    assert (found.adjusted_minor, found.unfunded_closing_minor) == (found.base_minor, 25_000_000 * YUAN)


def test_a_restatement_counts_with_its_sign() -> None:
    down = replace(CALL, kind=CashFlowKind.RESTATEMENT, amount_minor=-YUAN, effect_on_unfunded_minor=YUAN)
    assert _of(CALL, down).contributions_minor == 4_999_999 * YUAN


def test_the_base_that_was_agreed_stands() -> None:
    assert _of(CALL, terms=replace(TERMS, base_minor=7)).adjusted_minor == 7 + 5_000_000 * YUAN


@pytest.mark.parametrize(
    "terms",
    [
        replace(TERMS, amounts_minor=()),
        replace(TERMS, amounts_minor=(0,)),
        replace(TERMS, amounts_minor=(WHOLE, 1)),
        replace(TERMS, place=1),
        replace(TERMS, reference_on=date(2026, 7, 1)),
    ],
)
def test_terms_of_no_sale_are_refused(terms: ClosingTerms) -> None:
    with pytest.raises(ValueError, match=r"."):
        _of(CALL, terms=terms)


@given(
    nav=st.integers(1, 10**13),
    price=st.integers(1, 2_000_000),
    amounts=st.lists(st.integers(1, 10**12), min_size=1, max_size=6),
    unsold=st.integers(0, 10**12),
    flows=st.lists(
        st.tuples(st.sampled_from(CashFlowKind), st.integers(1, 10**12), st.integers(-(10**12), 10**12)), max_size=6
    ),
    policy=st.sampled_from(AdjustmentPolicy),
)
def test_the_lines_of_all_buyers_sum_to_the_sale(
    nav: int,
    price: int,
    amounts: list[int],
    unsold: int,
    flows: list[tuple[CashFlowKind, int, int]],
    policy: AdjustmentPolicy,
) -> None:
    moved = [
        SaleFlow(str(index), kind, amount, effect, date(2026, 1, 1 + index))
        for index, (kind, amount, effect) in enumerate(flows)
    ]
    sold = sum(amounts)
    terms = ClosingTerms("CNY", nav, sold + unsold, nav // 3, price, REFERENCE, tuple(amounts))
    each = [_of(*moved, terms=replace(terms, place=place), policy=policy) for place in range(len(amounts))]
    whole = _of(*moved, terms=replace(terms, amounts_minor=(sold,)), policy=policy)
    for line in ("nav_minor", "base_minor", "adjusted_minor", "unfunded_closing_minor", "rolled_nav_minor"):
        assert sum(getattr(one, line) for one in each) == getattr(whole, line)
    for one in each:
        assert one.adjusted_minor == one.base_minor + sum(line.price_effect_minor for line in one.flows)
        assert policy is CASH_FLOW or one.adjusted_minor == one.base_minor
    assert whole.base_minor == divide_half_up(nav * sold * price, (sold + unsold) * 1_000_000)
