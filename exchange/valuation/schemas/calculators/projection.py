"""Projected calls, distributions and NAV, on the wire."""

from datetime import date
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from exchange.core.money import Money
from exchange.rest.model import StrictModel, ViewModel
from exchange.rest.numbers import AmountText, CurrencyText, RatioText, SignedAmountText, SignedRatioText
from exchange.valuation.calculators.projection import (
    PATHS_MAX,
    Course,
    Range,
    Simulation,
    Start,
    courses,
    simulated,
)
from exchange.valuation.projection.stochastic import FlowDynamics
from exchange.valuation.schemas.calculators.examples import example_of
from exchange.valuation.schemas.calculators.fields import CalendarDate, decimal_of, minor_of
from exchange.valuation.schemas.calculators.pacing import PacingGiven
from exchange.valuation.schemas.calculators.views import AmountView, AnswerView, StatusCode, note_views
from exchange.valuation.schemas.panel import NoteView

SETS_MAX = 8
QUANTILES_MAX = 9
Seed = Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)]
Paths = Annotated[int, Field(strict=True, ge=1, le=PATHS_MAX)]


class SimulationGiven(StrictModel):
    """Processes of the simulation (Buchner, Kaserer, Wagner), rates a year; the same seed gives the same quantiles.

    Calls are drawn at a random intensity: ``intensity_now``, ``intensity_mean``, its speed of return and volatility.
    ``pace`` is the alpha of the expected distributions 1 - exp(-alpha t^2 / 2); ``growth`` values the NAV.
    """

    seed: Seed
    paths: Paths = 10_000
    quantiles: Annotated[list[RatioText], Field(min_length=1, max_length=QUANTILES_MAX)] = Field(
        default_factory=lambda: ["0.05", "0.5", "0.95"]
    )
    intensity_now: RatioText
    intensity_mean: RatioText
    intensity_reversion: RatioText
    intensity_volatility: RatioText
    pace: RatioText
    distribution_volatility: RatioText
    growth: SignedRatioText
    life_years: RatioText

    @model_validator(mode="after")
    def within_one(self) -> Self:
        """Quantiles are parts of 1."""
        if any(decimal_of(level) > 1 for level in self.quantiles):
            raise PydanticCustomError("QUANTILE_OUT_OF_RANGE", "a quantile is at most 1")
        return self

    def simulation(self) -> Simulation:
        """As values."""
        dynamics = FlowDynamics(
            *(
                decimal_of(text)
                for text in (
                    self.intensity_now,
                    self.intensity_mean,
                    self.intensity_reversion,
                    self.intensity_volatility,
                    self.pace,
                    self.distribution_volatility,
                    self.growth,
                    self.life_years,
                )
            )
        )
        return Simulation(dynamics, self.paths, tuple(decimal_of(level) for level in self.quantiles))


class ProjectionRequest(StrictModel):
    """Where a fund stands on ``as_of`` and how it may go on: one course a named set, and a simulated range if wanted.

    A new fund has NAV 0, age 0 and its commitment as ``unfunded``. ``draw_ratio`` of the unfunded is expected to be
    called at all; a fund near the end of a set's life is given ``remaining_years`` more.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [example_of("projection")]})

    currency: CurrencyText
    as_of: CalendarDate
    nav: SignedAmountText = "0"
    unfunded: AmountText
    age_years: RatioText = "0"
    draw_ratio: RatioText = "1"
    remaining_years: RatioText = "1"
    frequency: Literal["annual", "quarterly"] = "quarterly"
    sets: Annotated[list[PacingGiven], Field(min_length=1, max_length=SETS_MAX)]
    simulation: SimulationGiven | None = None

    @model_validator(mode="after")
    def names_differ(self) -> Self:
        """A course is known by the name of its set."""
        if len({given.name for given in self.sets}) != len(self.sets):
            raise PydanticCustomError("PACING_SET_TWICE", "two sets of one name")
        return self

    def start(self) -> Start:
        """As values."""
        nav, unfunded = (minor_of(text, self.currency) for text in (self.nav, self.unfunded))
        age, drawn, remaining = (decimal_of(text) for text in (self.age_years, self.draw_ratio, self.remaining_years))
        return Start(nav, unfunded, self.as_of, age, drawn, remaining, 1 if self.frequency == "annual" else 4)


class PeriodView(ViewModel):
    """A period's flows, at its end, and the NAV after them."""

    on: date
    called: str
    distributed: str
    nav: str


class CourseView(ViewModel):
    """The course of one set; ``called`` and ``distributed`` are the sums of its periods."""

    name: str
    source: str
    status: StatusCode
    called: AmountView
    distributed: AmountView
    periods: list[PeriodView]
    notes: list[NoteView]

    @classmethod
    def of(cls, course: Course, currency: str) -> "CourseView":
        """From a course."""
        return cls(
            name=course.name,
            source=course.source,
            status=course.status.code,
            called=AmountView.of(course.called, currency),
            distributed=AmountView.of(course.distributed, currency),
            periods=[
                PeriodView(
                    on=period.on,
                    called=Money(period.called_minor, currency).text(),
                    distributed=Money(period.distributed_minor, currency).text(),
                    nav=Money(period.nav_minor, currency).text(),
                )
                for period in course.periods
            ],
            notes=note_views(course.notes),
        )


class BandPeriodView(ViewModel):
    """Quantiles of a period's flows and NAV, one amount a quantile, in the order asked for."""

    on: date
    called: list[str]
    distributed: list[str]
    nav: list[str]


class RangeView(ViewModel):
    """Quantiles over all paths, period by period; no single path runs along a quantile."""

    status: StatusCode
    quantiles: list[str]
    seed: int
    paths: int
    periods: list[BandPeriodView]

    @classmethod
    def of(cls, found: Range, given: SimulationGiven, currency: str) -> "RangeView":
        """From a range with what was asked."""

        def texts(amounts: tuple[int, ...]) -> list[str]:
            return [Money(minor, currency).text() for minor in amounts]

        return cls(
            status=found.status.code,
            quantiles=given.quantiles,
            seed=given.seed,
            paths=given.paths,
            periods=[
                BandPeriodView(
                    on=period.on,
                    called=texts(period.called_minor),
                    distributed=texts(period.distributed_minor),
                    nav=texts(period.nav_minor),
                )
                for period in found.periods
            ],
        )


class ProjectionView(AnswerView):
    """One course a set, and the simulated range, null when none was asked for. Amounts are in ``currency``."""

    currency: str
    courses: list[CourseView]
    simulation: RangeView | None


def answer(request: ProjectionRequest) -> ProjectionView:
    """Project the fund of a request."""
    start, given = request.start(), request.simulation
    found = None
    if given is not None:
        found = simulated(start, given.simulation(), np.random.default_rng(given.seed))
    return ProjectionView(
        currency=request.currency,
        courses=[
            CourseView.of(course, request.currency)
            for course in courses(start, tuple(pacing.pacing() for pacing in request.sets))
        ],
        simulation=None if found is None or given is None else RangeView.of(found, given, request.currency),
        notes=[],
        explanations=[],
    ).explained()
