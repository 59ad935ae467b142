"""Locking an engagement, taking it one step on, and telling those who may know."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from exchange.access.actor import SYSTEM, Actor
from exchange.core.events import Event
from exchange.core.lifecycle import advance
from exchange.diligence.advice_errors import EngagementNotFound, NotCleared
from exchange.diligence.engagement import ENGAGEMENT_LIFECYCLE, EngagementEvent
from exchange.diligence.store import engagements as store
from exchange.diligence.tables.advice import EngagementInvitationRow, EngagementRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

EVENT_TYPES = {
    EngagementEvent.OPEN: "engagement.opened",
    EngagementEvent.UNSEAL: "engagement.unsealed",
    EngagementEvent.DECLINE: "engagement.declined",
    EngagementEvent.ENGAGE: "engagement.engaged",
    EngagementEvent.START: "engagement.started",
    EngagementEvent.DELIVER: "engagement.delivered",
    EngagementEvent.ACCEPT: "engagement.accepted",
    EngagementEvent.DISPUTE: "engagement.disputed",
    EngagementEvent.CLOSE: "engagement.closed",
    EngagementEvent.CANCEL: "engagement.cancelled",
}


def locked(tx: Tx, engagement_id: str) -> EngagementRow:
    """An engagement, locked. ENGAGEMENT_NOT_FOUND when there is none. Lock order: engagement, checklist, items."""
    row = store.lock_engagement(tx, engagement_id)
    if row is None:
        raise EngagementNotFound
    return row


def locked_for_client(tx: Tx, actor: Actor, engagement_id: str) -> EngagementRow:
    """An engagement its client is about to change; for everybody else there is none."""
    actor.require("engagements:write")
    row = locked(tx, engagement_id)
    if row.client_organisation_id != actor.organisation_id:
        raise EngagementNotFound
    return row


def locked_for_engaged(tx: Tx, actor: Actor, engagement_id: str) -> EngagementRow:
    """An engagement its engaged adviser works on; others who know of it may not, for the rest there is none."""
    actor.require("engagements:work")
    row = locked(tx, engagement_id)
    if row.adviser_organisation_id == actor.organisation_id:
        return row
    if is_cleared(store.invitation(tx, engagement_id, actor.organisation_id)):
        raise NotCleared
    raise EngagementNotFound


def is_cleared(invitation: EngagementInvitationRow | None) -> bool:
    """Whether an adviser has declared itself free and the check has found nothing that blocks."""
    return invitation is not None and invitation.has_conflict is False and not invitation.is_blocked


def step(
    tx: Tx,
    row: EngagementRow,
    now: datetime,
    event: EngagementEvent,
    *,
    actor: Actor = SYSTEM,
    more: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Advance a locked engagement, write it and tell its client and its adviser. ILLEGAL_TRANSITION out of order."""
    before = row.state
    row.state = advance(ENGAGEMENT_LIFECYCLE, row.state, event)
    store.save(tx, row)
    data = {"kind": row.kind.value, "state": row.state.value, "before": before.value, **more}
    tell(tx, row, now, EVENT_TYPES[event], actor=actor, data=data)


def tell(tx: Tx, row: EngagementRow, now: datetime, kind: str, *, actor: Actor, data: Mapping[str, object]) -> None:
    """Emit an event for the client and the engaged adviser, who both know the listing."""
    sides = [row.client_organisation_id, row.adviser_organisation_id]
    audience = tuple(dict.fromkeys(side for side in sides if side is not None))
    event = Event(kind, row.id, audience, data, listing_id=row.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)


def tell_one(
    tx: Tx,
    row: EngagementRow,
    now: datetime,
    kind: str,
    organisation_id: str,
    *,
    actor: Actor,
    data: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Emit an event for one organisation alone, which may not know the listing: nothing in it leads there."""
    event = Event(kind, row.id, (organisation_id,), {"kind": row.kind.value, **data})
    emit(tx, now, event, actor_id=actor.user_id)
