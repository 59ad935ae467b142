"""Multiples and rates of return of a share, on the wire."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from exchange.rest.model import StrictModel
from exchange.rest.numbers import AmountText, CurrencyText, SignedAmountText
from exchange.valuation.calculators.returns import FinancedFlow, Invested, ReturnsQuestion, returns
from exchange.valuation.schemas.calculators.examples import example_of
from exchange.valuation.schemas.calculators.fields import (
    FLOWS_MAX,
    CalendarDate,
    FlowGiven,
    minor_of,
    optional_minor,
)
from exchange.valuation.schemas.calculators.views import (
    AmountView,
    AnswerView,
    MeasureView,
    RateView,
    note_views,
)


class FinancedFlowGiven(FlowGiven):
    """A flow. For a call that repaid the fund's subscription line: the day the line paid (``line_drawn_on``), and the
    interest and fees of the line within the call (``line_cost``)."""

    line_drawn_on: CalendarDate | None = None
    line_cost: AmountText = "0"


class InvestedGiven(StrictModel):
    """Capital invested in companies, what came back from them, and what they are still worth, before fees."""

    invested: AmountText
    realised: AmountText
    unrealised: AmountText


class ReturnsRequest(StrictModel):
    """Gross flows of a share and its NAV at the end of ``as_of``; what is left out leaves its measure unanswered."""

    model_config = ConfigDict(json_schema_extra={"examples": [example_of("returns")]})

    currency: CurrencyText
    as_of: CalendarDate
    nav: SignedAmountText | None = None
    commitment: AmountText | None = None
    flows: Annotated[list[FinancedFlowGiven], Field(max_length=FLOWS_MAX)]
    investments: InvestedGiven | None = None

    def question(self) -> ReturnsQuestion:
        """As values."""
        flows = tuple(
            FinancedFlow(given.flow(self.currency), given.line_drawn_on, minor_of(given.line_cost, self.currency))
            for given in self.flows
        )
        invested = None
        if (given := self.investments) is not None:
            sums = (given.invested, given.realised, given.unrealised)
            invested = Invested(*(minor_of(text, self.currency) for text in sums))
        nav, commitment = (optional_minor(text, self.currency) for text in (self.nav, self.commitment))
        return ReturnsQuestion(self.currency, self.as_of, flows, nav, commitment, invested)


class ReturnsView(AnswerView):
    """Multiples of gross flows (1.5000 is 1.5 times), rates, and the sums they rest on."""

    as_of: date
    tvpi: MeasureView
    dpi: MeasureView
    rvpi: MeasureView
    pic: MeasureView
    moic: MeasureView
    irr: RateView
    irr_without_line: RateView
    paid_in: AmountView
    distributed: AmountView
    unfunded: AmountView


def answer(request: ReturnsRequest) -> ReturnsView:
    """Measure the share of a request."""
    found = returns(request.question())
    return ReturnsView(
        as_of=request.as_of,
        tvpi=MeasureView.of(found.tvpi),
        dpi=MeasureView.of(found.dpi),
        rvpi=MeasureView.of(found.rvpi),
        pic=MeasureView.of(found.pic),
        moic=MeasureView.of(found.moic),
        irr=RateView.of(found.irr),
        irr_without_line=RateView.of(found.irr_without_line),
        paid_in=AmountView.of(found.paid_in, request.currency),
        distributed=AmountView.of(found.distributed, request.currency),
        unfunded=AmountView.of(found.unfunded, request.currency),
        notes=note_views(found.notes),
        explanations=[],
    ).explained()
