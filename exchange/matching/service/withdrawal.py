"""A withdrawn listing stops matching at once; its interest is free when the matcher has come to the end."""

from datetime import datetime

from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingStatus
from exchange.matching.lifecycle import OrderReason, ProposalReason
from exchange.matching.service.books import end_book, withdraw_ask
from exchange.matching.service.proposals import drop_all
from exchange.matching.store import books as store


def listing_withdrawn(tx: Tx, now: datetime, listing_id: str) -> None:
    """Its ask leaves, its open matches fall away, the book of a single listing ends."""
    row = listings.lock_listing(tx, listing_id)
    if row.status is not ListingStatus.WITHDRAWN or row.book_id is None:
        return
    book = store.lock_book(tx, row.book_id)
    if book is None:
        return
    if book.mode is MatchingMode.CONTINUOUS:
        withdraw_ask(tx, now, book, listing_id, OrderReason.LISTING_WITHDRAWN)
    else:
        end_book(tx, now, book, OrderReason.LISTING_WITHDRAWN)
    drop_all(tx, now, listing_id, ProposalReason.LISTING_WITHDRAWN)
    if store.ask_of(tx, book.id, listing_id) is None:
        listings.release_interest(tx, now, listing_id)
