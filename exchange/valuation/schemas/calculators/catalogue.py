"""Every calculator by name, for the routes and the command alike: its request, its answer, the table a CSV holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from exchange.rest.model import StrictModel
from exchange.valuation.schemas.calculators import closing, discount, irr, pme, price, projection, returns, roll_forward
from exchange.valuation.schemas.calculators.views import AnswerView

Request = TypeVar("Request", bound=StrictModel)


@dataclass(frozen=True, slots=True)
class Calculator(Generic[Request]):
    """A calculator: ``rows`` names the list that the rows of a plain CSV are, None where there is no such list."""

    request: type[Request]
    answer: Callable[[Request], AnswerView]
    rows: str | None

    def answered(self, body: object) -> AnswerView:
        """The answer to a body; pydantic's ValidationError when it is no request."""
        return self.answer(self.request.model_validate(body))


CALCULATORS: Mapping[str, Calculator[Any]] = {
    "roll-forward": Calculator(roll_forward.RollForwardRequest, roll_forward.answer, "flows"),
    "returns": Calculator(returns.ReturnsRequest, returns.answer, "flows"),
    "irr": Calculator(irr.IrrRequest, irr.answer, "flows"),
    "pme": Calculator(pme.PmeRequest, pme.answer, "flows"),
    "projection": Calculator(projection.ProjectionRequest, projection.answer, "sets"),
    "price": Calculator(price.PriceRequest, price.answer, "flows"),
    "discount": Calculator(discount.DiscountRequest, discount.answer, None),
    "closing": Calculator(closing.ClosingRequest, closing.answer, "flows"),
}
