"""Filings after a transfer: opened by it, fulfilled with evidence, told when late; the last one files the deal.

A deal is filed once everything is handed in and its transfer can no longer be asked to be undone.
"""

from collections.abc import Sequence
from datetime import date, datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.access.service import approvals
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import Forbidden
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.diligence.service import documents
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.rulebook import service as rulebook
from exchange.settlement.bust import bust_until
from exchange.settlement.deal import DealEvent, DealStatus
from exchange.settlement.duty_errors import EvidenceNotYours, ObligationKeptByExchange, ObligationNotFound
from exchange.settlement.lateness import Lateness
from exchange.settlement.obligation import (
    BY_THE_EXCHANGE,
    OBLIGATION_LIFECYCLE,
    ObligationEvent,
    ObligationKind,
    ObligationStatus,
    duties,
)
from exchange.settlement.service.busting import BUST
from exchange.settlement.service.progress import advance_deal, lock_deal, tell
from exchange.settlement.service.reads import may_follow
from exchange.settlement.service.settling import settle_if_done
from exchange.settlement.store import deals as deal_store
from exchange.settlement.store import duties as store
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.duties import ObligationRow as ObligationRow

READ, ACT = "deals:read", "deals:act"
STANDING = frozenset({DealStatus.TRANSFERRED, DealStatus.FILED})


def open_obligations(tx: Tx, now: datetime, deal_id: str) -> None:
    """Open what a transfer makes due; repeating it changes nothing."""
    deal = lock_deal(tx, deal_id)
    if deal.status not in STANDING or deal.transferred_at is None or store.obligations_of_deal(tx, deal_id):
        return
    profile, day = rulebook.profile(deal.profile, market_date(deal.transferred_at)), market_date(deal.transferred_at)
    rows = [
        ObligationRow(
            id=new_id("obligation"),
            deal_id=deal_id,
            kind=duty.kind,
            rule=duty.rule,
            responsible_organisation_id=None if duty.kind in BY_THE_EXCHANGE else deal.manager_organisation_id,
            due_on=duty.due_on,
            breach_on=duty.breach_on,
            created_at=now,
        )
        for duty in duties(profile, rulebook.calendar(tx), day, seller_is_state_owned=deal.seller_is_state_owned)
    ]
    store.add(tx, sorted(rows, key=lambda row: row.id))
    for row in rows:
        _tell(tx, SYSTEM, now, deal, row, "obligation.opened")
        _look_again(tx, now, deal, row, row.due_on)
    if deal.seller_is_state_owned:
        _announce_result(tx, now, deal)


def fulfil(tx: Tx, actor: Actor, now: datetime, *, obligation_id: str, document_id: str) -> ObligationRow:
    """The responsible organisation hands the evidence in: a clean document of its own; done twice is refused.

    OBLIGATION_KEPT_BY_EXCHANGE for the result notice, EVIDENCE_NOT_YOURS, DOCUMENT_NOT_CLEAN, ILLEGAL_TRANSITION.
    """
    actor.require(ACT)
    deal, row = _locked(tx, actor, obligation_id)
    if row.kind in BY_THE_EXCHANGE:
        raise ObligationKeptByExchange
    if actor.organisation_id != row.responsible_organisation_id:
        raise Forbidden(permission=ACT)
    status = advance(OBLIGATION_LIFECYCLE, row.status, ObligationEvent.FULFIL)
    facts = documents.version_facts(tx, document_id)
    if facts.owner_organisation_id != actor.organisation_id:
        raise EvidenceNotYours
    documents.require_clean(tx, facts.sha256)
    row.document_id, row.document_number = document_id, facts.number
    _done(tx, actor, now, deal, row, status)
    file_if_done(tx, now, deal)
    return row


def obligation_due(tx: Tx, now: datetime, obligation_id: str) -> None:
    """A day of an obligation has come: the exchange's own is fulfilled, another is told as overdue, then as broken."""
    seen = store.obligation(tx, obligation_id)
    if seen is None:
        return
    deal = lock_deal(tx, seen.deal_id)
    row = store.obligation(tx, obligation_id)
    if row is None or row.status is not ObligationStatus.OPEN or now < end_of_market_day(row.due_on):
        return
    if row.kind in BY_THE_EXCHANGE:
        _done(tx, SYSTEM, now, deal, row, ObligationStatus.DONE)
        file_if_done(tx, now, deal)
    elif row.lateness is Lateness.IN_TIME:
        row.lateness = Lateness.OVERDUE
        store.save(tx, row)
        _tell(tx, SYSTEM, now, deal, row, "obligation.overdue")
        _look_again(tx, now, deal, row, row.breach_on)
    elif row.lateness is Lateness.OVERDUE and now >= end_of_market_day(row.breach_on):
        row.lateness = Lateness.DEFAULT
        store.save(tx, row)
        _tell(tx, SYSTEM, now, deal, row, "obligation.broken")


def file_if_done(tx: Tx, now: datetime, deal: DealRow) -> None:
    """File a locked deal whose obligations are all fulfilled and whose transfer is final; else nothing."""
    if deal.status is not DealStatus.TRANSFERRED or not is_final(tx, deal, now):
        return
    rows = store.obligations_of_deal(tx, deal.id)
    if rows and all(row.status is ObligationStatus.DONE for row in rows):
        advance_deal(tx, SYSTEM, now, deal, DealEvent.FILE)
        settle_if_done(tx, now, deal)


def is_final(tx: Tx, deal: DealRow, now: datetime) -> bool:
    """Whether a transfer can no longer be undone: the time to ask is over, and nobody who asked waits for an answer."""
    if deal.transferred_at is None or approvals.pending(tx, BUST, deal.id) is not None:
        return False
    profile = rulebook.profile(deal.profile, market_date(deal.transferred_at))
    return now >= bust_until(profile, rulebook.calendar(tx), deal.transferred_at)


def move_days(tx: Tx, now: datetime, deal: DealRow, row: ObligationRow, *, due_on: date, breach_on: date) -> None:
    """Other days for an open obligation of a locked deal: the calendar of a year was published."""
    row.due_on, row.breach_on = due_on, breach_on
    store.save(tx, row)
    _tell(tx, SYSTEM, now, deal, row, "obligation.days_moved")
    _look_again(tx, now, deal, row, due_on if row.lateness is Lateness.IN_TIME else breach_on)


def void_obligations(tx: Tx, now: datetime, deal: DealRow) -> None:
    """Nothing is to be filed for a locked deal whose transfer was undone."""
    for row in store.obligations_of_deal(tx, deal.id):
        if row.status is ObligationStatus.OPEN:
            row.status = advance(OBLIGATION_LIFECYCLE, row.status, ObligationEvent.VOID)
            store.save(tx, row)
            _tell(tx, SYSTEM, now, deal, row, "obligation.void")


def obligations_of(
    tx: Tx,
    actor: Actor,
    *,
    deal_id: str | None = None,
    status: ObligationStatus | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Sequence[ObligationRow]:
    """Obligations of the deals the caller follows, newest first."""
    actor.require(READ)
    own = None if actor.sees_everything else actor.organisation_id
    return store.obligations(tx, organisation_id=own, deal_id=deal_id, status=status, before=before, limit=limit)


def _locked(tx: Tx, actor: Actor, obligation_id: str) -> tuple[DealRow, ObligationRow]:
    seen = store.obligation(tx, obligation_id)
    deal = deal_store.deal(tx, seen.deal_id) if seen else None
    if seen is None or deal is None or not may_follow(actor, deal):
        raise ObligationNotFound
    deal = lock_deal(tx, seen.deal_id)
    row = store.obligation(tx, obligation_id)
    if row is None:
        raise ObligationNotFound
    return deal, row


def _done(tx: Tx, actor: Actor, now: datetime, deal: DealRow, row: ObligationRow, status: ObligationStatus) -> None:
    row.status, row.done_by, row.done_at = status, actor.user_id, now
    store.save(tx, row)
    _tell(tx, actor, now, deal, row, "obligation.fulfilled")


def _tell(tx: Tx, actor: Actor, now: datetime, deal: DealRow, row: ObligationRow, kind: str) -> None:
    data = {"obligation_id": row.id, "kind": row.kind.value, "rule": row.rule, "due_on": row.due_on.isoformat()}
    tell(tx, actor, now, deal, kind, data)


def _look_again(tx: Tx, now: datetime, deal: DealRow, row: ObligationRow, day: date) -> None:
    event = Event("obligation.due", row.id, (), {"kind": row.kind.value}, deal.book_id, deal.listing_id)
    emit(tx, now, event, due_at=end_of_market_day(day))


def _announce_result(tx: Tx, now: datetime, deal: DealRow) -> None:
    """R-48: the result of a state-owned seller's sale is public."""
    data: dict[str, object] = {
        "fund_id": deal.fund_id,
        "price_ppm": deal.price_ppm,
        "amount_minor": deal.amount_minor,
        "currency": deal.currency,
        "buyer_organisation_id": deal.buyer_organisation_id,
        "kind": ObligationKind.RESULT_NOTICE.value,
    }
    emit(tx, now, Event("deal.result_announced", deal.id, (MARKET,), data, deal.book_id, deal.listing_id))
