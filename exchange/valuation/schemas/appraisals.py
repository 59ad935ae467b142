"""Appraisals on the wire."""

from datetime import date
from typing import Annotated

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.core.money import money_from_text
from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import AmountText, DateText, MoneyView, PositiveAmountText
from exchange.rulebook.service import DEFAULT_PROFILE
from exchange.valuation.appraisal import METHODS_MAX, Appraisal
from exchange.valuation.tables import AppraisalFilingRow, AppraisalRow

FundIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('fund')}$")]
StatementIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('nav_statement')}$")]
OrganisationIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('organisation')}$")]
ProfileText = Annotated[str, Field(strict=True, pattern="^[A-Z_]{2,20}$")]


class RecordAppraisal(StrictModel):
    """An appraisal report. ``amount``: the subscribed capital it values, all of the statement's when left out.

    ``valid_until`` is the profile's number of days after the base date unless the report says less. The statement is
    the newest up to the base date unless another one is named.
    """

    fund_id: FundIdText
    nav_statement_id: StatementIdText | None = None
    amount: PositiveAmountText | None = None
    profile: ProfileText = DEFAULT_PROFILE
    base_date: DateText
    valid_until: DateText | None = None
    purpose: ShortText
    methods: Annotated[list[ShortText], Field(min_length=1, max_length=METHODS_MAX)]
    appraiser: ShortText
    appraiser_organisation_id: OrganisationIdText | None = None
    report_number: ShortText
    low: AmountText
    point: PositiveAmountText
    high: PositiveAmountText

    def appraisal(self, currency: str) -> Appraisal:
        """As values in minor units of the fund's currency."""
        return Appraisal(
            fund_id=self.fund_id,
            nav_statement_id=self.nav_statement_id,
            amount_minor=None if self.amount is None else money_from_text(self.amount, currency).minor,
            profile=self.profile,
            base_on=self.base_date,
            valid_until=self.valid_until,
            purpose=self.purpose,
            methods=tuple(self.methods),
            appraiser=self.appraiser,
            appraiser_organisation_id=self.appraiser_organisation_id,
            report_number=self.report_number,
            low_minor=money_from_text(self.low, currency).minor,
            point_minor=money_from_text(self.point, currency).minor,
            high_minor=money_from_text(self.high, currency).minor,
        )


class FileAppraisal(StrictModel):
    """The number and day under which an appraisal was approved or filed."""

    filing_number: ShortText
    filed_on: DateText


class AppraisalView(ViewModel):
    """An appraisal; once filed it is for everyone and sets the floor of state-owned sellers."""

    id: str
    fund_id: str
    nav_statement_id: str
    amount: MoneyView
    profile: str
    base_date: date
    valid_until: date
    purpose: str
    methods: list[str]
    appraiser: str
    appraiser_organisation_id: str | None
    report_number: str
    low: MoneyView
    point: MoneyView
    high: MoneyView
    entered_at: Instant
    filing_number: str | None
    filed_on: date | None

    @classmethod
    def of(cls, row: AppraisalRow, filing: AppraisalFilingRow | None, currency: str) -> "AppraisalView":
        """From an appraisal of a fund in this currency."""
        return cls(
            id=row.id,
            fund_id=row.fund_id,
            nav_statement_id=row.nav_statement_id,
            amount=MoneyView.of(row.amount_minor, currency),
            profile=row.profile,
            base_date=row.base_on,
            valid_until=row.valid_until,
            purpose=row.purpose,
            methods=row.methods,
            appraiser=row.appraiser,
            appraiser_organisation_id=row.appraiser_organisation_id,
            report_number=row.report_number,
            low=MoneyView.of(row.low_minor, currency),
            point=MoneyView.of(row.point_minor, currency),
            high=MoneyView.of(row.high_minor, currency),
            entered_at=row.entered_at,
            filing_number=None if filing is None else filing.filing_number,
            filed_on=None if filing is None else filing.filed_on,
        )
