"""The seller's side: submit for review, withdraw."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.errors import RulesBroken
from exchange.core.lifecycle import advance
from exchange.custody import service as custody
from exchange.diligence.gate import Gate
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.listings.lifecycle import FREEZING, LISTING_LIFECYCLE, ListingEvent, ListingReason
from exchange.listings.service import diligence
from exchange.listings.service.clocks import start_review_clock
from exchange.listings.service.facts import breaches_of, require_party
from exchange.listings.service.progress import lock_listing, release_interest, step
from exchange.listings.service.reads import listing_of
from exchange.listings.tables import ListingRow


def submit(tx: Tx, actor: Actor, now: datetime, *, listing_id: str) -> ListingRow:
    """Put a draft before the operators and freeze its interest in custody.

    RULES_BROKEN lists every rule the terms break, GATE_BLOCKED every paper that is missing; then nothing is frozen and
    nothing changes.
    """
    actor.require("listings:write")
    row = _own_locked(tx, actor, listing_id)
    advance(LISTING_LIFECYCLE, row.status, ListingEvent.SUBMIT)
    if breaches := breaches_of(tx, row, now):
        raise RulesBroken(breaches=breaches, count=len(breaches))
    diligence.pass_gate(tx, actor, now, row, Gate.LIST_SUBMIT)
    missing = row.amount_minor - custody.frozen_for(tx, row.holding_id, row.id)
    if missing > 0:
        custody.freeze(tx, actor, now, holding_id=row.holding_id, amount_minor=missing, reference_id=row.id)
    row.submitted_at = now
    step(tx, row, now, ListingEvent.SUBMIT, actor=actor)
    start_review_clock(tx, row, now)
    return row


def withdraw(tx: Tx, actor: Actor, now: datetime, *, listing_id: str, reason: str) -> ListingRow:
    """Take a listing back. Without a book its interest is free at once, with one as soon as matching has stopped."""
    actor.require("listings:write")
    row = _own_locked(tx, actor, listing_id)
    before = row.status
    step(tx, row, now, ListingEvent.WITHDRAW, actor=actor, reason=ListingReason.WITHDRAWN, note=reason)
    if before in FREEZING and row.book_id is None:
        release_interest(tx, now, listing_id, actor=actor)
    return row


def _own_locked(tx: Tx, actor: Actor, listing_id: str) -> ListingRow:
    """The listing of the caller's side, its fund locked before it."""
    seen = listing_of(tx, actor, listing_id)
    funds.lock_funds(tx, [seen.fund_id])
    row = lock_listing(tx, listing_id)
    require_party(actor, row)
    return row
