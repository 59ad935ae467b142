from dataclasses import replace
from datetime import date

import pytest

from exchange.core.terms import SourceMark
from exchange.funds.cash_flow import CashFlow, check_cash_flow, effect_on_unfunded
from exchange.funds.fund import Fund, check_fund, region_of_credit_code
from exchange.funds.kinds import CashFlowKind, LegalForm
from exchange.funds.nav_statement import NavStatement, check_nav_statement, implied_unfunded, tolerance
from exchange.funds.recorded import Recorded, due_versions

TODAY = date(2026, 7, 15)
STATEMENT = NavStatement(
    "F", date(2026, 3, 31), 88_00, 100_000_00, 70_000_00, 0, 30_000_00, None, None, SourceMark.REPORTED, "report"
)
FLOW = CashFlow("F", "N-1", date(2026, 3, 31), CashFlowKind.CONTRIBUTION, 500, -500, SourceMark.REPORTED, "notice")
FUND = Fund("F-1", "Fund", "org", LegalForm.PARTNERSHIP, 2018, "CNY", "", 3, 0, SourceMark.REPORTED, "report")


@pytest.mark.parametrize(
    ("mark", "code", "is_accepted"),
    [
        (SourceMark.REPORTED, "", True),
        (SourceMark.REPORTED, "SGX123", True),
        (SourceMark.REPORTED, "SIM-00001", True),
        (SourceMark.REPORTED, "P1000001", False),
        (SourceMark.REPORTED, "sgx123", False),
        (SourceMark.SIMULATED, "SIM-00001", True),
        (SourceMark.SIMULATED, "SGX123", False),
    ],
)
def test_a_filing_code_has_its_form_and_no_simulated_fund_a_real_one(
    mark: SourceMark, code: str, is_accepted: bool
) -> None:
    found = codes_of(check_fund(replace(FUND, source_mark=mark, filing_code=code), 2026))
    assert found == ([] if is_accepted else ["/filing_code FILING_CODE_INVALID"])


def test_regions_are_provinces_and_a_credit_code_names_one() -> None:
    assert codes_of(check_fund(replace(FUND, registered_region="31"), 2026)) == []
    assert codes_of(check_fund(replace(FUND, registered_region="99"), 2026)) == ["/registered_region PROVINCE_UNKNOWN"]
    assert region_of_credit_code("91110000600037341L") == "11"


def codes_of(errors: tuple[object, ...]) -> list[str]:
    return [f"{error.pointer} {error.code}" for error in errors]  # type: ignore[attr-defined]


def test_a_sound_statement_passes() -> None:
    assert check_nav_statement(STATEMENT, TODAY) == ()
    assert STATEMENT.key == ("F", date(2026, 3, 31))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"as_of": date(2026, 7, 16)}, "/as_of DATE_IN_FUTURE"),
        ({"subscribed_minor": 0}, "/subscribed NUMBER_NOT_POSITIVE"),
        ({"paid_in_minor": -1}, "/paid_in NUMBER_NEGATIVE"),
        ({"distributed_minor": -1}, "/distributed NUMBER_NEGATIVE"),
        ({"unfunded_minor": -1}, "/unfunded NUMBER_NEGATIVE"),
        ({"nav_minor": 10**18}, "/nav AMOUNT_OUT_OF_BOUNDS"),
        ({"unfunded_minor": 29_000_00}, "/unfunded UNFUNDED_UNEXPLAINED"),
    ],
)
def test_a_statement_that_contradicts_itself_says_where(change: dict[str, object], expected: str) -> None:
    assert expected in codes_of(check_nav_statement(replace(STATEMENT, **change), TODAY))  # type: ignore[arg-type]


def test_rounding_and_recallable_capital_do_not_break_the_identity() -> None:
    assert check_nav_statement(replace(STATEMENT, unfunded_minor=29_500_00), TODAY) == ()
    assert check_nav_statement(replace(STATEMENT, unfunded_minor=60_000_00), TODAY) == ()
    assert check_nav_statement(replace(STATEMENT, nav_minor=-5), TODAY) == ()
    assert tolerance(1_000) == 100
    assert tolerance(-100_000_00) == 500_00


def test_unfunded_is_implied_but_never_negative() -> None:
    assert implied_unfunded(100, 70) == 30
    assert implied_unfunded(100, 130) == 0


def test_each_flow_has_its_effect_on_unfunded() -> None:
    assert effect_on_unfunded(CashFlowKind.CONTRIBUTION, 5) == -5
    assert effect_on_unfunded(CashFlowKind.DISTRIBUTION, 8, 2) == 2
    assert effect_on_unfunded(CashFlowKind.DISTRIBUTION, 8) == 0
    assert effect_on_unfunded(CashFlowKind.RESTATEMENT, -1) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"notice_no": " "}, "/notice_no FIELD_REQUIRED"),
        ({"occurred_on": date(2027, 1, 1)}, "/occurred_on DATE_IN_FUTURE"),
        ({"amount_minor": 0, "effect_on_unfunded_minor": 0}, "/amount AMOUNT_IS_ZERO"),
        ({"amount_minor": -5, "effect_on_unfunded_minor": 0}, "/amount NUMBER_NOT_POSITIVE"),
        ({"effect_on_unfunded_minor": -501}, "/effect_on_unfunded EFFECT_OUT_OF_RANGE"),
        ({"effect_on_unfunded_minor": 1}, "/effect_on_unfunded EFFECT_OUT_OF_RANGE"),
        (
            {"kind": CashFlowKind.DISTRIBUTION, "effect_on_unfunded_minor": -1},
            "/effect_on_unfunded EFFECT_OUT_OF_RANGE",
        ),
    ],
)
def test_a_flow_that_cannot_be_says_why(change: dict[str, object], expected: str) -> None:
    assert expected in codes_of(check_cash_flow(replace(FLOW, **change), TODAY))  # type: ignore[arg-type]


def test_sound_flows_pass() -> None:
    assert check_cash_flow(FLOW, TODAY) == ()
    assert FLOW.key == ("F", "N-1")
    restated = replace(FLOW, kind=CashFlowKind.RESTATEMENT, amount_minor=-5, effect_on_unfunded_minor=5)
    assert check_cash_flow(restated, TODAY) == ()
    paid_out = replace(FLOW, kind=CashFlowKind.DISTRIBUTION, effect_on_unfunded_minor=100)
    assert check_cash_flow(paid_out, TODAY) == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"code": " "}, "/code FIELD_REQUIRED"),
        ({"name": ""}, "/name FIELD_REQUIRED"),
        ({"currency": "XYZ"}, "/currency CURRENCY_UNKNOWN"),
        ({"vintage": 1969}, "/vintage YEAR_OUT_OF_RANGE"),
        ({"vintage": 2028}, "/vintage YEAR_OUT_OF_RANGE"),
        ({"risk_rating": 0}, "/risk_rating RISK_RATING_OUT_OF_RANGE"),
        ({"sci_tech_ppm": 1_000_001}, "/sci_tech_ratio RATIO_OUT_OF_RANGE"),
    ],
)
def test_a_fund_that_cannot_be_says_why(change: dict[str, object], expected: str) -> None:
    assert codes_of(check_fund(replace(FUND, **change), 2026)) == [expected]  # type: ignore[arg-type]


def test_a_sound_fund_passes() -> None:
    assert check_fund(replace(FUND, vintage=2027), 2026) == ()


def test_only_differing_facts_get_a_version() -> None:
    due, counts = due_versions([("a", 10), ("b", 11), ("c", 12)], {"a": (2, 10), "b": (2, 10)})
    assert due == [(3, 11), (1, 12)]
    assert counts == Recorded(added=1, changed=1, unchanged=1)
