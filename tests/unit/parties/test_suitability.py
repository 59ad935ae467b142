"""May an investor bid: every rule that says no, and none when all hold."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from exchange.core.terms import BuyerClass
from exchange.parties.deemed import PROOFS, Deemed, DeemedKind, DeemedProof, DeemedProofKind
from exchange.parties.standing import Standing
from exchange.parties.suitability import may_bid
from exchange.rulebook.service import profile

TODAY = date(2026, 6, 1)
GOOD = Standing(
    organisation_id="org_1",
    is_approved=True,
    buyer_class=BuyerClass.GUIDANCE_FUND,
    class_valid_to=TODAY,
    suitable_until=TODAY,
    suitability_currency="CNY",
    net_assets_minor=2_000_000_000,
    financial_assets_minor=1_000_000_000,
    risk_rating=3,
    risk_statement_signed=True,
    no_nominee_declared=True,
    group_keys=("org_1",),
)


def codes(standing: Standing, *, rating: int = 3, currency: str = "CNY", name: str = "CN_BJ") -> list[str]:
    """The codes of all breaches."""
    verdict = may_bid(standing, rating, currency, profile(name, TODAY), TODAY)
    return [breach.code for breach in verdict.breaches]


def test_a_good_standing_may_bid_up_to_its_last_day() -> None:
    assert codes(GOOD) == []
    assert may_bid(GOOD, 3, "CNY", profile("CN_BJ", TODAY), TODAY).passed


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_approved": False}, "ORGANISATION_NOT_ADMITTED"),
        ({"suitable_until": None}, "SUITABILITY_MISSING"),
        ({"suitable_until": TODAY - timedelta(days=1)}, "SUITABILITY_EXPIRED"),
        ({"net_assets_minor": 1_999_999_999}, "NET_ASSETS_TOO_LOW"),
        ({"financial_assets_minor": 999_999_999}, "FINANCIAL_ASSETS_TOO_LOW"),
        ({"suitability_currency": "USD", "net_assets_minor": 299_999_999}, "NET_ASSETS_TOO_LOW"),
        ({"no_nominee_declared": False}, "NOMINEE_DECLARATION_MISSING"),
        ({"risk_statement_signed": False}, "RISK_STATEMENT_MISSING"),
        ({"risk_rating": 2}, "RISK_RATING_TOO_LOW"),
    ],
)
def test_each_rule_speaks_for_itself(change: dict[str, object], code: str) -> None:
    assert codes(replace(GOOD, **change)) == [code]  # type: ignore[arg-type]


POOR = replace(GOOD, net_assets_minor=0, financial_assets_minor=0)


def of_manager(standing: Standing, manager_id: str | None) -> list[tuple[str, str]]:
    """Rules and codes of all breaches in a fund of this manager."""
    verdict = may_bid(standing, 3, "CNY", profile("CN_BJ", TODAY), TODAY, manager_id)
    return [(breach.rule, breach.code) for breach in verdict.breaches]


@pytest.mark.parametrize("kind", sorted(set(DeemedKind) - {DeemedKind.MANAGER_OR_STAFF}))
def test_whom_the_law_counts_as_qualified_needs_no_assets(kind: DeemedKind) -> None:
    assert of_manager(replace(POOR, deemed=Deemed(kind)), "org_9") == []
    unsigned = replace(POOR, deemed=Deemed(kind), risk_statement_signed=False)
    assert of_manager(unsigned, "org_9") == [("R-29", "RISK_STATEMENT_MISSING")]


def test_a_manager_and_its_staff_are_qualified_in_its_own_funds_only() -> None:
    staff = replace(POOR, deemed=Deemed(DeemedKind.MANAGER_OR_STAFF, "org_9"))
    assert of_manager(staff, "org_9") == []
    assert of_manager(staff, "org_8") == [
        ("R-23", "QUALIFIED_IN_OWN_FUNDS_ONLY"),
        ("R-22", "NET_ASSETS_TOO_LOW"),
        ("R-22", "FINANCIAL_ASSETS_TOO_LOW"),
    ]
    assert of_manager(replace(GOOD, deemed=staff.deemed), "org_8") == []


def test_each_kind_has_its_one_proof_and_only_staff_names_a_manager() -> None:
    assert set(PROOFS) == set(DeemedKind)
    for kind, proof in PROOFS.items():
        manager = "org_9" if kind is DeemedKind.MANAGER_OR_STAFF else None
        assert DeemedProof(Deemed(kind, manager), proof, "1").fits()
        assert not DeemedProof(Deemed(kind, None if manager else "org_9"), proof, "1").fits()
        others = set(DeemedProofKind) - {proof}
        assert not any(DeemedProof(Deemed(kind, manager), other, "1").fits() for other in others)


def test_all_rules_speak_at_once() -> None:
    nothing = Standing(organisation_id="org_2")
    assert codes(nothing, currency="GBP") == [
        "ORGANISATION_NOT_ADMITTED",
        "CURRENCY_UNKNOWN",
        "SUITABILITY_MISSING",
        "NOMINEE_DECLARATION_MISSING",
        "RISK_STATEMENT_MISSING",
        "RISK_RATING_TOO_LOW",
    ]


def test_profiles_differ() -> None:
    smaller = replace(GOOD, net_assets_minor=1_000_000_000, financial_assets_minor=0)
    assert codes(smaller) == ["NET_ASSETS_TOO_LOW", "FINANCIAL_ASSETS_TOO_LOW"]
    assert codes(smaller, name="CN_SH") == []


def test_a_class_counts_up_to_its_last_day() -> None:
    assert GOOD.class_on(TODAY) is BuyerClass.GUIDANCE_FUND
    assert GOOD.class_on(TODAY + timedelta(days=1)) is BuyerClass.OTHER
    assert replace(GOOD, class_valid_to=None).class_on(TODAY) is BuyerClass.OTHER
