"""Every conflict rule alone: what meets it, what does not, and how much it weighs."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from exchange.diligence.conflicts import (
    SELL_SIDE,
    Conflict,
    ConflictRule,
    EarlierValuation,
    Facts,
    Matter,
    OtherMandate,
    Party,
    Relation,
    Weight,
    conflicts_of,
    consents_needed,
    is_blocked,
    normal_name,
)
from exchange.diligence.engagement import AdviserKind, FeeBasis, RelationKind

TODAY = date(2026, 7, 1)
YEAR = 365
SELLER = Party(SELL_SIDE, "org_seller", frozenset({"卖方", "Seller Ltd"}), frozenset({"org_seller", "psn_rich"}))
MANAGER = Party(SELL_SIDE, "org_gp", frozenset({"管理人", "Manager"}), frozenset({"org_gp", "org_house"}))
BIDDER = Party("org_bidder", "org_bidder", frozenset({"买方", "Bidder"}), frozenset({"org_bidder"}))
RIVAL = Party("org_rival", "org_rival", frozenset({"另一买方", "Rival"}), frozenset({"org_rival"}))
FUND = Party("", None, frozenset({"Fund 7", "SIM-7"}))
COMPANY = Party("", None, frozenset({"Chips Inc."}))
PARTIES = frozenset({SELLER, MANAGER, BIDDER, RIVAL, FUND, COMPANY})

OF_SELLER = Matter(
    AdviserKind.APPRAISAL, "org_seller", SELL_SIDE, "fnd_7", frozenset({"Fund 7", "SIM-7"}), frozenset({"S06"}), TODAY,
    YEAR,
)  # fmt: skip
OF_BIDDER = replace(OF_SELLER, client_id="org_bidder", client_side="org_bidder")
NOTHING = Facts(OF_SELLER, "org_adviser", frozenset({"org_adviser"}), parties=PARTIES)


def a_relation(
    kind: RelationKind,
    organisation_id: str | None = None,
    name: str = "Somebody",
    *,
    subject: str = "",
    ended_days_ago: int | None = None,
) -> Relation:
    ended = None if ended_days_ago is None else TODAY - timedelta(days=ended_days_ago)
    return Relation(kind, organisation_id, name, subject, TODAY - timedelta(days=900), ended)


def found(facts: Facts) -> list[tuple[str, str, str | None]]:
    return [(each.rule.value, each.weight.value, each.with_id) for each in conflicts_of(facts)]


def with_relation(relation: Relation, *, matter: Matter = OF_SELLER) -> list[tuple[str, str, str | None]]:
    return found(replace(NOTHING, matter=matter, relations=frozenset({relation})))


def of_kind(kind: AdviserKind, *codes: str, matter: Matter = OF_SELLER) -> Matter:
    return replace(matter, kind=kind, item_codes=frozenset(codes))


def test_a_stranger_meets_no_rule() -> None:
    assert found(NOTHING) == []
    assert consents_needed((), "org_seller") == frozenset()


@pytest.mark.parametrize("party", sorted(each.organisation_id for each in PARTIES if each.organisation_id))
def test_a_shared_owner_or_controller_blocks(party: str) -> None:
    keys = frozenset({"org_adviser", party})
    assert found(replace(NOTHING, group_keys=keys)) == [("affiliated", "block", party)]


def test_who_is_a_party_itself_is_blocked() -> None:
    assert found(replace(NOTHING, adviser_id="org_rival")) == [("affiliated", "block", "org_rival")]


@pytest.mark.parametrize(
    ("relation", "party"),
    [
        (a_relation(RelationKind.AFFILIATE, "org_seller"), "org_seller"),
        (a_relation(RelationKind.AFFILIATE, "org_house"), "org_gp"),
        (a_relation(RelationKind.AFFILIATE, name=" ｓｅｌｌｅｒ ltd. "), "org_seller"),
        (a_relation(RelationKind.AFFILIATE, name="fund-7"), None),
        (a_relation(RelationKind.AFFILIATE, name="CHIPS INC"), None),
        (a_relation(RelationKind.AFFILIATE, "org_rival"), "org_rival"),
        (a_relation(RelationKind.AFFILIATE, "org_gp", ended_days_ago=YEAR), "org_gp"),
    ],
)
def test_a_declared_affiliate_blocks_by_id_group_or_name_and_for_a_year_after(
    relation: Relation, party: str | None
) -> None:
    assert with_relation(relation) == [("affiliated", "block", party)]


@pytest.mark.parametrize(
    "relation",
    [
        a_relation(RelationKind.AFFILIATE, "org_gp", ended_days_ago=YEAR + 1),
        replace(a_relation(RelationKind.AFFILIATE, "org_gp"), valid_from=TODAY + timedelta(days=1)),
        a_relation(RelationKind.AFFILIATE, "org_other", name="Other"),
        a_relation(RelationKind.AFFILIATE, name="..."),
    ],
)
def test_what_is_long_over_not_yet_begun_or_with_somebody_else_does_not_count(relation: Relation) -> None:
    assert with_relation(relation) == []


def test_the_same_firm_for_another_side_blocks_and_for_the_same_side_does_not() -> None:
    bidder = OtherMandate("org_bidder", "org_bidder", "Bidder")
    seller = OtherMandate(SELL_SIDE, "org_gp", "Manager")
    both = frozenset({bidder, seller})
    assert found(replace(NOTHING, mandates=both)) == [("both_sides", "block", "org_bidder")]
    assert found(replace(NOTHING, matter=OF_BIDDER, mandates=both)) == [("both_sides", "block", "org_gp")]
    rival = replace(NOTHING, matter=OF_BIDDER, mandates=frozenset({OtherMandate("org_rival", "org_rival", "Rival")}))
    assert found(rival) == [("both_sides", "block", "org_rival")]


@pytest.mark.parametrize(
    ("kind", "basis", "expected"),
    [
        (AdviserKind.APPRAISAL, FeeBasis.SUCCESS, [("success_fee", "block", None)]),
        (AdviserKind.APPRAISAL, FeeBasis.FIXED, []),
        (AdviserKind.APPRAISAL, None, []),
        (AdviserKind.LAW, FeeBasis.SUCCESS, []),
    ],
)
def test_only_an_appraiser_is_barred_from_a_success_fee(
    kind: AdviserKind, basis: FeeBasis | None, expected: list[tuple[str, str, str | None]]
) -> None:
    assert found(replace(NOTHING, matter=of_kind(kind), fee_basis=basis)) == expected


@pytest.mark.parametrize(
    ("relation", "is_of_the_fund"),
    [
        (a_relation(RelationKind.AUDITOR, "org_gp"), True),
        (a_relation(RelationKind.AUDITOR, "org_gp", subject="SIM-7"), True),
        (a_relation(RelationKind.AUDITOR, name="Fund 7"), True),
        (a_relation(RelationKind.AUDITOR, "org_gp", ended_days_ago=30), True),
        (a_relation(RelationKind.AUDITOR, "org_gp", subject="Fund 8"), False),
        (a_relation(RelationKind.AUDITOR, "org_other"), False),
        (a_relation(RelationKind.COUNSEL, "org_gp"), False),
    ],
)
def test_the_funds_auditor_is_no_independent_valuer(relation: Relation, is_of_the_fund: bool) -> None:
    rules = {rule for rule, _, _ in with_relation(relation)}
    assert ("auditor_as_valuer" in rules) == is_of_the_fund
    rules = {rule for rule, _, _ in with_relation(relation, matter=of_kind(AdviserKind.AUDIT, "S05"))}
    assert "auditor_as_valuer" not in rules


def test_a_person_of_the_exchange_with_an_interest_blocks() -> None:
    assert with_relation(a_relation(RelationKind.EXCHANGE_STAFF)) == [("exchange_staff", "block", None)]


def test_who_says_that_it_is_not_free_is_believed() -> None:
    assert found(replace(NOTHING, has_declared_conflict=True)) == [("declared", "block", None)]


@pytest.mark.parametrize(
    ("valuation", "expected"),
    [
        (EarlierValuation("fnd_7", "org_bidder", "Bidder", TODAY - timedelta(days=YEAR)), ["org_bidder"]),
        (EarlierValuation("fnd_7", "org_bidder", "Bidder", TODAY - timedelta(days=YEAR + 1)), []),
        (EarlierValuation("fnd_7", "org_seller", "Seller", TODAY), []),
        (EarlierValuation("fnd_8", "org_bidder", "Bidder", TODAY), []),
    ],
)
def test_an_appraiser_discloses_whom_it_valued_the_interest_for(
    valuation: EarlierValuation, expected: list[str]
) -> None:
    facts = replace(NOTHING, valuations=frozenset({valuation}))
    assert found(facts) == [("valued_for_other", "disclose", each) for each in expected]
    assert found(replace(facts, matter=of_kind(AdviserKind.LAW))) == []


@pytest.mark.parametrize(
    ("subject", "client", "is_disclosed"),
    [("sim-7", "org_bidder", True), ("SIM-8", "org_bidder", False), ("SIM-7", "org_seller", False)],
)
def test_an_appraiser_discloses_what_it_valued_outside_the_exchange(
    subject: str, client: str, is_disclosed: bool
) -> None:
    rules = with_relation(a_relation(RelationKind.VALUED, client, subject=subject, ended_days_ago=200))
    assert rules == ([("valued_for_other", "disclose", client)] if is_disclosed else [])


def test_the_managers_lawyer_discloses_before_it_verifies_who_may_buy_first() -> None:
    counsel = a_relation(RelationKind.COUNSEL, "org_gp")
    verifies = of_kind(AdviserKind.LAW, "H01")
    assert with_relation(counsel, matter=verifies) == [("counsel_as_verifier", "disclose", "org_gp")]
    assert with_relation(counsel, matter=of_kind(AdviserKind.LAW, "C05")) == []
    own = replace(verifies, client_id="org_gp")
    assert with_relation(counsel, matter=own) == []


def test_work_for_the_sellers_is_disclosed_to_a_bidder_and_work_for_a_bidder_to_nobody() -> None:
    law = of_kind(AdviserKind.LAW, "F04", matter=OF_BIDDER)
    assert with_relation(a_relation(RelationKind.CLIENT, "org_gp"), matter=law) == [
        ("acts_for_other", "disclose", "org_gp")
    ]
    assert with_relation(a_relation(RelationKind.CLIENT, "org_rival"), matter=law) == []
    assert with_relation(a_relation(RelationKind.CLIENT, "org_bidder"), matter=law) == []
    assert with_relation(a_relation(RelationKind.CLIENT, "org_gp")) == []
    assert with_relation(a_relation(RelationKind.CLIENT, name="Chips Inc")) == [("acts_for_other", "disclose", None)]


def test_blocks_come_first_and_a_disclosure_asks_both_sides() -> None:
    facts = replace(
        NOTHING,
        has_declared_conflict=True,
        valuations=frozenset({EarlierValuation("fnd_7", "org_bidder", "Bidder", TODAY)}),
    )
    conflicts = conflicts_of(facts)
    assert [each.weight for each in conflicts] == [Weight.BLOCK, Weight.DISCLOSE]
    assert is_blocked(conflicts)
    assert consents_needed(conflicts, "org_seller") == {"org_seller", "org_bidder"}
    only = Conflict(ConflictRule.ACTS_FOR_OTHER, Weight.DISCLOSE, None, "Chips Inc.")
    assert consents_needed([only], "org_seller") == {"org_seller"}


def test_names_are_compared_without_case_width_spaces_and_signs() -> None:
    assert normal_name(" Ｃhips, Inc. ") == normal_name("CHIPS INC")
    assert normal_name("【模拟】 基金（七号）") == "模拟基金七号"
