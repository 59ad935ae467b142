from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from exchange.core.terms import MatchingMode, PriorityPolicy, TimeInForce
from exchange.listings.offer import Facts, Rules, Terms, expires_at
from exchange.listings.payment_plan import LaterPart, PaymentPlan, Security
from exchange.listings.terms import check_listing, nav_age_days
from exchange.rulebook import service as rulebook
from exchange.rulebook.profile import Mark, PriorityReview, Rule

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
MILLION = 1_000_000_00
TERMS = Terms(
    mode=MatchingMode.NEGOTIATED,
    policy=PriorityPolicy.GUIDANCE_FIRST,
    amount_minor=20 * MILLION,
    minimum_fill_minor=0,
    all_or_none=False,
    price_ppm=825_000,
    floor_price_ppm=825_000,
    time_in_force=TimeInForce.GOOD_TILL_DATE,
    opens_at=NOW,
    closes_at=NOW + timedelta(days=30),
)
FACTS = Facts(
    currency="CNY",
    nav_minor=88 * MILLION,
    nav_as_of=date(2026, 3, 31),
    nav_is_current=True,
    subscribed_minor=100 * MILLION,
    free_minor=100 * MILLION,
    seller_is_admitted=True,
    seller_is_state_owned=False,
    regions=frozenset({"11"}),
    filing_code="SAB123",
)


def rules(profile: str = "CN_BJ") -> Rules:
    return Rules(rulebook.profile(profile, date(2026, 7, 15)), rulebook.shipped_calendar(), NOW)


def breaches(terms: Terms = TERMS, facts: Facts = FACTS, profile: str = "CN_BJ") -> list[tuple[str, str]]:
    return [(breach.rule, breach.code) for breach in check_listing(terms, facts, rules(profile))]


def test_sound_terms_break_nothing() -> None:
    assert breaches() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"amount_minor": 99_999_999}, ("R-21", "AMOUNT_BELOW_MINIMUM")),
        ({"amount_minor": 99_500_000_00}, ("R-26", "REMAINDER_BELOW_MINIMUM")),
        ({"amount_minor": 101 * MILLION}, ("R-40", "INTEREST_NOT_FREE")),
        ({"amount_minor": 20_000 * MILLION}, ("D-AMOUNT-MAX", "AMOUNT_ABOVE_MAXIMUM")),
        ({"minimum_fill_minor": 21 * MILLION}, ("R-21", "MINIMUM_FILL_ABOVE_AMOUNT")),
        ({"mode": MatchingMode.CONTINUOUS}, ("R-02", "MODE_NOT_ALLOWED")),
        ({"price_ppm": 825_100}, ("D-TICK", "PRICE_OFF_TICK")),
        ({"price_ppm": 5_000_500}, ("D-PRICE-MAX", "PRICE_ABOVE_MAXIMUM")),
        ({"floor_price_ppm": 825_500}, ("R-43", "FLOOR_ABOVE_PRICE")),
        ({"closes_at": NOW}, ("R-03", "WINDOW_OUT_OF_ORDER")),
        ({"opens_at": NOW - timedelta(days=9), "closes_at": NOW - timedelta(days=1)}, ("R-03", "WINDOW_IN_PAST")),
        ({"closes_at": NOW + timedelta(days=181)}, ("R-03", "WINDOW_TOO_LONG")),
        (
            {"mode": MatchingMode.ONE_WAY_AUCTION, "closes_at": NOW + timedelta(days=6)},
            ("R-11", "NOTICE_TOO_SHORT"),
        ),
    ],
)
def test_each_rule_of_the_terms_is_named(change: dict[str, object], expected: tuple[str, str]) -> None:
    assert expected in breaches(replace(TERMS, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"seller_is_admitted": False}, ("R-09", "SELLER_NOT_ADMITTED")),
        ({"nav_as_of": date(2025, 7, 14)}, ("R-50", "NAV_STALE")),
        ({"nav_is_current": False}, ("R-50", "NAV_REPLACED")),
        ({"nav_minor": 0}, ("R-50", "NAV_NOT_POSITIVE")),
        ({"currency": "GBP"}, ("R-21", "CURRENCY_NOT_ADMITTED")),
    ],
)
def test_each_rule_of_the_registers_is_named(change: dict[str, object], expected: tuple[str, str]) -> None:
    assert breaches(facts=replace(FACTS, **change)) == [expected]  # type: ignore[arg-type]


def test_a_regional_market_serves_its_region_and_filed_funds_only() -> None:
    elsewhere = replace(FACTS, regions=frozenset({"44", "31"}), filing_code="")
    found = check_listing(TERMS, elsewhere, rules())
    assert [(breach.rule, breach.code) for breach in found] == [("R-08", "FUND_NOT_LOCAL"), ("R-08", "FUND_NOT_FILED")]
    assert found[0].parameters == {"regions": "31, 44", "allowed": "11"}


def test_a_fund_or_its_manager_in_the_region_is_enough() -> None:
    assert breaches(facts=replace(FACTS, regions=frozenset({"44", "11"}))) == []
    assert breaches(facts=replace(FACTS, regions=frozenset({"31"})), profile="CN_SH") == []
    assert breaches(facts=replace(FACTS, regions=frozenset(), filing_code=""), profile="OPEN") == []


def test_a_nav_of_365_days_still_passes() -> None:
    assert breaches(facts=replace(FACTS, nav_as_of=date(2025, 7, 15))) == []
    assert nav_age_days(FACTS, NOW) == 106


def test_a_state_owned_seller_ranks_by_price_and_gives_twenty_working_days() -> None:
    facts = replace(FACTS, seller_is_state_owned=True)
    assert ("R-42", "POLICY_NOT_ALLOWED") in breaches(facts=facts)
    by_price = replace(TERMS, policy=PriorityPolicy.PRICE_FIRST)
    assert breaches(by_price, facts) == []
    short = replace(by_price, closes_at=NOW + timedelta(days=20))
    assert breaches(short, facts) == [("R-45", "STATE_NOTICE_TOO_SHORT")]


def test_all_broken_rules_are_named_at_once() -> None:
    terms = replace(TERMS, amount_minor=120 * MILLION, mode=MatchingMode.CONTINUOUS, floor_price_ppm=900_000)
    facts = replace(FACTS, nav_as_of=date(2024, 12, 31))
    codes = {code for _, code in breaches(terms, facts)}
    assert codes == {"NAV_STALE", "INTEREST_NOT_FREE", "MODE_NOT_ALLOWED", "FLOOR_ABOVE_PRICE"}


def test_a_notice_that_began_before_today_counts_from_today() -> None:
    terms = replace(
        TERMS, mode=MatchingMode.ONE_WAY_AUCTION, opens_at=NOW - timedelta(days=5), closes_at=NOW + timedelta(days=6)
    )
    found = check_listing(terms, FACTS, rules())
    assert [(breach.code, breach.parameters["date"]) for breach in found] == [("NOTICE_TOO_SHORT", "2026-07-22")]


def test_the_open_venue_matches_continuously() -> None:
    assert breaches(replace(TERMS, mode=MatchingMode.CONTINUOUS), profile="OPEN") == []


def test_a_day_listing_ends_with_its_market_day_and_every_other_with_its_window() -> None:
    assert expires_at(TERMS) == TERMS.closes_at
    assert expires_at(replace(TERMS, time_in_force=TimeInForce.GOOD_TILL_CANCELLED)) == TERMS.closes_at
    day = expires_at(replace(TERMS, time_in_force=TimeInForce.DAY))
    assert day == datetime(2026, 7, 15, 16, 0, tzinfo=UTC)


def test_an_announced_plan_keeps_the_least_first_part_the_longest_time_and_a_security() -> None:
    plan = PaymentPlan((LaterPart(710_000, 366),), 0, Security.NONE)
    codes = [code for _, code in breaches(replace(TERMS, plan=plan))]
    assert codes == ["FIRST_PART_TOO_SMALL", "LAST_PART_TOO_LATE", "LATER_PARTS_UNSECURED"]
    lawful = PaymentPlan((LaterPart(700_000, 365),), 31_000, Security.ESCROW)
    assert breaches(replace(TERMS, plan=lawful)) == []


def test_plans_of_bidders_are_compared_in_an_auction_of_a_private_seller_only() -> None:
    takes = replace(TERMS, plan_discount_ppm=120_000)
    assert breaches(takes) == [("D-EQUIVALENT", "PLANS_NEED_AUCTION")]
    assert breaches(replace(takes, mode=MatchingMode.ONE_WAY_AUCTION)) == []
    public = replace(takes, mode=MatchingMode.ONE_WAY_AUCTION, policy=PriorityPolicy.PRICE_FIRST)
    state_owned = replace(FACTS, seller_is_state_owned=True)
    assert ("R-47", "STATE_OWNED_PLANS_IDENTICAL") in breaches(public, state_owned)


def test_what_was_bought_rests_for_the_later_of_both_calendars_before_it_is_listed() -> None:
    # Registered on Friday 2026-07-10: five trading and five working days end on the 17th; today is the 15th.
    bought = replace(FACTS, bought_at=datetime(2026, 7, 10, 2, 0, tzinfo=UTC))
    assert breaches(facts=bought) == [("R-04", "BOUGHT_TOO_RECENTLY")]
    (breach,) = check_listing(TERMS, bought, rules())
    assert (breach.passes_on, breach.parameters["bought"]) == (date(2026, 7, 17), "2026-07-10")
    assert breaches(facts=replace(FACTS, bought_at=datetime(2026, 7, 7, 2, 0, tzinfo=UTC))) == []


def test_a_class_goes_first_only_while_its_review_is_in_force() -> None:
    now = rules()
    over = Rule(PriorityReview("N-1", date(2025, 1, 1), date(2026, 7, 14)), "R-4E", "s", Mark.DEFAULT)
    ended = replace(now, profile=replace(now.profile, priority_review=over))
    assert [(each.rule, each.code) for each in check_listing(TERMS, FACTS, ended)] == [("R-4E", "PRIORITY_REVIEW_OVER")]
    by_price = replace(TERMS, policy=PriorityPolicy.PRICE_FIRST)
    assert check_listing(by_price, FACTS, ended) == ()
    today = replace(over, value=replace(over.value, ends_on=date(2026, 7, 15)))
    last_day = replace(now, profile=replace(now.profile, priority_review=today))
    assert check_listing(TERMS, FACTS, last_day) == ()


def relisted(**change: object) -> Facts:
    """A state-owned seller's interest that was announced first on 2025-09-01 at its NAV and found no buyer."""
    since = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
    known = {"seller_is_state_owned": True, "first_published_at": since, "first_price_ppm": 1_000_000}
    return replace(FACTS, **known | change)  # type: ignore[arg-type]


TWELVE_MONTHS = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
AT_NINETY = replace(
    TERMS,
    policy=PriorityPolicy.PRICE_FIRST,
    price_ppm=1_000_000,
    floor_price_ppm=900_000,
    closes_at=TWELVE_MONTHS,
)


def test_a_state_owned_interest_is_announced_again_within_twelve_months() -> None:
    assert breaches(AT_NINETY, relisted()) == []


def test_a_state_owned_interest_that_found_no_buyer_in_twelve_months_begins_anew() -> None:
    late = replace(AT_NINETY, closes_at=TWELVE_MONTHS + timedelta(seconds=1))
    assert breaches(late, relisted()) == [("R-46", "LISTED_TOO_LONG")]


def test_a_state_owned_seller_goes_below_ninety_percent_with_its_bodys_approval_only() -> None:
    low = replace(AT_NINETY, floor_price_ppm=899_500)
    assert breaches(low, relisted()) == [("R-44", "RELIST_PRICE_TOO_LOW")]
    assert breaches(low, relisted(approved_floor_ppm=899_500)) == []


# 20 of 100 million subscribed with a NAV of 88 million, at 82.5 %, ask for 14.52 million.
VALUED = replace(FACTS, seller_is_state_owned=True, pinned_subscribed_minor=100 * MILLION)
BY_PRICE = replace(TERMS, policy=PriorityPolicy.PRICE_FIRST)


def test_a_state_owned_floor_at_the_filed_value_stands() -> None:
    assert breaches(BY_PRICE, replace(VALUED, filed_value_minor=14_520_000_00)) == []


def test_a_state_owned_floor_one_fen_below_the_filed_value_is_refused() -> None:
    filed = replace(VALUED, filed_value_minor=14_520_000_01)
    assert breaches(BY_PRICE, filed) == [("R-44", "PRICE_BELOW_APPRAISAL")]
