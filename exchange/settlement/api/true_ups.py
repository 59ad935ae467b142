"""Route of the true-up."""

from fastapi import APIRouter

from exchange.access.api import CurrentActor
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.rulebook.errors import FeesUnknown
from exchange.settlement.api.deals import READS, DealPath
from exchange.settlement.errors import DealNotFound, StatementNotIssued
from exchange.settlement.schemas.true_ups import TrueUpView
from exchange.settlement.service import true_ups

router = APIRouter(prefix="/api/v1", tags=["deals"])


@router.get(
    "/deals/{deal_id}/true-up",
    openapi_extra=needs("deals:read"),
    responses=responses(*READS, DealNotFound, StatementNotIssued, FeesUnknown),
)
def get_true_up(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> TrueUpView:
    """What the two sides owe each other for cash that reached the wrong one since the closing statement."""
    return TrueUpView.of(true_ups.true_up_seen_by(tx, actor, business_now(tx), deal_id=deal_id))
