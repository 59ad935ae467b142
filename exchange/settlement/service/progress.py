"""How a deal takes a step: its lock, its gate, its next deadline and one event. Every service here uses it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.diligence.service import gates
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import service as listings
from exchange.rulebook import service as rulebook
from exchange.settlement.deadlines import DealDeadline, deadline_of
from exchange.settlement.deal import GATES, DealEvent, DealStatus, step
from exchange.settlement.errors import DealNotFound
from exchange.settlement.store import deals as store
from exchange.settlement.tables.deals import DealRow

EVENT_TYPES: Mapping[DealEvent, str] = {
    DealEvent.SERVE_NOTICE: "deal.noticed",
    DealEvent.SKIP_NOTICE: "deal.notice_not_needed",
    DealEvent.EXERCISE_ROFR: "deal.rofr_exercised",
    DealEvent.CLEAR_ROFR: "deal.rofr_cleared",
    DealEvent.CONSENT: "deal.consented",
    DealEvent.REFUSE: "deal.refused",
    DealEvent.APPROVE: "deal.approved",
    DealEvent.SIGN: "deal.signed",
    DealEvent.FUND: "deal.funded",
    DealEvent.ISSUE_STATEMENT: "deal.closing",
    DealEvent.TRANSFER: "deal.transferred",
    DealEvent.FILE: "deal.filed",
    DealEvent.SETTLE: "deal.settled",
    DealEvent.HOLD: "deal.held",
    DealEvent.RESUME: "deal.resumed",
    DealEvent.WITHDRAW: "deal.withdrawn",
    DealEvent.DEFAULT: "deal.defaulted",
    DealEvent.BUST: "deal.busted",
    DealEvent.TERMINATE: "deal.terminated",
}

NO_DATA: Mapping[str, object] = MappingProxyType({})


def lock_deal(tx: Tx, deal_id: str) -> DealRow:
    """A deal with its listing, both locked. Lock order: fund, listing, deal, accounts by id, holdings by id."""
    seen = store.deal(tx, deal_id)
    if seen is None:
        raise DealNotFound
    listings.lock_listing(tx, seen.listing_id)
    row = store.lock_deal(tx, deal_id)
    if row is None:
        raise DealNotFound
    return row


def parties_of(row: DealRow) -> tuple[str, ...]:
    """Who may follow a deal: its buyer, its seller and the fund's manager."""
    sides = (row.buyer_organisation_id, row.seller_organisation_id, row.manager_organisation_id)
    return tuple(dict.fromkeys(sides))


def advance_deal(
    tx: Tx,
    actor: Actor,
    now: datetime,
    row: DealRow,
    event: DealEvent,
    *,
    reason: str = "",
    note: str = "",
    more: Mapping[str, object] = NO_DATA,
    due: DealDeadline | None = None,
) -> DealRow:
    """Take a locked deal one step on: asks the step's gate, sets the next deadline, writes and tells.

    ``due`` replaces the deadline of the new status where a service has computed a later one. ``more``: ids and integers
    for the event. ILLEGAL_TRANSITION when the status does not allow the event, GATE_BLOCKED when a paper is missing.
    """
    before = row.status
    after = step(before, event, row.held_from)
    gate = GATES.get(event)
    if gate is not None:
        gates.pass_gate(tx, actor, now, listing_id=row.listing_id, gate=gate, organisation_id=row.buyer_organisation_id)
    row.held_from = before if after is DealStatus.ON_HOLD else None
    row.status, row.status_at = after, now
    row.status_reason, row.status_note = reason, note
    if event is DealEvent.TRANSFER:
        row.transferred_at = now
    set_deadline(tx, now, row, due or _deadline(tx, row, now))
    tell(tx, actor, now, row, EVENT_TYPES[event], {"before": before.value, "reason": reason, **more})
    return row


def set_deadline(tx: Tx, now: datetime, row: DealRow, due: DealDeadline | None) -> None:
    """Write a locked deal with the instant by which it must leave its status, and date the event that looks then."""
    row.due_at, row.due_rule = (due.at, due.rule) if due else (None, "")
    store.save(tx, row)
    if due is not None:
        data: dict[str, object] = {"status": row.status.value, "version": row.version}
        emit(tx, now, Event("deal.due", row.id, (), data, row.book_id, row.listing_id), due_at=due.at)


def tell(tx: Tx, actor: Actor, now: datetime, row: DealRow, kind: str, more: Mapping[str, object] = NO_DATA) -> None:
    """Emit one event about a deal to those who may follow it."""
    data: dict[str, object] = {"status": row.status.value, "version": row.version, **more}
    event = Event(kind, row.id, parties_of(row), data, row.book_id, row.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)


def _deadline(tx: Tx, row: DealRow, now: datetime) -> DealDeadline | None:
    profile = rulebook.profile(row.profile, market_date(now))
    return deadline_of(profile, rulebook.calendar(tx), row.status, now)
