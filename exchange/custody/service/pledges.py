"""Pledges: asked for by the holder, entered and given back by an operator (R-40).

The papers of the request are checked by whoever calls `request_pledge`: custody keeps which documents they were.
Order of locks: pledge, then the holding by the guarded statement.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from exchange.access.actor import Actor
from exchange.access.errors import SamePerson
from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.core.money import unscale_decimal
from exchange.custody.errors import HoldingNotFound, InterestNotFree, PledgeInvalid, PledgeNotFound, ReleaseTooLarge
from exchange.custody.pledge import PLEDGE_LIFECYCLE, PledgeEvent, PledgeReason, PledgeStatus, PledgeTerms
from exchange.custody.service.holdings import holding_facts, holding_of
from exchange.custody.store import holdings as holding_store
from exchange.custody.store import pledges as store
from exchange.custody.tables import PledgeRow as PledgeRow
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

ASK, READ, RUN = "pledges:write", "holdings:read", "custody:run"
Papers = Mapping[str, Any]


def request_pledge(
    tx: Tx, actor: Actor, now: datetime, *, holding_id: str, terms: PledgeTerms, papers: Papers
) -> PledgeRow:
    """The holder asks for a pledge; nothing is bound before an operator registers it.

    HOLDING_NOT_FOUND for another's line, PLEDGE_INVALID for a term in the past, INTEREST_NOT_FREE when less is free.
    """
    actor.require(ASK)
    held = holding_facts(tx, holding_id)
    if held.holder_organisation_id != actor.organisation_id:
        raise HoldingNotFound
    if terms.ends_on <= market_date(now):
        raise PledgeInvalid(fields=(FieldError("/ends_on", "DATE_IN_THE_PAST"),))
    _require_free(terms.amount_minor, held.free_minor)
    row = PledgeRow(
        id=new_id("pledge"),
        holding_id=holding_id,
        fund_id=held.fund_id,
        holder_organisation_id=held.holder_organisation_id,
        amount_minor=terms.amount_minor,
        currency=funds.fund_facts(tx, held.fund_id).currency,
        creditor_name=terms.creditor_name,
        creditor_code=terms.creditor_code,
        secured_minor=terms.secured_minor,
        ends_on=terms.ends_on,
        contract_number=terms.contract_number,
        permitted_by=terms.permitted_by,
        papers=dict(papers),
        requested_by=actor.user_id,
        requested_at=now,
        is_simulated=held.is_simulated,
    )
    store.add(tx, row)
    _tell(tx, actor, now, row, "pledge.requested")
    return row


def withdraw_request(tx: Tx, actor: Actor, now: datetime, *, pledge_id: str) -> PledgeRow:
    """The holder takes a request back before it is decided."""
    actor.require(ASK)
    row = _locked(tx, actor, pledge_id)
    if row.holder_organisation_id != actor.organisation_id:
        raise PledgeNotFound
    return _advance(tx, actor, now, row, PledgeEvent.WITHDRAW, "pledge.withdrawn")


def register_pledge(tx: Tx, actor: Actor, now: datetime, *, pledge_id: str) -> PledgeRow:
    """An operator enters a pledge: from now on its amount is not free. INTEREST_NOT_FREE when less is free by now."""
    actor.require(RUN)
    row = _locked(tx, actor, pledge_id)
    status = advance(PLEDGE_LIFECYCLE, row.status, PledgeEvent.REGISTER)
    held = holding_store.shift_pledged(tx, row.holding_id, row.amount_minor, row.id, actor.user_id, now)
    if held is None:
        _require_free(row.amount_minor, holding_facts(tx, row.holding_id).free_minor)
        raise InterestNotFree(amount=unscale_decimal(row.amount_minor, 2), free="0")
    row.status, row.decided_by, row.decided_at = status, actor.user_id, now
    return _written(tx, actor, now, row, "pledge.registered")


def refuse_pledge(tx: Tx, actor: Actor, now: datetime, *, pledge_id: str, reason: PledgeReason, note: str) -> PledgeRow:
    """An operator says no to a request, and why."""
    actor.require(RUN)
    row = _locked(tx, actor, pledge_id)
    row.reason, row.note = reason, note
    row.decided_by, row.decided_at = actor.user_id, now
    return _advance(tx, actor, now, row, PledgeEvent.REFUSE, "pledge.refused")


def request_release(tx: Tx, actor: Actor, now: datetime, *, pledge_id: str, papers: Papers) -> PledgeRow:
    """The holder hands in the creditor's letter of release; the amount stays pledged until an operator has read it."""
    actor.require(ASK)
    row = _locked(tx, actor, pledge_id)
    if row.holder_organisation_id != actor.organisation_id:
        raise PledgeNotFound
    row.release_papers, row.reason, row.note = dict(papers), None, ""
    return _advance(tx, actor, now, row, PledgeEvent.REQUEST_RELEASE, "pledge.release_requested")


def release_pledge(tx: Tx, actor: Actor, now: datetime, *, pledge_id: str) -> PledgeRow:
    """An operator who did not register it gives the amount back: two persons see a pledge in and out."""
    actor.require(RUN)
    row = _locked(tx, actor, pledge_id)
    status = advance(PLEDGE_LIFECYCLE, row.status, PledgeEvent.RELEASE)
    if row.decided_by == actor.user_id:
        raise SamePerson
    if holding_store.shift_pledged(tx, row.holding_id, -row.amount_minor, row.id, actor.user_id, now) is None:
        amount = unscale_decimal(row.amount_minor, 2)
        raise ReleaseTooLarge(amount=amount, frozen=unscale_decimal(holding_facts(tx, row.holding_id).pledged_minor, 2))
    row.status, row.released_by, row.released_at = status, actor.user_id, now
    return _written(tx, actor, now, row, "pledge.released")


def refuse_release(
    tx: Tx, actor: Actor, now: datetime, *, pledge_id: str, reason: PledgeReason, note: str
) -> PledgeRow:
    """An operator does not take the letter of release; the pledge stands on."""
    actor.require(RUN)
    row = _locked(tx, actor, pledge_id)
    row.reason, row.note = reason, note
    return _advance(tx, actor, now, row, PledgeEvent.REFUSE_RELEASE, "pledge.release_refused")


def pledge_of(tx: Tx, actor: Actor, pledge_id: str) -> PledgeRow:
    """A pledge of a holding the caller may see; PLEDGE_NOT_FOUND otherwise."""
    row = store.pledge(tx, pledge_id)
    return _seen(tx, actor, row)


def pledges_of(
    tx: Tx,
    actor: Actor,
    *,
    holding_id: str | None = None,
    status: PledgeStatus | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> Sequence[PledgeRow]:
    """Pledges of the caller's holdings and of the funds it manages, or all for operators; newest first."""
    actor.require(READ)
    visible_to = None if actor.sees_everything else actor.organisation_id
    managed = [] if visible_to is None else funds.managed_fund_ids(tx, visible_to)
    return store.pledges(
        tx,
        visible_to=visible_to,
        managed_fund_ids=managed,
        holding_id=holding_id,
        status=status,
        before=before,
        limit=limit,
    )


def _locked(tx: Tx, actor: Actor, pledge_id: str) -> PledgeRow:
    return _seen(tx, actor, store.lock_pledge(tx, pledge_id))


def _seen(tx: Tx, actor: Actor, row: PledgeRow | None) -> PledgeRow:
    if row is None:
        raise PledgeNotFound
    try:
        holding_of(tx, actor, row.holding_id)
    except HoldingNotFound as error:
        raise PledgeNotFound from error
    return row


def _require_free(amount_minor: int, free_minor: int) -> None:
    if amount_minor > free_minor:
        raise InterestNotFree(amount=unscale_decimal(amount_minor, 2), free=unscale_decimal(free_minor, 2))


def _advance(tx: Tx, actor: Actor, now: datetime, row: PledgeRow, event: PledgeEvent, told: str) -> PledgeRow:
    row.status = advance(PLEDGE_LIFECYCLE, row.status, event)
    return _written(tx, actor, now, row, told)


def _written(tx: Tx, actor: Actor, now: datetime, row: PledgeRow, told: str) -> PledgeRow:
    row.version += 1
    store.add(tx, row)
    _tell(tx, actor, now, row, told)
    return row


def _tell(tx: Tx, actor: Actor, now: datetime, row: PledgeRow, kind: str) -> None:
    manager = funds.fund_facts(tx, row.fund_id).manager_organisation_id
    data: dict[str, object] = {
        "holding_id": row.holding_id,
        "fund_id": row.fund_id,
        "amount_minor": row.amount_minor,
        "status": row.status.value,
        "version": row.version,
    }
    audience = tuple(dict.fromkeys((row.holder_organisation_id, manager)))
    emit(tx, now, Event(kind, row.id, audience, data), actor_id=actor.user_id)
