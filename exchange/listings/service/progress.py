"""What the matching of a listing's book does to the listing. Called by other services, not by people."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from exchange.access.actor import SYSTEM, Actor
from exchange.core.events import MARKET, Event
from exchange.core.lifecycle import advance
from exchange.core.quantity import NavBasis
from exchange.custody import service as custody
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import store
from exchange.listings.errors import ListingNotFound
from exchange.listings.lifecycle import (
    FREEZING,
    LISTING_LIFECYCLE,
    UNSOLD,
    ListingEvent,
    ListingReason,
    ListingStatus,
)
from exchange.listings.listing import UNPUBLISHED, ListingFacts
from exchange.listings.offer import expires_at
from exchange.listings.service.facts import terms_of
from exchange.listings.tables import ListingRow

EVENT_TYPES = {
    ListingEvent.START_PRIORITY_WINDOW: "listing.priority_window_started",
    ListingEvent.OPEN: "listing.opened",
    ListingEvent.LOCK: "listing.locked",
    ListingEvent.HALT: "listing.halted",
    ListingEvent.LIFT: "listing.resumed",
    ListingEvent.CLOSE: "listing.window_closed",
    ListingEvent.PROPOSE_AWARD: "listing.award_proposed",
    ListingEvent.FIND_NO_BID: "listing.no_bid",
    ListingEvent.ACCEPT_AWARD: "listing.awarded",
    ListingEvent.REFUSE_AWARD: "listing.award_refused",
    ListingEvent.COMPLETE: "listing.completed",
    ListingEvent.WITHDRAW: "listing.withdrawn",
    ListingEvent.EXPIRE: "listing.expired",
    ListingEvent.EXTEND: "listing.extended",
    ListingEvent.SUBMIT: "listing.submitted",
    ListingEvent.RETURN: "listing.returned",
    ListingEvent.REJECT: "listing.rejected",
    ListingEvent.APPROVE: "listing.approved",
    ListingEvent.AMEND: "listing.amended",
    ListingEvent.FALL_THROUGH: "listing.fell_through",
}


def lock_listing(tx: Tx, listing_id: str) -> ListingRow:
    """The listing, locked until the end of the transaction. Lock order: fund, listing, book, accounts by id."""
    row = store.lock_listing(tx, listing_id)
    if row is None:
        raise ListingNotFound
    return row


def listing_facts(tx: Tx, listing_id: str) -> ListingFacts:
    """What a book is opened from: the terms, the seller, the pinned NAV, the fund's currency and risk rating."""
    row = store.listing(tx, listing_id)
    if row is None:
        raise ListingNotFound
    fund = funds.fund_facts(tx, row.fund_id)
    nav = funds.nav_statement_facts(tx, row.nav_statement_id)
    return ListingFacts(
        id=row.id,
        fund_id=row.fund_id,
        holding_id=row.holding_id,
        seller_organisation_id=row.seller_organisation_id,
        entered_by=row.entered_by,
        entered_by_organisation_id=row.entered_by_organisation_id,
        profile=row.profile,
        mode=row.mode,
        policy=row.policy,
        seller_is_state_owned=row.seller_is_state_owned,
        nav_statement_id=row.nav_statement_id,
        basis=NavBasis(nav.nav_minor, nav.subscribed_minor),
        currency=fund.currency,
        fund_risk_rating=fund.risk_rating,
        amount_minor=row.amount_minor,
        minimum_fill_minor=row.minimum_fill_minor,
        all_or_none=row.all_or_none,
        price_ppm=row.price_ppm,
        floor_price_ppm=row.floor_price_ppm,
        time_in_force=row.time_in_force,
        plan=row.plan,
        plan_discount_ppm=row.plan_discount_ppm,
        cause=row.cause,
        first_refusal=row.first_refusal,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        expires_at=expires_at(terms_of(row)),
        status=row.status,
        book_id=row.book_id,
        is_simulated=row.is_simulated,
    )


def attach_book(tx: Tx, listing_id: str, book_id: str) -> None:
    """Remember the book in which the listing is matched."""
    row = lock_listing(tx, listing_id)
    row.book_id = book_id
    store.save(tx, row)


def detach_book(tx: Tx, listing_id: str) -> None:
    """Forget the book of a listing that was taken back; it gets a new one when it is published again."""
    row = lock_listing(tx, listing_id)
    row.book_id = None
    store.save(tx, row)


def advance_listing(
    tx: Tx,
    now: datetime,
    listing_id: str,
    event: ListingEvent,
    *,
    actor: Actor = SYSTEM,
    reason: ListingReason | None = None,
    note: str = "",
    sold_minor: int = 0,
) -> ListingRow:
    """Take the listing one step on and tell; ILLEGAL_TRANSITION when its status does not allow the event.

    A step out of the freezing statuses releases the interest but for ``sold_minor``: what proposals and trades
    have taken of it.
    """
    row = lock_listing(tx, listing_id)
    before = row.status
    step(tx, row, now, event, actor=actor, reason=reason, note=note)
    if before in FREEZING and row.status not in FREEZING:
        release_interest(tx, now, listing_id, actor=actor, sold_minor=sold_minor)
    return row


def release_interest(tx: Tx, now: datetime, listing_id: str, *, actor: Actor = SYSTEM, sold_minor: int = 0) -> int:
    """Release what the listing keeps frozen beyond ``sold_minor``; returns the amount. Repeating it does nothing.

    A withdrawn listing that has a book stays frozen until its matching calls this, when nothing can match any more.
    """
    row = lock_listing(tx, listing_id)
    surplus = custody.frozen_for(tx, row.holding_id, row.id) - (sold_minor - row.settled_minor)
    if surplus <= 0:
        return 0
    custody.release(tx, actor, now, holding_id=row.holding_id, amount_minor=surplus, reference_id=row.id)
    return surplus


def note_settled(tx: Tx, listing_id: str, delta_minor: int) -> None:
    """Remember that a deal moved a sold amount out of the freeze (positive) or put it back for another (negative)."""
    row = lock_listing(tx, listing_id)
    row.settled_minor += delta_minor
    store.save(tx, row)


def step(
    tx: Tx,
    row: ListingRow,
    now: datetime,
    event: ListingEvent,
    *,
    actor: Actor,
    reason: ListingReason | None = None,
    note: str = "",
) -> None:
    """Advance a locked listing, write it and emit the event to those who may know. ``note``: a person's own words."""
    before = row.status
    row.status = advance(LISTING_LIFECYCLE, row.status, event)
    row.status_reason, row.status_note = reason.value if reason else "", note
    if row.status is not before:
        row.ended_at = now if row.status in UNSOLD else None
    store.save(tx, row)
    tell(tx, row, now, EVENT_TYPES[event], actor=actor, before=before)


def tell(
    tx: Tx,
    row: ListingRow,
    now: datetime,
    kind: str,
    *,
    actor: Actor,
    before: ListingStatus | None = None,
    due_at: datetime | None = None,
    more: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Emit one event about a listing; the market hears of it once it is published."""
    published = row.reviewed_at is not None and row.status not in UNPUBLISHED
    sides = tuple(dict.fromkeys((row.seller_organisation_id, row.entered_by_organisation_id)))
    data = {
        "fund_id": row.fund_id,
        "status": row.status.value,
        "before": before.value if before else None,
        "mode": row.mode.value,
        "version": row.version,
        **more,
    }
    event = Event(kind, row.id, (MARKET,) if published else sides, data, book_id=row.book_id, listing_id=row.id)
    emit(tx, now, event, actor_id=actor.user_id, due_at=due_at)
