"""The last step of a deal: everything is filed and paid, the release gate is open."""

from datetime import datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.diligence.errors import ChecklistNotFound, GateBlocked
from exchange.diligence.gate import Gate
from exchange.diligence.service import gates
from exchange.infra.database import Tx
from exchange.ledger.errors import FundsNotCovered
from exchange.settlement.deal import DealEvent, DealStatus, step
from exchange.settlement.duty_errors import NotYetSettled
from exchange.settlement.service.progress import advance_deal, lock_deal, tell
from exchange.settlement.service.reads import locked_deal_of
from exchange.settlement.service.true_ups import turn_over
from exchange.settlement.store import deals as deal_store
from exchange.settlement.store import duties as store
from exchange.settlement.tables.deals import DealRow

RUN = "deals:run"


def settle(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> DealRow:
    """Settle a filed deal by hand, with its true-up: GATE_BLOCKED names the papers that are missing.

    NOT_YET_SETTLED while a part of the price is due, MONEY_NOT_COVERED when who owes the true-up cannot pay it.
    """
    actor.require(RUN)
    row = locked_deal_of(tx, actor, deal_id)
    step(row.status, DealEvent.SETTLE, row.held_from)
    if store.has_unpaid(tx, deal_id):
        raise NotYetSettled
    turn_over(tx, actor, now, row)
    return advance_deal(tx, actor, now, row, DealEvent.SETTLE)


def settle_if_done(tx: Tx, now: datetime, row: DealRow) -> None:
    """Settle a locked, filed deal when nothing is due any more and its release gate stands open; else nothing."""
    if row.status is not DealStatus.FILED or store.has_unpaid(tx, row.id):
        return
    try:
        gates.require_gate(
            tx, now, listing_id=row.listing_id, gate=Gate.RELEASE, organisation_id=row.buyer_organisation_id
        )
    except (GateBlocked, ChecklistNotFound):
        return
    try:
        turn_over(tx, SYSTEM, now, row)
    except FundsNotCovered:
        tell(tx, SYSTEM, now, row, "deal.true_up_due")  # an operator settles it once the money is there
        return
    advance_deal(tx, SYSTEM, now, row, DealEvent.SETTLE)


def listing_may_settle(tx: Tx, now: datetime, listing_id: str) -> None:
    """Look at the filed deals of a listing again: a paper they may have waited for has come."""
    for seen in deal_store.deals(tx, organisation_id=None, listing_id=listing_id, statuses=[DealStatus.FILED]):
        settle_if_done(tx, now, lock_deal(tx, seen.id))
