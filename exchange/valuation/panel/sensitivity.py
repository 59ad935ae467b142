"""How the discounted price moves with the target return and with later exits: a grid of prices for one fund.

Rows are target net IRRs, columns are years by which every exit comes later than the pacing set assumes (the fund's life
is that much longer). Values are headline prices in ppm of the reference NAV, None where the model cannot speak.
Example: rates 15, 18 and 20 % and delays of 0, 1 and 2 years: nine prices, falling to the right and downwards while the
target return exceeds the growth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exchange.core.money import PPM
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.cash_flow_opinions import Projected, is_complete, price_of, project_funds
from exchange.valuation.panel.columns import columns_of
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.panel.speak import Voice, rounded
from exchange.valuation.status import Status

Cell = int | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Target returns in ppm (rows), delays in years (columns), and the headline price in ppm of each pair."""

    target_returns_ppm: tuple[int, ...]
    delays_years: tuple[int, ...]
    headline_ppm: tuple[tuple[Cell, ...], ...]


def sensitivity(
    fund: FundFacts, assumed: Assumptions, target_returns_ppm: Sequence[int], delays_years: Sequence[int]
) -> Sensitivity | None:
    """The grid, or None where the fund or the assumptions do not bear the model."""
    columns = columns_of([fund])
    if not columns.good[0] or not is_complete(assumed):
        return None
    voice = Voice.of(columns, 0)
    by_delay = []
    for delay in delays_years:
        projected = project_funds(columns, [assumed], [0], life_shift_years=delay)
        by_delay.append([_headline(voice, projected_price(projected, ppm)) for ppm in target_returns_ppm])
    rows = tuple(tuple(column[place] for column in by_delay) for place in range(len(target_returns_ppm)))
    return Sensitivity(tuple(target_returns_ppm), tuple(delays_years), rows)


def projected_price(projected: Projected, target_ppm: int) -> float | None:
    """Price of the one projected fund at a target return, None where it has none."""
    prices = price_of(projected, np.array([target_ppm / PPM]))
    failed = projected.projection.status[0] != Status.OK or prices.status[0] != Status.OK
    return None if failed else float(prices.price[0])


def _headline(voice: Voice, price: float | None) -> Cell:
    return None if price is None else voice.headline_ppm(rounded(price))
