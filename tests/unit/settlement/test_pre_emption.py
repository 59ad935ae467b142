"""The right of first refusal: frozen terms, its position, and how several share."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.errors import RulesBroken
from exchange.settlement.pre_emption import (
    AnswerKind,
    EqualTerms,
    PartnerAnswer,
    RightPosition,
    agreed_division,
    agreement_verdict,
    divide,
    position,
    reopens,
    terms_hash,
)

NOW = datetime(2026, 7, 10, 3, tzinfo=UTC)
CLOSES = NOW + timedelta(days=30)
TERMS = EqualTerms("fund_1", 1_000_000_000, 825_000, 726_000_000, "CNY", {}, date(2026, 9, 30))


def _claim(name: str, asked: int, contribution: int, minutes: int = 0) -> PartnerAnswer:
    return PartnerAnswer(name, AnswerKind.EXERCISE, NOW + timedelta(minutes=minutes), asked, contribution)


def _waiver(name: str) -> PartnerAnswer:
    return PartnerAnswer(name, AnswerKind.WAIVE, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 1},
        {"price_ppm": 1},
        {"price_minor": 1},
        {"plan": {"interest_ppm": 1}},
        {"closing_by": date(2026, 10, 1)},
        {"currency": "USD"},
    ],
)
def test_any_change_of_a_term_opens_the_right_anew(change: dict[str, object]) -> None:
    assert not reopens(terms_hash(TERMS), replace(TERMS))
    assert reopens(terms_hash(TERMS), replace(TERMS, **change))  # type: ignore[arg-type]


def test_the_hash_does_not_depend_on_the_order_of_a_plan() -> None:
    one, other = replace(TERMS, plan={"a": 1, "b": 2}), replace(TERMS, plan={"b": 2, "a": 1})
    assert terms_hash(one) == terms_hash(other)


def test_the_right_stays_open_until_all_have_answered_or_the_time_is_over() -> None:
    answers = [_claim("a", 1, 1)]
    assert position(["a", "b"], answers, CLOSES, NOW, silence_waives=True) is RightPosition.OPEN
    assert position(["a", "b"], answers, CLOSES, CLOSES, silence_waives=True) is RightPosition.OPEN
    late = CLOSES + timedelta(seconds=1)
    assert position(["a", "b"], answers, CLOSES, late, silence_waives=False) is RightPosition.EXERCISED
    assert position(["a"], answers, CLOSES, NOW, silence_waives=False) is RightPosition.EXERCISED


def test_waivers_of_all_clear_the_right_early() -> None:
    answers = [_waiver("a"), _waiver("b")]
    assert position(["a", "b"], answers, CLOSES, NOW, silence_waives=False) is RightPosition.CLEARED


def test_silence_waives_only_where_it_may() -> None:
    late = CLOSES + timedelta(seconds=1)
    assert position(["a", "b"], [_waiver("a")], CLOSES, late, silence_waives=True) is RightPosition.CLEARED
    assert position(["a", "b"], [_waiver("a")], CLOSES, late, silence_waives=False) is RightPosition.LAPSE_TO_RECORD


def test_answers_that_are_late_or_of_strangers_do_not_count() -> None:
    late = CLOSES + timedelta(seconds=1)
    answers = [replace(_claim("a", 1, 1), answered_at=late), _claim("stranger", 1, 1)]
    assert position(["a"], answers, CLOSES, late, silence_waives=True) is RightPosition.CLEARED


def test_two_partners_split_by_contribution() -> None:
    found = divide(TERMS, [_claim("a", 1_000_000_000, 60), _claim("b", 1_000_000_000, 40)])
    assert found.amounts_minor == {"a": 600_000_000, "b": 400_000_000}
    assert found.prices_minor == {"a": 435_600_000, "b": 290_400_000}
    assert found.takes_all


def test_what_one_does_not_ask_goes_to_the_other() -> None:
    found = divide(TERMS, [_claim("a", 1_000_000_000, 60), _claim("b", 300_000_000, 40)])
    assert found.amounts_minor == {"a": 700_000_000, "b": 300_000_000}


def test_what_nobody_asks_is_left() -> None:
    found = divide(TERMS, [_claim("a", 100_000_000, 60), _claim("b", 300_000_000, 40)])
    assert (found.left_minor, found.takes_all) == (600_000_000, False)
    assert found.prices_minor == {"a": 72_600_000, "b": 217_800_000}


def test_the_largest_remainders_get_the_odd_fen() -> None:
    terms = replace(TERMS, amount_minor=100)
    found = divide(terms, [_claim("x", 100, 60), _claim("y", 100, 45), _claim("z", 100, 40)])
    assert found.amounts_minor == {"x": 41, "y": 31, "z": 28}


def test_an_even_tie_goes_to_the_earlier_answer() -> None:
    terms = replace(TERMS, amount_minor=1)
    assert divide(terms, [_claim("a", 1, 1, minutes=1), _claim("b", 1, 1)]).amounts_minor == {"b": 1}


def test_a_partner_without_contribution_takes_what_the_others_leave() -> None:
    claims = [_claim("a", 400_000_000, 60), _claim("none", 900_000_000, 0)]
    assert divide(TERMS, claims).amounts_minor == {"a": 400_000_000, "none": 600_000_000}


def test_nobody_who_exercises_leaves_the_whole() -> None:
    found = divide(TERMS, [_waiver("a")])
    assert (found.amounts_minor, found.left_minor) == ({}, TERMS.amount_minor)


def test_a_partner_answers_once() -> None:
    with pytest.raises(ValueError, match="once"):
        divide(TERMS, [_claim("a", 1, 1), _claim("a", 2, 1)])


def test_an_agreement_of_the_partners_comes_first() -> None:
    claims = [_claim("a", 900_000_000, 60), _claim("b", 1_000_000_000, 40)]
    found = agreed_division(TERMS, claims, {"a": 250_000_000, "b": 750_000_000})
    assert found.prices_minor == {"a": 181_500_000, "b": 544_500_000}


@pytest.mark.parametrize(
    ("agreed", "codes"),
    [
        ({"a": 1_000_000_000}, ["AGREEMENT_NOT_OF_THE_CLAIMS"]),
        ({"a": 950_000_000, "b": 50_000_000}, ["AGREEMENT_NOT_OF_THE_CLAIMS"]),
        ({"a": 500_000_000, "b": 500_000_001}, ["AGREEMENT_NOT_THE_WHOLE"]),
        ({"a": -1, "b": 2}, ["AGREEMENT_NOT_OF_THE_CLAIMS", "AGREEMENT_NOT_THE_WHOLE"]),
    ],
)
def test_an_agreement_that_does_not_hold_is_refused(agreed: dict[str, int], codes: list[str]) -> None:
    claims = [_claim("a", 900_000_000, 60), _claim("b", 1_000_000_000, 40)]
    assert [breach.code for breach in agreement_verdict(TERMS, claims, agreed).breaches] == codes
    with pytest.raises(RulesBroken):
        agreed_division(TERMS, claims, agreed)


@given(
    amount=st.integers(1, 10**12),
    price=st.integers(0, 10**12),
    asks=st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**6), st.integers(0, 2)), min_size=1, max_size=8),
    seed=st.integers(0, 1000),
)
def test_shares_sum_stay_below_the_ask_and_do_not_depend_on_order(
    amount: int, price: int, asks: list[tuple[int, int, int]], seed: int
) -> None:
    terms = replace(TERMS, amount_minor=amount, price_minor=price)
    claims = [_claim(f"p{index}", *ask) for index, ask in enumerate(asks)]
    asked = {claim.partner_id: claim.asked_minor for claim in claims}
    found = divide(terms, claims)
    assert sum(found.amounts_minor.values()) + found.left_minor == amount
    assert found.left_minor == max(amount - sum(asked.values()), 0)
    assert all(0 < share <= asked[name] for name, share in found.amounts_minor.items())
    assert sum(found.prices_minor.values()) <= price
    assert not found.takes_all or sum(found.prices_minor.values()) == price
    shuffled = list(claims)
    random.Random(seed).shuffle(shuffled)
    assert divide(terms, shuffled) == found
