"""What a client may choose from when it asks for advice: its listings, the items to be fed, the papers to be opened."""

from dataclasses import dataclass

from exchange.access.actor import Actor
from exchange.diligence.conflicts import SELL_SIDE
from exchange.diligence.engagement import AdviserKind
from exchange.diligence.service.engagements.matter import client_side
from exchange.diligence.service.engagements.scope import feeding_faults, item_specs, room_faults
from exchange.diligence.store import engagements as store
from exchange.diligence.template import ItemSpec
from exchange.infra.database import Tx


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """``items``: what a report of this kind may feed for the client; ``papers``: what the client may open in the room.

    ``profile`` is the market profile of the listing.
    """

    items: tuple[ItemSpec, ...]
    papers: tuple[ItemSpec, ...]
    profile: str
    is_seller_side: bool


def askable_listings(tx: Tx, actor: Actor) -> list[str]:
    """The listings about which the caller may ask for advice: those it sells, manages or stands as a bidder of."""
    actor.require("engagements:write")
    return store.listings_of_client(tx, actor.organisation_id)


def options_of(tx: Tx, actor: Actor, *, listing_id: str, kind: AdviserKind) -> RequestOptions:
    """What a request for this kind of advice may name. LISTING_NOT_FOUND for whoever is no client of the listing."""
    actor.require("engagements:write")
    found = client_side(tx, listing_id, actor.organisation_id)
    specs = item_specs(found.checklist)
    codes = sorted(specs)
    unfed = {each.parameters["code"] for each in feeding_faults(found.checklist, kind, actor.organisation_id, codes)}
    shut = {each.parameters["code"] for each in room_faults(tx, found.checklist, actor.organisation_id, codes)}
    return RequestOptions(
        items=tuple(specs[code] for code in codes if code not in unfed),
        papers=tuple(specs[code] for code in codes if code not in shut),
        profile=found.checklist.profile,
        is_seller_side=found.side == SELL_SIDE,
    )
