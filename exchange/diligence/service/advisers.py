"""The directory of advisers: they apply, are admitted for a time, suspended and renewed; everybody reads it."""

from collections.abc import Sequence
from datetime import date, datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.access.errors import SamePerson
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.events import MARKET, Event
from exchange.core.lifecycle import advance
from exchange.diligence.advice_errors import (
    AdviserEntryInvalid,
    AdviserNotFound,
    ApplicationMissing,
    NotAdviserOrganisation,
)
from exchange.diligence.adviser_entry import AdviserEntry, admitted_until, check_entry, entry_of
from exchange.diligence.engagement import ADVISER_LIFECYCLE, AdviserEvent, AdviserKind, AdviserState
from exchange.diligence.kept import kept
from exchange.diligence.store import advisers as store
from exchange.diligence.store.advisers import AdviserSeen, Rating
from exchange.diligence.tables.advice import AdviserRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import service as parties
from exchange.parties.lifecycle import OrganisationKind
from exchange.rulebook.service import DEFAULT_PROFILE, profile

NO_RATING = Rating(0, 0)


def apply(tx: Tx, actor: Actor, now: datetime, *, entry: AdviserEntry) -> AdviserSeen:
    """Apply for the directory, or for what is to stand there from the next decision of the exchange on.

    NOT_ADVISER_ORGANISATION for any other organisation; ADVISER_ENTRY_INVALID names what is missing or has run out.
    """
    actor.require("engagements:work")
    organisation = parties.organisation_of(tx, actor, actor.organisation_id)
    if organisation.kind is not OrganisationKind.ADVISER or not parties.is_admitted(tx, organisation.id):
        raise NotAdviserOrganisation
    _demand_complete(entry, now)
    row = store.lock_adviser(tx, organisation.id)
    kinds = [kind.value for kind in entry.kinds]
    if row is None:
        row = AdviserRow(
            organisation_id=organisation.id,
            kinds=kinds,
            state=AdviserState.APPLIED,
            application=kept(entry),
            applied_by=actor.user_id,
            applied_at=now,
        )
        store.add(tx, row)
    else:
        row.application, row.applied_by, row.applied_at = kept(entry), actor.user_id, now
        if row.state is AdviserState.APPLIED:
            row.kinds = kinds
        store.save(tx, row)
    event = Event("adviser.applied", row.organisation_id, (row.organisation_id,), {"kinds": kinds})
    emit(tx, now, event, actor_id=actor.user_id)
    return _seen(tx, actor, [row])[0]


def admit(
    tx: Tx, actor: Actor, now: datetime, *, organisation_id: str, is_state_shortlisted: bool = False
) -> AdviserSeen:
    """Admit an applicant, or a suspended adviser anew. ADVISER_APPLICATION_MISSING when there is nothing to admit."""
    row = _locked(tx, actor, organisation_id)
    row.is_state_shortlisted = is_state_shortlisted
    return _admitted(tx, actor, now, row, AdviserEvent.ADMIT, "adviser.admitted")


def renew(tx: Tx, actor: Actor, now: datetime, *, organisation_id: str) -> AdviserSeen:
    """Admit an adviser for another year, with what it has applied with since, if anything."""
    row = _locked(tx, actor, organisation_id)
    return _admitted(tx, actor, now, row, AdviserEvent.RENEW, "adviser.renewed")


def suspend(tx: Tx, actor: Actor, now: datetime, *, organisation_id: str, reason: str) -> AdviserSeen:
    """Take an adviser out of the directory. What it is engaged for goes on; nothing new is quoted or awarded."""
    row = _locked(tx, actor, organisation_id)
    row.state = advance(ADVISER_LIFECYCLE, row.state, AdviserEvent.SUSPEND)
    row.state_reason = reason
    store.save(tx, row)
    emit(tx, now, Event("adviser.suspended", organisation_id, (MARKET,)), actor_id=actor.user_id)
    return _seen(tx, actor, [row])[0]


def lapse(tx: Tx, now: datetime, *, organisation_id: str, until: str) -> None:
    """End an admission on its last day, unless it was renewed, suspended or has lapsed meanwhile."""
    row = store.lock_adviser(tx, organisation_id)
    if row is None or row.state is not AdviserState.ADMITTED or str(row.admitted_until) != until:
        return
    if now < end_of_market_day(date.fromisoformat(until)):
        return
    row.state = advance(ADVISER_LIFECYCLE, row.state, AdviserEvent.LAPSE)
    store.save(tx, row)
    event = Event("adviser.lapsed", organisation_id, (MARKET,), {"admitted_until": until})
    emit(tx, now, event, actor_id=SYSTEM.user_id)


def adviser_of(tx: Tx, actor: Actor, organisation_id: str) -> AdviserSeen:
    """One entry: an admitted one, one's own, or any for those who watch."""
    actor.require("advisers:read")
    row = store.adviser(tx, organisation_id)
    if row is None or not (row.state is AdviserState.ADMITTED or _is_inside(actor, row)):
        raise AdviserNotFound
    return _seen(tx, actor, [row])[0]


def advisers_of(
    tx: Tx,
    actor: Actor,
    *,
    kind: AdviserKind | None = None,
    state: AdviserState | None = None,
    is_state_shortlisted: bool | None = None,
    after: str = "",
    limit: int = 200,
) -> list[AdviserSeen]:
    """The directory in the order of organisation ids; who watches also sees those that are not admitted."""
    actor.require("advisers:read")
    rows = store.advisers(
        tx,
        kind=kind,
        state=state,
        visible_to=None if actor.sees_everything else actor.organisation_id,
        is_state_shortlisted=is_state_shortlisted,
        after=after,
        limit=limit,
    )
    return _seen(tx, actor, rows)


def is_admitted_for(row: AdviserRow | None, kind: AdviserKind, on: date) -> bool:
    """Whether an adviser may take on a kind of work on a day, whatever the deadline of its lapse did meanwhile."""
    if row is None or row.state is not AdviserState.ADMITTED or kind.value not in row.kinds:
        return False
    return row.admitted_until is not None and on <= row.admitted_until


def _admitted(tx: Tx, actor: Actor, now: datetime, row: AdviserRow, event: AdviserEvent, kind: str) -> AdviserSeen:
    row.state = advance(ADVISER_LIFECYCLE, row.state, event)
    if row.application is not None:
        if row.applied_by == actor.user_id:
            raise SamePerson
        row.entry, row.kinds, row.application = row.application, list(row.application["kinds"]), None
    if not row.entry:
        raise ApplicationMissing
    entry = entry_of(row.entry)
    _demand_complete(entry, now)
    today = market_date(now)
    until = admitted_until(entry, today, profile(DEFAULT_PROFILE, today).adviser_admission_days.value)
    row.admitted_by, row.admitted_until, row.state_reason = actor.user_id, until, ""
    store.save(tx, row)
    data = {"admitted_until": until.isoformat(), "kinds": row.kinds}
    emit(tx, now, Event(kind, row.organisation_id, (MARKET,), data), actor_id=actor.user_id)
    deadline = Event("adviser.lapse_due", row.organisation_id, data={"admitted_until": until.isoformat()})
    emit(tx, now, deadline, due_at=end_of_market_day(until))
    return _seen(tx, actor, [row])[0]


def _locked(tx: Tx, actor: Actor, organisation_id: str) -> AdviserRow:
    actor.require("advisers:admit")
    row = store.lock_adviser(tx, organisation_id)
    if row is None:
        raise AdviserNotFound
    return row


def _demand_complete(entry: AdviserEntry, now: datetime) -> None:
    if faults := check_entry(entry, market_date(now)):
        raise AdviserEntryInvalid(fields=faults)


def _is_inside(actor: Actor, row: AdviserRow) -> bool:
    return actor.sees_everything or row.organisation_id == actor.organisation_id


def _seen(tx: Tx, actor: Actor, rows: Sequence[AdviserRow]) -> list[AdviserSeen]:
    ids = [row.organisation_id for row in rows]
    names, rated = parties.names_of(tx, ids), store.ratings(tx, ids)
    found = []
    for row in rows:
        rating = rated.get(row.organisation_id, NO_RATING)
        found.append(AdviserSeen(row, *names[row.organisation_id], rating, _is_inside(actor, row)))
    return found
