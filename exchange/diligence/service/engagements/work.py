"""An engagement at work: it starts with the adviser's access to the room, and ends that access when it ends."""

from datetime import datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import end_of_market_day
from exchange.diligence.advice_errors import EngagementNotFound, RoomScopeTooWide
from exchange.diligence.conflicts import SELL_SIDE
from exchange.diligence.engagement import AT_WORK, EngagementEvent, EngagementState
from exchange.diligence.service.engagements.matter import side_of
from exchange.diligence.service.engagements.scope import room_faults
from exchange.diligence.service.engagements.steps import locked, locked_for_client, step
from exchange.diligence.store import advice_grants
from exchange.diligence.store import engagements as store
from exchange.diligence.tables.advice import EngagementRow
from exchange.diligence.tables.rooms import RoomRow
from exchange.infra.database import Tx


def start(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str) -> EngagementRow:
    """Let the work begin once the engagement letter is signed: the adviser sees its part of the room, until its day.

    ROOM_SCOPE_TOO_WIDE when the client may not, or not any more, open what the request names: a bidder opens only what
    it sees itself, under the agreement it has signed. Without a room the access begins when the room is opened.
    """
    row = locked_for_client(tx, actor, engagement_id)
    step(tx, row, now, EngagementEvent.START, actor=actor)
    room = advice_grants.room_of_listing(tx, row.listing_id)
    if room is not None and not _let_in(tx, now, row, room, granted_by=actor.user_id):
        raise RoomScopeTooWide
    return row


def let_in(tx: Tx, now: datetime, *, listing_id: str) -> None:
    """A room was opened: advisers whose work began before it get their access now, but for what is not their client's
    to open. Repeating it does nothing."""
    room = advice_grants.room_of_listing(tx, listing_id)
    if room is None:
        return
    for each in store.at_work(tx, listing_id, AT_WORK):
        row = locked(tx, each.id)
        if row.state in AT_WORK and not advice_grants.has_grants(tx, row.id):
            _let_in(tx, now, row, room, granted_by=row.requested_by)


def shut_out(tx: Tx, now: datetime, *, listing_id: str) -> None:
    """The bidding is over: the advisers of bidders that did not buy leave the room with their clients."""
    room = advice_grants.room_of_listing(tx, listing_id)
    checklist = store.checklist(tx, listing_id)
    if room is None or checklist is None or room.awarded_at is None:
        return
    for row in store.at_work(tx, listing_id, AT_WORK):
        client_id = row.client_organisation_id
        if side_of(checklist, client_id) != SELL_SIDE and client_id not in room.winners:
            advice_grants.revoke_for_engagement(tx, now, row.id, revoked_by=SYSTEM.user_id)


def close(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str) -> EngagementRow:
    """End an accepted or a disputed engagement, and the adviser's access with it; the client, or an operator."""
    if "advisers:admit" in actor.permissions:
        row = locked(tx, engagement_id)
        if row.state is EngagementState.DRAFT:
            raise EngagementNotFound
    else:
        row = locked_for_client(tx, actor, engagement_id)
    step(tx, row, now, EngagementEvent.CLOSE, actor=actor)
    advice_grants.revoke_for_engagement(tx, now, row.id, revoked_by=actor.user_id)
    return row


def _let_in(tx: Tx, now: datetime, row: EngagementRow, room: RoomRow, *, granted_by: str) -> bool:
    """Grant what the request names; False when the client may not."""
    if not row.room_codes:
        return True
    checklist = store.checklists(tx, [row.listing_id])[row.listing_id]
    client_id = row.client_organisation_id
    is_bidder = side_of(checklist, client_id) != SELL_SIDE
    if is_bidder and not advice_grants.has_signed(tx, room, client_id):
        return False
    if room_faults(tx, checklist, client_id, row.room_codes):
        return False
    quoted = next((each for each in store.unsealed_quotes(tx, [row.id]) if each.id == row.quote_id), None)
    until = max(row.deliver_until, quoted.deliver_until) if quoted else row.deliver_until
    advice_grants.grant_for_engagement(
        tx, now, row, room, codes=row.room_codes, ends_at=end_of_market_day(until), granted_by=granted_by
    )
    return True
