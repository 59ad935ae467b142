"""Every rule of the intake, each broken alone, all broken together, and the numbers a refusal names."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from exchange.core.errors import Breach
from exchange.core.quantity import NavBasis
from exchange.core.terms import BuyerClass, MatchingMode, Side, TimeInForce
from exchange.matching.lifecycle import BookPhase
from exchange.matching.order_rules import (
    BookFacts,
    LiveOrder,
    OrderTerms,
    Requirements,
    amend_breaches,
    cancel_breaches,
    change_breaches,
    check_order,
)
from exchange.parties.standing import Standing
from exchange.rulebook.service import profile

NOW = datetime(2026, 7, 1, 6, tzinfo=UTC)
TODAY = date(2026, 7, 1)
MILLION = 100_000_000

BOOK = BookFacts(
    id="bok_1",
    fund_id="fnd_1",
    listing_id="lst_1",
    mode=MatchingMode.NEGOTIATED,
    profile="CN_BJ",
    currency="CNY",
    basis=NavBasis(88 * MILLION, 100 * MILLION),
    fund_risk_rating=3,
    tick_ppm=500,
    minimum_amount_minor=MILLION,
    maximum_amount_minor=100 * MILLION,
    floor_price_ppm=800_000,
    floor_is_hidden=False,
    deposit_ppm=50_000,
    seller_organisation_id="org_seller",
    seller_group_keys=frozenset({"org_seller", "psn_owner"}),
    is_simulated=True,
    phase=BookPhase.OPEN,
    closes_at=datetime(2026, 8, 1, tzinfo=UTC),
    last_sequence=7,
)
BUYER = Standing(
    organisation_id="org_buyer",
    is_approved=True,
    is_simulated=True,
    buyer_class=BuyerClass.GUIDANCE_FUND,
    class_valid_to=date(2026, 12, 31),
    suitable_until=date(2026, 12, 31),
    suitability_currency="CNY",
    net_assets_minor=50 * MILLION,
    financial_assets_minor=20 * MILLION,
    risk_rating=4,
    risk_statement_signed=True,
    no_nominee_declared=True,
    group_keys=("org_buyer", "psn_state"),
)
RULES = profile("CN_BJ", TODAY)
NEEDS = Requirements(
    interval_days=5,
    interval_rule="R-04",
    maximum_price_ppm=5_000_000,
    maximum_price_rule="D-PRICE-MAX",
    tick_rule="D-TICK",
    minimum_amount_rule="R-21",
    maximum_amount_rule="D-AMOUNT-MAX",
    deposit_rule="D-DEPOSIT",
)
TERMS = OrderTerms(price_ppm=850_000, amount_minor=10 * MILLION, currency="CNY")


def judged(
    terms: OrderTerms = TERMS,
    book: BookFacts = BOOK,
    buyer: Standing = BUYER,
    market_halt: str | None = None,
    resale_from: date | None = None,
    deposit_minor: int = 10,
    free_minor: int = 10,
) -> tuple[Breach, ...]:
    """The breaches of a bid that is in order but for what the test changes."""
    return check_order(
        terms,
        book,
        buyer,
        RULES,
        NEEDS,
        now=NOW,
        today=TODAY,
        market_halt=market_halt,
        resale_from=resale_from,
        deposit_minor=deposit_minor,
        free_minor=free_minor,
    )


def codes(breaches: tuple[Breach, ...]) -> list[str]:
    """The codes in their order."""
    return [breach.code for breach in breaches]


def test_a_bid_in_order_breaks_nothing() -> None:
    assert judged() == ()


@pytest.mark.parametrize(
    ("changes", "code", "rule"),
    [
        ({"phase": BookPhase.CLOSED}, "WINDOW_CLOSED", "X-WINDOW"),
        ({"closes_at": NOW}, "WINDOW_CLOSED", "X-WINDOW"),
        ({"phase": BookPhase.LOCKED}, "IMPROVE_ONLY", "X-LOCK"),
        ({"phase": BookPhase.HALTED}, "HALTED", "R-55"),
        ({"is_simulated": False}, "SIMULATED_AND_REAL", "X-SIMULATION"),
        ({"seller_organisation_id": "org_buyer"}, "SELLER_MAY_NOT_BID", "R-14"),
        ({"seller_group_keys": frozenset({"psn_state"})}, "CONFLICT_OF_INTEREST", "R-14"),
        ({"fund_risk_rating": 5}, "RISK_RATING_TOO_LOW", "R-29"),
        ({"tick_ppm": 3_000}, "STEP_INVALID", "D-TICK"),
        ({"floor_price_ppm": 860_000}, "BELOW_FLOOR", "R-13"),
        ({"minimum_amount_minor": 11 * MILLION}, "AMOUNT_TOO_SMALL", "R-21"),
        ({"maximum_amount_minor": 9 * MILLION}, "AMOUNT_TOO_LARGE", "D-AMOUNT-MAX"),
        ({"currency": "USD"}, "CURRENCY_MISMATCH", "X-CURRENCY"),
    ],
)
def test_each_fact_of_the_book_breaks_its_own_rule(changes: dict[str, object], code: str, rule: str) -> None:
    found = judged(book=replace(BOOK, **changes))  # type: ignore[arg-type]
    assert [(breach.code, breach.rule) for breach in found] == [(code, rule)]


@pytest.mark.parametrize(
    ("changes", "code", "rule"),
    [
        ({"is_approved": False}, "ORGANISATION_NOT_ADMITTED", "X-ADMISSION"),
        ({"suitable_until": None}, "SUITABILITY_MISSING", "R-20"),
        ({"suitable_until": date(2026, 6, 30)}, "SUITABILITY_EXPIRED", "R-20"),
        ({"no_nominee_declared": False}, "NOMINEE_DECLARATION_MISSING", "R-20"),
        ({"risk_statement_signed": False}, "RISK_STATEMENT_MISSING", "R-29"),
        ({"risk_rating": 2}, "RISK_RATING_TOO_LOW", "R-29"),
        ({"net_assets_minor": 20 * MILLION - 1}, "NET_ASSETS_TOO_LOW", "R-22"),
        ({"financial_assets_minor": 10 * MILLION - 1}, "FINANCIAL_ASSETS_TOO_LOW", "R-22"),
    ],
)
def test_each_fact_of_the_buyer_breaks_its_own_rule(changes: dict[str, object], code: str, rule: str) -> None:
    found = judged(buyer=replace(BUYER, **changes))  # type: ignore[arg-type]
    assert [(breach.code, breach.rule) for breach in found] == [(code, rule)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price_ppm": 850_001}, "STEP_INVALID"),
        ({"price_ppm": 5_000_500}, "PRICE_TOO_HIGH"),
        ({"minimum_fill_minor": 10 * MILLION + 1}, "MINIMUM_FILL_TOO_LARGE"),
        (
            {"time_in_force": TimeInForce.GOOD_TILL_DATE, "expires_on": date(2026, 6, 30)},
            "EXPIRY_PASSED",
        ),
    ],
)
def test_each_term_breaks_its_own_rule(changes: dict[str, object], code: str) -> None:
    assert codes(judged(replace(TERMS, **changes))) == [code]  # type: ignore[arg-type]


def test_assets_in_an_unknown_currency_prove_nothing() -> None:
    found = judged(buyer=replace(BUYER, suitability_currency="GBP"))
    assert codes(found) == ["ASSETS_CURRENCY", "ASSETS_CURRENCY"]


def test_a_step_refusal_names_the_nearest_two_prices() -> None:
    (breach,) = judged(replace(TERMS, price_ppm=855_550))
    assert (breach.parameters["a"], breach.parameters["b"]) == ("0.8555", "0.8560")


def test_a_hidden_floor_is_not_told_by_a_refusal() -> None:
    assert judged(replace(TERMS, price_ppm=500_000), replace(BOOK, floor_is_hidden=True)) == ()


def test_round_trip_names_the_first_date_on_which_it_passes() -> None:
    (breach,) = judged(resale_from=date(2026, 7, 8))
    assert (breach.code, breach.rule, breach.passes_on) == ("ROUND_TRIP", "R-04", date(2026, 7, 8))
    assert judged(resale_from=TODAY) == ()


def test_deposit_must_be_covered_to_the_last_cent() -> None:
    assert judged(deposit_minor=100, free_minor=100) == ()
    (breach,) = judged(deposit_minor=101, free_minor=100)
    assert breach.parameters == {"amount": "1.01", "free": "1.00", "currency": "CNY"}


def test_immediate_orders_need_an_open_book() -> None:
    now_or_never = replace(TERMS, time_in_force=TimeInForce.FILL_OR_KILL)
    assert judged(now_or_never) == ()
    assert codes(judged(now_or_never, replace(BOOK, phase=BookPhase.COLLECTING))) == ["IMMEDIATE_WHILE_COLLECTING"]


def test_a_halt_of_the_market_stops_every_book() -> None:
    (breach,) = judged(market_halt="system test")
    assert (breach.code, breach.parameters["scope"]) == ("HALTED", "market")


def test_all_broken_rules_are_told_at_once() -> None:
    found = judged(
        replace(TERMS, price_ppm=700_001, amount_minor=1, currency="USD"),
        replace(BOOK, phase=BookPhase.CLOSED),
        replace(BUYER, is_approved=False, suitable_until=None, no_nominee_declared=False),
        resale_from=date(2026, 7, 8),
        deposit_minor=2,
        free_minor=1,
    )
    assert codes(found) == [
        "WINDOW_CLOSED",
        "ORGANISATION_NOT_ADMITTED",
        "SUITABILITY_MISSING",
        "NOMINEE_DECLARATION_MISSING",
        "ROUND_TRIP",
        "STEP_INVALID",
        "BELOW_FLOOR",
        "CURRENCY_MISMATCH",
        "AMOUNT_TOO_SMALL",
        "DEPOSIT_MISSING",
    ]


def test_an_expired_class_ranks_as_other() -> None:
    assert BUYER.class_on(date(2026, 12, 31)) is BuyerClass.GUIDANCE_FUND
    assert BUYER.class_on(date(2027, 1, 1)) is BuyerClass.OTHER
    assert replace(BUYER, class_valid_to=None).class_on(TODAY) is BuyerClass.OTHER


BID = LiveOrder(Side.BUY, 850_000, 10 * MILLION, 2 * MILLION, MILLION)
ASK = LiveOrder(Side.SELL, 850_000, 10 * MILLION, 0, 0)
LOCKED = replace(BOOK, phase=BookPhase.LOCKED)


@pytest.mark.parametrize(
    ("order", "price", "amount", "expected"),
    [
        (BID, 860_000, 10 * MILLION, []),
        (BID, 850_000, 11 * MILLION, []),
        (BID, 849_500, 10 * MILLION, ["IMPROVE_ONLY"]),
        (BID, 860_000, 9 * MILLION, ["IMPROVE_ONLY"]),
        (ASK, 840_000, 10 * MILLION, []),
        (ASK, 860_000, 10 * MILLION, ["IMPROVE_ONLY"]),
    ],
)
def test_a_locked_book_takes_improvements_only(order: LiveOrder, price: int, amount: int, expected: list[str]) -> None:
    assert codes(amend_breaches(order, price, amount, LOCKED, 100 * MILLION, NEEDS)) == expected


def test_a_locked_book_lets_a_change_through_to_the_improvement_rule() -> None:
    assert change_breaches(LOCKED, NOW, None) == ()
    assert codes(change_breaches(replace(BOOK, phase=BookPhase.HALTED), NOW, None)) == ["HALTED"]


def test_an_amount_cannot_fall_to_what_is_taken_or_cancelled() -> None:
    assert codes(amend_breaches(BID, 850_000, 3 * MILLION, BOOK, 100 * MILLION, NEEDS)) == ["AMOUNT_BELOW_FILLED"]
    assert amend_breaches(BID, 850_000, 3 * MILLION + 1, BOOK, 100 * MILLION, NEEDS) == ()


@pytest.mark.parametrize(
    ("phase", "halted_from", "expected"),
    [
        (BookPhase.COLLECTING, None, []),
        (BookPhase.OPEN, None, []),
        (BookPhase.HALTED, BookPhase.OPEN, []),
        (BookPhase.LOCKED, None, ["BINDING_WHILE_LOCKED"]),
        (BookPhase.HALTED, BookPhase.LOCKED, ["BINDING_WHILE_LOCKED"]),
        (BookPhase.CLOSED, None, ["WINDOW_CLOSED"]),
    ],
)
def test_a_bid_may_be_withdrawn_until_it_binds(
    phase: BookPhase, halted_from: BookPhase | None, expected: list[str]
) -> None:
    assert codes(cancel_breaches(replace(BOOK, phase=phase, halted_from=halted_from))) == expected
