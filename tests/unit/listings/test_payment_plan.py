"""Payment plans: schedules to the fen, R-47, and the all-cash equivalent that ranks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.listings.payment_plan import (
    ALL_AT_CLOSING,
    LaterPart,
    PaymentPlan,
    Security,
    bid_plan_verdict,
    equivalent_price_ppm,
    interest_minor,
    parts_of_base,
    plan_document,
    plan_from_document,
    plan_verdict,
    present_value_minor,
    schedule,
)
from exchange.rulebook import service as rulebook

YUAN = 100
CLOSING = date(2026, 6, 30)
BASE, ADJUSTED, NAV = 72_600_000 * YUAN, 74_400_000 * YUAN, 88_000_000 * YUAN
PROFILE = rulebook.profile("CN_PX_SOE", CLOSING)
PLAIN = PaymentPlan((LaterPart(400_000, 365),), security=Security.BANK_GUARANTEE)
BEARING = PaymentPlan((LaterPart(400_000, 365),), interest_ppm=31_000, security=Security.BANK_GUARANTEE)


def _codes(plan: PaymentPlan, first: int = 45_360_000 * YUAN) -> list[str]:
    return [breach.code for breach in plan_verdict(plan, PROFILE, first, ADJUSTED).breaches]


def test_the_worked_plan_to_the_fen() -> None:
    found = schedule(BEARING, BASE, ADJUSTED, CLOSING)
    assert (found.deferred_minor, found.at_closing_minor) == (29_040_000 * YUAN, 45_360_000 * YUAN)
    assert found.first_share_ppm == 609_677  # 60.97 %
    assert found.later[0].due_on == date(2027, 6, 30)
    assert found.interest_minor == 900_240 * YUAN
    assert ADJUSTED * PROFILE.down_payment_minimum_ppm.value // 1_000_000 == 22_320_000 * YUAN


def test_the_worked_equivalents() -> None:
    value = present_value_minor(schedule(PLAIN, BASE, ADJUSTED, CLOSING), 120_000)
    assert value == 7_128_857_143
    assert value - 1_800_000 * YUAN == 6_948_857_143
    assert equivalent_price_ppm(825_000, PLAIN, 120_000) == 789_643  # 78.96 %
    assert equivalent_price_ppm(825_000, BEARING, 120_000) == 798_777  # 79.88 %
    assert present_value_minor(schedule(BEARING, BASE, ADJUSTED, CLOSING), 120_000) == 7_209_235_714


def test_cash_is_its_own_equivalent_and_beats_a_higher_headline() -> None:
    assert equivalent_price_ppm(825_000, ALL_AT_CLOSING, 120_000) == 825_000
    assert equivalent_price_ppm(810_000, ALL_AT_CLOSING, 120_000) > equivalent_price_ppm(825_000, BEARING, 120_000)


def test_the_published_rate_stands_in_the_profile() -> None:
    assert PROFILE.equivalent_discount_ppm.value == 120_000


def test_r47_passes_a_secured_plan_within_a_year() -> None:
    assert _codes(BEARING) == []
    assert _codes(PLAIN, 22_320_000 * YUAN) == []
    assert _codes(ALL_AT_CLOSING, 0) == []


def test_r47_names_everything_that_is_wrong_at_once() -> None:
    plan = PaymentPlan((LaterPart(750_000, 366),))
    found = plan_verdict(plan, PROFILE, 22_320_000 * YUAN - 1, ADJUSTED).breaches
    assert [breach.code for breach in found] == ["FIRST_PART_TOO_SMALL", "LAST_PART_TOO_LATE", "LATER_PARTS_UNSECURED"]
    assert {breach.rule for breach in found} == {"R-47"}
    assert found[1].parameters == {"days": "366", "maximum": "365"}


def test_r47_cannot_be_met_by_a_price_that_is_not_positive() -> None:
    assert [breach.code for breach in plan_verdict(BEARING, PROFILE, -YUAN, 0).breaches] == ["FIRST_PART_TOO_SMALL"]


def test_a_state_owned_seller_takes_the_announced_plan_only() -> None:
    found = bid_plan_verdict(PLAIN, BEARING, state_owned=True, plans_allowed=True)
    assert [breach.code for breach in found.breaches] == ["PLAN_NOT_AS_ANNOUNCED"]
    assert not bid_plan_verdict(ALL_AT_CLOSING, BEARING, state_owned=True, plans_allowed=True).passed
    assert bid_plan_verdict(BEARING, BEARING, state_owned=True, plans_allowed=False).passed


def test_another_seller_says_whether_it_takes_plans() -> None:
    refused = bid_plan_verdict(PLAIN, ALL_AT_CLOSING, state_owned=False, plans_allowed=False)
    assert [breach.code for breach in refused.breaches] == ["PLANS_NOT_TAKEN"]
    assert bid_plan_verdict(PLAIN, ALL_AT_CLOSING, state_owned=False, plans_allowed=True).passed
    assert bid_plan_verdict(ALL_AT_CLOSING, BEARING, state_owned=False, plans_allowed=False).passed


@pytest.mark.parametrize(
    ("parts", "rate"),
    [
        ([(1_000_000, 30)], 0),
        ([(0, 30)], 0),
        ([(1, 30), (1, 30)], 0),
        ([(1, 60), (1, 30)], 0),
        ([(1, 0)], 0),
        ([(1, 3651)], 0),
        ([(1, 30)], -1),
        ([(1, day) for day in range(1, 14)], 0),
    ],
)
def test_plans_without_sense_are_refused(parts: list[tuple[int, int]], rate: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        PaymentPlan(tuple(LaterPart(*part) for part in parts), rate)


def test_interest_is_rounded_once_and_runs_forward() -> None:
    assert interest_minor(365, 1_000_000, 1) == 1
    assert interest_minor(182, 1_000_000, 1) == 0
    assert interest_minor(183, 1_000_000, 1) == 1
    with pytest.raises(ValueError, match="forward"):
        interest_minor(1, 1, -1)


PLANS = st.builds(
    lambda days, shares, rate: PaymentPlan(
        tuple(LaterPart(share, day) for share, day in zip(shares, sorted(days), strict=False)),
        rate,
        Security.ESCROW,
    ),
    st.sets(st.integers(1, 3650), min_size=3, max_size=3),
    st.lists(st.integers(1, 300_000), max_size=3),
    st.integers(0, 300_000),
)


@given(plan=PLANS, base=st.integers(0, 10**14), adjustment=st.integers(-(10**14), 10**14))
def test_the_parts_are_the_base_and_the_payments_the_price(plan: PaymentPlan, base: int, adjustment: int) -> None:
    assert sum(parts_of_base(plan, base)) == base
    found = schedule(plan, base, base + adjustment, CLOSING)
    assert found.at_closing_minor + found.deferred_minor == base + adjustment


@given(plan=PLANS, price=st.integers(1, 2_000_000), rate=st.integers(0, 300_000))
def test_the_equivalent_is_the_price_at_the_plans_own_rate(plan: PaymentPlan, price: int, rate: int) -> None:
    found = equivalent_price_ppm(price, plan, rate)
    assert equivalent_price_ppm(price, plan, plan.interest_ppm) == price
    assert found <= price if rate >= plan.interest_ppm else found >= price
    assert equivalent_price_ppm(price + 1, plan, rate) >= found


@given(plan=PLANS)
def test_a_plan_comes_back_from_its_document(plan: PaymentPlan) -> None:
    assert plan_from_document(plan_document(plan)) == (plan if plan.later else ALL_AT_CLOSING)
