"""The operators' side: publish, return, reject. Nobody reviews what his own side entered."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.errors import RulesBroken
from exchange.core.lifecycle import advance
from exchange.diligence.gate import Gate
from exchange.infra.database import Tx
from exchange.listings.errors import ReviewedByOwnSide
from exchange.listings.lifecycle import LISTING_LIFECYCLE, ListingEvent, ListingReason
from exchange.listings.offer import expires_at
from exchange.listings.service import diligence
from exchange.listings.service.clocks import start_correction_clock
from exchange.listings.service.facts import breaches_of, terms_of
from exchange.listings.service.first_refusal import call_partners
from exchange.listings.service.progress import lock_listing, release_interest, step, tell
from exchange.listings.tables import ListingRow


def publish(tx: Tx, actor: Actor, now: datetime, *, listing_id: str) -> ListingRow:
    """Approve a submitted listing: the rules are looked at again, its papers are in, the window's clocks start.

    The book is opened in reaction to ``listing.approved``.
    """
    row = _for_review(tx, actor, listing_id)
    advance(LISTING_LIFECYCLE, row.status, ListingEvent.APPROVE)
    if breaches := breaches_of(tx, row, now):
        raise RulesBroken(breaches=breaches, count=len(breaches))
    diligence.pass_gate(tx, actor, now, row, Gate.LIST_PUBLISH)
    row.reviewed_by, row.reviewed_at = actor.user_id, now
    step(tx, row, now, ListingEvent.APPROVE, actor=actor)
    call_partners(tx, actor, now, row)
    tell(tx, row, now, "listing.window_opens", actor=actor, due_at=row.opens_at)
    tell(tx, row, now, "listing.window_closes", actor=actor, due_at=row.closes_at)
    ends_at = expires_at(terms_of(row))
    if ends_at < row.closes_at:
        tell(tx, row, now, "listing.time_in_force_ends", actor=actor, due_at=ends_at)
    return row


def return_listing(tx: Tx, actor: Actor, now: datetime, *, listing_id: str, reason: str) -> ListingRow:
    """Give a submitted listing back for correction; its interest stays frozen."""
    row = _for_review(tx, actor, listing_id)
    step(tx, row, now, ListingEvent.RETURN, actor=actor, reason=ListingReason.RETURNED, note=reason)
    start_correction_clock(tx, row, now)
    return row


def reject(tx: Tx, actor: Actor, now: datetime, *, listing_id: str, reason: str) -> ListingRow:
    """Refuse a listing for good; its interest is released."""
    row = _for_review(tx, actor, listing_id)
    step(tx, row, now, ListingEvent.REJECT, actor=actor, reason=ListingReason.REJECTED, note=reason)
    release_interest(tx, now, listing_id, actor=actor)
    return row


def _for_review(tx: Tx, actor: Actor, listing_id: str) -> ListingRow:
    actor.require("listings:review")
    row = lock_listing(tx, listing_id)
    sides = {row.seller_organisation_id, row.entered_by_organisation_id}
    if actor.user_id == row.entered_by or actor.organisation_id in sides:
        raise ReviewedByOwnSide
    return row
