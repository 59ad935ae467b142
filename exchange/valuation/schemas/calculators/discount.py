"""Discounts for a lock-up, on the wire."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from exchange.rest.model import StrictModel, ViewModel
from exchange.rest.numbers import AmountText, CurrencyText, RatioText, SignedRatioText
from exchange.valuation.calculators.discount import LockedShare, discounts
from exchange.valuation.schemas.calculators.examples import example_of
from exchange.valuation.schemas.calculators.fields import decimal_of, minor_of
from exchange.valuation.schemas.calculators.views import AmountView, AnswerView, MeasureView, note_views

DAYS_OF_YEAR = 365
Days = Annotated[int, Field(strict=True, ge=0, le=36_500)]
Model = Literal["chaffe", "finnerty_aap", "ghaidarov"]


class DiscountRequest(StrictModel):
    """A lock-up: ``volatility`` a year as a decimal (0.45 is 45 %), and either ``years`` or calendar ``days`` (/ 365).

    ``rates_are`` says whether ``risk_free_rate`` and ``dividend_yield`` are continuous (as in the formulas) or
    effective for a year (then ln(1 + r) is used). ``value``: what the share would be worth without the lock-up.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [example_of("discount")]})

    volatility: RatioText
    years: RatioText | None = None
    days: Days | None = None
    risk_free_rate: SignedRatioText = "0"
    dividend_yield: RatioText = "0"
    rates_are: Literal["continuous", "effective"] = "continuous"
    value: AmountText | None = None
    currency: CurrencyText = "CNY"

    @model_validator(mode="after")
    def one_time(self) -> Self:
        """Years or days, not both and not neither."""
        if (self.years is None) == (self.days is None):
            raise PydanticCustomError("YEARS_OR_DAYS", "give years or days")
        return self

    def share(self) -> LockedShare:
        """As values."""
        years = (self.days or 0) / DAYS_OF_YEAR if self.years is None else decimal_of(self.years)
        return LockedShare(
            decimal_of(self.volatility),
            years,
            decimal_of(self.risk_free_rate),
            decimal_of(self.dividend_yield),
            self.rates_are == "effective",
            None if self.value is None else minor_of(self.value, self.currency),
        )


class DiscountedView(ViewModel):
    """A model's discount as a part of the unrestricted value, and the value after it, null when none was given.

    ``finnerty_aap`` is Finnerty's put of 2012 and the AAP model of the Chinese guideline of 2017: one formula.
    """

    model: Model
    discount: MeasureView
    value: AmountView | None


class DiscountView(AnswerView):
    """Three discounts, and Longstaff's upper bound, which is never itself a discount and may exceed 1."""

    models: list[DiscountedView]
    longstaff_bound: MeasureView


def answer(request: DiscountRequest) -> DiscountView:
    """Discount the share of a request."""
    found = discounts(request.share())
    return DiscountView(
        models=[
            DiscountedView.model_validate(
                {
                    "model": item.model,
                    "discount": MeasureView.of(item.discount),
                    "value": None if item.value is None else AmountView.of(item.value, request.currency),
                }
            )
            for item in found.models
        ],
        longstaff_bound=MeasureView.of(found.bound),
        notes=note_views(found.notes),
        explanations=[],
    ).explained()
