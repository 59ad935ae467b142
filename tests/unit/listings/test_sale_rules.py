"""Sales by a court, partners in the auction, and the favourable exit of a guidance fund, in worked numbers."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy, TimeInForce
from exchange.listings.approval import Approval, ApprovalKind, ApprovalStatus, exit_since, has_court_order
from exchange.listings.offer import Facts, Terms
from exchange.listings.sale import ExitFormula, SaleCause, favourable_price_minor
from exchange.listings.terms import check_listing
from tests.unit.listings.test_terms import FACTS, MILLION, NOW, TERMS, breaches, rules

BY_COURT = replace(TERMS, cause=SaleCause.COURT_ORDER)
ALONG = replace(
    TERMS,
    mode=MatchingMode.ONE_WAY_AUCTION,
    policy=PriorityPolicy.PRICE_FIRST,
    first_refusal=FirstRefusalMode.BIDS_ALONG,
    closes_at=NOW + timedelta(days=31),
)
EXIT = replace(TERMS, is_favourable_exit=True, policy=PriorityPolicy.PRICE_FIRST)
LEAVING = replace(
    FACTS,
    seller_is_state_owned=True,
    seller_is_guidance_fund=True,
    exit_since=date(2024, 7, 15),
    cost_minor=80 * MILLION,
    pinned_subscribed_minor=100 * MILLION,
)
FORMULA = ExitFormula(years=3, rate_ppm=30_000)


def test_a_sale_by_a_court_shows_its_order() -> None:
    assert breaches(BY_COURT) == [("R-37", "COURT_ORDER_MISSING")]


def test_a_sale_by_a_court_passes_with_its_verified_order() -> None:
    assert breaches(BY_COURT, replace(FACTS, court_order_is_verified=True)) == []


def test_only_a_verified_order_in_force_counts() -> None:
    order = Approval(ApprovalKind.COURT_ORDER, ApprovalStatus.VERIFIED, None, date(2026, 7, 15))
    assert has_court_order([order], date(2026, 7, 15))
    assert not has_court_order([order], date(2026, 7, 16))
    assert not has_court_order([replace(order, status=ApprovalStatus.FILED)], date(2026, 7, 15))
    assert not has_court_order([replace(order, kind=ApprovalKind.CHANGE)], date(2026, 7, 15))


def test_partners_exercise_in_an_auction_by_price_that_lasts_their_thirty_days() -> None:
    short = replace(ALONG, closes_at=NOW + timedelta(days=30))  # the thirtieth day is not over
    found = check_listing(short, FACTS, rules())
    assert [(breach.rule, breach.code) for breach in found] == [("R-38", "PARTNERS_NEED_TIME")]
    assert found[0].parameters == {"n": "30", "date": "2026-08-14"}
    assert breaches(replace(ALONG, mode=MatchingMode.NEGOTIATED)) == [("R-38", "FIRST_REFUSAL_NEEDS_AUCTION")]
    assert breaches(replace(ALONG, policy=PriorityPolicy.MATCH_RIGHT)) == [("R-38", "FIRST_REFUSAL_NEEDS_AUCTION")]
    assert breaches(ALONG, replace(FACTS, has_first_refusal=False)) == [("R-38", "NO_FIRST_REFUSAL")]


@pytest.mark.parametrize("mode", FirstRefusalMode)
def test_each_way_of_first_refusal_passes_in_an_auction_that_gives_time(mode: FirstRefusalMode) -> None:
    assert breaches(replace(ALONG, first_refusal=mode)) == []


def test_a_court_gives_the_partners_twenty_days() -> None:
    ordered = replace(FACTS, court_order_is_verified=True)
    by_court = replace(ALONG, cause=SaleCause.COURT_ORDER)
    assert breaches(replace(by_court, closes_at=NOW + timedelta(days=21)), ordered) == []
    assert breaches(replace(by_court, closes_at=NOW + timedelta(days=20)), ordered) == [("R-38", "PARTNERS_NEED_TIME")]


def test_an_order_good_for_the_day_gives_nobody_more_time_than_its_day() -> None:
    for_a_day = replace(ALONG, time_in_force=TimeInForce.DAY)
    assert breaches(for_a_day) == [("R-38", "PARTNERS_NEED_TIME"), ("R-11", "NOTICE_TOO_SHORT")]
    negotiated = replace(TERMS, policy=PriorityPolicy.PRICE_FIRST, time_in_force=TimeInForce.DAY)
    assert breaches(negotiated) == []
    state_owned = replace(FACTS, seller_is_state_owned=True)
    assert breaches(negotiated, state_owned) == [("R-45", "STATE_NOTICE_TOO_SHORT")]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2022, 3, 1), 20_000_000_00),
        (date(2025, 3, 1), 20_000_000_00),
        (date(2025, 3, 2), 21_803_287_67),
        (date(2026, 3, 1), 22_401_643_84),
    ],
)
def test_within_three_years_at_cost_later_with_a_loan_rate(today: date, expected: int) -> None:
    assert favourable_price_minor(20_000_000_00, date(2022, 3, 1), today, FORMULA) == expected


def test_an_exit_counts_no_day_before_the_investment_and_knows_leap_years() -> None:
    with pytest.raises(ValueError, match="before"):
        favourable_price_minor(1, date(2026, 3, 2), date(2026, 3, 1), FORMULA)
    assert favourable_price_minor(365, date(2024, 2, 29), date(2027, 2, 28), FORMULA) == 365


def test_a_favourable_exit_needs_a_guidance_fund_its_clause_and_its_price() -> None:
    assert breaches(EXIT) == [("R-4D", "FAVOURABLE_EXIT_NOT_OPEN")]
    assert breaches(EXIT, LEAVING, "OPEN") == [("R-4D", "FAVOURABLE_EXIT_NOT_OPEN")]
    assert breaches(EXIT, replace(LEAVING, exit_since=None)) == [("R-4D", "EXIT_CLAUSE_MISSING")]
    # 20 of 100 million with 80 paid in cost 16 million; 82.5 % of a NAV of 88 ask 14,520,000
    found = check_listing(EXIT, LEAVING, rules())
    assert [(breach.rule, breach.code) for breach in found] == [("R-4D", "PRICE_BELOW_EXIT_FORMULA")]
    assert found[0].parameters == {"value": "14520000.00 CNY", "lowest": "16000000.00 CNY"}


def test_a_favourable_exit_at_its_price_passes_whatever_the_appraisal() -> None:
    at_cost = replace(EXIT, price_ppm=910_000, floor_price_ppm=910_000)
    appraised = replace(LEAVING, filed_value_minor=30 * MILLION)
    assert breaches(at_cost, appraised) == []
    assert breaches(replace(at_cost, is_favourable_exit=False), appraised) == [("R-44", "PRICE_BELOW_APPRAISAL")]


def test_the_latest_verified_clause_says_since_when() -> None:
    clause = Approval(ApprovalKind.EXIT_CLAUSE, ApprovalStatus.VERIFIED, None, date(2026, 12, 31), date(2023, 1, 1))
    assert exit_since([clause, replace(clause, invested_on=date(2023, 2, 1))], date(2026, 7, 15)) == date(2023, 2, 1)
    assert exit_since([replace(clause, status=ApprovalStatus.REFUSED)], date(2026, 7, 15)) is None


def test_a_listing_that_promises_a_return_is_refused() -> None:
    found = check_listing(TERMS, replace(FACTS, said="Growth\n保本，固定回报 8%"), rules())
    assert [(breach.rule, breach.code, breach.parameters) for breach in found] == [
        ("R-28", "PROMISE_OF_RETURN", {"words": "保本, 固定回报"})
    ]
    assert breaches(facts=replace(FACTS, said="Growth\n不保本 no guaranteed return")) == []


def judged(terms: Terms, facts: Facts) -> list[str]:
    """The codes of all breaches."""
    return [breach.code for breach in check_listing(terms, facts, rules())]


def test_all_broken_rules_of_special_sales_are_named_at_once() -> None:
    terms = replace(BY_COURT, first_refusal=FirstRefusalMode.BIDS_ALONG, is_favourable_exit=True)
    assert judged(terms, FACTS) == ["COURT_ORDER_MISSING", "FIRST_REFUSAL_NEEDS_AUCTION", "FAVOURABLE_EXIT_NOT_OPEN"]
