"""How the cash-flow value moves with the buyer's target return and a later exit: a grid of the same model.

Columns are target returns around the point, in steps of 2.5 percentage points; rows lengthen the fund's life by whole
years. Every cell is the panel's own model run anew, so the cell of the point without delay is the panel's figure.

Example: a point of 18 % gives the returns 13, 15.5, 18, 20.5 and 23 %, each at a delay of 0, 1, 2 and 3 years.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.panel.opinion import ModelName, Panel
from exchange.valuation.scenario import Overrides, check_overrides, overridden

STEP_PPM = 25_000
STEPS = (-2, -1, 0, 1, 2)
DELAYS = (0, 1, 2, 3)
LOWEST_PPM = -400_000

Value = Callable[[Sequence[FundFacts], Sequence[Assumptions]], Sequence[Panel]]


@dataclass(frozen=True, slots=True)
class Cell:
    """The point of the cash-flow model; None where it has no figure."""

    ppm: int | None
    minor: int | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Cells by delay (rows) and target return (columns); `base_ppm` is the return of the panel."""

    base_ppm: int
    returns_ppm: tuple[int, ...]
    delays_years: tuple[int, ...]
    cells: tuple[tuple[Cell, ...], ...]


def sensitivity(facts: FundFacts, market: Assumptions, value: Value) -> Sensitivity | None:
    """The grid in one pass of the panel; None where nobody entered a target return or a pacing.

    Args:
        facts: what the valuation was made from.
        market: its assumptions.
        value: the panel (`panel.value.value`).
    """
    if market.target_return_point is None or market.pacing is None:
        return None
    base = market.target_return_point.value_ppm
    returns = tuple(ppm for step in STEPS if (ppm := base + step * STEP_PPM) >= LOWEST_PPM)
    wanted = [Overrides(target_return_point_ppm=ppm, exit_delay_years=delay) for delay in DELAYS for ppm in returns]
    usable = [own for own in wanted if not check_overrides(market, own)]
    varied = [overridden(market, own, source="sensitivity", on=facts.valued_on) for own in usable]
    panels = value([facts] * len(varied), varied)
    found = {own: _cell(panel) for own, panel in zip(usable, panels, strict=True)}
    cells = [found.get(own, Cell(None, None)) for own in wanted]
    rows = tuple(tuple(cells[start : start + len(returns)]) for start in range(0, len(cells), len(returns)))
    return Sensitivity(base, returns, DELAYS, rows)


def _cell(panel: Panel) -> Cell:
    found = next((item for item in panel.opinions if item.model is ModelName.DISCOUNTED_CASH_FLOW), None)
    return Cell(None, None) if found is None else Cell(found.point_ppm, found.point_minor)
