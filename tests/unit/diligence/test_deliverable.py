"""Structured results: what they must hold, and that they come back from their kept form as they were."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from exchange.core.events import canonical_json
from exchange.core.money import MAX_MINOR
from exchange.diligence.deliverable import (
    AuditOpinion,
    Bounds,
    FinancialReport,
    KeyInput,
    LegalReport,
    ReportedFinding,
    Result,
    TaxMemo,
    TaxTreatment,
    TechnicalReport,
    ValuationReport,
    as_of_date,
    check_result,
    data_of,
    findings_of,
    kind_of,
    result_of,
)
from exchange.diligence.engagement import DELIVERS, AdviserKind
from exchange.diligence.finding import Severity

TODAY = date(2026, 7, 1)
BOUNDS = Bounds(TODAY, "CNY", frozenset({"C02", "F04"}), subscribed_minor=100, valid_days=365)
FINDING = ReportedFinding(Severity.BLOCK, "art. 7", "C02", "not registered", "register it")
VALUATION = ValuationReport(
    base_on=TODAY - timedelta(days=30),
    purpose="transfer",
    methods=("market",),
    amount_minor=None,
    currency="CNY",
    low_minor=81,
    point_minor=90,
    high_minor=99,
    key_inputs=(KeyInput("discount", "0.15"),),
    nav_statement_id=None,
    valid_until=TODAY + timedelta(days=335),
    profile="CN_BJ",
    report_number="PG-1",
)
LEGAL = LegalReport("can be completed", (FINDING,))
FINANCIAL = FinancialReport(TODAY, AuditOpinion.QUALIFIED, "CNY", -5, (FINDING,))
TAX = TaxMemo("CN", "CNY", (TaxTreatment("VAT", "seller", "exempt", None), TaxTreatment("CIT", "seller", "due", 7)), ())
TECHNICAL = TechnicalReport("patents", "held", (replace(FINDING, severity=Severity.INFO, remedy=""),))
OF_NO_ITEM = replace(FINDING, item_code="Z01")
REFUND = TaxTreatment("VAT", "seller", "refunded", -1)
RESULTS: tuple[Result, ...] = (VALUATION, LEGAL, FINANCIAL, TAX, TECHNICAL)


def faults(result: Result, bounds: Bounds = BOUNDS) -> list[tuple[str, str]]:
    return [(each.pointer, each.code) for each in check_result(result, bounds)]


@pytest.mark.parametrize("result", RESULTS)
def test_a_sound_result_has_no_fault_and_comes_back_as_it_was(result: Result) -> None:
    assert faults(result) == []
    data = data_of(result)
    assert result_of(kind_of(result), data) == result
    assert canonical_json(data) == canonical_json(data_of(result_of(kind_of(result), data)))


def test_every_kind_of_adviser_delivers_a_kind_of_result() -> None:
    assert set(DELIVERS) == set(AdviserKind)
    assert set(DELIVERS.values()) == {kind_of(result) for result in RESULTS}


def test_findings_and_dates_of_results() -> None:
    assert [len(findings_of(result)) for result in RESULTS] == [0, 1, 1, 0, 1]
    assert [as_of_date(result) for result in RESULTS] == [VALUATION.base_on, None, TODAY, None, None]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (replace(VALUATION, low_minor=91), [("/result/point", "RANGE_OUT_OF_ORDER")]),
        (replace(VALUATION, high_minor=89), [("/result/point", "RANGE_OUT_OF_ORDER")]),
        (replace(VALUATION, low_minor=0, point_minor=0), [("/result/point", "RANGE_OUT_OF_ORDER")]),
        (replace(VALUATION, low_minor=-1), [("/result/point", "RANGE_OUT_OF_ORDER")]),
        (replace(VALUATION, high_minor=MAX_MINOR + 1), [("/result/high", "AMOUNT_OUT_OF_BOUNDS")]),
        (replace(VALUATION, valid_until=TODAY + timedelta(days=336)), [("/result/valid_until", "APPRAISAL_VALIDITY")]),
        (replace(VALUATION, valid_until=TODAY - timedelta(days=31)), [("/result/valid_until", "APPRAISAL_VALIDITY")]),
        (replace(VALUATION, base_on=TODAY + timedelta(days=1)), [("/result/base_date", "DATE_IN_FUTURE")]),
        (replace(VALUATION, amount_minor=101), [("/result/amount", "APPRAISED_AMOUNT_TOO_LARGE")]),
        (replace(VALUATION, amount_minor=0), [("/result/amount", "APPRAISED_AMOUNT_TOO_LARGE")]),
        (replace(VALUATION, currency="USD"), [("/result/currency", "CURRENCY_OF_OTHER_FUND")]),
        (replace(VALUATION, methods=()), [("/result/methods", "FIELD_REQUIRED")]),
        (replace(VALUATION, purpose="  "), [("/result/purpose", "FIELD_REQUIRED")]),
        (LegalReport("", ()), [("/result/opinion", "FIELD_REQUIRED")]),
        (LegalReport("x", (OF_NO_ITEM,)), [("/result/findings/0/item_code", "ITEM_CODE_UNKNOWN")]),
        (LegalReport("x", (replace(FINDING, remedy=""),)), [("/result/findings/0/remedy", "FIELD_REQUIRED")]),
        (LegalReport("x", (replace(FINDING, clause=" "),)), [("/result/findings/0/clause", "FIELD_REQUIRED")]),
        (LegalReport("x", (FINDING,) * 101), [("/result/findings", "FIELD_LENGTH")]),
        (replace(FINANCIAL, as_of=TODAY + timedelta(days=1)), [("/result/as_of", "DATE_IN_FUTURE")]),
        (replace(FINANCIAL, currency="XXX"), [("/result/currency", "CURRENCY_UNKNOWN")]),
        (replace(TAX, treatments=(REFUND,)), [("/result/treatments/0/amount", "AMOUNT_OUT_OF_BOUNDS")]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(changed: Result, expected: list[tuple[str, str]]) -> None:
    assert faults(changed) == expected


def test_a_valuation_without_a_statement_cannot_be_placed() -> None:
    assert faults(VALUATION, replace(BOUNDS, subscribed_minor=None)) == [
        ("/result/nav_statement_id", "STATEMENT_MISSING")
    ]
