"""Enter and change a draft. A draft may still break rules of the market; submitting names them all."""

from collections.abc import Callable
from datetime import datetime, timedelta

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.errors import FieldError, Invalid
from exchange.core.ids import new_id
from exchange.core.quantity import NavBasis
from exchange.custody import service as custody
from exchange.funds import service as funds
from exchange.funds.service import FundRow, NavStatementRow
from exchange.infra.database import Tx
from exchange.listings import store
from exchange.listings.draft import DraftChanges, DraftTerms
from exchange.listings.errors import ListingNotEditable, NavNotUsable
from exchange.listings.lifecycle import ListingEvent, ListingReason, ListingStatus
from exchange.listings.listing import EDITABLE
from exchange.listings.payment_plan import plan_document
from exchange.listings.pricing import check_tick, price_of
from exchange.listings.service import diligence
from exchange.listings.service.facts import latest_nav, offered_interest, require_party
from exchange.listings.service.progress import lock_listing, step, tell
from exchange.listings.service.reads import listing_of
from exchange.listings.tables import ListingRow
from exchange.parties import service as parties
from exchange.rulebook import service as rulebook

PLAIN = (
    "minimum_fill_minor",
    "all_or_none",
    "mode",
    "policy",
    "time_in_force",
    "opens_at",
    "closes_at",
    "cause",
    "first_refusal",
    "is_favourable_exit",
)
"""Terms that a change replaces as they are."""


def create_draft(tx: Tx, actor: Actor, now: datetime, *, terms: DraftTerms) -> ListingRow:
    """Enter a draft for a holding of the caller, or of a fund the caller manages. Nothing is frozen yet."""
    actor.require("listings:write")
    held, fund = offered_interest(tx, actor, terms.holding_id)
    nav = _usable_nav(latest_nav(tx, fund.id), fund)
    profile = rulebook.profile(terms.profile, market_date(now))
    price_ppm = price_of(terms.price, _basis(nav), _positive(terms.amount_minor), fund.currency, profile.tick_ppm.value)
    floor_ppm = _floor(terms.floor_price_ppm, price_ppm, profile.tick_ppm.value)
    state_owned = parties.is_state_owned(tx, held.holder_organisation_id)
    row = ListingRow(
        id=new_id("listing"),
        fund_id=fund.id,
        holding_id=held.id,
        seller_organisation_id=held.holder_organisation_id,
        entered_by=actor.user_id,
        entered_by_organisation_id=actor.organisation_id,
        profile=profile.name,
        mode=terms.mode or profile.default_mode.value,
        policy=terms.policy or profile.default_policy(state_owned=state_owned),
        seller_is_state_owned=state_owned,
        nav_statement_id=nav.id,
        amount_minor=terms.amount_minor,
        minimum_fill_minor=terms.minimum_fill_minor,
        all_or_none=terms.all_or_none,
        price_ppm=price_ppm,
        floor_price_ppm=floor_ppm,
        time_in_force=terms.time_in_force,
        cause=terms.cause,
        first_refusal=terms.first_refusal,
        is_favourable_exit=terms.is_favourable_exit,
        plan=plan_document(terms.payment.plan),
        plan_discount_ppm=terms.payment.rate_ppm(profile.equivalent_discount_ppm.value),
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        is_simulated=held.is_simulated,
        created_at=now,
    )
    store.add(tx, row)
    diligence.begin(tx, now, row)
    tell(tx, row, now, "listing.drafted", actor=actor)
    dies_at = now + timedelta(days=profile.draft_days.value)
    tell(tx, row, now, "listing.draft_expires", actor=actor, due_at=dies_at)
    return row


def edit_draft(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    listing_id: str,
    check_version: Callable[[int], None],
    changes: DraftChanges,
) -> ListingRow:
    """Change the terms of a draft or of a returned listing, whose frozen interest follows its amount."""
    actor.require("listings:write")
    seen = listing_of(tx, actor, listing_id)
    funds.lock_funds(tx, [seen.fund_id])
    row = lock_listing(tx, listing_id)
    require_party(actor, row)
    check_version(row.version)
    if row.status not in EDITABLE:
        raise ListingNotEditable(status=row.status.value)
    before = row.amount_minor
    _apply(tx, row, changes, now)
    if row.status is ListingStatus.RETURNED and row.amount_minor != before:
        _move_freeze(tx, actor, now, row, row.amount_minor - before)
    store.save(tx, row)
    diligence.restate(tx, now, row)
    tell(tx, row, now, "listing.edited", actor=actor)
    return row


def expire_draft(tx: Tx, now: datetime, *, listing_id: str) -> None:
    """End a draft that stood too long; does nothing to one that was submitted or edited into a later life."""
    row = lock_listing(tx, listing_id)
    if row.status is not ListingStatus.DRAFT:
        return
    profile = rulebook.profile(row.profile, market_date(now))
    if now >= row.created_at + timedelta(days=profile.draft_days.value):
        step(tx, row, now, ListingEvent.EXPIRE, actor=SYSTEM, reason=ListingReason.DRAFT_EXPIRED)


def _apply(tx: Tx, row: ListingRow, changes: DraftChanges, now: datetime) -> None:
    fund = funds.fund_facts(tx, row.fund_id)
    nav = funds.nav_statement_facts(tx, row.nav_statement_id)
    if changes.latest_nav:
        nav = _usable_nav(latest_nav(tx, fund.id), fund)
    profile = rulebook.profile(row.profile, market_date(now))
    tick_ppm = profile.tick_ppm.value
    row.nav_statement_id = nav.id
    if changes.amount_minor is not None:
        row.amount_minor = _positive(changes.amount_minor)
    if changes.price is not None:
        price_ppm = price_of(changes.price, _basis(nav), row.amount_minor, fund.currency, tick_ppm)
        if row.floor_price_ppm == row.price_ppm:  # no floor of its own: the price is the limit
            row.floor_price_ppm = price_ppm
        row.price_ppm = price_ppm
    if changes.floor_price_ppm is not None:
        row.floor_price_ppm = _floor(changes.floor_price_ppm, row.price_ppm, tick_ppm)
    if changes.payment is not None:
        row.plan = plan_document(changes.payment.plan)
        row.plan_discount_ppm = changes.payment.rate_ppm(profile.equivalent_discount_ppm.value)
    for name in PLAIN:
        value = getattr(changes, name)
        if value is not None:
            setattr(row, name, value)


def _move_freeze(tx: Tx, actor: Actor, now: datetime, row: ListingRow, delta_minor: int) -> None:
    shift = custody.freeze if delta_minor > 0 else custody.release
    shift(tx, actor, now, holding_id=row.holding_id, amount_minor=abs(delta_minor), reference_id=row.id)


def _usable_nav(nav: NavStatementRow | None, fund: FundRow) -> NavStatementRow:
    if nav is None or nav.nav_minor <= 0:
        raise NavNotUsable(fund=fund.name)
    return nav


def _basis(nav: NavStatementRow) -> NavBasis:
    return NavBasis(nav.nav_minor, nav.subscribed_minor)


def _floor(floor_price_ppm: int | None, price_ppm: int, tick_ppm: int) -> int:
    if floor_price_ppm is None:
        return price_ppm
    check_tick(floor_price_ppm, tick_ppm)
    return floor_price_ppm


def _positive(amount_minor: int) -> int:
    if amount_minor <= 0:
        raise Invalid(fields=(FieldError("/amount", "NUMBER_NOT_POSITIVE"),))
    return amount_minor
