"""A transfer is undone by two persons: both legs back at once, exactly as they went, inside the window only."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.access.service import approvals
from exchange.core.clock import market_date
from exchange.core.errors import Breach, RulesBroken
from exchange.core.events import MARKET, Event
from exchange.custody import service as custody
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.rulebook import service as rulebook
from exchange.settlement.bust import BustReason, bust_until
from exchange.settlement.deal import DealEvent, DealStatus, step
from exchange.settlement.service.falling import give_back_payments
from exchange.settlement.service.progress import advance_deal, lock_deal
from exchange.settlement.service.reads import deal_of, locked_deal_of
from exchange.settlement.service.transfer import become_final
from exchange.settlement.tables.deals import DealRow

BUST = "deal.bust"


def request_bust(
    tx: Tx, actor: Actor, now: datetime, *, deal_id: str, reason: BustReason, statement: str, document_number: str
) -> Approval:
    """Ask a second operator to bust a transfer. RULES_BROKEN (R-55) after the window; then it is final."""
    actor.require("deals:run")
    row = locked_deal_of(tx, actor, deal_id)
    step(row.status, DealEvent.BUST, row.held_from)
    _require_window(tx, row, now)
    payload = {"reason": reason.value, "statement": statement, "document_number": document_number}
    return approvals.request(tx, actor, now, BUST, row.id, payload)


def bust_asked(tx: Tx, actor: Actor, *, deal_id: str) -> Approval | None:
    """The request to bust a deal that waits for a second operator, if any."""
    actor.require("deals:run")
    return approvals.pending(tx, BUST, deal_of(tx, actor, deal_id).id)


def _decided(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    """Carry out what the second person decided; a refused bust lets the transfer become final."""
    row = lock_deal(tx, approval.subject_id)
    if not approval.is_approved:
        emit(tx, now, Event("deal.final_due", row.id, (), {"approval_id": approval.id}, row.book_id))
        return
    if row.status is DealStatus.BUSTED:
        return
    step(row.status, DealEvent.BUST, row.held_from)
    bust(tx, actor, now, row, reason=str(approval.payload["reason"]), note=str(approval.payload["statement"]))


def bust(tx: Tx, actor: Actor, now: datetime, row: DealRow, *, reason: str, note: str) -> DealRow:
    """Undo a locked deal's transfer: money and interest go back together; the interest is the seller's and free.

    MONEY_NOT_COVERED or INTEREST_NOT_FREE when a side has passed on what it got; then nothing moves.
    """
    advance_deal(tx, actor, now, row, DealEvent.BUST, reason=reason, note=note)
    become_final(tx, now, row)  # what was held of the proceeds is free to go back
    give_back_payments(tx, now, row)
    custody.reverse_interest(
        tx, actor, now, reference_id=row.id, reversal_reference_id=f"{row.id}/bust", freeze_again=False
    )
    data: dict[str, object] = {"fund_id": row.fund_id, "trade_id": row.trade_id, "reason": reason}
    event = Event("trade.busted", row.trade_id, (MARKET,), data, row.book_id, row.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
    return row


def _require_window(tx: Tx, row: DealRow, now: datetime) -> None:
    if row.transferred_at is None:
        return
    profile = rulebook.profile(row.profile, market_date(row.transferred_at))
    until = bust_until(profile, rulebook.calendar(tx), row.transferred_at)
    if now > until:
        rule = profile.bust_request_working_days
        breach = Breach(rule.rule_id, "TRANSFER_IS_FINAL", {"time": until.isoformat(), "n": str(rule.value)})
        raise RulesBroken(breaches=(breach,), count=1)


approvals.register(BUST, _decided)
