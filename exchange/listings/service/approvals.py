"""Written approvals of the seller's body: filed by its side, verified by an operator against the paper."""

from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.access.errors import SamePerson
from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import store
from exchange.listings.approval import APPROVAL_LIFECYCLE, ApprovalEvent, ApprovalKind, Filing
from exchange.listings.errors import ApprovalInvalid, ApprovalNotFound, ReviewedByOwnSide
from exchange.listings.service.facts import approval_of, is_party, require_party
from exchange.listings.service.progress import lock_listing
from exchange.listings.service.reads import listing_of
from exchange.listings.tables import ListingApprovalRow, ListingRow

__all__ = ["ListingApprovalRow", "approvals_of", "decide", "file_approval", "use_change_approval"]


def file_approval(tx: Tx, actor: Actor, now: datetime, *, listing_id: str, filing: Filing) -> ListingApprovalRow:
    """File an approval for a listing of the caller's side. LISTING_APPROVAL_INVALID names every contradiction."""
    actor.require("listings:write")
    listing_of(tx, actor, listing_id)
    listing = lock_listing(tx, listing_id)
    require_party(actor, listing)
    if fields := _contradictions(filing, market_date(now)):
        raise ApprovalInvalid(fields=fields)
    row = ListingApprovalRow(
        id=new_id("listing_approval"),
        listing_id=listing.id,
        kind=filing.kind,
        approving_body=filing.approving_body,
        document_number=filing.document_number,
        approved_on=filing.approved_on,
        valid_until=filing.valid_until,
        lowest_price_ppm=filing.lowest_price_ppm,
        invested_on=filing.invested_on,
        filed_by=actor.user_id,
        filed_at=now,
    )
    store.add_approval(tx, row)
    _tell(tx, actor, now, listing, row, "listing.approval_filed")
    return row


def decide(
    tx: Tx, actor: Actor, now: datetime, *, approval_id: str, event: ApprovalEvent, note: str = ""
) -> ListingApprovalRow:
    """Verify a filed approval against its paper, or refuse it; an operator who is of neither side."""
    actor.require("listings:review")
    seen = store.approval(tx, approval_id)
    if seen is None:
        raise ApprovalNotFound
    listing = lock_listing(tx, seen.listing_id)
    row = store.approval(tx, approval_id, locked=True) or seen
    if is_party(actor, listing):
        raise ReviewedByOwnSide
    if actor.user_id == row.filed_by:
        raise SamePerson
    row.status = advance(APPROVAL_LIFECYCLE, row.status, event)
    row.decided_by, row.decided_at, row.status_note = actor.user_id, now, note
    store.add_approval(tx, row)
    _tell(tx, actor, now, listing, row, f"listing.approval_{row.status.value}")
    return row


def approvals_of(tx: Tx, actor: Actor, *, listing_id: str) -> list[ListingApprovalRow]:
    """Approvals of a listing, oldest first; for its own side and those who watch."""
    listing = listing_of(tx, actor, listing_id)
    if not actor.sees_everything:
        require_party(actor, listing)
    return store.approvals(tx, listing_id)


def use_change_approval(tx: Tx, actor: Actor, now: datetime, listing: ListingRow) -> bool:
    """Use up the oldest approval of a change that is verified and in force; False when there is none."""
    today = market_date(now)
    for row in store.approvals(tx, listing.id):
        if row.kind is ApprovalKind.CHANGE and approval_of(row).counts_on(today):
            row.status = advance(APPROVAL_LIFECYCLE, row.status, ApprovalEvent.USE)
            store.add_approval(tx, row)
            _tell(tx, actor, now, listing, row, "listing.approval_used")
            return True
    return False


def _contradictions(filing: Filing, today: date) -> tuple[FieldError, ...]:
    errors = []
    if filing.approved_on > today:
        errors.append(FieldError("/approved_on", "DATE_IN_FUTURE"))
    if filing.valid_until < filing.approved_on:
        errors.append(FieldError("/valid_until", "APPROVAL_DATES_OUT_OF_ORDER"))
    if (filing.kind is ApprovalKind.PRICE) is (filing.lowest_price_ppm is None):
        errors.append(FieldError("/lowest_price", "LOWEST_PRICE_FOR_PRICES_ONLY"))
    if (filing.kind is ApprovalKind.EXIT_CLAUSE) is (filing.invested_on is None):
        errors.append(FieldError("/invested_on", "INVESTED_ON_FOR_EXITS_ONLY"))
    if filing.invested_on is not None and filing.invested_on > today:
        errors.append(FieldError("/invested_on", "DATE_IN_FUTURE"))
    return tuple(errors)


def _tell(tx: Tx, actor: Actor, now: datetime, listing: ListingRow, row: ListingApprovalRow, kind: str) -> None:
    sides = tuple(dict.fromkeys((listing.seller_organisation_id, listing.entered_by_organisation_id)))
    data: dict[str, object] = {
        "approval_id": row.id,
        "kind": row.kind.value,
        "status": row.status.value,
        "lowest_price_ppm": row.lowest_price_ppm,
    }
    emit(tx, now, Event(kind, listing.id, sides, data, listing_id=listing.id), actor_id=actor.user_id)
