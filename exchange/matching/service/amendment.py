"""A seller takes a listing back to change it: its book ends at once, a new one opens when it is published again.

Order of locks: listing, book.
"""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.errors import Busy
from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx
from exchange.listings import service as listings
from exchange.listings.service import ListingRow
from exchange.matching.lifecycle import OrderReason
from exchange.matching.service.books import end_book, withdraw_ask
from exchange.matching.store import books as store
from exchange.matching.store import deals
from exchange.matching.tables import BookRow


def amend_listing(tx: Tx, actor: Actor, now: datetime, *, listing_id: str, reason: str) -> ListingRow:
    """Take a published listing back to be changed; bids end with its book and their deposits are free.

    LISTING_HAS_PROPOSALS while a match waits for its parties or a part is sold; BUSY while bids that came before wait
    for the worker, because one of them may be such a match.
    """
    listings.listing_of(tx, actor, listing_id)
    before = listings.lock_listing(tx, listing_id)
    book = store.lock_book(tx, before.book_id) if before.book_id else None
    matched = bool(deals.open_proposals(tx, listing_id)) or deals.sold_minor(tx, listing_id) > 0
    row = listings.take_back_to_amend(tx, actor, now, listing_id=listing_id, reason=reason, has_matches=matched)
    if book is not None:
        _end(tx, now, book, listing_id)
    return row


def _end(tx: Tx, now: datetime, book: BookRow, listing_id: str) -> None:
    progress = store.progress(tx, book.id)
    if progress is None or progress.matched_sequence < book.last_sequence:
        raise Busy
    if book.mode is MatchingMode.CONTINUOUS:
        withdraw_ask(tx, now, book, listing_id, OrderReason.LISTING_AMENDED)
    else:
        end_book(tx, now, book, OrderReason.LISTING_AMENDED)
    listings.detach_book(tx, listing_id)
