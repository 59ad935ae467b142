"""Structured results of reports on the wire, told apart by ``kind``; amounts are strict decimal texts."""

from typing import Annotated, Any, Literal

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.core.money import money_from_text
from exchange.diligence.deliverable import (
    AuditOpinion,
    FinancialReport,
    KeyInput,
    LegalReport,
    ReportedFinding,
    Result,
    TaxMemo,
    TaxTreatment,
    TechnicalReport,
    ValuationReport,
)
from exchange.diligence.finding import Severity
from exchange.rest.model import LongText, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import (
    AmountText,
    CurrencyText,
    DateText,
    MoneyView,
    PositiveAmountText,
    SignedAmountText,
)
from exchange.rulebook.service import DEFAULT_PROFILE

StatementIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('nav_statement')}$")]
CodeText = Annotated[str, Field(strict=True, pattern=r"^[A-Z][0-9]{2}$", examples=["F04"])]
ProfileText = Annotated[str, Field(strict=True, pattern="^[A-Z_]{2,20}$")]
FindingList = Annotated[list["FindingBody"], Field(max_length=100)]


class FindingBody(StrictModel):
    """Something found. ``remedy`` may only be left out of what merely informs; ``item_code`` is the item concerned."""

    severity: Severity
    clause: ShortText
    item_code: CodeText | None = None
    text: LongText
    remedy: Annotated[str, Field(strict=True, max_length=4000)] = ""

    def value(self) -> ReportedFinding:
        """As a value."""
        return ReportedFinding(self.severity, self.clause, self.item_code or "", self.text, self.remedy)


class KeyInputBody(StrictModel):
    """A figure or an assumption the result rests on, in the report's words."""

    name: ShortText
    value: ShortText


class ValuationReportBody(StrictModel):
    """An independent valuation of an amount of subscribed capital (all of the statement's when left out)."""

    kind: Literal["valuation_report"]
    base_date: DateText
    purpose: ShortText
    methods: Annotated[list[ShortText], Field(min_length=1, max_length=10)]
    amount: PositiveAmountText | None = None
    currency: CurrencyText
    low: AmountText
    point: PositiveAmountText
    high: PositiveAmountText
    key_inputs: Annotated[list[KeyInputBody], Field(max_length=100)]
    nav_statement_id: StatementIdText | None = None
    valid_until: DateText
    profile: ProfileText = DEFAULT_PROFILE
    report_number: ShortText

    def value(self) -> Result:
        """As values in minor units."""
        return ValuationReport(
            base_on=self.base_date,
            purpose=self.purpose,
            methods=tuple(self.methods),
            amount_minor=_minor(self.amount, self.currency),
            currency=self.currency,
            low_minor=money_from_text(self.low, self.currency).minor,
            point_minor=money_from_text(self.point, self.currency).minor,
            high_minor=money_from_text(self.high, self.currency).minor,
            key_inputs=tuple(KeyInput(each.name, each.value) for each in self.key_inputs),
            nav_statement_id=self.nav_statement_id,
            valid_until=self.valid_until,
            profile=self.profile,
            report_number=self.report_number,
        )


class LegalReportBody(StrictModel):
    """Legal findings."""

    kind: Literal["legal_report"]
    opinion: LongText
    findings: FindingList

    def value(self) -> Result:
        """As values."""
        return LegalReport(self.opinion, _findings(self.findings))


class FinancialReportBody(StrictModel):
    """Findings in the books as of a date."""

    kind: Literal["financial_report"]
    as_of: DateText
    opinion: AuditOpinion
    currency: CurrencyText
    net_assets: SignedAmountText | None = None
    findings: FindingList

    def value(self) -> Result:
        """As values in minor units."""
        net_assets = _minor(self.net_assets, self.currency)
        return FinancialReport(self.as_of, self.opinion, self.currency, net_assets, _findings(self.findings))


class TreatmentBody(StrictModel):
    """One tax: who owes it, how it is treated, how much where that can be said."""

    tax: ShortText
    taxpayer: ShortText
    treatment: LongText
    amount: AmountText | None = None


class TaxMemoBody(StrictModel):
    """How the transfer is taxed."""

    kind: Literal["tax_memo"]
    jurisdiction: ShortText
    currency: CurrencyText
    treatments: Annotated[list[TreatmentBody], Field(min_length=1, max_length=100)]
    findings: FindingList

    def value(self) -> Result:
        """As values in minor units."""
        treatments = tuple(
            TaxTreatment(each.tax, each.taxpayer, each.treatment, _minor(each.amount, self.currency))
            for each in self.treatments
        )
        return TaxMemo(self.jurisdiction, self.currency, treatments, _findings(self.findings))


class TechnicalReportBody(StrictModel):
    """Technical findings."""

    kind: Literal["technical_report"]
    subject: ShortText
    conclusion: LongText
    findings: FindingList

    def value(self) -> Result:
        """As values."""
        return TechnicalReport(self.subject, self.conclusion, _findings(self.findings))


ResultBody = Annotated[
    ValuationReportBody | LegalReportBody | FinancialReportBody | TaxMemoBody | TechnicalReportBody,
    Field(discriminator="kind"),
]


class ResultView(ViewModel):
    """A structured result: ``figures`` as reported, amounts as money."""

    figures: dict[str, Any]

    @classmethod
    def of(cls, data: dict[str, Any]) -> "ResultView":
        """From a kept result: every ``*_minor`` becomes money of its currency, dates and lists stay."""
        return cls(figures=_shown(data, str(data.get("currency", ""))))


def _shown(data: dict[str, Any], currency: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name.endswith("_minor"):
            money = None if value is None else MoneyView.of(value, currency).model_dump()
            found[name.removesuffix("_minor")] = money
        elif isinstance(value, list):
            found[name] = [_shown(each, currency) if isinstance(each, dict) else each for each in value]
        else:
            found["base_date" if name == "base_on" else name] = value
    return found


def _findings(findings: list[FindingBody]) -> tuple[ReportedFinding, ...]:
    return tuple(each.value() for each in findings)


def _minor(text: str | None, currency: str) -> int | None:
    return None if text is None else money_from_text(text, currency).minor
