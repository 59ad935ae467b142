"""Shapes of schedules of investments on the wire."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from exchange.core.money import money_from_text
from exchange.core.terms import SourceMark
from exchange.funds.kinds import HoldingMethod
from exchange.funds.schedule import LINES_MAX, Investment, Schedule
from exchange.funds.tables import InvestmentRow, InvestmentScheduleRow
from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import (
    AmountText,
    DateText,
    MoneyView,
    RatioText,
    SignedAmountText,
    Whole,
    ratio_ppm,
    ratio_text,
)


class EnterInvestment(StrictModel):
    """One portfolio company. ``fair_value`` is of the whole stake valued, ``owned`` the fund's share of it.

    A lock-up (with the volatility and the dividend yield a year of the share) marks restricted listed shares.
    """

    name: ShortText
    owned: RatioText = "1"
    fair_value: AmountText
    method: HoldingMethod
    lock_up_days: Whole = 0
    volatility: RatioText = "0"
    dividend_yield: RatioText = "0"
    source_mark: SourceMark = SourceMark.REPORTED
    source: ShortText


class EnterBalance(StrictModel):
    """What the fund has and owes besides its companies. ``investor_share``: the share of the net assets that belongs
    to the capital account of the NAV statements, after the waterfall."""

    cash: SignedAmountText = "0"
    other_assets: SignedAmountText = "0"
    debt: AmountText = "0"
    fees_payable: AmountText = "0"
    accrued_carry: AmountText = "0"
    investor_share: RatioText = "1"


class RecordSchedule(StrictModel):
    """A whole schedule on a date: it replaces the one known for that date."""

    as_of: DateText
    balance: EnterBalance
    holdings: Annotated[list[EnterInvestment], Field(max_length=LINES_MAX)]
    source_mark: SourceMark = SourceMark.REPORTED
    source: ShortText

    def schedule(self, fund_id: str, currency: str) -> Schedule:
        """As values in minor units of the fund's currency."""

        def minor(text: str) -> int:
            return money_from_text(text, currency).minor

        return Schedule(
            fund_id=fund_id,
            as_of=self.as_of,
            cash_minor=minor(self.balance.cash),
            other_assets_minor=minor(self.balance.other_assets),
            debt_minor=minor(self.balance.debt),
            fees_payable_minor=minor(self.balance.fees_payable),
            accrued_carry_minor=minor(self.balance.accrued_carry),
            investor_share_ppm=ratio_ppm(self.balance.investor_share),
            source_mark=self.source_mark,
            source=self.source,
            investments=tuple(
                Investment(
                    name=line.name,
                    owned_ppm=ratio_ppm(line.owned),
                    fair_value_minor=minor(line.fair_value),
                    method=line.method,
                    source_mark=line.source_mark,
                    source=line.source,
                    lock_up_days=line.lock_up_days,
                    volatility_ppm=ratio_ppm(line.volatility),
                    dividend_yield_ppm=ratio_ppm(line.dividend_yield),
                )
                for line in self.holdings
            ),
        )


class InvestmentView(ViewModel):
    """One portfolio company of a schedule."""

    name: str
    owned: str
    fair_value: MoneyView
    method: HoldingMethod
    lock_up_days: int
    volatility: str
    dividend_yield: str
    source_mark: SourceMark
    source: str

    @classmethod
    def of(cls, row: InvestmentRow, currency: str) -> "InvestmentView":
        """From a line of a fund in this currency."""
        return cls(
            name=row.name,
            owned=ratio_text(row.owned_ppm),
            fair_value=MoneyView.of(row.fair_value_minor, currency),
            method=row.method,
            lock_up_days=row.lock_up_days,
            volatility=ratio_text(row.volatility_ppm),
            dividend_yield=ratio_text(row.dividend_yield_ppm),
            source_mark=row.source_mark,
            source=row.source,
        )


class BalanceView(ViewModel):
    """What the fund has and owes besides its companies."""

    cash: MoneyView
    other_assets: MoneyView
    debt: MoneyView
    fees_payable: MoneyView
    accrued_carry: MoneyView
    investor_share: str


class ScheduleView(ViewModel):
    """A schedule of investments as it is known today."""

    id: str
    fund_id: str
    as_of: date
    version: int
    balance: BalanceView
    holdings: list[InvestmentView]
    source_mark: SourceMark
    source: str
    recorded_at: Instant

    @classmethod
    def of(cls, row: InvestmentScheduleRow, lines: Sequence[InvestmentRow], currency: str) -> "ScheduleView":
        """From a schedule of a fund in this currency."""
        return cls(
            id=row.id,
            fund_id=row.fund_id,
            as_of=row.as_of,
            version=row.version,
            balance=BalanceView(
                cash=MoneyView.of(row.cash_minor, currency),
                other_assets=MoneyView.of(row.other_assets_minor, currency),
                debt=MoneyView.of(row.debt_minor, currency),
                fees_payable=MoneyView.of(row.fees_payable_minor, currency),
                accrued_carry=MoneyView.of(row.accrued_carry_minor, currency),
                investor_share=ratio_text(row.investor_share_ppm),
            ),
            holdings=[InvestmentView.of(line, currency) for line in lines],
            source_mark=row.source_mark,
            source=row.source,
            recorded_at=row.recorded_at,
        )
