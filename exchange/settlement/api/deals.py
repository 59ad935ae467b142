"""Routes of deals: the list and one deal."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS
from exchange.core.errors import ExchangeError, Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.core.quantity import price_text
from exchange.infra.database import Tx
from exchange.rest.deps import ReadTx
from exchange.rest.etags import etag
from exchange.rest.numbers import MoneyView
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.rulebook.service import is_provisional
from exchange.settlement.deal import DealStatus, allowed
from exchange.settlement.errors import DealNotFound
from exchange.settlement.schemas.deals import DealView
from exchange.settlement.service import reads
from exchange.settlement.service.reads import DealRow

router = APIRouter(prefix="/api/v1", tags=["deals"])

DealPath = Annotated[str, Path(pattern=f"^{id_pattern('deal')}$")]
ListingFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('listing')}$")]

READS: tuple[type[ExchangeError], ...] = (Unauthenticated, *REFUSALS, Forbidden, Invalid)


@router.get("/deals", openapi_extra=needs("deals:read"), responses=responses(*READS, CursorInvalid))
def list_deals(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    listing_id: ListingFilter = None,
    status: DealStatus | None = None,
) -> Page[DealView]:
    """Deals of the caller's organisation as buyer, seller or manager, newest first; all for those who watch."""
    scope = f"deals:{listing_id}:{status}"
    key = page.after(scope)
    rows = reads.deals_of(
        tx,
        actor,
        listing_id=listing_id,
        statuses=[status] if status else [],
        before=str(key[0]) if key else None,
        limit=page.limit + 1,
    )
    return page_of(rows, page, scope, lambda row: [row.id], lambda row: view_of(tx, row))


@router.get("/deals/{deal_id}", openapi_extra=needs("deals:read"), responses=responses(*READS, DealNotFound))
def get_deal(tx: ReadTx, actor: CurrentActor, deal_id: DealPath, response: Response) -> DealView:
    """A deal: its terms, where it stands, what may happen next and by when."""
    row = reads.deal_of(tx, actor, deal_id)
    response.headers["ETag"] = etag(row.version)
    return view_of(tx, row)


def view_of(tx: Tx, row: DealRow) -> DealView:
    """A deal as the API shows it."""
    values = {name: getattr(row, name) for name in DealView.model_fields if hasattr(row, name)}
    return DealView(
        **{
            **values,
            "price": price_text(row.price_ppm),
            "amount": MoneyView.of(row.amount_minor, row.currency),
            "base": MoneyView.of(row.base_minor, row.currency),
            "deposit": MoneyView.of(row.deposit_minor, row.currency),
            "allowed": allowed(row.status),
            "due_is_provisional": is_provisional(tx, row.due_at),
        }
    )
