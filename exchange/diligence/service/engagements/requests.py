"""A client asks for advice on a listing: the request, its opening, its end without an engagement."""

from collections.abc import Iterable
from datetime import date, datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach, FieldError
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.diligence.advice_errors import EngagementInvalid, InviteesTooFew
from exchange.diligence.advice_request import AdviceRequest
from exchange.diligence.anonymous import names_within
from exchange.diligence.engagement import AdviserKind, EngagementEvent, EngagementState
from exchange.diligence.service.advisers import is_admitted_for
from exchange.diligence.service.engagements.conflicts import ask_consents
from exchange.diligence.service.engagements.matter import client_side, names_of_the_matter
from exchange.diligence.service.engagements.scope import feeding_faults, item_specs, room_faults
from exchange.diligence.service.engagements.steps import locked, locked_for_client, step, tell, tell_one
from exchange.diligence.store import advice_grants, advisers
from exchange.diligence.store import engagements as store
from exchange.diligence.tables.advice import EngagementInvitationRow, EngagementRow
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import service as parties
from exchange.rulebook.service import profile


def request(tx: Tx, actor: Actor, now: datetime, *, wanted: AdviceRequest) -> EngagementRow:
    """Write a request down; nobody hears of it before it is opened.

    LISTING_NOT_FOUND for whoever is neither seller, manager nor a bidder of the listing; ENGAGEMENT_INVALID names every
    field; RULES_BROKEN when a state-owned client invites too few.
    """
    actor.require("engagements:write")
    checklist = client_side(tx, wanted.listing_id, actor.organisation_id).checklist
    _demand_sound(tx, actor, now, wanted, checklist)
    row = EngagementRow(
        id=new_id("engagement"),
        listing_id=wanted.listing_id,
        client_organisation_id=actor.organisation_id,
        kind=wanted.kind,
        state=EngagementState.DRAFT,
        scope=wanted.scope,
        item_codes=sorted(set(wanted.item_codes)),
        room_codes=sorted(set(wanted.room_codes)),
        currency=wanted.currency,
        budget_minor=wanted.budget_minor,
        is_open_call=wanted.is_open_call,
        quotes_until_at=wanted.quotes_until_at,
        deliver_until=wanted.deliver_until,
        requested_by=actor.user_id,
        requested_at=now,
    )
    asked = [
        EngagementInvitationRow(engagement_id=row.id, organisation_id=organisation_id, invited_at=now)
        for organisation_id in sorted(set(wanted.invited))
    ]
    store.add(tx, row, *asked)
    tell(tx, row, now, "engagement.requested", actor=actor, data={"kind": row.kind.value})
    return row


def open_request(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str) -> EngagementRow:
    """Put a request before the advisers; each hears of it alone. Its quotes end at their deadline, and only then."""
    row = locked_for_client(tx, actor, engagement_id)
    checklist = client_side(tx, row.listing_id, actor.organisation_id).checklist
    asked = store.invitations(tx, [row.id])
    faults = [*_time_faults(now, row.quotes_until_at, row.deliver_until)]
    faults += _invitee_faults(tx, now, row.kind, actor.organisation_id, [each.organisation_id for each in asked])
    if faults:
        raise EngagementInvalid(fields=tuple(faults))
    _demand_enough(tx, actor, now, checklist, count=len(asked), is_open_call=row.is_open_call)
    step(tx, row, now, EngagementEvent.OPEN, actor=actor, more={"until": row.quotes_until_at.isoformat()})
    called = advisers.admitted_ids(tx, row.kind) if row.is_open_call else []
    for organisation_id in sorted({*called, *(each.organisation_id for each in asked)} - {actor.organisation_id}):
        tell_one(tx, row, now, "engagement.invited", organisation_id, actor=SYSTEM)
    emit(tx, now, Event("engagement.quotes_due", row.id), due_at=row.quotes_until_at)
    return row


def cancel(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, reason: str) -> EngagementRow:
    """End a request or an engagement that has delivered nothing; sealed quotes stay sealed for good."""
    row = locked_for_client(tx, actor, engagement_id)
    was_open = row.state is not EngagementState.DRAFT
    row.state_reason = reason
    step(tx, row, now, EngagementEvent.CANCEL, actor=actor)
    advice_grants.revoke_for_engagement(tx, now, row.id, revoked_by=actor.user_id)
    for each in store.invitations(tx, [row.id]) if was_open else ():
        if each.organisation_id != row.adviser_organisation_id:
            tell_one(tx, row, now, "engagement.invitation_ended", each.organisation_id, actor=SYSTEM)
    return row


def unseal(tx: Tx, now: datetime, *, engagement_id: str) -> None:
    """Open the quotes at their deadline, all at once; without any the request has been declined."""
    row = locked(tx, engagement_id)
    if row.state is not EngagementState.OPEN or now < row.quotes_until_at:
        return
    if store.has_quotes(tx, row.id):
        row.unsealed_at = now
        step(tx, row, now, EngagementEvent.UNSEAL)
        ask_consents(tx, now, row)
    else:
        step(tx, row, now, EngagementEvent.DECLINE)


def _demand_sound(tx: Tx, actor: Actor, now: datetime, wanted: AdviceRequest, checklist: ChecklistRow) -> None:
    specs = item_specs(checklist)
    faults = [*_time_faults(now, wanted.quotes_until_at, wanted.deliver_until)]
    for name in ("item_codes", "room_codes"):
        for place, code in enumerate(getattr(wanted, name)):
            if code not in specs:
                faults.append(FieldError(f"/{name}/{place}", "ITEM_CODE_UNKNOWN", {"code": code}))
    faults += feeding_faults(checklist, wanted.kind, actor.organisation_id, wanted.item_codes)
    faults += room_faults(tx, checklist, actor.organisation_id, wanted.room_codes)
    faults += _invitee_faults(tx, now, wanted.kind, actor.organisation_id, wanted.invited)
    if not wanted.invited and not wanted.is_open_call:
        faults.append(FieldError("/invited", "FIELD_REQUIRED"))
    if names_within(wanted.scope, names_of_the_matter(tx, now, checklist, actor.organisation_id)):
        faults.append(FieldError("/scope", "SCOPE_NAMES_PARTY"))
    if faults:
        raise EngagementInvalid(fields=tuple(faults))
    _demand_enough(tx, actor, now, checklist, count=len(set(wanted.invited)), is_open_call=wanted.is_open_call)


def _demand_enough(
    tx: Tx, actor: Actor, now: datetime, checklist: ChecklistRow, *, count: int, is_open_call: bool
) -> None:
    if is_open_call or not parties.is_state_owned(tx, actor.organisation_id):
        return
    rule = profile(checklist.profile, market_date(now)).state_owned_invitees_minimum
    if count < rule.value:
        breach = Breach(rule.rule_id, "INVITEES_TOO_FEW", {"n": str(rule.value), "count": str(count)})
        raise InviteesTooFew(breaches=(breach,), count=1)


def _time_faults(now: datetime, quotes_until_at: datetime, deliver_until: date) -> list[FieldError]:
    faults = []
    if quotes_until_at <= now:
        faults.append(FieldError("/quotes_until", "INSTANT_PASSED"))
    if deliver_until < market_date(quotes_until_at):
        faults.append(FieldError("/deliver_until", "DATES_OUT_OF_ORDER"))
    return faults


def _invitee_faults(
    tx: Tx, now: datetime, kind: AdviserKind, client_id: str, invited: Iterable[str]
) -> list[FieldError]:
    ids = list(invited)
    known = advisers.advisers_by_id(tx, ids)
    today = market_date(now)
    return [
        FieldError(f"/invited/{place}", "ADVISER_NOT_INVITABLE")
        for place, organisation_id in enumerate(ids)
        if organisation_id == client_id or not is_admitted_for(known.get(organisation_id), kind, today)
    ]
