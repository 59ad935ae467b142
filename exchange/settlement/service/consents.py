"""The manager's consent and the approvals after it. Silence is never a yes."""

from datetime import datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.core.errors import Forbidden
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.parties import service as parties
from exchange.parties.standing import Standing
from exchange.settlement.approval import (
    APPROVAL_LIFECYCLE,
    ApprovalEvent,
    ApprovalStatus,
    all_granted,
    needed_approvals,
)
from exchange.settlement.deal import DealEvent, step
from exchange.settlement.errors import DealApprovalNotFound
from exchange.settlement.service.falling import fall
from exchange.settlement.service.progress import advance_deal, lock_deal, tell
from exchange.settlement.service.reads import deal_of, locked_deal_of
from exchange.settlement.store import steps as store
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.steps import DealApprovalRow as DealApprovalRow
from exchange.settlement.withdrawal import ConsentRefusal


def consent(tx: Tx, actor: Actor, now: datetime, *, deal_id: str, note: str = "") -> DealRow:
    """The fund's manager admits the buyer; what must be approved is asked for. GATE_BLOCKED names missing papers."""
    row = _for_manager(tx, actor, deal_id)
    advance_deal(tx, actor, now, row, DealEvent.CONSENT, note=note)
    seller, buyer, manager = _standings(tx, row)
    related = buyer.is_related_to(seller) or buyer.is_related_to(manager)
    for kind in needed_approvals(is_related=related, seller_is_state_owned=row.seller_is_state_owned):
        store.add(tx, DealApprovalRow(id=new_id("deal_approval"), deal_id=row.id, kind=kind, asked_at=now))
        tell(tx, SYSTEM, now, row, "deal.approval_asked", {"kind": kind.value})
    return row


def refuse(tx: Tx, actor: Actor, now: datetime, *, deal_id: str, reason: ConsentRefusal, note: str) -> DealRow:
    """The fund's manager refuses, for a named reason: the deal falls, money and interest are free."""
    row = _for_manager(tx, actor, deal_id)
    return fall(tx, actor, now, row, DealEvent.REFUSE, reason=reason.value, note=note)


def decide_approval(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    approval_id: str,
    event: ApprovalEvent,
    body: str,
    document_number: str,
    note: str = "",
) -> DealApprovalRow:
    """An operator records what the right body decided, with its paper. All granted: the deal is approved; one refused:
    the deal ends."""
    actor.require("deals:run")
    seen = store.approval(tx, approval_id)
    if seen is None:
        raise DealApprovalNotFound
    row = lock_deal(tx, seen.deal_id)
    step(row.status, DealEvent.APPROVE, row.held_from)
    found = store.approval(tx, approval_id) or seen
    found.status = advance(APPROVAL_LIFECYCLE, found.status, event)
    found.body, found.document_number, found.note = body, document_number, note
    found.decided_by, found.decided_at = actor.user_id, now
    store.add(tx, found)
    tell(tx, actor, now, row, f"deal.approval_{found.status.value}", {"kind": found.kind.value})
    if found.status is ApprovalStatus.REFUSED:
        fall(tx, actor, now, row, DealEvent.TERMINATE, reason="approval_refused", note=note)
    elif all_granted(item.status for item in store.approvals(tx, row.id)):
        advance_deal(tx, actor, now, row, DealEvent.APPROVE)
    return found


def approvals_of(tx: Tx, actor: Actor, *, deal_id: str) -> list[DealApprovalRow]:
    """The approvals of a deal the caller may follow."""
    return store.approvals(tx, deal_of(tx, actor, deal_id).id)


def _for_manager(tx: Tx, actor: Actor, deal_id: str) -> DealRow:
    actor.require("deals:act")
    row = locked_deal_of(tx, actor, deal_id)
    if actor.organisation_id != row.manager_organisation_id:
        raise Forbidden(permission="deals:act")
    return row


def _standings(tx: Tx, row: DealRow) -> tuple[Standing, ...]:
    ids = [row.seller_organisation_id, row.buyer_organisation_id, row.manager_organisation_id]
    found = parties.standings_of(tx, ids)
    return tuple(found[each] for each in ids)
