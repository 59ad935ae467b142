"""Books as pages show them: what each viewer may see of the depth, the last match, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from exchange.access.actor import Actor
from exchange.core.money import Money
from exchange.core.quantity import NavBasis
from exchange.core.terms import Side
from exchange.infra.database import Tx
from exchange.matching.errors import BookNotFound
from exchange.matching.service import views
from exchange.matching.service.views import BookState
from exchange.web.models import Ladder, LastTrade, Level, MarketLine
from exchange.web.visit import Visit

LEVELS_MAX = 12
PAGE = 200
TRADES_SEEN = 20


class AtPrice(Protocol):
    """All open orders of one side at one price, in minor units."""

    @property
    def price_ppm(self) -> int: ...
    @property
    def amount_minor(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def guidance_minor(self) -> int: ...
    @property
    def own_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Book:
    """A book with how far the matcher has come in it."""

    id: str
    fund_id: str
    listing_id: str | None
    mode: str
    policy: str
    phase: str
    currency: str
    basis: NavBasis
    last_sequence: int
    matched_sequence: int
    closes_at: datetime | None


def _book(state: BookState) -> Book:
    row = state.row
    return Book(
        id=row.id,
        fund_id=row.fund_id,
        listing_id=row.listing_id,
        mode=row.mode.value,
        policy=row.policy.value,
        phase=row.phase.value,
        currency=row.currency,
        basis=NavBasis(row.nav_minor, row.subscribed_minor),
        last_sequence=row.last_sequence,
        matched_sequence=state.matched_sequence,
        closes_at=row.closes_at,
    )


def book_of(tx: Tx, actor: Actor, book_id: str | None) -> Book | None:
    """A book, None before there is one."""
    try:
        return _book(views.book_of(tx, actor, book_id)) if book_id else None
    except BookNotFound:
        return None


def all_books(tx: Tx, actor: Actor) -> list[Book]:
    """Every book, in id order."""
    found: list[BookState] = []
    while True:
        after = found[-1].row.id if found else None
        page = views.books_of(tx, actor, after=after, limit=PAGE)
        found += page
        if len(page) < PAGE:
            return [_book(state) for state in found]


def best_bids(tx: Tx, actor: Actor, lines: Sequence[MarketLine]) -> dict[str, int]:
    """The best open bid of each listed book that shows its bids, by book id."""
    found: dict[str, int] = {}
    for line in lines:
        if line.book_id and not line.best_bid_sealed:
            levels = views.depth_of(tx, actor, line.book_id).levels
            bids = [level.price_ppm for level in levels if level.side is Side.BUY]
            if bids:
                found[line.book_id] = max(bids)
    return found


def seen_bids(tx: Tx, actor: Actor, book: Book | None) -> tuple[int | None, int | None]:
    """The best open bid, where the book shows its bids, and the caller's own best bid."""
    if book is None:
        return None, None
    depth = views.depth_of(tx, actor, book.id)
    bids = [level for level in depth.levels if level.side is Side.BUY]
    best = None if depth.sealed else max((level.price_ppm for level in bids), default=None)
    return best, max((level.price_ppm for level in bids if level.own_minor > 0), default=None)


def ladder_values(visit: Visit, book: Book | None) -> dict[str, object]:
    """What the ladder's template reads."""
    ladder = ladder_of(visit, book)
    levels = (*ladder.asks, *ladder.bids)
    return {
        "ladder": ladder,
        "ladder_unit": visit.f.column_unit(level.amount for level in levels),
        "ladder_currency": book.currency if book else "CNY",
    }


def ladder_of(visit: Visit, book: Book | None) -> Ladder:
    """The book as this viewer may see it: in an auction the own orders are counted, nothing is shown."""
    if book is None:
        return Ladder(None, 0, "collecting", sealed=False)
    depth = views.depth_of(visit.tx, visit.actor, book.id)
    mine = sum(row.own_minor > 0 for row in depth.levels)
    if depth.sealed:
        return Ladder(book.id, book.matched_sequence, book.phase, sealed=True, my_orders=mine)
    asks = sorted((row for row in depth.levels if row.side is Side.SELL), key=lambda row: row.price_ppm)[:LEVELS_MAX]
    bids = sorted((row for row in depth.levels if row.side is Side.BUY), key=lambda row: -row.price_ppm)[:LEVELS_MAX]
    widest = max(sum(row.amount_minor for row in asks), sum(row.amount_minor for row in bids), 1)
    return Ladder(
        book_id=book.id,
        sequence=book.matched_sequence,
        phase=book.phase,
        sealed=False,
        asks=_levels(book, asks, widest),
        bids=_levels(book, bids, widest),
        last=last_trade(visit, book),
        my_orders=mine,
    )


def _levels(book: Book, rows: Sequence[AtPrice], widest: int) -> tuple[Level, ...]:
    """Price levels from the best one on, with the amount up to each and its share of the deeper side."""
    levels, depth = [], 0
    for row in rows:
        depth += row.amount_minor
        levels.append(
            Level(
                price_ppm=row.price_ppm,
                amount=Money(row.amount_minor, book.currency),
                value=Money(book.basis.value_minor(row.amount_minor, row.price_ppm), book.currency),
                orders=row.count,
                guidance=Money(row.guidance_minor, book.currency),
                depth=Money(depth, book.currency),
                share_percent=max(1, 100 * depth // widest),
                is_mine=row.own_minor > 0,
            )
        )
    return tuple(levels)


def last_trade(visit: Visit, book: Book) -> LastTrade | None:
    """The latest trade of the book, None before the first."""
    trades = views.trades_of(visit.tx, visit.actor, own_only=False, fund_id=book.fund_id, limit=TRADES_SEEN)
    latest = next((trade for trade in trades if trade.book_id == book.id), None)
    return LastTrade(latest.price_ppm, Money(latest.amount_minor, latest.currency), latest.at) if latest else None
