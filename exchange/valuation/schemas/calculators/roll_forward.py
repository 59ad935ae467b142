"""Rolling an NAV forward, on the wire."""

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from exchange.rest.model import StrictModel
from exchange.rest.numbers import (
    AmountText,
    CurrencyText,
    RatioText,
    SignedAmountText,
    ratio_ppm,
)
from exchange.valuation.calculators.roll_forward import Carry, Fee, RollForwardQuestion, Translation, roll
from exchange.valuation.nav.roll_forward import FeeBasis
from exchange.valuation.schemas.calculators.examples import example_of
from exchange.valuation.schemas.calculators.fields import (
    AgeDays,
    CalendarDate,
    FlowsGiven,
    decimal_of,
    flows_of,
    minor_of,
    optional_minor,
)
from exchange.valuation.schemas.calculators.views import AmountView, AnswerView, StatusCode, note_views


class FeeGiven(StrictModel):
    """Management fee that accrues from the NAV date: ``rate`` a year on a basis followed day by day, days / 365."""

    rate: RatioText
    basis: Literal["commitment", "paid_in", "nav"]
    commitment: AmountText = "0"
    paid_in: AmountText = "0"

    def fee(self, currency: str) -> Fee:
        """As values."""
        commitment, paid_in = (minor_of(text, currency) for text in (self.commitment, self.paid_in))
        return Fee(decimal_of(self.rate), FeeBasis[self.basis.upper()], commitment, paid_in)


class CarryGiven(StrictModel):
    """Whole-fund carry: terms, and where the waterfall stood at the NAV date. Without ``accrued`` the carry accrued
    then is computed from the waterfall."""

    rate: RatioText
    preferred_return: RatioText
    catch_up: RatioText = "1"
    capital_due: SignedAmountText
    preferred_due: AmountText = "0"
    preferred_paid: AmountText = "0"
    profit_paid: AmountText = "0"
    accrued: AmountText | None = None

    def carry(self, currency: str) -> Carry:
        """As values."""
        due, preferred, paid, profit = (
            minor_of(text, currency)
            for text in (self.capital_due, self.preferred_due, self.preferred_paid, self.profit_paid)
        )
        return Carry(
            rate=decimal_of(self.rate),
            preferred_return=decimal_of(self.preferred_return),
            catch_up_share=decimal_of(self.catch_up),
            capital_due_minor=due,
            preferred_due_minor=preferred,
            preferred_paid_minor=paid,
            profit_paid_minor=profit,
            accrued_minor=optional_minor(self.accrued, currency),
        )


class TranslationGiven(StrictModel):
    """Units of another currency for one of the fund's, at the spot rate of the valuation day."""

    currency: CurrencyText
    rate: RatioText


class RollForwardRequest(StrictModel):
    """An NAV, its date, and what moved since. An end-of-day NAV has the flows of its own day inside it."""

    model_config = ConfigDict(json_schema_extra={"examples": [example_of("roll-forward")]})

    currency: CurrencyText
    nav: SignedAmountText
    nav_on: CalendarDate
    valued_on: CalendarDate
    nav_is_of: Literal["end_of_day", "beginning_of_day"] = "end_of_day"
    flows: FlowsGiven = Field(default_factory=list)
    growth: SignedAmountText = "0"
    fee: FeeGiven | None = None
    carry: CarryGiven | None = None
    translation: TranslationGiven | None = None
    stale_after_days: AgeDays | None = None

    def question(self) -> RollForwardQuestion:
        """As values."""
        currency, translation = self.currency, self.translation
        return RollForwardQuestion(
            nav_minor=minor_of(self.nav, currency),
            currency=currency,
            nav_on=self.nav_on,
            valued_on=self.valued_on,
            flows=flows_of(self.flows, currency),
            is_end_of_day=self.nav_is_of == "end_of_day",
            growth_minor=minor_of(self.growth, currency),
            fee=None if self.fee is None else self.fee.fee(currency),
            carry=None if self.carry is None else self.carry.carry(currency),
            translation=None if translation is None else Translation(translation.currency, ratio_ppm(translation.rate)),
            stale_after_days=self.stale_after_days,
        )


class RollForwardView(AnswerView):
    """The rolled NAV and its parts, which add up to it; ``translated`` is null when no translation was asked for."""

    status: StatusCode
    valued_on: date
    stale_days: int
    nav: AmountView
    translated: AmountView | None
    called: AmountView
    distributed: AmountView
    growth: AmountView
    fee: AmountView
    carry_change: AmountView


def answer(request: RollForwardRequest) -> RollForwardView:
    """Roll the NAV of a request."""
    question = request.question()
    found = roll(question)

    def amount(name: str) -> AmountView:
        return AmountView.of(getattr(found, name), question.currency)

    translation = question.translation
    translated = None if translation is None or found.translated is None else (found.translated, translation.currency)
    return RollForwardView(
        status=found.status.code,
        valued_on=question.valued_on,
        stale_days=found.stale_days,
        nav=amount("nav"),
        translated=None if translated is None else AmountView.of(*translated),
        called=amount("called"),
        distributed=amount("distributed"),
        growth=amount("growth"),
        fee=amount("fee"),
        carry_change=amount("carry_change"),
        notes=note_views(found.notes),
        explanations=[],
    ).explained()
