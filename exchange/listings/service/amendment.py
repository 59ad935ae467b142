"""A seller changes what is announced: the listing goes back, is reviewed again, and its period starts anew.

A state-owned seller needs its body's written approval of the change (R-45). Bids end with the book; their deposits are
free. Extending an unchanged announcement is no amendment.
"""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach, RulesBroken
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.listings.errors import ListingHasProposals
from exchange.listings.lifecycle import LISTING_LIFECYCLE, ListingEvent, ListingReason
from exchange.listings.service.approvals import use_change_approval
from exchange.listings.service.clocks import start_correction_clock
from exchange.listings.service.facts import require_party
from exchange.listings.service.progress import lock_listing, step
from exchange.listings.service.reads import listing_of
from exchange.listings.tables import ListingRow
from exchange.rulebook import service as rulebook


def take_back_to_amend(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, reason: str, has_matches: bool
) -> ListingRow:
    """Take a published listing back to be changed; its interest stays frozen, its book ends with it.

    ``has_matches`` is what its book says: LISTING_HAS_PROPOSALS when something of it is matched. RULES_BROKEN
    (R-45) when a state-owned seller has no verified approval of a change.
    """
    actor.require("listings:write")
    listing_of(tx, actor, listing_id)
    row = lock_listing(tx, listing_id)
    require_party(actor, row)
    advance(LISTING_LIFECYCLE, row.status, ListingEvent.AMEND)
    if has_matches:
        raise ListingHasProposals
    if row.seller_is_state_owned and not use_change_approval(tx, actor, now, row):
        rule = rulebook.profile(row.profile, market_date(now)).state_owned_notice_working_days
        raise RulesBroken(breaches=(Breach(rule.rule_id, "CHANGE_NEEDS_APPROVAL"),), count=1)
    step(tx, row, now, ListingEvent.AMEND, actor=actor, reason=ListingReason.AMENDED, note=reason)
    start_correction_clock(tx, row, now)
    return row
