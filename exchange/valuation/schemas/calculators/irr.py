"""Internal rates of return, on the wire."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from exchange.rest.model import StrictModel
from exchange.rest.numbers import CurrencyText, SignedAmountText
from exchange.valuation.calculators.irr import IrrAnswer, SignedFlow, irr_of_amounts, irr_of_flows
from exchange.valuation.schemas.calculators.examples import example_of
from exchange.valuation.schemas.calculators.fields import FLOWS_MAX, CalendarDate, PeriodsAYear, minor_of
from exchange.valuation.schemas.calculators.views import (
    AnswerView,
    DecimalText,
    RateView,
    decimal_text,
    note_views,
)


class SignedFlowGiven(StrictModel):
    """What the investor received (positive) or paid (negative) on a day."""

    on: CalendarDate
    amount: SignedAmountText
    currency: CurrencyText | None = None


class IrrRequest(StrictModel):
    """Either dated ``flows`` (annual rate, actual days / 365) or ``amounts`` at equal intervals (rate per period,
    compounded to a year where ``periods_per_year`` is given)."""

    model_config = ConfigDict(json_schema_extra={"examples": [example_of("irr")]})

    currency: CurrencyText
    flows: Annotated[list[SignedFlowGiven], Field(max_length=FLOWS_MAX)] | None = None
    amounts: Annotated[list[SignedAmountText], Field(max_length=FLOWS_MAX)] | None = None
    periods_per_year: PeriodsAYear | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """Dated or periodic, not both and not neither."""
        if (self.flows is None) == (self.amounts is None):
            raise PydanticCustomError("FLOWS_OR_AMOUNTS", "give flows or amounts")
        return self

    def solved(self) -> IrrAnswer:
        """The rate."""
        if self.flows is not None:
            flows = (
                SignedFlow(flow.on, minor_of(flow.amount, self.currency), flow.currency or self.currency)
                for flow in self.flows
            )
            return irr_of_flows(tuple(flows), self.currency)
        amounts = tuple(minor_of(text, self.currency) for text in self.amounts or ())
        return irr_of_amounts(amounts, self.periods_per_year)


class IrrView(AnswerView):
    """The rate with every root; ``annual_rate`` is null where a rate per period has no known year."""

    irr: RateView
    annual_rate: DecimalText | None


def answer(request: IrrRequest) -> IrrView:
    """Solve the flows of a request."""
    found = request.solved()
    return IrrView(
        irr=RateView.of(found.irr, is_dated=request.flows is not None),
        annual_rate=None if found.annual_rate is None else decimal_text(found.annual_rate),
        notes=note_views(found.notes),
        explanations=[],
    ).explained()
