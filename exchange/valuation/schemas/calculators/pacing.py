"""Parameters of a pacing model, on the wire."""

from typing import Annotated

from pydantic import Field

from exchange.rest.model import ShortText, StrictModel
from exchange.rest.numbers import RatioText, SignedRatioText
from exchange.valuation.calculators.projection import PacingSet
from exchange.valuation.projection.takahashi_alexander import LIFE_YEARS_MAX, PacingRates
from exchange.valuation.schemas.calculators.fields import decimal_of

RATES_MAX = 30
Life = Annotated[int, Field(strict=True, ge=1, le=LIFE_YEARS_MAX)]


class PacingGiven(StrictModel):
    """Takahashi-Alexander parameters under a name: growth a year, life in years, bow, least yield a year, and the part
    of the unfunded called in each year of age (the last one repeats). ``source`` says where they come from."""

    name: ShortText
    source: ShortText = "own"
    growth: SignedRatioText
    life_years: Life
    bow: RatioText
    yield_floor: RatioText = "0"
    contribution_rates: Annotated[list[RatioText], Field(min_length=1, max_length=RATES_MAX)]

    def pacing(self) -> PacingSet:
        """As values."""
        rates = PacingRates(
            decimal_of(self.growth),
            self.life_years,
            decimal_of(self.bow),
            decimal_of(self.yield_floor),
            tuple(decimal_of(rate) for rate in self.contribution_rates),
        )
        return PacingSet(self.name, self.source, rates)
