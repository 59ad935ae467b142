"""The one row that the order path reads: until which day a bidder may bid. Kept up with all that it is derived from."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from exchange.core.clock import market_date
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.store import checklists as store
from exchange.diligence.verdict import GateVerdict
from exchange.infra.database import Tx

OF_OTHERS = {"code": "-", "name_zh": "他方材料", "name_en": "a paper of another side"}


def write_clearances(now: datetime, listings: Iterable[Position]) -> None:
    """Bring the clearances of positions in line; the caller holds their checklists' locks and flushes."""
    today = market_date(now)
    for position in listings:
        for organisation_id, row in position.clearances.items():
            found = position.bid_verdict(organisation_id, today)
            missing = _missing(found.seen_by(organisation_id))
            if row.clear_until != found.open_until or row.missing != missing:
                row.clear_until, row.missing, row.computed_at = found.open_until, missing, now


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


def _missing(found: GateVerdict) -> list[dict[str, str]]:
    """What shuts the gate as its bidder may know it: its own papers and findings by name, those of others counted."""
    own = [{"code": item.code, "name_zh": item.zh, "name_en": item.en} for item in found.missing]
    own += [{"code": each.code, "name_zh": each.code, "name_en": each.code} for each in found.findings]
    return own + [OF_OTHERS] * found.hidden
