"""Routes that move a listing and its book together: a later close, and taking it back to change it."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.core.errors import IllegalTransition, RulesBroken
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.listings import service as listings
from exchange.listings.api.listings import listing_view
from exchange.listings.errors import ListingHasProposals, ListingNotFound, NotListingParty
from exchange.listings.schemas.listings import Extend, ListingView, WithReason
from exchange.matching.api.halts import WRITES
from exchange.matching.service import amendment
from exchange.matching.service import extension as service
from exchange.rest.deps import WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["listings"])

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]


@router.post(
    "/listings/{listing_id}:extend",
    operation_id="extend_listing",
    openapi_extra=needs("listings:write"),
    response_model=ListingView,
    responses=responses(*WRITES, ListingNotFound, NotListingParty, IllegalTransition, RulesBroken),
)
def extend_listing(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: Extend
) -> Response:
    """A later close for a listing without a bid, nothing else changed; one that ended without a bid opens again."""

    def work() -> ListingView:
        now = business_now(tx)
        row = service.extend(tx, actor, now, listing_id=listing_id, closes_at=body.closes_at)
        return listing_view(listings.described(tx, actor, [row])[0])

    return once(tx, actor, f"extend_listing {listing_id}", key, body, work).response()


@router.post(
    "/listings/{listing_id}:amend",
    operation_id="amend_listing",
    openapi_extra=needs("listings:write"),
    response_model=ListingView,
    responses=responses(*WRITES, ListingNotFound, NotListingParty, IllegalTransition, RulesBroken, ListingHasProposals),
)
def amend_listing(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: WithReason
) -> Response:
    """Take a published listing back to change what is announced; it is reviewed again and its whole period starts anew.

    Bids end and their deposits are free. A state-owned seller first files its body's approval of the change (R-45).
    """

    def work() -> ListingView:
        row = amendment.amend_listing(tx, actor, business_now(tx), listing_id=listing_id, reason=body.reason)
        return listing_view(listings.described(tx, actor, [row])[0])

    return once(tx, actor, f"amend_listing {listing_id}", key, body, work).response()
