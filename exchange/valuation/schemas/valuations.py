"""Valuations, their inputs, weights, notes and models on the wire."""

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.funds.service import FundRow
from exchange.rest.model import Instant, LongText, StrictModel, ViewModel
from exchange.rest.numbers import DateText, PositiveRatioText, Whole, ratio_ppm, ratio_text
from exchange.rest.texts import detail
from exchange.valuation.catalogue import Model
from exchange.valuation.panel.opinion import Kind, ModelName, Panel
from exchange.valuation.schemas.panel import FigureView, PanelView
from exchange.valuation.tables import ValuationResultRow, ValuationRow, WeightSetRow
from exchange.valuation.weighting import ModelWeight

if TYPE_CHECKING:
    from exchange.valuation.panel.sensitivity import Sensitivity

FundIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('fund')}$")]
ListingIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('listing')}$")]


class ValuationStatus(StrEnum):
    """Whether the worker has been at it."""

    REQUESTED = "requested"
    COMPUTED = "computed"


class RequestValuation(StrictModel):
    """Exactly one of a fund and a listing; the day is today unless another is named.

    ``lock_up_days``: for how long the share may not be sold on by contract, up to 3650 days; 0 is no lock-up.
    """

    fund_id: FundIdText | None = None
    listing_id: ListingIdText | None = None
    valued_on: DateText | None = None
    lock_up_days: Whole = 0


class HashesView(ViewModel):
    """sha-256 of the canonical texts of the inputs and of the panel, and what computed it."""

    facts: str
    assumptions: str
    panel: str
    software_version: str

    @classmethod
    def of(cls, row: ValuationResultRow) -> "HashesView":
        """From a result."""
        return cls(
            facts=row.facts_hash,
            assumptions=row.assumptions_hash,
            panel=row.panel_hash,
            software_version=row.software_version,
        )


class ValuationView(ViewModel):
    """A valuation. ``panel`` is there once it is computed, and left out of lists."""

    id: str
    fund_id: str
    fund_code: str
    fund_name: str
    listing_id: str | None
    profile: str
    valued_on: date
    lock_up_days: int
    status: ValuationStatus
    requested_at: Instant
    computed_at: Instant | None
    revaluation_id: str | None
    hashes: HashesView | None
    panel: PanelView | None

    @classmethod
    def of(
        cls, row: ValuationRow, fund: FundRow, result: ValuationResultRow | None, panel: Panel | None
    ) -> "ValuationView":
        """From a valuation of a fund."""
        return cls(
            id=row.id,
            fund_id=row.fund_id,
            fund_code=fund.code,
            fund_name=fund.name,
            listing_id=row.listing_id,
            profile=row.profile,
            valued_on=row.valued_on,
            lock_up_days=row.lock_up_days,
            status=ValuationStatus.REQUESTED if result is None else ValuationStatus.COMPUTED,
            requested_at=row.requested_at,
            computed_at=None if result is None else result.computed_at,
            revaluation_id=row.revaluation_id,
            hashes=None if result is None else HashesView.of(result),
            panel=None if panel is None else PanelView.of(panel),
        )


class InputsView(ViewModel):
    """Exactly what a valuation was made from, as its hashes are taken over: minor units, ppm, ISO dates."""

    valuation_id: str
    hashes: HashesView
    facts: dict[str, Any]
    assumptions: dict[str, Any]


class VerificationView(ViewModel):
    """Whether the kept inputs give the kept bytes when they are computed again now."""

    valuation_id: str
    agrees: bool
    kept_hash: str
    recomputed_hash: str
    kept_version: str
    present_version: str


class SensitivityRow(ViewModel):
    """One target return with the headline price for each exit delay; null where the model cannot speak."""

    target_return: str
    prices: list[str | None]


class SensitivityView(ViewModel):
    """How the discounted price moves: rows are target returns, columns years by which exits come later."""

    valuation_id: str
    is_computed: bool
    exit_delays_years: list[int]
    rows: list[SensitivityRow]

    @classmethod
    def of(cls, valuation_id: str, grid: "Sensitivity | None") -> "SensitivityView":
        """From a grid; without one the model is silent, and the valuation says why."""
        if grid is None:
            return cls(valuation_id=valuation_id, is_computed=False, exit_delays_years=[], rows=[])
        return cls(
            valuation_id=valuation_id,
            is_computed=True,
            exit_delays_years=list(grid.delays_years),
            rows=[
                SensitivityRow(
                    target_return=ratio_text(target),
                    prices=[None if price is None else ratio_text(price) for price in prices],
                )
                for target, prices in zip(grid.target_returns_ppm, grid.headline_ppm, strict=True)
            ],
        )


class EnterWeight(StrictModel):
    """How much one model counts: a ratio above zero."""

    model: ModelName
    weight: PositiveRatioText


class EnterWeights(StrictModel):
    """Weights that sum to 1, over models that have figures, with the reason for them."""

    weights: Annotated[list[EnterWeight], Field(min_length=1, max_length=len(ModelName))]
    reason: LongText

    def values(self) -> list[ModelWeight]:
        """As values."""
        return [ModelWeight(item.model, ratio_ppm(item.weight)) for item in self.weights]


class WeightView(ViewModel):
    """How much one model counts."""

    model: ModelName
    weight: str


class WeightSetView(ViewModel):
    """One named person's weights, the reason, and the figure they make, beside the range and never instead of it."""

    id: str
    valuation_id: str
    entered_by: str
    entered_at: Instant
    is_public: bool
    reason: str
    weights: list[WeightView]
    low: FigureView | None
    point: FigureView | None
    high: FigureView | None

    @classmethod
    def of(cls, row: WeightSetRow, currency: str) -> "WeightSetView":
        """From a set of weights over a fund in this currency."""
        return cls(
            id=row.id,
            valuation_id=row.valuation_id,
            entered_by=row.entered_by_name,
            entered_at=row.entered_at,
            is_public=row.is_public,
            reason=row.reason,
            weights=[
                WeightView(model=ModelName(item["model"]), weight=ratio_text(item["weight_ppm"]))
                for item in row.weights
            ],
            low=FigureView.of(row.low_minor, row.low_ppm, currency),
            point=FigureView.of(row.point_minor, row.point_ppm, currency),
            high=FigureView.of(row.high_minor, row.high_ppm, currency),
        )


class WeightSets(ViewModel):
    """Weights the caller may see, newest first."""

    items: list[WeightSetView]


class ValuationNoteView(ViewModel):
    """The valuation note of the checklist (X01): indicative, with inputs, range and how far the models disagree."""

    checklist_code: str = "X01"
    valuation_id: str
    fund_id: str
    fund_code: str
    fund_name: str
    fund_warning: str
    profile: str
    valued_on: date
    valid_until: date
    computed_at: Instant
    statement_zh: str
    statement_en: str
    panel: PanelView
    weights: list[WeightSetView]
    hashes: HashesView

    @classmethod
    def of(
        cls,
        row: ValuationRow,
        fund: FundRow,
        result: ValuationResultRow,
        panel: Panel,
        weights: list[WeightSetRow],
        *,
        valid_days: int,
    ) -> "ValuationNoteView":
        """From a computed valuation with the weights its reader may see."""
        return cls(
            valuation_id=row.id,
            fund_id=fund.id,
            fund_code=fund.code,
            fund_name=fund.name,
            fund_warning=fund.warning,
            profile=row.profile,
            valued_on=row.valued_on,
            valid_until=row.valued_on + timedelta(days=valid_days),
            computed_at=result.computed_at,
            statement_zh=detail("VALUATION_NOTE_STATEMENT", "zh"),
            statement_en=detail("VALUATION_NOTE_STATEMENT", "en"),
            panel=PanelView.of(panel),
            weights=[WeightSetView.of(item, panel.currency) for item in weights],
            hashes=HashesView.of(result),
        )


class ModelView(ViewModel):
    """One model of the panel: which number it gives, what it needs, where its formula comes from."""

    name: ModelName
    kind: Kind
    version: str
    title_zh: str
    title_en: str
    needs: list[str]
    source: str

    @classmethod
    def of(cls, model: Model) -> "ModelView":
        """From the list of models."""
        return cls(
            name=model.name,
            kind=model.kind,
            version=model.version,
            title_zh=model.title_zh,
            title_en=model.title_en,
            needs=list(model.needs),
            source=model.source,
        )


class Models(ViewModel):
    """All models, in the order in which a panel shows them."""

    items: list[ModelView]
