"""A deal is held and resumed, left by a side before it is signed, or ended by order."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.access.service import approvals
from exchange.core.errors import Forbidden
from exchange.custody import service as custody
from exchange.infra.database import Tx
from exchange.settlement.deadlines import DealDeadline
from exchange.settlement.deal import BEFORE_TRANSFER, FINAL, DealEvent, DealStatus, step
from exchange.settlement.service.falling import fall, give_back_payments
from exchange.settlement.service.progress import advance_deal, lock_deal
from exchange.settlement.service.reads import deal_of, locked_deal_of
from exchange.settlement.service.transfer import become_final
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.withdrawal import Leaver, sanction_of

TERMINATE = "deal.terminate"


def hold(tx: Tx, actor: Actor, now: datetime, *, deal_id: str, reason: str) -> DealRow:
    """Make a deal read-only for everybody; by the fund's manager or an operator. Its clock stands still."""
    row = locked_deal_of(tx, actor, deal_id)
    _require_manager_or_operator(actor, row)
    due_at, due_rule = row.due_at, row.due_rule
    advance_deal(tx, actor, now, row, DealEvent.HOLD, reason="held", note=reason)
    row.held_due_at, row.held_due_rule = due_at, due_rule
    tx.flush()
    return row


def resume(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> DealRow:
    """Let a held deal go on where it was; its deadline moves by the time it was held."""
    row = locked_deal_of(tx, actor, deal_id)
    _require_manager_or_operator(actor, row)
    due = None
    if row.held_due_at is not None:
        due = DealDeadline(row.held_due_at + (now - row.status_at), row.held_due_rule, is_provisional=False)
    advance_deal(tx, actor, now, row, DealEvent.RESUME, due=due)
    row.held_due_at, row.held_due_rule = None, ""
    tx.flush()
    return row


def withdraw(tx: Tx, actor: Actor, now: datetime, *, deal_id: str, reason: str) -> DealRow:
    """A side leaves before the signing, at its cost: a buyer forfeits its deposit to a state-owned seller."""
    actor.require("deals:act")
    row = locked_deal_of(tx, actor, deal_id)
    if actor.organisation_id == row.buyer_organisation_id:
        leaver = Leaver.BUYER
    elif actor.organisation_id == row.seller_organisation_id:
        leaver = Leaver.SELLER
    else:
        raise Forbidden(permission="deals:act")
    cost = sanction_of(leaver, seller_is_state_owned=row.seller_is_state_owned)
    return fall(
        tx,
        actor,
        now,
        row,
        DealEvent.WITHDRAW,
        reason=f"withdrawn_by_{leaver.value}",
        note=reason,
        forfeits_deposit=cost.forfeits_deposit,
    )


def request_termination(
    tx: Tx, actor: Actor, now: datetime, *, deal_id: str, order_number: str, authority: str
) -> Approval:
    """Ask a second operator to end a deal by order of a court or an authority."""
    actor.require("deals:run")
    row = locked_deal_of(tx, actor, deal_id)
    step(row.status, DealEvent.TERMINATE, row.held_from)
    payload = {"order_number": order_number, "authority": authority}
    return approvals.request(tx, actor, now, TERMINATE, row.id, payload)


def termination_asked(tx: Tx, actor: Actor, *, deal_id: str) -> Approval | None:
    """The request to end a deal by order that waits for a second operator, if any."""
    actor.require("deals:run")
    return approvals.pending(tx, TERMINATE, deal_of(tx, actor, deal_id).id)


def _decided(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    if not approval.is_approved:
        return
    row = lock_deal(tx, approval.subject_id)
    if row.status in FINAL:
        return
    note = f"{approval.payload['authority']} {approval.payload['order_number']}"
    held_from = row.held_from
    if row.status in BEFORE_TRANSFER or (row.status is DealStatus.ON_HOLD and held_from in BEFORE_TRANSFER):
        fall(tx, actor, now, row, DealEvent.TERMINATE, reason="order", note=note)
        return
    advance_deal(tx, actor, now, row, DealEvent.TERMINATE, reason="order", note=note)
    become_final(tx, now, row)
    give_back_payments(tx, now, row)
    custody.reverse_interest(
        tx, actor, now, reference_id=row.id, reversal_reference_id=f"{row.id}/order", freeze_again=False
    )


def _require_manager_or_operator(actor: Actor, row: DealRow) -> None:
    if "deals:run" in actor.permissions:
        return
    actor.require("deals:act")
    if actor.organisation_id != row.manager_organisation_id:
        raise Forbidden(permission="deals:run")


approvals.register(TERMINATE, _decided)
