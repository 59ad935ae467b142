"""What follows a listing without a buyer: its window is extended as it stands, or it is listed anew (rulebook 4.1).

An extension changes nothing but the close. A relisting is a new draft with the old terms, a new window and perhaps a
new price; it goes through the whole review, and for a state-owned seller the first listing's price and date bind it.
"""

from datetime import datetime, timedelta

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach, RulesBroken
from exchange.core.lifecycle import advance
from exchange.core.quantity import price_text
from exchange.infra.database import Tx
from exchange.listings.draft import DraftTerms, PlanTerms
from exchange.listings.errors import ListingNotUnsold
from exchange.listings.lifecycle import (
    LISTING_LIFECYCLE,
    UNSOLD,
    ListingEvent,
    ListingReason,
    ListingStatus,
)
from exchange.listings.payment_plan import plan_from_document
from exchange.listings.pricing import PriceInput
from exchange.listings.service.drafts import create_draft
from exchange.listings.service.facts import facts_of, require_party, rules_of, terms_of
from exchange.listings.service.progress import lock_listing, release_interest, step, tell
from exchange.listings.service.reads import listing_of
from exchange.listings.tables import ListingRow
from exchange.listings.terms import check_extension
from exchange.rulebook import service as rulebook


def extend_window(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, closes_at: datetime, has_bids: bool
) -> ListingRow:
    """Move the close of a listing without a bid; one that ended without a bid opens again at once.

    RULES_BROKEN with every rule the new close breaks. ``has_bids`` is what its book says.
    """
    actor.require("listings:write")
    listing_of(tx, actor, listing_id)
    row = lock_listing(tx, listing_id)
    require_party(actor, row)
    advance(LISTING_LIFECYCLE, row.status, ListingEvent.EXTEND)
    rules = rules_of(tx, row, now)
    breaches = check_extension(terms_of(row), facts_of(tx, row, now), rules, closes_at)
    if has_bids:
        breaches = (Breach(rules.profile.extension_working_days.rule_id, "EXTENSION_HAS_BIDS"), *breaches)
    if breaches:
        raise RulesBroken(breaches=breaches, count=len(breaches))
    reopens = row.status is ListingStatus.NO_BID
    row.closes_at = closes_at
    if reopens:
        row.opens_at, row.book_id = now, None
    step(tx, row, now, ListingEvent.EXTEND, actor=actor)
    if reopens:
        tell(tx, row, now, "listing.window_opens", actor=actor, due_at=now)
    tell(tx, row, now, "listing.window_closes", actor=actor, due_at=closes_at)
    return row


def relist(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    listing_id: str,
    opens_at: datetime,
    closes_at: datetime,
    price: PriceInput | None = None,
    floor_price_ppm: int | None = None,
) -> ListingRow:
    """A new draft on the terms of a listing that found no buyer. LISTING_NOT_UNSOLD for any other.

    What the old one still keeps frozen is released. The floor follows the price unless it is given.
    """
    actor.require("listings:write")
    listing_of(tx, actor, listing_id)
    row = lock_listing(tx, listing_id)
    require_party(actor, row)
    if row.status not in UNSOLD or row.reviewed_at is None:
        raise ListingNotUnsold(status=row.status.value)
    _require_wait(row, now)
    if row.status is ListingStatus.NO_BID:
        step(tx, row, now, ListingEvent.EXPIRE, actor=actor, reason=ListingReason.RELISTED)
        release_interest(tx, now, listing_id, actor=actor)
    floor = floor_price_ppm if price is not None or floor_price_ppm is not None else row.floor_price_ppm
    terms = DraftTerms(
        holding_id=row.holding_id,
        profile=row.profile,
        amount_minor=row.amount_minor,
        price=price or PriceInput(ratio=price_text(row.price_ppm)),
        opens_at=opens_at,
        closes_at=closes_at,
        mode=row.mode,
        policy=row.policy,
        floor_price_ppm=floor,
        minimum_fill_minor=row.minimum_fill_minor,
        all_or_none=row.all_or_none,
        time_in_force=row.time_in_force,
        payment=PlanTerms(plan_from_document(row.plan), row.plan_discount_ppm is not None, row.plan_discount_ppm),
        cause=row.cause,
        first_refusal=row.first_refusal,
        is_favourable_exit=row.is_favourable_exit,
    )
    draft = create_draft(tx, actor, now, terms=terms)
    draft.relisted_from = row.id
    tx.flush()
    tell(tx, row, now, "listing.relisted", actor=actor, more={"draft_id": draft.id})
    return draft


def _require_wait(row: ListingRow, now: datetime) -> None:
    rule = rulebook.profile(row.profile, market_date(now)).relist_wait_days
    free_at = (row.ended_at or row.closes_at) + timedelta(days=rule.value)
    if rule.value and now < free_at:
        day = market_date(free_at)
        breach = Breach(rule.rule_id, "RELIST_TOO_SOON", {"n": str(rule.value), "date": day.isoformat()}, day)
        raise RulesBroken(breaches=(breach,), count=1)
