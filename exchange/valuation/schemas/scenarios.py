"""Private scenarios on the wire."""

from typing import Annotated, Any

from pydantic import Field

from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import PositiveRatioText, RatioText, SignedRatioText, Whole, ratio_ppm
from exchange.valuation.panel.opinion import Panel
from exchange.valuation.scenario import Overrides
from exchange.valuation.schemas.panel import PanelView
from exchange.valuation.tables import ScenarioRow

Days = Annotated[int, Field(strict=True, ge=0, le=3_650)]
Years = Annotated[int, Field(strict=True, ge=1, le=30)]
DelayYears = Annotated[int, Field(strict=True, ge=0, le=10)]


class AddScenario(StrictModel):
    """Own assumptions; what is left out stays as the market has it. Rates and prices are ratios: 0.20 is 20 %.

    ``exit_delay_years`` lengthens the fund's life. ``deferred_share`` of the price is paid after ``deferred_days``.
    ``market_price`` replaces every published price of the secondary market. ``lock_up_days``: for how long the share
    may not be sold on, up to 3650 days.
    """

    name: ShortText
    target_return: SignedRatioText | None = None
    target_return_low: SignedRatioText | None = None
    target_return_high: SignedRatioText | None = None
    growth: SignedRatioText | None = None
    life_years: Years | None = None
    exit_delay_years: DelayYears = 0
    bow: RatioText | None = None
    yield_floor: RatioText | None = None
    contribution_rates: Annotated[list[RatioText], Field(min_length=1, max_length=30)] | None = None
    draw_ratio: RatioText | None = None
    deferred_share: RatioText | None = None
    deferred_days: Days | None = None
    market_price: PositiveRatioText | None = None
    market_price_low: PositiveRatioText | None = None
    market_price_high: PositiveRatioText | None = None
    lock_up_volatility: RatioText | None = None
    risk_free_rate: SignedRatioText | None = None
    lock_up_days: Whole | None = None

    def overrides(self) -> Overrides:
        """As values in ppm."""

        def ppm(text: str | None) -> int | None:
            return None if text is None else ratio_ppm(text)

        rates = self.contribution_rates
        return Overrides(
            target_return_low_ppm=ppm(self.target_return_low),
            target_return_point_ppm=ppm(self.target_return),
            target_return_high_ppm=ppm(self.target_return_high),
            growth_ppm=ppm(self.growth),
            life_years=self.life_years,
            exit_delay_years=self.exit_delay_years,
            bow_ppm=ppm(self.bow),
            yield_floor_ppm=ppm(self.yield_floor),
            contribution_rates_ppm=None if rates is None else tuple(ratio_ppm(rate) for rate in rates),
            draw_ratio_ppm=ppm(self.draw_ratio),
            deferred_share_ppm=ppm(self.deferred_share),
            deferred_days=self.deferred_days,
            market_price_low_ppm=ppm(self.market_price_low),
            market_price_ppm=ppm(self.market_price),
            market_price_high_ppm=ppm(self.market_price_high),
            lock_up_volatility_ppm=ppm(self.lock_up_volatility),
            risk_free_rate_ppm=ppm(self.risk_free_rate),
            lock_up_days=self.lock_up_days,
        )


class ScenarioView(ViewModel):
    """A scenario, for its own organisation only. ``assumed``: what differs from the market, in ppm, days and years."""

    id: str
    valuation_id: str
    name: str
    entered_at: Instant
    assumed: dict[str, Any]
    assumptions_hash: str
    panel_hash: str
    software_version: str
    panel: PanelView | None

    @classmethod
    def of(cls, row: ScenarioRow, panel: Panel | None) -> "ScenarioView":
        """From a scenario; lists leave its panel out."""
        return cls(
            id=row.id,
            valuation_id=row.valuation_id,
            name=row.name,
            entered_at=row.entered_at,
            assumed=row.overrides,
            assumptions_hash=row.assumptions_hash,
            panel_hash=row.panel_hash,
            software_version=row.software_version,
            panel=None if panel is None else PanelView.of(panel),
        )
