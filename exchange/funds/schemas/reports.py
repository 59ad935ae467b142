"""Shapes of funds, NAV statements and cash flows on the wire."""

from datetime import date
from typing import Annotated

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.core.money import money_from_text
from exchange.core.terms import SourceMark
from exchange.funds.cash_flow import CashFlow, effect_on_unfunded
from exchange.funds.fund import Fund
from exchange.funds.kinds import CashFlowKind, LegalForm
from exchange.funds.nav_statement import NavStatement, implied_unfunded
from exchange.funds.tables import CashFlowRow, FundRow, NavStatementRow
from exchange.rest.model import Instant, LongText, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import (
    AmountText,
    CurrencyText,
    DateText,
    MoneyView,
    PositiveAmountText,
    RatioText,
    SignedAmountText,
    Whole,
    ratio_ppm,
    ratio_text,
)

OrganisationIdText = Annotated[str, Field(pattern=f"^{id_pattern('organisation')}$")]
RegionText = Annotated[str, Field(strict=True, pattern=r"^([0-9]{2})?$", examples=["11"])]
FilingText = Annotated[str, Field(strict=True, pattern=r"^[A-Z0-9-]{0,9}$", examples=["SIM-00001"])]
CodeText = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,79}$", examples=["SIM-VC-001"])]
NoticeText = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$", examples=["2026-C-03"])]


class RecordFund(StrictModel):
    """A fund to be recorded. ``manager_organisation_id`` is the caller's own unless an operator calls."""

    code: CodeText
    name: ShortText
    manager_organisation_id: OrganisationIdText | None = None
    legal_form: LegalForm = LegalForm.PARTNERSHIP
    vintage: Whole
    currency: CurrencyText
    strategy: str = Field(default="", strict=True, max_length=200)
    risk_rating: Whole = 3
    sci_tech_ratio: RatioText = "0"
    source_mark: SourceMark = SourceMark.REPORTED
    source: ShortText
    warning: str = Field(default="", strict=True, max_length=4000)
    registered_region: RegionText = ""
    filing_code: FilingText = ""

    def fund(self, manager_organisation_id: str) -> Fund:
        """As values."""
        return Fund(
            code=self.code,
            name=self.name,
            manager_organisation_id=self.manager_organisation_id or manager_organisation_id,
            legal_form=self.legal_form,
            vintage=self.vintage,
            currency=self.currency,
            strategy=self.strategy,
            risk_rating=self.risk_rating,
            sci_tech_ppm=ratio_ppm(self.sci_tech_ratio),
            source_mark=self.source_mark,
            source=self.source,
            warning=self.warning,
            registered_region=self.registered_region,
            filing_code=self.filing_code,
        )


class EditFund(StrictModel):
    """What changes; what is left out stays."""

    name: ShortText | None = None
    strategy: ShortText | None = None
    risk_rating: Whole | None = None
    sci_tech_ratio: RatioText | None = None
    warning: LongText | None = None
    registered_region: RegionText | None = None
    filing_code: FilingText | None = None

    def changes(self) -> dict[str, str | int]:
        """The named fields as stored."""
        given: dict[str, str | int | None] = {
            "name": self.name,
            "strategy": self.strategy,
            "risk_rating": self.risk_rating,
            "sci_tech_ppm": None if self.sci_tech_ratio is None else ratio_ppm(self.sci_tech_ratio),
            "warning": self.warning,
            "registered_region": self.registered_region,
            "filing_code": self.filing_code,
        }
        return {name: value for name, value in given.items() if value is not None}


class RecordNavStatement(StrictModel):
    """A NAV at a reference date. Without ``unfunded`` it is subscribed less paid-in."""

    as_of: DateText
    nav: SignedAmountText
    subscribed: PositiveAmountText
    paid_in: AmountText
    distributed: AmountText
    unfunded: AmountText | None = None
    tvpi: RatioText | None = None
    source_mark: SourceMark = SourceMark.REPORTED
    source: ShortText

    def statement(self, fund_id: str, currency: str) -> NavStatement:
        """As values in minor units of the fund's currency."""
        subscribed = money_from_text(self.subscribed, currency).minor
        paid_in = money_from_text(self.paid_in, currency).minor
        given = None if self.unfunded is None else money_from_text(self.unfunded, currency).minor
        return NavStatement(
            fund_id=fund_id,
            as_of=self.as_of,
            nav_minor=money_from_text(self.nav, currency).minor,
            subscribed_minor=subscribed,
            paid_in_minor=paid_in,
            distributed_minor=money_from_text(self.distributed, currency).minor,
            unfunded_minor=implied_unfunded(subscribed, paid_in) if given is None else given,
            tvpi_ppm=None if self.tvpi is None else ratio_ppm(self.tvpi),
            irr_ppm=None,
            source_mark=self.source_mark,
            source=self.source,
        )


class RecordCashFlow(StrictModel):
    """A call, distribution or restatement. Without ``effect_on_unfunded`` it is derived from kind and amount."""

    notice_no: NoticeText
    occurred_on: DateText
    kind: CashFlowKind
    amount: SignedAmountText
    recallable: AmountText = "0"
    effect_on_unfunded: SignedAmountText | None = None
    source_mark: SourceMark = SourceMark.REPORTED
    source: ShortText

    def flow(self, fund_id: str, currency: str) -> CashFlow:
        """As values in minor units of the fund's currency."""
        amount = money_from_text(self.amount, currency).minor
        derived = effect_on_unfunded(self.kind, amount, money_from_text(self.recallable, currency).minor)
        given = self.effect_on_unfunded
        return CashFlow(
            fund_id=fund_id,
            notice_no=self.notice_no,
            occurred_on=self.occurred_on,
            kind=self.kind,
            amount_minor=amount,
            effect_on_unfunded_minor=derived if given is None else money_from_text(given, currency).minor,
            source_mark=self.source_mark,
            source=self.source,
        )


class FundView(ViewModel):
    """A fund as its manager reports it. ``warning`` must be shown wherever its returns are.

    ``registered_region``: province code (GB/T 2260); ``filing_code``: of the Asset Management Association. Empty where
    there is none.
    """

    id: str
    code: str
    name: str
    manager_organisation_id: str
    legal_form: LegalForm
    vintage: int
    currency: str
    strategy: str
    risk_rating: int
    sci_tech_ratio: str
    source_mark: SourceMark
    source: str
    warning: str
    registered_region: str
    filing_code: str
    version: int

    @classmethod
    def of(cls, row: FundRow) -> "FundView":
        """From a fund."""
        return cls(
            id=row.id,
            code=row.code,
            name=row.name,
            manager_organisation_id=row.manager_organisation_id,
            legal_form=row.legal_form,
            vintage=row.vintage,
            currency=row.currency,
            strategy=row.strategy,
            risk_rating=row.risk_rating,
            sci_tech_ratio=ratio_text(row.sci_tech_ppm),
            source_mark=row.source_mark,
            source=row.source,
            warning=row.warning,
            registered_region=row.registered_region,
            filing_code=row.filing_code,
            version=row.version,
        )


class NavStatementView(ViewModel):
    """One version of a statement. A corrected one keeps its place with ``is_current`` false."""

    id: str
    fund_id: str
    as_of: date
    version: int
    is_current: bool
    nav: MoneyView
    subscribed: MoneyView
    paid_in: MoneyView
    distributed: MoneyView
    unfunded: MoneyView
    tvpi: str | None
    irr: str | None
    source_mark: SourceMark
    source: str
    recorded_at: Instant

    @classmethod
    def of(cls, row: NavStatementRow, currency: str) -> "NavStatementView":
        """From a statement of a fund in this currency."""
        return cls(
            id=row.id,
            fund_id=row.fund_id,
            as_of=row.as_of,
            version=row.version,
            is_current=row.is_current,
            nav=MoneyView.of(row.nav_minor, currency),
            subscribed=MoneyView.of(row.subscribed_minor, currency),
            paid_in=MoneyView.of(row.paid_in_minor, currency),
            distributed=MoneyView.of(row.distributed_minor, currency),
            unfunded=MoneyView.of(row.unfunded_minor, currency),
            tvpi=None if row.tvpi_ppm is None else ratio_text(row.tvpi_ppm),
            irr=None if row.irr_ppm is None else ratio_text(row.irr_ppm),
            source_mark=row.source_mark,
            source=row.source,
            recorded_at=row.recorded_at,
        )


class CashFlowView(ViewModel):
    """One notice. A negative restatement lowers what was paid in."""

    id: str
    fund_id: str
    notice_no: str
    occurred_on: date
    kind: CashFlowKind
    amount: MoneyView
    effect_on_unfunded: MoneyView
    version: int
    source_mark: SourceMark
    source: str
    recorded_at: Instant

    @classmethod
    def of(cls, row: CashFlowRow, currency: str) -> "CashFlowView":
        """From a flow of a fund in this currency."""
        return cls(
            id=row.id,
            fund_id=row.fund_id,
            notice_no=row.notice_no,
            occurred_on=row.occurred_on,
            kind=row.kind,
            amount=MoneyView.of(row.amount_minor, currency),
            effect_on_unfunded=MoneyView.of(row.effect_on_unfunded_minor, currency),
            version=row.version,
            source_mark=row.source_mark,
            source=row.source,
            recorded_at=row.recorded_at,
        )
