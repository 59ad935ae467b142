"""How the cash-flow value of a kept valuation moves with the buyer's target return and with later exits."""

from exchange.access.actor import Actor
from exchange.infra.database import Tx
from exchange.valuation.panel.sensitivity import Sensitivity, sensitivity
from exchange.valuation.service.valuations import inputs_kept

STEP_PPM = 25_000
STEPS = (-2, -1, 0, 1, 2)
DELAYS_YEARS = (0, 1, 2, 3)


def sensitivity_of(tx: Tx, actor: Actor, *, valuation_id: str) -> Sensitivity | None:
    """The grid around the target return of the market, in steps of 2.5 points; None where the model cannot speak."""
    _, facts, market = inputs_kept(tx, actor, valuation_id)
    if market.target_return_point is None:
        return None
    base = market.target_return_point.value_ppm
    return sensitivity(facts, market, [base + step * STEP_PPM for step in STEPS], DELAYS_YEARS)
