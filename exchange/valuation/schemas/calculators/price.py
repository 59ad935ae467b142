"""The price of a share at a target return, and the yield of a price, on the wire."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from exchange.rest.model import StrictModel, ViewModel
from exchange.rest.numbers import AmountText, CurrencyText, RatioText, SignedAmountText, SignedRatioText, ratio_ppm
from exchange.valuation.calculators.price import Implied, Instalment, Pacing, PriceQuestion, price
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
from exchange.valuation.schemas.calculators.pacing import PacingGiven
from exchange.valuation.schemas.calculators.views import (
    AmountView,
    AnswerView,
    MeasureView,
    note_views,
)

INSTALMENTS_MAX = 20


class InstalmentGiven(StrictModel):
    """A part of the price and how many days after closing it is paid; all parts together are 1."""

    share: RatioText
    after_days: AgeDays


class AgedPacing(PacingGiven):
    """A pacing set with the fund's age at closing: flows are projected from there."""

    age_years: RatioText
    remaining_years: RatioText = "1"
    frequency: Literal["annual", "quarterly"] = "quarterly"

    def aged(self) -> Pacing:
        """As values."""
        age, remaining = decimal_of(self.age_years), decimal_of(self.remaining_years)
        return Pacing(self.pacing(), age, remaining, 1 if self.frequency == "annual" else 4)


class PriceRequest(StrictModel):
    """A share at closing: NAV of the reference date, NAV rolled to closing (left out: the same), unfunded at closing.

    Either ``flows`` after closing, net of fee and carry, whose calls are those of all unfunded, or ``pacing`` to
    project them; ``draw_ratio`` of the calls is expected. ``target_return`` asks for a price; ``given_price`` or
    ``given_ratio`` (of the reference NAV) asks what a price yields. Both may be asked at once.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [example_of("price")]})

    currency: CurrencyText
    closing_on: CalendarDate
    nav: SignedAmountText
    rolled_nav: SignedAmountText | None = None
    unfunded: AmountText = "0"
    flows: FlowsGiven | None = None
    pacing: AgedPacing | None = None
    draw_ratio: RatioText = "1"
    target_return: SignedRatioText | None = None
    instalments: Annotated[list[InstalmentGiven], Field(max_length=INSTALMENTS_MAX)] = Field(default_factory=list)
    given_price: SignedAmountText | None = None
    given_ratio: SignedRatioText | None = None

    @model_validator(mode="after")
    def one_of_each(self) -> Self:
        """Flows or pacing; at most one price; something asked."""
        if (self.flows is None) == (self.pacing is None):
            raise PydanticCustomError("FLOWS_OR_PACING", "give flows or pacing")
        if self.given_price is not None and self.given_ratio is not None:
            raise PydanticCustomError("ONE_PRICE", "give one price")
        if self.target_return is None and self.given_price is None and self.given_ratio is None:
            raise PydanticCustomError("NOTHING_ASKED", "give a target return or a price")
        return self

    def question(self) -> PriceQuestion:
        """As values."""
        nav, rolled = (minor_of(text, self.currency) for text in (self.nav, self.rolled_nav or self.nav))
        return PriceQuestion(
            currency=self.currency,
            closing_on=self.closing_on,
            nav_minor=nav,
            rolled_nav_minor=rolled,
            unfunded_minor=minor_of(self.unfunded, self.currency),
            flows=flows_of(self.flows or [], self.currency),
            pacing=None if self.pacing is None else self.pacing.aged(),
            draw_ratio=decimal_of(self.draw_ratio),
            target_return=None if self.target_return is None else decimal_of(self.target_return),
            instalments=tuple(Instalment(ratio_ppm(part.share), part.after_days) for part in self.instalments),
            given_minor=optional_minor(self.given_price, self.currency),
            given_ppm=None if self.given_ratio is None else ratio_ppm(self.given_ratio),
        )


class ImpliedView(ViewModel):
    """What a price yields: net annual rate (``roots``: how many rates solve it) and multiple of money."""

    price: AmountView
    rate: MeasureView
    roots: int
    multiple: MeasureView

    @classmethod
    def of(cls, implied: Implied, currency: str) -> "ImpliedView":
        """From a yield."""
        return cls(
            price=AmountView.of(implied.price, currency),
            rate=MeasureView.of(implied.rate),
            roots=implied.roots,
            multiple=MeasureView.of(implied.multiple),
        )


class PriceView(AnswerView):
    """The price at the target return, worth this much at closing. ``headline``: what, paid in the instalments, is
    worth the same. Ratios are parts of the reference NAV, the rolled NAV, and (P + U) / (N + U) with rolled NAV N."""

    price: AmountView
    headline: AmountView
    of_nav: MeasureView
    headline_of_nav: MeasureView
    of_rolled_nav: MeasureView
    of_exposure: MeasureView
    pv_calls: AmountView
    pv_distributions: AmountView
    duration_years: MeasureView
    implied: ImpliedView | None


def answer(request: PriceRequest) -> PriceView:
    """Price the share of a request."""
    found, currency = price(request.question()), request.currency
    return PriceView(
        price=AmountView.of(found.price, currency),
        headline=AmountView.of(found.headline, currency),
        of_nav=MeasureView.of(found.of_nav),
        headline_of_nav=MeasureView.of(found.headline_of_nav),
        of_rolled_nav=MeasureView.of(found.of_rolled_nav),
        of_exposure=MeasureView.of(found.of_exposure),
        pv_calls=AmountView.of(found.pv_calls, currency),
        pv_distributions=AmountView.of(found.pv_distributions, currency),
        duration_years=MeasureView.of(found.duration_years),
        implied=None if found.implied is None else ImpliedView.of(found.implied, currency),
        notes=note_views(found.notes),
        explanations=[],
    ).explained()
