"""What people may see of books, depth and trades. In an auction nobody but the bidder sees bids before the award."""

from dataclasses import dataclass

from exchange.access.actor import Actor
from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx
from exchange.listings import service as listings
from exchange.matching.errors import BookNotFound
from exchange.matching.refusals import TradeNotFound
from exchange.matching.store import awards as award_store
from exchange.matching.store import books as store
from exchange.matching.store import deals
from exchange.matching.store.books import DepthRow
from exchange.matching.tables import BookRow, TradeRow


@dataclass(frozen=True, slots=True)
class BookState:
    """A book with how far the matcher has come."""

    row: BookRow
    matched_sequence: int


@dataclass(frozen=True, slots=True)
class Depth:
    """Open orders by side and price; ``sealed``: only the caller's own are shown."""

    book: BookState
    levels: tuple[DepthRow, ...]
    sealed: bool


def book_of(tx: Tx, actor: Actor, book_id: str) -> BookState:
    """A book; every signed-in participant may see it."""
    actor.require("books:read")
    row = store.book(tx, book_id)
    if row is None:
        raise BookNotFound
    progress = store.progress(tx, book_id)
    return BookState(row, progress.matched_sequence if progress else 0)


def books_of(
    tx: Tx, actor: Actor, *, fund_id: str | None = None, after: str | None = None, limit: int = 50
) -> list[BookState]:
    """Books in the order in which they were opened."""
    actor.require("books:read")
    return [book_of(tx, actor, row.id) for row in store.books(tx, fund_id=fund_id, after=after, limit=limit)]


def book_id_of_listing(tx: Tx, actor: Actor, listing_id: str) -> str:
    """The book a listing is matched in; a listing that the caller may not see has none."""
    book_id = listings.listing_of(tx, actor, listing_id).book_id
    if book_id is None:
        raise BookNotFound
    return book_id


def depth_of(tx: Tx, actor: Actor, book_id: str) -> Depth:
    """The book's open orders by price, sealed in an auction until its award."""
    found = book_of(tx, actor, book_id)
    sealed = found.row.mode is MatchingMode.ONE_WAY_AUCTION and not actor.sees_everything
    if sealed and award_store.awards_of_books(tx, [book_id]):
        sealed = False
    levels = store.depth(tx, book_id, own=actor.organisation_id, only_own=sealed)
    return Depth(found, tuple(levels), sealed)


def is_party(actor: Actor, trade: TradeRow) -> bool:
    """Whether the caller may know the parties of a trade."""
    return actor.sees_everything or actor.organisation_id in {
        trade.buyer_organisation_id,
        trade.seller_organisation_id,
    }


def trade_of(tx: Tx, actor: Actor, trade_id: str) -> TradeRow:
    """A trade of the caller's organisation; operators and auditors see all."""
    row = deals.trade(tx, trade_id)
    if row is None or not is_party(actor, row):
        raise TradeNotFound
    return row


def trades_of(
    tx: Tx,
    actor: Actor,
    *,
    own_only: bool = True,
    fund_id: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[TradeRow]:
    """Trades, newest first: the caller's, or all of them (whose parties only they themselves may know)."""
    own = actor.organisation_id if own_only and not actor.sees_everything else None
    return deals.trades(tx, organisation_id=own, fund_id=fund_id, before=before, limit=limit)
