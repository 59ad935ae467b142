"""Routes of the calls by which partners learn of auctions in which they may buy first."""

from fastapi import APIRouter

from exchange.access.api import CurrentActor
from exchange.listings.api.listings import READ, ListingPath
from exchange.listings.schemas.calls import ListingCallList, ListingCallView
from exchange.listings.service import first_refusal as service
from exchange.rest.deps import ReadTx
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(tags=["listings"])


@router.get(
    "/listing-calls", operation_id="list_own_calls", openapi_extra=needs("listings:read"), responses=responses(*READ)
)
def list_own_calls(tx: ReadTx, actor: CurrentActor) -> ListingCallList:
    """Auctions that still run in which the caller's organisation may buy first as a partner (R-38)."""
    return ListingCallList(items=[ListingCallView.of(row) for row in service.calls_to(tx, actor)])


@router.get(
    "/listings/{listing_id}/calls",
    operation_id="list_listing_calls",
    openapi_extra=needs("listings:read"),
    responses=responses(*READ),
)
def list_listing_calls(tx: ReadTx, actor: CurrentActor, listing_id: ListingPath) -> ListingCallList:
    """Who was told of a listing, and when: all for its own side and those who watch; a partner reads its own call."""
    rows = service.calls_of(tx, actor, listing_id=listing_id)
    return ListingCallList(items=[ListingCallView.of(row) for row in rows])
