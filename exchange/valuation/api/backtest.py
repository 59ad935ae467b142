"""The route of the backtest: how the models did on the real sales that the exchange ships."""

from fastapi import APIRouter

from exchange.access.api import CurrentActor
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.valuation.api.refusals import READ
from exchange.valuation.schemas.backtest import BacktestView
from exchange.valuation.service.backtests import shipped_backtest

router = APIRouter()


@router.get(
    "/valuation-models/backtest",
    operation_id="get_valuation_backtest",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ),
)
def get_valuation_backtest(actor: CurrentActor) -> BacktestView:
    """Errors in parts of NAV and coverage of the ranges over real sales, beside two dumb baselines, also where they
    win. A small sample of few sellers: nothing is fitted to it."""
    actor.require("valuations:read")
    return BacktestView.of(shipped_backtest())
