"""The matcher: take every book whose journal is ahead, apply its commands, write what they mean, in one transaction.

Any number of matchers may run anywhere. A book belongs to one of them by an advisory lock that ends with the
transaction, so a matcher that dies at any statement leaves the book as it was. A matcher keeps books warm between
passes and uses one only when it stands exactly where the stored progress says; otherwise the book is rebuilt from its
stored orders, or from its whole journal, and must give the stored digest.
"""

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from exchange.core.errors import Busy
from exchange.core.events import Event
from exchange.core.terms import MatchingMode
from exchange.infra.clock import business_now
from exchange.infra.database import RETRIED_STATES, Tx, sql_state_of, transaction
from exchange.infra.outbox import emit
from exchange.matching.auction_book import new_book
from exchange.matching.journal import Command, JournalBook
from exchange.matching.outcome import Recorder
from exchange.matching.service.gathering import Matched
from exchange.matching.service.recording import record
from exchange.matching.store import drain as drain_store
from exchange.matching.store import journal as store
from exchange.matching.store.journal import MatchingBook

BOOKS_MAX = 256
COMMANDS_PER_BOOK = 2_000
HISTORY_BLOCK = 20_000
WARM_MAX = 1_024
ISOLATION_SECONDS = (2.0, 10.0, 60.0)

log = structlog.get_logger("exchange.matcher")


class Divergence(RuntimeError):
    """A rebuilt book does not have the digest that was stored with its progress."""


class Matcher:
    """One process's matcher with its warm books. Not for several threads at once."""

    def __init__(self) -> None:
        self.warm: dict[str, JournalBook] = {}
        self._isolated: dict[str, tuple[float, int]] = {}

    def drain_once(self) -> int:
        """One pass over all books with waiting commands; how many commands it applied. Busy passes through.

        A fault that is not a book's own (a lost connection) undoes the pass; a book that cannot be written with the
        others is tried alone and, failing again, set aside for a while and reported.
        """
        skipped = self._set_aside()
        tried: list[str] = []
        try:
            with quiet_collector(), transaction() as tx:
                tried = store.dirty_books(tx, without=skipped, limit=BOOKS_MAX)
                return self._pass(tx, tried) if tried else 0
        except Busy:
            self.warm.clear()
            raise
        except Exception as error:
            self.warm.clear()
            if sql_state_of(error) in RETRIED_STATES:
                raise Busy from error
            log.exception("pass undone", books=len(tried))
            return self._one_by_one(tried)

    def drain(self) -> int:
        """Passes until nothing waits that this matcher can take; how many commands in all."""
        total = 0
        while applied := self.drain_once():
            total += applied
        return total

    def _one_by_one(self, book_ids: Sequence[str]) -> int:
        applied = 0
        for book_id in book_ids:
            try:
                with quiet_collector(), transaction() as tx:
                    applied += self._pass(tx, [book_id])
            except Busy:
                self.warm.clear()
                raise
            except Exception as error:
                self.warm.pop(book_id, None)
                self._isolate(book_id, error)
        return applied

    def _pass(self, tx: Tx, book_ids: Sequence[str]) -> int:
        locked = store.try_lock_books(tx, book_ids)
        if not locked:
            return 0
        now = business_now(tx)
        books = [book for book in store.matching_books(tx, locked) if book.last_sequence > book.matched_sequence]
        waiting = store.next_commands(
            tx, {book.id: book.matched_sequence for book in books}, per_book=COMMANDS_PER_BOOK
        )
        matched = []
        for book in books:
            done = self._match(tx, book, waiting.get(book.id, []))
            if done is not None:
                matched.append(done)
        if matched:
            record(tx, now, matched)
        return sum(item.applied - item.book.matched_sequence for item in matched)

    def _match(self, tx: Tx, book: MatchingBook, commands: Sequence[Command]) -> Matched | None:
        """Apply the commands of one book; a fault of its own sets it aside and leaves the others alone."""
        rebuilt = self._book(tx, book)
        if rebuilt is None:
            return None
        try:
            outcome = Recorder(rebuilt).run(commands)
        except Exception as error:
            self.warm.pop(book.id, None)
            self._isolate(book.id, error)
            return None
        self._isolated.pop(book.id, None)
        if len(self.warm) > WARM_MAX:
            self.warm.clear()
        self.warm[book.id] = rebuilt
        return Matched(book, outcome, rebuilt.applied, rebuilt.fill_count, rebuilt.digest())

    def _book(self, tx: Tx, book: MatchingBook) -> JournalBook | None:
        warm = self.warm.pop(book.id, None)
        if warm is not None and warm.applied == book.matched_sequence:
            return warm
        try:
            return rebuild(tx, book)
        except (Divergence, ArithmeticError, LookupError, ValueError) as error:
            self._isolate(book.id, error)
            return None

    def forgive(self, book_id: str) -> None:
        """Try a book that was set aside again at once, from its stored state."""
        self._isolated.pop(book_id, None)
        self.warm.pop(book_id, None)

    # -- books that fail -----------------------------------------------------------------------------------------

    def _set_aside(self) -> list[str]:
        now = time.monotonic()
        return [book_id for book_id, (until, _) in self._isolated.items() if until > now]

    def _isolate(self, book_id: str, error: Exception) -> None:
        """Set the book aside for a while and report it once, in a transaction of its own."""
        failures = self._isolated.get(book_id, (0.0, 0))[1]
        pause = ISOLATION_SECONDS[min(failures, len(ISOLATION_SECONDS) - 1)]
        self._isolated[book_id] = (time.monotonic() + pause, failures + 1)
        log.error("book set aside", book_id=book_id, seconds=pause, exc_info=error)
        with transaction() as tx:
            report_failure(tx, book_id, type(error).__name__)


def report_failure(tx: Tx, book_id: str, error: str) -> None:
    """Tell the operators, once for each command, that a book's next command cannot be matched."""
    found = store.matching_books(tx, [book_id])
    if not found or drain_store.was_reported(tx, book_id, found[0].matched_sequence + 1):
        return
    data: dict[str, object] = {"sequence": found[0].matched_sequence + 1, "error": error}
    emit(tx, business_now(tx), Event("book.matching_failed", book_id, (), data, book_id, found[0].listing_id))


def rebuild(tx: Tx, book: MatchingBook) -> JournalBook:
    """The book as it stood after its last matched command. Divergence when nothing gives the stored digest."""
    if not book.matched_sequence:
        return new_book(book.mode, book.policy)
    if book.mode is not MatchingMode.ONE_WAY_AUCTION:
        restored = _from_orders(tx, book)
        if restored.digest() == book.state_hash:
            return restored
        log.warning("stored orders differ from the journal", book_id=book.id)
    replayed = replay_journal(tx, book, until=book.matched_sequence)
    if replayed.digest() != book.state_hash:
        raise Divergence(book.id)
    return replayed


def _from_orders(tx: Tx, book: MatchingBook) -> JournalBook:
    restored = new_book(book.mode, book.policy)
    for command in drain_store.steering(tx, book.id, until=book.matched_sequence):
        restored.applied = command.sequence - 1
        restored.apply(command)
    orders = drain_store.stored_orders(tx, book.id, until=book.matched_sequence, remembered=restored.remembers)
    restored.adopt(orders)
    restored.applied = restored.sequence = book.matched_sequence
    restored.fill_count = book.fill_count
    return restored


def replay_journal(tx: Tx, book: MatchingBook, *, until: int) -> JournalBook:
    """An empty book after all commands up to a number."""
    replayed = new_book(book.mode, book.policy)
    for commands in journal_blocks(tx, book.id, until=until):
        for command in commands:
            replayed.apply(command)
    return replayed


def journal_blocks(tx: Tx, book_id: str, *, until: int) -> Iterator[list[Command]]:
    """A journal up to a number, in blocks."""
    after = 0
    while after < until:
        commands = store.history(tx, book_id, after=after, until=until, limit=HISTORY_BLOCK)
        if not commands:
            raise LookupError(f"{book_id}: no command after {after}")
        yield commands
        after = commands[-1].sequence


@contextmanager
def quiet_collector() -> Iterator[None]:
    """No garbage collection inside a pass: warm books are many objects and make no cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
