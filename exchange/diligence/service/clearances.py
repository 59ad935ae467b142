"""The one row that the order path reads: until which day a bidder may bid. Kept up with all that it is derived from."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from exchange.core.clock import market_date
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.store import checklists as store
from exchange.infra.database import Tx


def write_clearances(now: datetime, found: Iterable[Position]) -> None:
    """Bring the clearances of positions in line; the caller holds their checklists' locks and flushes."""
    today = market_date(now)
    for position in found:
        for organisation_id, row in position.clearances.items():
            until = position.clear_until(organisation_id, today)
            if row.clear_until != until:
                row.clear_until = until
                row.computed_at = now


def refresh_clearances(
    tx: Tx, now: datetime, *, listing_id: str | None = None, organisation_id: str | None = None
) -> None:
    """Derive clearances anew: of all bidders of a listing, or of all listings an organisation has a part in."""
    listing_ids = [listing_id] if listing_id else store.listing_ids_of(tx, organisation_id or "")
    refresh_listings(tx, now, listing_ids)


def refresh_listings(tx: Tx, now: datetime, listing_ids: Sequence[str]) -> None:
    """Derive the clearances of all bidders of these listings anew, under the lock of their checklists."""
    if listing_ids:
        store.lock_checklists(tx, listing_ids)
        write_clearances(now, positions(tx, listing_ids).values())
        tx.flush()


def clearances_derived(tx: Tx, now: datetime) -> list[tuple[str, str, date | None, date | None]]:
    """(listing, organisation, kept, derived) of every bidder. A kept day that is over means shut, as None does."""
    today = market_date(now)
    found = positions(tx, store.all_listing_ids(tx))
    return [
        (listing_id, organisation_id, _still(row.clear_until, today), position.clear_until(organisation_id, today))
        for listing_id, position in found.items()
        for organisation_id, row in position.clearances.items()
    ]


def _still(day: date | None, today: date) -> date | None:
    return day if day is not None and day >= today else None
