"""Parts of requests that calculators share: dates within two centuries, flows of either sign, how many of them."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from exchange.core.money import PPM, money_from_text
from exchange.rest.model import StrictModel
from exchange.rest.numbers import AmountText, CurrencyText, DateText, SignedAmountText, ratio_ppm
from exchange.valuation.calculators.figures import Flow

FLOWS_MAX = 400
"""A century of quarters; the search for every rate of return grows with the cube of the changes of sign."""
LEVELS_MAX = 10_000
YEAR_MIN, YEAR_MAX = 1900, 2199


def _in_range(value: date) -> date:
    if not YEAR_MIN <= value.year <= YEAR_MAX:
        raise PydanticCustomError("DATE_OUT_OF_RANGE", "outside the years that are computed")
    return value


CalendarDate = Annotated[DateText, AfterValidator(_in_range)]
"""A date from 1900 to 2199."""

LevelText = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,8})?$", max_length=20),
    Field(examples=["4102.3300"]),
]
"""An index level with at most eight fractional digits."""

AgeDays = Annotated[int, Field(strict=True, ge=0, le=3_650)]
PeriodsAYear = Annotated[int, Field(strict=True, ge=1, le=366)]


class FlowGiven(StrictModel):
    """What moved on a day. Calls and distributions are gross and positive; a negative one restates an earlier one.

    ``recallable``: the part of the distribution that may be called again; ``outside_commitment``: the part of the call
    that does not reduce the unfunded. ``currency`` may be left out; another than the question's is told, not converted.
    """

    on: CalendarDate
    called: SignedAmountText = "0"
    distributed: SignedAmountText = "0"
    recallable: AmountText = "0"
    outside_commitment: AmountText = "0"
    currency: CurrencyText | None = None

    def flow(self, currency: str) -> Flow:
        """In minor units; ``currency`` is the question's."""
        called, distributed, recallable, outside = (
            minor_of(text, currency)
            for text in (self.called, self.distributed, self.recallable, self.outside_commitment)
        )
        return Flow(self.on, called, distributed, self.currency or currency, recallable, outside)


FlowsGiven = Annotated[list[FlowGiven], Field(max_length=FLOWS_MAX)]


def flows_of(given: list[FlowGiven], currency: str) -> tuple[Flow, ...]:
    """All flows in minor units."""
    return tuple(flow.flow(currency) for flow in given)


def minor_of(text: str, currency: str) -> int:
    """A checked amount in minor units."""
    return money_from_text(text, currency).minor


def optional_minor(text: str | None, currency: str) -> int | None:
    """A checked amount in minor units, or nothing."""
    return None if text is None else minor_of(text, currency)


def decimal_of(text: str) -> float:
    """A checked ratio as a decimal: ``0.0800`` -> 0.08."""
    return ratio_ppm(text) / PPM
