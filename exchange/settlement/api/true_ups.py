"""Routes of the true-up and of the appeal against a bust."""

from fastapi import APIRouter, Response

from exchange.access.api import CurrentActor
from exchange.core.errors import RulesBroken
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.rulebook.errors import FeesUnknown
from exchange.settlement.api.closing import WRITES
from exchange.settlement.api.deals import READS, DealPath, view_of
from exchange.settlement.errors import DealNotFound, NothingToAppeal, StatementNotIssued
from exchange.settlement.schemas.deals import DealView
from exchange.settlement.schemas.true_ups import Appeal, TrueUpView
from exchange.settlement.service import appeals, true_ups

router = APIRouter(prefix="/api/v1", tags=["deals"])


@router.get(
    "/deals/{deal_id}/true-up",
    openapi_extra=needs("deals:read"),
    responses=responses(*READS, DealNotFound, StatementNotIssued, FeesUnknown),
)
def get_true_up(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> TrueUpView:
    """What the two sides owe each other for cash that reached the wrong one since the closing statement."""
    seen = true_ups.true_up_seen_by(tx, actor, business_now(tx), deal_id=deal_id)
    return TrueUpView.of(seen.row, seen.until, seen.found, is_paid=seen.is_paid)


@router.post(
    "/deals/{deal_id}/bust-appeals",
    response_model=DealView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES, NothingToAppeal, RulesBroken),
)
def appeal_bust(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: Appeal, key: IdempotencyKey) -> Response:
    """Say in time why a bust was wrong; it is kept in the deal's timeline for the exchange to answer."""

    def work() -> DealView:
        return view_of(tx, appeals.appeal(tx, actor, business_now(tx), deal_id=deal_id, grounds=body.grounds))

    return once(tx, actor, f"appeal_bust {deal_id}", key, body, work).response()
