"""The valuation of a listing on the wire."""

from datetime import date

from exchange.rest.model import Instant, ViewModel
from exchange.rest.numbers import MoneyView, ratio_text
from exchange.valuation.panel.opinion import Kind, ModelName, Opinion
from exchange.valuation.schemas.panel import PanelView, StatusView


class AmountFigureView(ViewModel):
    """A figure for the amount on offer: money pro rata, and the headline price as a ratio of the reference NAV."""

    value: MoneyView
    price: str | None


class AmountOpinionView(ViewModel):
    """One model's range for the amount on offer."""

    model: ModelName
    kind: Kind
    status: StatusView
    low: AmountFigureView | None
    point: AmountFigureView | None
    high: AmountFigureView | None

    @classmethod
    def of(
        cls, opinion: Opinion, shares: tuple[int | None, int | None, int | None], currency: str
    ) -> "AmountOpinionView":
        """From an opinion with its low, point and high for the amount."""
        prices = (opinion.low_ppm, opinion.point_ppm, opinion.high_ppm)
        low, point, high = (_figure(minor, ppm, currency) for minor, ppm in zip(shares, prices, strict=True))
        return cls(
            model=opinion.model,
            kind=opinion.kind,
            status=StatusView.of(opinion.status),
            low=low,
            point=point,
            high=high,
        )


class AskView(ViewModel):
    """A price of the listing: a ratio of the NAV it pins, and the money it makes for the amount on offer."""

    price: str
    value: MoneyView
    nav_as_of: date


class StateFloorView(ViewModel):
    """What a filed appraisal says of a state-owned seller's amount (R-43, R-44)."""

    value: MoneyView
    appraisal_id: str
    filing_number: str
    valid_until: date


class ListingValuationView(ViewModel):
    """The newest panel of a listing's fund, the same in money for the amount on offer, and the lines across it.

    ``state_floor`` is null for other sellers and where no appraisal is filed: ``state_floor_missing`` says which.
    """

    listing_id: str
    fund_id: str
    valuation_id: str
    computed_at: Instant | None
    amount: MoneyView
    opinions: list[AmountOpinionView]
    ask: AskView
    floor: AskView
    state_floor: StateFloorView | None
    state_floor_missing: bool
    panel: PanelView


def _figure(minor: int | None, ppm: int | None, currency: str) -> AmountFigureView | None:
    if minor is None:
        return None
    return AmountFigureView(value=MoneyView.of(minor, currency), price=None if ppm is None else ratio_text(ppm))
