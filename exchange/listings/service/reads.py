"""Queries: the market list, one listing, and which gates stand open before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.errors import Breach
from exchange.diligence.service.gates import gate_states
from exchange.diligence.verdict import GateVerdict
from exchange.funds import service as funds
from exchange.funds.service import FundRow, NavStatementRow
from exchange.infra.database import Tx
from exchange.listings import store
from exchange.listings.errors import ListingNotFound
from exchange.listings.listing import UNPUBLISHED
from exchange.listings.offer import expires_at
from exchange.listings.service.facts import (
    breaches_of,
    facts_of,
    filed_value,
    is_party,
    require_party,
    rules_of,
    terms_of,
)
from exchange.listings.store import ListingFilter
from exchange.listings.tables import ListingRow
from exchange.listings.terms import nav_age_days


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition: shut while ``breaches`` names a reason; ``warnings`` do not shut it."""

    name: str
    breaches: tuple[Breach, ...]
    warnings: tuple[Breach, ...] = ()

    @property
    def is_open(self) -> bool:
        """Nothing stands in the way."""
        return not self.breaches


@dataclass(frozen=True, slots=True)
class ListedInterest:
    """A listing with what its price refers to, as one caller may see it."""

    row: ListingRow
    fund: FundRow
    nav: NavStatementRow
    expires_at: datetime
    is_own: bool
    shows_seller: bool


def described(tx: Tx, actor: Actor, rows: Sequence[ListingRow]) -> list[ListedInterest]:
    """Listings with their funds and pinned statements, in two queries whatever their number."""
    known = funds.funds_by_id(tx, sorted({row.fund_id for row in rows}))
    pinned = funds.nav_statements_by_id(tx, sorted({row.nav_statement_id for row in rows}))
    return [
        ListedInterest(
            row=row,
            fund=known[row.fund_id],
            nav=pinned[row.nav_statement_id],
            expires_at=expires_at(terms_of(row)),
            is_own=is_party(actor, row),
            shows_seller=actor.sees_everything or is_party(actor, row),
        )
        for row in rows
    ]


def listing_of(tx: Tx, actor: Actor, listing_id: str) -> ListingRow:
    """A listing the caller may see: any published one; an unpublished one of its own side; operators see all."""
    actor.require("listings:read")
    row = store.listing(tx, listing_id)
    if row is None or not _may_see(actor, row):
        raise ListingNotFound
    return row


def listings_of(
    tx: Tx, actor: Actor, wanted: ListingFilter, *, before: str | None = None, limit: int = 200
) -> list[ListingRow]:
    """The market list as the caller may see it, newest first."""
    actor.require("listings:read")
    visible_to = None if actor.sees_everything else actor.organisation_id
    return store.listings(tx, wanted, visible_to=visible_to, before=before, limit=limit)


def gates_of(tx: Tx, actor: Actor, now: datetime, *, listing_id: str) -> list[Gate]:
    """The gates of a listing for its own side and for operators; a stranger to it gets 404."""
    row = listing_of(tx, actor, listing_id)
    if not (actor.sees_everything or is_party(actor, row)):
        raise ListingNotFound
    breaches = breaches_of(tx, row, now)
    waits = () if row.reviewed_at else (Breach("R-09", "REVIEW_OPEN"),)
    return [
        Gate("submission", breaches, (*_nav_warnings(tx, row, now), *_appraisal_warnings(tx, row, now))),
        Gate("review", breaches if row.status in UNPUBLISHED else (), ()),
        Gate("publication", waits, ()),
    ]


@dataclass(frozen=True, slots=True)
class GatesSeen:
    """The gates of a listing as one caller may see them: those of its rules and those of its papers."""

    rules: tuple[Gate, ...]
    checklist: tuple[GateVerdict, ...]


def gates_seen_by(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, organisation_id: str | None = None
) -> GatesSeen:
    """All gates for the listing's own side and for operators; those of its papers alone for a bidder, for itself.

    Operators name any bidder, the own side none: what a bidder brings before its award is its own. LISTING_NOT_FOUND
    for everybody else.
    """
    row = listing_of(tx, actor, listing_id)
    is_inside = actor.sees_everything or is_party(actor, row)
    if not is_inside:
        if "orders:write" not in actor.permissions:
            raise ListingNotFound
        organisation_id = organisation_id or actor.organisation_id
    if organisation_id is not None and not (actor.sees_everything or organisation_id == actor.organisation_id):
        raise ListingNotFound
    told = gate_states(tx, now, listing_id=listing_id, organisation_id=organisation_id, actor=actor)
    rules = gates_of(tx, actor, now, listing_id=listing_id) if is_inside else []
    return GatesSeen(tuple(rules), told)


def check_submission(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str
) -> tuple[tuple[Breach, ...], tuple[GateVerdict, ...]]:
    """The rules a submission would break now, and the gates of its papers; for the listing's side and for operators."""
    row = listing_of(tx, actor, listing_id)
    if not actor.sees_everything:
        require_party(actor, row)
    told = gate_states(tx, now, listing_id=listing_id, organisation_id=None, actor=actor)
    return breaches_of(tx, row, now), told


def _nav_warnings(tx: Tx, row: ListingRow, now: datetime) -> tuple[Breach, ...]:
    """An ageing NAV does not shut the gate, but the reviewing operator must know of it (R-50)."""
    facts, profile = facts_of(tx, row, now), rules_of(tx, row, now).profile
    age = nav_age_days(facts, now)
    for limit, code in ((profile.nav_waiver_days, "NAV_NEEDS_WAIVER"), (profile.nav_warning_days, "NAV_AGEING")):
        if limit.value < age <= profile.nav_block_days.value:
            numbers = {"date": facts.nav_as_of.isoformat(), "n": str(limit.value), "age": str(age)}
            return (Breach(limit.rule_id, code, numbers),)
    return ()


def _appraisal_warnings(tx: Tx, row: ListingRow, now: datetime) -> tuple[Breach, ...]:
    """A state-owned seller without a filed appraisal has no floor to be held to; the reviewing operator must know."""
    if not row.seller_is_state_owned or filed_value(tx, row, now) is not None:
        return ()
    return (Breach(rules_of(tx, row, now).profile.state_owned_floor_ppm.rule_id, "APPRAISAL_NOT_FILED"),)


def _may_see(actor: Actor, row: ListingRow) -> bool:
    published = row.reviewed_at is not None and row.status not in UNPUBLISHED
    return published or actor.sees_everything or is_party(actor, row)
