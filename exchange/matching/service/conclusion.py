"""How a listing ends once its book can give nothing more: completed, expired, or without a bid."""

from datetime import datetime

from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingEvent, ListingStatus
from exchange.matching.lifecycle import BookPhase, OrderReason
from exchange.matching.service.books import end_book
from exchange.matching.store import books as store
from exchange.matching.store import deals
from exchange.matching.tables import BookRow, OrderRow

RUNNING = frozenset({ListingStatus.PRIORITY_WINDOW, ListingStatus.OPEN, ListingStatus.LOCKED})


def conclude_listing(tx: Tx, now: datetime, listing_id: str) -> None:
    """End the listing when its ask has nothing open, no match waits and the matcher is up to date; else nothing.

    What was sold makes it completed; nothing sold makes it expired (or, after an auction, without a bid). The other
    orders of a single listing's book leave with their holds.
    """
    row = listings.lock_listing(tx, listing_id)
    if row.book_id is None:
        return
    book = store.lock_book(tx, row.book_id)
    ask = store.ask_of(tx, row.book_id, listing_id)
    if book is None or ask is None or deals.open_proposals(tx, listing_id):
        return
    sold = deals.sold_minor(tx, listing_id)
    if not _is_settled(tx, book, ask, sold):
        return
    if row.status is ListingStatus.WITHDRAWN:
        listings.release_interest(tx, now, listing_id, sold_minor=sold)
    elif book.mode is MatchingMode.ONE_WAY_AUCTION:
        _conclude_auction(tx, now, book, row.status, sold, listing_id)
    else:
        _conclude(tx, now, book, row.status, sold, listing_id)


def _is_settled(tx: Tx, book: BookRow, ask: OrderRow, sold: int) -> bool:
    """Nothing of the ask can still be matched, and nothing matched waits for anybody."""
    if sold == ask.amount_minor:
        return True
    progress = store.progress(tx, book.id)
    if progress is None or progress.matched_sequence < book.last_sequence:
        return False
    if ask.filled_minor != sold:
        return False
    return ask.leaves_minor == 0 or (book.mode is MatchingMode.ONE_WAY_AUCTION and book.phase is BookPhase.CLOSED)


def _conclude_auction(tx: Tx, now: datetime, book: BookRow, status: ListingStatus, sold: int, listing_id: str) -> None:
    if status is not ListingStatus.AWARD_PROPOSED:
        return
    step = ListingEvent.ACCEPT_AWARD if sold else ListingEvent.FIND_NO_BID
    _end_listing(tx, now, listing_id, step, sold)
    end_book(tx, now, book, OrderReason.LISTING_ENDED)


def _conclude(tx: Tx, now: datetime, book: BookRow, status: ListingStatus, sold: int, listing_id: str) -> None:
    if status not in RUNNING:
        return
    if status is ListingStatus.PRIORITY_WINDOW:
        listings.advance_listing(tx, now, listing_id, ListingEvent.OPEN)
    step = ListingEvent.COMPLETE if sold else ListingEvent.EXPIRE
    _end_listing(tx, now, listing_id, step, sold)
    if book.mode is not MatchingMode.CONTINUOUS and book.phase is not BookPhase.CLOSED:
        end_book(tx, now, book, OrderReason.LISTING_ENDED)


def _end_listing(tx: Tx, now: datetime, listing_id: str, step: ListingEvent, sold: int) -> None:
    """Take the last step and give back what was not sold; what was sold stays frozen until it is registered."""
    listings.advance_listing(tx, now, listing_id, step, sold_minor=sold)
    listings.release_interest(tx, now, listing_id, sold_minor=sold)
