"""The conflict check: an adviser declares on anonymous facts, the registers answer, and only then does it read names.

It declares once: whoever could try again with another list of clients would find out whom the matter concerns.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.diligence.advice_errors import (
    AdviserNotAdmitted,
    AlreadyDeclared,
    ConflictOfInterest,
    ConsentNotAsked,
    ConsentsMissing,
    EngagementNotFound,
    QuotesClosed,
)
from exchange.diligence.conflicts import (
    Conflict,
    ConflictRule,
    Weight,
    conflicts_of,
    consents_needed,
    is_blocked,
)
from exchange.diligence.engagement import EngagementState, FeeBasis
from exchange.diligence.kept import kept
from exchange.diligence.service.advisers import is_admitted_for
from exchange.diligence.service.engagements.matter import facts_of
from exchange.diligence.service.engagements.steps import is_cleared, locked, tell, tell_one
from exchange.diligence.store import advisers
from exchange.diligence.store import engagements as store
from exchange.diligence.tables.advice import EngagementInvitationRow, EngagementRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

CONSENTABLE = frozenset({EngagementState.OPEN, EngagementState.QUOTED})


def declare(
    tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, has_conflict: bool, declaration: str
) -> EngagementInvitationRow:
    """An adviser says whether it is free; the registers are asked in the same moment.

    Whoever is blocked learns that it is, not by what: the rule that was met would tell whom the matter concerns.
    """
    row, invitation = _locked_invitation(tx, actor, now, engagement_id)
    if invitation.declared_at is not None or invitation.declined_at is not None:
        raise AlreadyDeclared
    invitation.has_conflict, invitation.declaration = has_conflict, declaration
    invitation.declared_by, invitation.declared_at = actor.user_id, now
    found = check(tx, now, row, invitation)
    data = {"is_blocked": is_blocked(found), "needs_consent": bool(consents_needed(found, ""))}
    told = (row, now, "engagement.conflict_declared", actor.organisation_id)
    tell_one(tx, *told, actor=actor, data=data)
    return invitation


def decline(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str) -> EngagementInvitationRow:
    """An adviser does not want the work; before or after its declaration, as long as it has not quoted."""
    row, invitation = _locked_invitation(tx, actor, now, engagement_id)
    if invitation.declined_at is not None or store.own_quote(tx, row.id, actor.organisation_id) is not None:
        raise AlreadyDeclared
    invitation.declined_at = now
    store.flush(tx)
    tell_one(tx, row, now, "engagement.invitation_declined", actor.organisation_id, actor=actor)
    return invitation


def check(
    tx: Tx,
    now: datetime,
    row: EngagementRow,
    invitation: EngagementInvitationRow,
    *,
    fee_basis: FeeBasis | None = None,
) -> tuple[Conflict, ...]:
    """Apply the rules to what is known now, and keep what they find. What once blocked blocks for good."""
    found = conflicts_of(facts_of(tx, now, row, invitation, fee_basis=fee_basis))
    invitation.findings = [kept(each) for each in found]
    invitation.is_blocked = invitation.is_blocked or is_blocked(found)
    store.flush(tx)
    return found


def demand_engageable(
    tx: Tx, now: datetime, row: EngagementRow, invitation: EngagementInvitationRow, *, fee_basis: FeeBasis
) -> None:
    """Before an adviser is engaged everything is checked again, and every consent must be there."""
    found = check(tx, now, row, invitation, fee_basis=fee_basis)
    if not is_cleared(invitation):
        raise ConflictOfInterest
    missing = consents_needed(found, row.client_organisation_id) - set(invitation.consents)
    if missing:
        raise ConsentsMissing(n=len(missing))


def ask_consents(tx: Tx, now: datetime, row: EngagementRow) -> None:
    """Ask those outside whom a disclosure of a quoting adviser concerns; each learns the rule and the adviser alone."""
    quoted = {each.organisation_id for each in store.unsealed_quotes(tx, [row.id])}
    for invitation in store.invitations(tx, [row.id]):
        if invitation.organisation_id not in quoted:
            continue
        for organisation_id in sorted(asked_outside(row, invitation)):
            rules = sorted(each.rule.value for each in disclosures_of(invitation) if each.with_id == organisation_id)
            data = {"adviser_organisation_id": invitation.organisation_id, "rules": ", ".join(rules)}
            tell_one(tx, row, now, "engagement.consent_asked", organisation_id, actor=SYSTEM, data=data)


def consent(
    tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, adviser_organisation_id: str
) -> EngagementInvitationRow:
    """The client, or an organisation a disclosure names, consents in writing to an adviser. It stands for good."""
    actor.require("engagements:write")
    row = locked(tx, engagement_id)
    invitation = store.invitation(tx, engagement_id, adviser_organisation_id)
    needed = frozenset[str]()
    if invitation is not None and is_cleared(invitation) and row.state in CONSENTABLE:
        needed = consents_needed(findings_of(invitation), row.client_organisation_id)
    is_client = actor.organisation_id == row.client_organisation_id
    may_know = is_client or (invitation is not None and _was_asked(tx, row, invitation, actor.organisation_id))
    if not may_know:
        raise EngagementNotFound
    if invitation is None or actor.organisation_id not in needed:
        raise ConsentNotAsked
    if actor.organisation_id not in invitation.consents:
        invitation.consents = [*invitation.consents, actor.organisation_id]
        store.flush(tx)
        data = {"adviser_organisation_id": adviser_organisation_id}
        # The other side stays unknown to the client, and the client to the other side.
        event = Event("engagement.consented", row.id, (actor.organisation_id, adviser_organisation_id), data)
        emit(tx, now, event, actor_id=actor.user_id)
        if not is_client:
            tell(tx, row, now, "engagement.other_side_consented", actor=SYSTEM, data=data)
    return invitation


def findings_of(invitation: EngagementInvitationRow) -> tuple[Conflict, ...]:
    """What the last check found, as values."""
    return tuple(_conflict(each) for each in invitation.findings)


def asked_outside(row: EngagementRow, invitation: EngagementInvitationRow) -> frozenset[str]:
    """The organisations besides the client whose consent a cleared adviser needs."""
    if not is_cleared(invitation):
        return frozenset()
    return consents_needed(findings_of(invitation), row.client_organisation_id) - {row.client_organisation_id}


def _was_asked(tx: Tx, row: EngagementRow, invitation: EngagementInvitationRow, organisation_id: str) -> bool:
    """Consents are asked for at the unsealing, for who has quoted; nobody outside hears of anything before."""
    has_quoted = any(each.organisation_id == invitation.organisation_id for each in store.unsealed_quotes(tx, [row.id]))
    return has_quoted and organisation_id in asked_outside(row, invitation)


def _locked_invitation(
    tx: Tx, actor: Actor, now: datetime, engagement_id: str
) -> tuple[EngagementRow, EngagementInvitationRow]:
    """An open request and what the caller was asked; an open call asks everybody who is admitted for the work."""
    actor.require("engagements:work")
    row = locked(tx, engagement_id)
    invitation = store.invitation(tx, engagement_id, actor.organisation_id)
    is_fit = is_admitted_for(advisers.adviser(tx, actor.organisation_id), row.kind, market_date(now))
    is_called = row.is_open_call and row.state is EngagementState.OPEN and is_fit
    is_clients = row.client_organisation_id == actor.organisation_id
    if row.state is EngagementState.DRAFT or is_clients or (invitation is None and not is_called):
        raise EngagementNotFound
    if row.state is not EngagementState.OPEN or now >= row.quotes_until_at:
        raise QuotesClosed
    if not is_fit:
        raise AdviserNotAdmitted
    if invitation is None:
        invitation = EngagementInvitationRow(
            engagement_id=row.id, organisation_id=actor.organisation_id, invited_at=now
        )
        store.add(tx, invitation)
    return row, invitation


def _conflict(data: dict[str, Any]) -> Conflict:
    return Conflict(ConflictRule(data["rule"]), Weight(data["weight"]), data["with_id"], data["with_name"])


def disclosures_of(invitation: EngagementInvitationRow) -> Sequence[Conflict]:
    """What needs consent, of a cleared adviser."""
    return [each for each in findings_of(invitation) if each.weight is Weight.DISCLOSE]
