"""Routes of valuation."""

from fastapi import APIRouter

from exchange.valuation.api.appraisals import router as appraisals
from exchange.valuation.api.backtest import router as backtest
from exchange.valuation.api.calculators import router as calculators
from exchange.valuation.api.parameters import router as parameters
from exchange.valuation.api.revaluations import router as revaluations
from exchange.valuation.api.scenarios import router as scenarios
from exchange.valuation.api.valuations import router as valuations

router = APIRouter(prefix="/api/v1", tags=["valuation"])
for _part in (valuations, backtest, scenarios, appraisals, parameters, revaluations, calculators):
    router.include_router(_part)

__all__ = ["router"]
