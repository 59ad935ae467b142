"""The payment at closing, on the wire."""

from pydantic import ConfigDict, Field

from exchange.core.money import PPM
from exchange.rest.model import StrictModel
from exchange.rest.numbers import (
    AmountText,
    CurrencyText,
    PositiveRatioText,
    RatioText,
    SignedAmountText,
    ratio_ppm,
    ratio_text,
)
from exchange.valuation.calculators.closing import ClosingAnswer, ClosingQuestion, closing
from exchange.valuation.schemas.calculators.examples import example_of
from exchange.valuation.schemas.calculators.fields import (
    CalendarDate,
    FlowsGiven,
    flows_of,
    minor_of,
    optional_minor,
)
from exchange.valuation.schemas.calculators.views import AmountView, AnswerView, StatusCode, note_views


class ClosingRequest(StrictModel):
    """A headline as a ratio of the NAV of ``nav_on``, and the flows of the seller; those after ``nav_on`` up to and
    including ``closing_on`` count. ``part``: how much of the holding is sold. ``unfunded`` is that of ``nav_on``."""

    model_config = ConfigDict(json_schema_extra={"examples": [example_of("closing")]})

    currency: CurrencyText
    nav: SignedAmountText
    nav_on: CalendarDate
    closing_on: CalendarDate
    headline: RatioText
    flows: FlowsGiven = Field(default_factory=list)
    unfunded: AmountText | None = None
    part: PositiveRatioText | None = None

    def question(self) -> ClosingQuestion:
        """As values."""
        return ClosingQuestion(
            currency=self.currency,
            nav_minor=minor_of(self.nav, self.currency),
            nav_on=self.nav_on,
            closing_on=self.closing_on,
            headline_ppm=ratio_ppm(self.headline),
            flows=flows_of(self.flows, self.currency),
            unfunded_minor=optional_minor(self.unfunded, self.currency),
            part_ppm=PPM if self.part is None else ratio_ppm(self.part),
        )


class ClosingView(AnswerView):
    """The payment, exact to the minor unit: base + contributions - distributions. Below zero the seller pays.

    ``of_rolled_nav``: the payment as a ratio of the rolled NAV, null where that is not positive. ``exposure``: payment
    and unfunded together.
    """

    status: StatusCode
    base: AmountView
    contributions: AmountView
    distributions: AmountView
    payment: AmountView
    rolled_nav: AmountView
    of_rolled_nav: str | None
    unfunded: AmountView
    exposure: AmountView


def answer(request: ClosingRequest) -> ClosingView:
    """The closing of the sale in a request."""
    found, currency = closing(request.question()), request.currency
    return ClosingView(
        status=found.status.code,
        base=AmountView.of(found.base, currency),
        contributions=AmountView.of(found.contributions, currency),
        distributions=AmountView.of(found.distributions, currency),
        payment=AmountView.of(found.payment, currency),
        rolled_nav=AmountView.of(found.rolled_nav, currency),
        of_rolled_nav=_ratio(found),
        unfunded=AmountView.of(found.unfunded, currency),
        exposure=AmountView.of(found.exposure, currency),
        notes=note_views(found.notes),
        explanations=[],
    ).explained()


def _ratio(found: ClosingAnswer) -> str | None:
    return None if found.rolled_ppm is None else ratio_text(found.rolled_ppm)
