"""A seller extends the window of a listing that has no bid; its book's close moves with it.

Order of locks: listing, book. A listing that ended without a bid gets a new book, in reaction to
``listing.extended``.
"""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.infra.database import Tx
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.service import ListingRow
from exchange.matching.lifecycle import BookPhase
from exchange.matching.service.halts import announce_window
from exchange.matching.store import books as store


def extend(tx: Tx, actor: Actor, now: datetime, *, listing_id: str, closes_at: datetime) -> ListingRow:
    """Move the close of a listing and of its book; RULES_BROKEN names every rule in the way, a live bid among them."""
    listings.listing_of(tx, actor, listing_id)
    before = listings.lock_listing(tx, listing_id)
    book = store.lock_book(tx, before.book_id) if before.book_id else None
    running = before.status is not ListingStatus.NO_BID and book is not None
    has_bids = running and book is not None and book.listing_id is not None and store.has_live_bid(tx, book.id)
    row = listings.extend_window(tx, actor, now, listing_id=listing_id, closes_at=closes_at, has_bids=has_bids)
    if running and book is not None and book.listing_id is not None and book.phase is not BookPhase.CLOSED:
        book.closes_at = closes_at
        announce_window(tx, now, book)
    return row
