"""The other partners are told of a listing in whose auction they exercise their right of first refusal (R-38).

They are told when it is published, over the exchange; the auction ends when their time to answer is over. Whoever was
told and did not bid has not exercised. A listing whose matches are offered after the bidding tells nobody here.
"""

from collections.abc import Mapping
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.terms import FirstRefusalMode
from exchange.custody import service as custody
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import store
from exchange.listings.lifecycle import TAKES_BIDS
from exchange.listings.service.facts import is_party
from exchange.listings.service.reads import listing_of
from exchange.listings.tables import ListingCallRow, ListingRow


def call_partners(tx: Tx, actor: Actor, now: datetime, row: ListingRow) -> None:
    """Tell every other partner of a listing that is being published; each gets an event and a line of the register."""
    if row.first_refusal is FirstRefusalMode.AFTER_BIDDING:
        return
    others = [held.holder_organisation_id for held in custody.partners_of(tx, row.fund_id)]
    calls = [
        ListingCallRow(
            id=new_id("listing_call"),
            listing_id=row.id,
            partner_organisation_id=partner,
            first_refusal=row.first_refusal,
            closes_at=row.closes_at,
            called_by=actor.user_id,
            called_at=now,
        )
        for partner in others
        if partner != row.seller_organisation_id
    ]
    store.add_calls(tx, calls)
    for call in calls:
        data: dict[str, object] = {
            "call_id": call.id,
            "first_refusal": row.first_refusal.value,
            "closes_at": row.closes_at.isoformat(),
        }
        audience = (call.partner_organisation_id,)
        event = Event("listing.partner_called", row.id, audience, data, listing_id=row.id)
        emit(tx, now, event, actor_id=actor.user_id)


def partners_called(tx: Tx, listing_id: str) -> Mapping[str, datetime]:
    """When each partner was last told of a listing, by organisation; for the deals that follow."""
    return {call.partner_organisation_id: call.called_at for call in store.calls(tx, listing_id)}


def calls_of(tx: Tx, actor: Actor, *, listing_id: str) -> list[ListingCallRow]:
    """Calls to a listing: all for its own side and those who watch, its own for a partner."""
    row = listing_of(tx, actor, listing_id)
    calls = store.calls(tx, listing_id)
    if actor.sees_everything or is_party(actor, row):
        return calls
    return [call for call in calls if call.partner_organisation_id == actor.organisation_id]


def calls_to(tx: Tx, actor: Actor) -> list[ListingCallRow]:
    """The newest call of the caller's organisation to each listing that still takes bids."""
    actor.require("listings:read")
    found = store.calls_to(tx, actor.organisation_id, TAKES_BIDS)
    return list({call.listing_id: call for call in found}.values())
