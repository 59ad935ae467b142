"""Halts of a book or of the whole market: new orders and changes stop, cancels do not, the close moves on.

One person halts a book; a halt of the whole market takes two, as every decision of that weight does.
A halt of the market is one row that the intake reads, and one halt of each book that trades. Source: rule R-55 and
the lifecycle of a listing (the halted time extends the window).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.access.service import approvals
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingEvent, ListingReason, ListingStatus
from exchange.matching.errors import BookNotFound
from exchange.matching.journal import Command
from exchange.matching.lifecycle import BookPhase, CommandKind
from exchange.matching.refusals import AlreadyHalted, AlreadyLifted, HaltClosedBook, HaltNotFound
from exchange.matching.service.periods import lock_moment
from exchange.matching.store import books as store
from exchange.matching.store import journal
from exchange.matching.tables import BookRow, HaltRow

RUN = "halts:write"
MARKET_HALT = "market_halt"
WHOLE_MARKET = "market"
HALTABLE = frozenset({ListingStatus.PRIORITY_WINDOW, ListingStatus.OPEN, ListingStatus.LOCKED})


def halt_book(tx: Tx, actor: Actor, now: datetime, *, book_id: str, reason: str) -> HaltRow:
    """Stop one book."""
    actor.require(RUN)
    seen = store.book(tx, book_id)
    if seen is None:
        raise BookNotFound
    _lock_listings(tx, [seen])
    book = store.lock_book(tx, book_id)
    if book is None:
        raise BookNotFound
    if book.phase is BookPhase.HALTED:
        raise AlreadyHalted(scope=book_id)
    if book.phase is BookPhase.CLOSED:
        raise HaltClosedBook
    return _halt(tx, now, book, actor.user_id, reason)


def ask_market_halt(tx: Tx, actor: Actor, now: datetime, *, reason: str) -> Approval:
    """Ask a second person to halt the whole market; nothing stops before that one approves."""
    actor.require(RUN)
    if store.active_halt(tx, None) is not None:
        raise AlreadyHalted(scope=WHOLE_MARKET)
    return approvals.request(tx, actor, now, MARKET_HALT, WHOLE_MARKET, {"reason": reason})


def waiting_market_halt(tx: Tx) -> Approval | None:
    """The market-wide halt that waits for a second person, if any."""
    return approvals.pending(tx, MARKET_HALT, WHOLE_MARKET)


def _market_halt_decided(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    """Stop every book that trades, and the intake of all, when the second person said yes."""
    if not approval.is_approved:
        return
    actor.require(RUN)
    if store.active_halt(tx, None) is not None:
        raise AlreadyHalted(scope=WHOLE_MARKET)
    reason, asked_by = str(approval.payload["reason"]), approval.requested_by
    row = HaltRow(id=new_id("halt"), reason=reason, halted_by=asked_by, halted_at=now)
    store.add_halt(tx, row)
    data: dict[str, object] = {"scope": WHOLE_MARKET, "reason": reason}
    emit(tx, now, Event("market.halted", row.id, (MARKET,), data), actor_id=actor.user_id)
    seen = [book for book_id in store.books_to_halt(tx) if (book := store.book(tx, book_id)) is not None]
    _lock_listings(tx, seen)
    for book in store.lock_books(tx, [book.id for book in seen]):
        if book.phase not in {BookPhase.HALTED, BookPhase.CLOSED}:
            _halt(tx, now, book, asked_by, reason)


approvals.register(MARKET_HALT, _market_halt_decided)


def _halt(tx: Tx, now: datetime, book: BookRow, user_id: str, reason: str) -> HaltRow:
    row = HaltRow(
        id=new_id("halt"),
        book_id=book.id,
        reason=reason,
        halted_by=user_id,
        halted_at=now,
        phase_before=book.phase,
    )
    book.phase = BookPhase.HALTED
    store.add_halt(tx, row)
    journal.append(tx, now, book.id, [Command(0, CommandKind.HALT)])
    if book.listing_id and listings.lock_listing(tx, book.listing_id).status in HALTABLE:
        listings.advance_listing(tx, now, book.listing_id, ListingEvent.HALT, reason=ListingReason.HALTED, note=reason)
    data: dict[str, object] = {"reason": reason, "halt_id": row.id}
    emit(tx, now, Event("book.halted", book.id, (MARKET,), data, book.id, book.listing_id), actor_id=user_id)
    return row


def lift(tx: Tx, actor: Actor, now: datetime, *, halt_id: str) -> HaltRow:
    """Go on where the halt began; a close that lies ahead moves by the halted time."""
    actor.require(RUN)
    row = store.lock_halt(tx, halt_id)
    if row is None:
        raise HaltNotFound
    if row.lifted_at is not None:
        raise AlreadyLifted
    halts = [row] if row.book_id else store.halts_of_market_halt(tx, row.halted_at, row.halted_by)
    seen = [book for halt in halts if halt.book_id and (book := store.book(tx, halt.book_id)) is not None]
    _lock_listings(tx, seen)
    books = {book.id: book for book in store.lock_books(tx, [book.id for book in seen])}
    row.lifted_by, row.lifted_at = actor.user_id, now
    for halt in halts:
        if halt.book_id in books:
            _lift(tx, now, books[halt.book_id], halt, actor.user_id)
    if row.book_id is None:
        data: dict[str, object] = {"scope": "market"}
        emit(tx, now, Event("market.resumed", row.id, (MARKET,), data), actor_id=actor.user_id)
        for book in store.books_waiting_to_open(tx, now):
            announce_window(tx, now, book)
    return row


def _lift(tx: Tx, now: datetime, book: BookRow, halt: HaltRow, user_id: str) -> None:
    halt.lifted_by, halt.lifted_at = user_id, now
    if book.phase is not BookPhase.HALTED:
        return
    book.phase = halt.phase_before or BookPhase.COLLECTING
    if book.closes_at is not None:
        book.closes_at += max(timedelta(0), now - halt.halted_at)
    journal.append(tx, now, book.id, [Command(0, CommandKind.LIFT)])
    if book.listing_id and listings.lock_listing(tx, book.listing_id).status is ListingStatus.HALTED:
        listings.advance_listing(tx, now, book.listing_id, ListingEvent.LIFT)
        if book.phase is BookPhase.LOCKED:
            listings.advance_listing(tx, now, book.listing_id, ListingEvent.LOCK)
    data: dict[str, object] = {"halt_id": halt.id, "closes_at": book.closes_at and book.closes_at.isoformat()}
    emit(tx, now, Event("book.resumed", book.id, (MARKET,), data, book.id, book.listing_id), actor_id=user_id)
    announce_window(tx, now, book)


def announce_window(tx: Tx, now: datetime, book: BookRow) -> None:
    """Look at the window now, and again when it closes and (in an auction) locks."""
    if book.listing_id is None:
        return
    event = Event("book.window_due", book.listing_id, (), {}, book.id, book.listing_id)
    emit(tx, now, event)
    if book.closes_at is not None:
        emit(tx, now, event, due_at=book.closes_at)
        if book.mode is MatchingMode.ONE_WAY_AUCTION:
            emit(tx, now, event, due_at=max(now, lock_moment(book.profile, book.closes_at).at))


def halts_of(tx: Tx, *, active_only: bool, limit: int = 100) -> list[HaltRow]:
    """Halts, newest first; every signed-in participant may see them."""
    return store.halts(tx, active_only=active_only, limit=limit)


def _lock_listings(tx: Tx, books: Sequence[BookRow]) -> None:
    """Listings before books, in id order."""
    for listing_id in sorted(book.listing_id for book in books if book.listing_id):
        listings.lock_listing(tx, listing_id)
