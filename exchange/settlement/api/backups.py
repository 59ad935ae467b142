"""Routes of offers to backups: the list, one offer, taking and declining it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from exchange.access.api import CurrentActor
from exchange.core.errors import RulesBroken
from exchange.core.ids import id_pattern
from exchange.diligence.errors import ChecklistNotFound, GateBlocked
from exchange.infra.clock import business_now
from exchange.ledger.errors import FundsNotCovered
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import etag
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.settlement.api.closing import WRITES
from exchange.settlement.api.deals import READS, ListingFilter, view_of
from exchange.settlement.backup import BackupStatus
from exchange.settlement.duty_errors import BackupOfferLapsed, BackupOfferNotFound
from exchange.settlement.schemas.deals import DealView
from exchange.settlement.schemas.duties import BackupOfferView, Declining
from exchange.settlement.service import backups

router = APIRouter(prefix="/api/v1", tags=["deals"])

OfferPath = Annotated[str, Path(pattern=f"^{id_pattern('backup_offer')}$")]
StatusFilter = Annotated[BackupStatus | None, Query()]


@router.get("/backup-offers", openapi_extra=needs("deals:read"), responses=responses(*READS, CursorInvalid))
def list_backup_offers(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    listing_id: ListingFilter = None,
    status: StatusFilter = None,
) -> Page[BackupOfferView]:
    """Offers after deals fell away, newest first: to the caller's organisation or of its own sales, or all."""
    scope = f"backup_offers:{listing_id}:{status}"
    key = page.after(scope)
    rows = backups.offers_of(
        tx, actor, listing_id=listing_id, status=status, before=str(key[0]) if key else None, limit=page.limit + 1
    )
    return page_of(list(rows), page, scope, lambda row: [row.id], BackupOfferView.of)


@router.get(
    "/backup-offers/{offer_id}", openapi_extra=needs("deals:read"), responses=responses(*READS, BackupOfferNotFound)
)
def get_backup_offer(tx: ReadTx, actor: CurrentActor, offer_id: OfferPath, response: Response) -> BackupOfferView:
    """One offer: at which price, up to which amount, and by when to answer."""
    row = backups.offer_of(tx, actor, offer_id)
    response.headers["ETag"] = etag(row.version)
    return BackupOfferView.of(row)


@router.post(
    "/backup-offers/{offer_id}:accept",
    response_model=DealView,
    openapi_extra=needs("deals:act"),
    responses=responses(
        *WRITES, BackupOfferNotFound, BackupOfferLapsed, RulesBroken, GateBlocked, ChecklistNotFound, FundsNotCovered
    ),
)
def accept_backup_offer(tx: WriteTx, actor: CurrentActor, offer_id: OfferPath, key: IdempotencyKey) -> Response:
    """Take the place of the buyer who fell away, at one's own price: the deposit is held and a deal opens."""

    def work() -> DealView:
        return view_of(tx, backups.accept(tx, actor, business_now(tx), offer_id=offer_id))

    return once(tx, actor, f"accept_backup_offer {offer_id}", key, {}, work).response()


@router.post(
    "/backup-offers/{offer_id}:decline",
    response_model=BackupOfferView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES, BackupOfferNotFound, BackupOfferLapsed),
)
def decline_backup_offer(
    tx: WriteTx, actor: CurrentActor, offer_id: OfferPath, body: Declining, key: IdempotencyKey
) -> Response:
    """Say no to an offer; the next in rank is asked."""

    def work() -> BackupOfferView:
        return BackupOfferView.of(backups.decline(tx, actor, business_now(tx), offer_id=offer_id, note=body.note))

    return once(tx, actor, f"decline_backup_offer {offer_id}", key, body, work).response()
