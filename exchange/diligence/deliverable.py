"""What an adviser says in its report, in figures: the structured result beside the document.

A valuation report gives a range for an amount of subscribed capital on a base date; a legal report gives findings,
each with its clause, the item of the checklist it concerns and a remedy; financial, tax and technical reports give
findings and what else is particular to them. Amounts are whole minor units of one currency.
Example: low 81, point 90, high 99 of 100 subscribed -> in order; low 95 with point 90 -> RANGE_OUT_OF_ORDER.
Source: structured results of the exchange's advice service (京金融〔2020〕7号, measure 9); 资产评估执业准则 on what an
appraisal report states (purpose, base date, methods, validity).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from exchange.core.errors import FieldError
from exchange.core.money import MAX_MINOR, MINOR_DIGITS
from exchange.diligence.engagement import DeliverableKind
from exchange.diligence.finding import Severity
from exchange.diligence.kept import kept

LIST_MAX = 100


class AuditOpinion(StrEnum):
    """What an auditor says of the books as a whole."""

    UNQUALIFIED = "unqualified"
    QUALIFIED = "qualified"
    ADVERSE = "adverse"
    DISCLAIMED = "disclaimed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """Something found: how much it weighs, where it stands, which item it concerns, what would mend it."""

    severity: Severity
    clause: str
    item_code: str
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class KeyInput:
    """A figure or an assumption the result rests on, as the report states it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ValuationReport:
    """An independent valuation. ``amount_minor``: the subscribed capital it values, None for all of the statement's."""

    base_on: date
    purpose: str
    methods: tuple[str, ...]
    amount_minor: int | None
    currency: str
    low_minor: int
    point_minor: int
    high_minor: int
    key_inputs: tuple[KeyInput, ...]
    nav_statement_id: str | None
    valid_until: date
    profile: str
    report_number: str


@dataclass(frozen=True, slots=True)
class LegalReport:
    """Legal findings, and the opinion in a sentence."""

    opinion: str
    findings: tuple[ReportedFinding, ...]


@dataclass(frozen=True, slots=True)
class FinancialReport:
    """Findings in the books as of a date, the auditor's opinion, and net assets where the report states them."""

    as_of: date
    opinion: AuditOpinion
    currency: str
    net_assets_minor: int | None
    findings: tuple[ReportedFinding, ...]


@dataclass(frozen=True, slots=True)
class TaxTreatment:
    """One tax of the transfer: who owes it, and the amount where it can be said."""

    tax: str
    taxpayer: str
    treatment: str
    amount_minor: int | None


@dataclass(frozen=True, slots=True)
class TaxMemo:
    """How the transfer is taxed in a jurisdiction."""

    jurisdiction: str
    currency: str
    treatments: tuple[TaxTreatment, ...]
    findings: tuple[ReportedFinding, ...]


@dataclass(frozen=True, slots=True)
class TechnicalReport:
    """Technical findings about what a fund or a company owns, and the conclusion in a sentence."""

    subject: str
    conclusion: str
    findings: tuple[ReportedFinding, ...]


Result = ValuationReport | LegalReport | FinancialReport | TaxMemo | TechnicalReport

_KINDS: Mapping[type[Any], DeliverableKind] = {
    ValuationReport: DeliverableKind.VALUATION_REPORT,
    LegalReport: DeliverableKind.LEGAL_REPORT,
    FinancialReport: DeliverableKind.FINANCIAL_REPORT,
    TaxMemo: DeliverableKind.TAX_MEMO,
    TechnicalReport: DeliverableKind.TECHNICAL_REPORT,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the registers and the market profile allow.

    ``subscribed_minor``: of the NAV statement a valuation refers to, None when there is none; ``valid_days``: the
    longest an appraisal counts after its base date; ``codes``: the items of the listing's checklist.
    """

    today: date
    currency: str
    codes: frozenset[str]
    subscribed_minor: int | None = None
    valid_days: int = 365


def kind_of(result: Result) -> DeliverableKind:
    """Which deliverable a result belongs to."""
    return _KINDS[type(result)]


def findings_of(result: Result) -> tuple[ReportedFinding, ...]:
    """The findings of a result; a valuation has none."""
    return () if isinstance(result, ValuationReport) else result.findings


def as_of_date(result: Result) -> date | None:
    """The day a result speaks of, where it has one."""
    if isinstance(result, ValuationReport):
        return result.base_on
    return result.as_of if isinstance(result, FinancialReport) else None


def data_of(result: Result) -> dict[str, Any]:
    """The result as it is kept and sent: texts, whole numbers, lists; dates as 2026-06-30."""
    return kept(result)


def result_of(kind: DeliverableKind, data: Mapping[str, Any]) -> Result:
    """A kept result back as values. KeyError or ValueError for data that ``data_of`` did not make."""
    values = dict(data)
    if "findings" in values:
        values["findings"] = tuple(_finding(each) for each in values["findings"])
    match kind:
        case DeliverableKind.VALUATION_REPORT:
            return _valuation(values)
        case DeliverableKind.LEGAL_REPORT:
            return LegalReport(**values)
        case DeliverableKind.FINANCIAL_REPORT:
            dated = {"as_of": date.fromisoformat(values["as_of"]), "opinion": AuditOpinion(values["opinion"])}
            return FinancialReport(**{**values, **dated})
        case DeliverableKind.TAX_MEMO:
            treatments = tuple(TaxTreatment(**each) for each in values["treatments"])
            return TaxMemo(**{**values, "treatments": treatments})
        case DeliverableKind.TECHNICAL_REPORT:
            return TechnicalReport(**values)


def check_result(result: Result, bounds: Bounds) -> tuple[FieldError, ...]:
    """Everything in a result that cannot be; pointers are those of the request (``/result/point``)."""
    return (*_check_texts(result), *_check_findings(result, bounds), *_check_own(result, bounds))


def _check_own(result: Result, bounds: Bounds) -> Iterator[FieldError]:
    if isinstance(result, ValuationReport):
        yield from _check_valuation(result, bounds)
    elif isinstance(result, FinancialReport):
        if result.as_of > bounds.today:
            yield FieldError("/result/as_of", "DATE_IN_FUTURE")
        if result.currency not in MINOR_DIGITS:
            yield FieldError("/result/currency", "CURRENCY_UNKNOWN")
        yield from _check_amount("/result/net_assets", result.net_assets_minor, signed=True)
    elif isinstance(result, TaxMemo):
        if result.currency not in MINOR_DIGITS:
            yield FieldError("/result/currency", "CURRENCY_UNKNOWN")
        for place, treatment in enumerate(result.treatments):
            yield from _check_amount(f"/result/treatments/{place}/amount", treatment.amount_minor)


def _check_valuation(report: ValuationReport, bounds: Bounds) -> Iterator[FieldError]:
    if report.currency != bounds.currency:
        yield FieldError("/result/currency", "CURRENCY_OF_OTHER_FUND", {"currency": bounds.currency})
    if report.base_on > bounds.today:
        yield FieldError("/result/base_date", "DATE_IN_FUTURE")
    latest = report.base_on + timedelta(days=bounds.valid_days)
    if not report.base_on <= report.valid_until <= latest:
        yield FieldError("/result/valid_until", "APPRAISAL_VALIDITY", {"n": str(bounds.valid_days)})
    if not 0 <= report.low_minor <= report.point_minor <= report.high_minor or report.point_minor == 0:
        yield FieldError("/result/point", "RANGE_OUT_OF_ORDER")
    yield from _check_amount("/result/high", report.high_minor)
    if not report.methods:
        yield FieldError("/result/methods", "FIELD_REQUIRED")
    if bounds.subscribed_minor is None:
        yield FieldError("/result/nav_statement_id", "STATEMENT_MISSING")
    elif (
        not 0
        < (bounds.subscribed_minor if report.amount_minor is None else report.amount_minor)
        <= (bounds.subscribed_minor)
    ):
        yield FieldError("/result/amount", "APPRAISED_AMOUNT_TOO_LARGE")


def _check_findings(result: Result, bounds: Bounds) -> Iterator[FieldError]:
    findings = findings_of(result)
    if len(findings) > LIST_MAX:
        yield FieldError("/result/findings", "FIELD_LENGTH")
    for place, finding in enumerate(findings):
        if finding.item_code and finding.item_code not in bounds.codes:
            yield FieldError(f"/result/findings/{place}/item_code", "ITEM_CODE_UNKNOWN", {"code": finding.item_code})
        if finding.severity is not Severity.INFO and not finding.remedy.strip():
            yield FieldError(f"/result/findings/{place}/remedy", "FIELD_REQUIRED")


def _check_texts(result: Result) -> Iterator[FieldError]:
    """What must not be blank: every text but a finding's item and remedy."""
    for each in fields(result):
        value = getattr(result, each.name)
        if isinstance(value, str) and not value.strip():
            yield FieldError(f"/result/{each.name}", "FIELD_REQUIRED")
    for place, finding in enumerate(findings_of(result)):
        for name in ("clause", "text"):
            if not getattr(finding, name).strip():
                yield FieldError(f"/result/findings/{place}/{name}", "FIELD_REQUIRED")


def _check_amount(pointer: str, minor: int | None, *, signed: bool = False) -> Iterator[FieldError]:
    lowest = -MAX_MINOR if signed else 0
    if minor is not None and not lowest <= minor <= MAX_MINOR:
        yield FieldError(pointer, "AMOUNT_OUT_OF_BOUNDS")


def _valuation(values: Mapping[str, Any]) -> ValuationReport:
    typed = {
        "base_on": date.fromisoformat(values["base_on"]),
        "valid_until": date.fromisoformat(values["valid_until"]),
        "methods": tuple(values["methods"]),
        "key_inputs": tuple(KeyInput(**each) for each in values["key_inputs"]),
    }
    return ValuationReport(**{**values, **typed})


def _finding(data: Mapping[str, Any]) -> ReportedFinding:
    return ReportedFinding(**{**data, "severity": Severity(data["severity"])})
