"""Replay: the stored commands of a book, applied to an empty one, must give the stored digest and the stored fills."""

from collections.abc import Iterator
from dataclasses import dataclass

from exchange.infra.database import Tx
from exchange.matching import engine_events as ev
from exchange.matching.auction_book import new_book
from exchange.matching.service.drain import journal_blocks
from exchange.matching.store import drain as drain_store
from exchange.matching.store import journal as store
from exchange.matching.store.journal import MatchingBook


@dataclass(frozen=True, slots=True)
class BookReplay:
    """What a replay of one book found. ``first_wrong_fill`` is the number of the first fill that differs."""

    book_id: str
    commands: int
    fills: int
    stored_fills: int
    digest: str
    stored_digest: str
    first_wrong_fill: int | None

    @property
    def agrees(self) -> bool:
        """True when digest and every fill are as stored."""
        same = self.digest == self.stored_digest or not self.commands
        return same and self.first_wrong_fill is None and self.fills == self.stored_fills


def replay_books(tx: Tx) -> Iterator[BookReplay]:
    """Replay every book up to where the matcher has come, one after the other."""
    for book_id in store.all_books(tx):
        for book in store.matching_books(tx, [book_id]):
            yield replay_book(tx, book)


def replay_book(tx: Tx, book: MatchingBook) -> BookReplay:
    """Replay one book."""
    replayed = new_book(book.mode, book.policy)
    fills: list[tuple[int, str, str, int, int]] = []
    for commands in journal_blocks(tx, book.id, until=book.matched_sequence):
        for command in commands:
            for event in replayed.apply(command):
                if isinstance(event, ev.Filled):
                    pair = sorted((event.resting_id, event.incoming_id))
                    fills.append((event.number, pair[0], pair[1], event.price_ppm, event.amount))
    stored = drain_store.stored_fills(tx, book.id)
    wrong = next((mine[0] for mine, kept in zip(fills, stored, strict=False) if mine != kept), None)
    return BookReplay(book.id, replayed.applied, len(fills), len(stored), replayed.digest(), book.state_hash, wrong)
