"""Public market equivalents of a share, on the wire."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from exchange.rest.model import StrictModel, ViewModel
from exchange.rest.numbers import CurrencyText, SignedAmountText
from exchange.valuation.calculators.figures import Amount, amount_of
from exchange.valuation.calculators.pme import PmeQuestion, public_market_equivalents
from exchange.valuation.performance.comparison import Measure
from exchange.valuation.schemas.calculators.examples import example_of
from exchange.valuation.schemas.calculators.fields import (
    FLOWS_MAX,
    LEVELS_MAX,
    AgeDays,
    CalendarDate,
    FlowsGiven,
    LevelText,
    flows_of,
    minor_of,
)
from exchange.valuation.schemas.calculators.views import (
    AmountView,
    AnswerView,
    MeasureView,
    RateView,
    note_views,
)


class NavGiven(StrictModel):
    """The NAV at the end of a day, after that day's flows."""

    on: CalendarDate
    nav: SignedAmountText


class LevelGiven(StrictModel):
    """The level of a total-return index on a day."""

    on: CalendarDate
    level: LevelText


class PmeRequest(StrictModel):
    """Gross flows, the NAV at the end of ``as_of``, and a total-return index in ascending order of dates.

    A flow takes the last level on or before its day, at most ``age_days_max`` days old. ``navs``: earlier NAVs; the
    modified PME needs one wherever money was paid out.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [example_of("pme")]})

    currency: CurrencyText
    as_of: CalendarDate
    nav: SignedAmountText
    flows: FlowsGiven
    navs: Annotated[list[NavGiven], Field(max_length=FLOWS_MAX)] = Field(default_factory=list)
    index: Annotated[list[LevelGiven], Field(min_length=1, max_length=LEVELS_MAX)]
    age_days_max: AgeDays = 7

    def question(self) -> PmeQuestion:
        """As values."""
        return PmeQuestion(
            currency=self.currency,
            as_of=self.as_of,
            nav_minor=minor_of(self.nav, self.currency),
            flows=flows_of(self.flows, self.currency),
            navs=tuple((given.on, minor_of(given.nav, self.currency)) for given in self.navs),
            levels=tuple((given.on, float(given.level)) for given in self.index),
            age_days_max=self.age_days_max,
        )


class LongNickelsView(ViewModel):
    """Index comparison: the rate with what was left in the index received at the end, and that holding. A holding
    below zero means that the index was sold short; ``first_short_on`` is the first day of it."""

    rate: RateView
    index_holding: AmountView
    is_short: bool
    first_short_on: date | None


class PmeView(AnswerView):
    """Every equivalent. Rates of PME+, mPME and the index comparison stand beside the fund's own rate ``irr``;
    ``direct_alpha`` is the discrete annual excess, ``direct_alpha_log`` is ln(1 + it)."""

    as_of: date
    irr: RateView
    kaplan_schoar: MeasureView
    long_nickels: LongNickelsView
    pme_plus: RateView
    pme_plus_lambda: MeasureView
    modified_pme: RateView
    direct_alpha: RateView
    direct_alpha_log: MeasureView
    tvpi: MeasureView


def _holding(measure: Measure) -> Amount:
    return Amount(measure.status, None) if measure.value is None else amount_of(measure.value)


def answer(request: PmeRequest) -> PmeView:
    """Compare the share of a request with its index."""
    found = public_market_equivalents(request.question())
    measures = found.comparison
    return PmeView(
        as_of=request.as_of,
        irr=RateView.of(measures.irr),
        kaplan_schoar=MeasureView.of(measures.kaplan_schoar),
        long_nickels=LongNickelsView(
            rate=RateView.of(measures.long_nickels),
            index_holding=AmountView.of(_holding(measures.long_nickels_nav), request.currency),
            is_short=measures.first_short_on is not None,
            first_short_on=measures.first_short_on,
        ),
        pme_plus=RateView.of(measures.pme_plus),
        pme_plus_lambda=MeasureView.of(measures.pme_plus_scale),
        modified_pme=RateView.of(measures.modified_pme),
        direct_alpha=RateView.of(measures.direct_alpha),
        direct_alpha_log=MeasureView.of(measures.direct_alpha_continuous),
        tvpi=MeasureView.of(measures.tvpi),
        notes=note_views(found.notes),
        explanations=[],
    ).explained()
