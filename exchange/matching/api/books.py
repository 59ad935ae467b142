"""Routes that show books, depth and trades."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS
from exchange.core.errors import ExchangeError, Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.core.quantity import price_text
from exchange.core.terms import Side
from exchange.listings.errors import ListingNotFound
from exchange.matching.errors import BookNotFound
from exchange.matching.refusals import TradeNotFound
from exchange.matching.schemas.matching import BookView, DepthView, LevelView, TradeView
from exchange.matching.service import views as service
from exchange.matching.service.views import BookState, Depth
from exchange.matching.store.books import DepthRow
from exchange.matching.tables import TradeRow
from exchange.rest.deps import ReadTx
from exchange.rest.numbers import MoneyView, ratio_text
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["books"])

BookPath = Annotated[str, Path(pattern=f"^{id_pattern('book')}$")]
ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
TradePath = Annotated[str, Path(pattern=f"^{id_pattern('trade')}$")]
FundFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('fund')}$")]

READS: tuple[type[ExchangeError], ...] = (Unauthenticated, *REFUSALS, Forbidden, Invalid)


@router.get("/books", openapi_extra=needs("books:read"), responses=responses(*READS, CursorInvalid))
def list_books(tx: ReadTx, actor: CurrentActor, page: PageQuery, fund_id: FundFilter = None) -> Page[BookView]:
    """Books in the order in which they were opened."""
    scope = f"books:{fund_id}"
    key = page.after(scope)
    rows = service.books_of(tx, actor, fund_id=fund_id, after=str(key[0]) if key else None, limit=page.limit + 1)
    return page_of(rows, page, scope, lambda state: [state.row.id], book_view)


@router.get("/books/{book_id}", openapi_extra=needs("books:read"), responses=responses(*READS, BookNotFound))
def get_book(tx: ReadTx, actor: CurrentActor, book_id: BookPath) -> BookView:
    """A book and how far the matcher has come in it."""
    return book_view(service.book_of(tx, actor, book_id))


@router.get("/books/{book_id}/depth", openapi_extra=needs("books:read"), responses=responses(*READS, BookNotFound))
def get_book_depth(tx: ReadTx, actor: CurrentActor, book_id: BookPath) -> DepthView:
    """Open orders by price. An auction is sealed until its award: then only own bids are shown."""
    return depth_view(service.depth_of(tx, actor, book_id))


@router.get(
    "/listings/{listing_id}/depth",
    openapi_extra=needs("books:read"),
    responses=responses(*READS, BookNotFound, ListingNotFound),
)
def get_listing_depth(tx: ReadTx, actor: CurrentActor, listing_id: ListingPath) -> DepthView:
    """The depth of the book a listing is matched in."""
    return depth_view(service.depth_of(tx, actor, service.book_id_of_listing(tx, actor, listing_id)))


@router.get(
    "/trades",
    openapi_extra=needs("trades:read", "trades:read_all", "market:read"),
    responses=responses(*READS, CursorInvalid),
)
def list_trades(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    fund_id: FundFilter = None,
    scope: Annotated[str, Query(pattern="^(own|market)$")] = "own",
) -> Page[TradeView]:
    """Trades, newest first: one's own, or with ``scope=market`` all of them without their parties."""
    name = f"trades:{fund_id}:{scope}"
    key = page.after(name)
    rows = service.trades_of(
        tx,
        actor,
        own_only=scope == "own",
        fund_id=fund_id,
        before=str(key[0]) if key else None,
        limit=page.limit + 1,
    )
    return page_of(
        rows,
        page,
        name,
        lambda row: [row.id],
        lambda row: trade_view(row, with_parties=service.is_party(actor, row)),
    )


@router.get(
    "/trades/{trade_id}",
    openapi_extra=needs("trades:read", "trades:read_all"),
    responses=responses(*READS, TradeNotFound),
)
def get_trade(tx: ReadTx, actor: CurrentActor, trade_id: TradePath) -> TradeView:
    """A trade of one's own; operators and auditors see all."""
    return trade_view(service.trade_of(tx, actor, trade_id), with_parties=True)


def book_view(state: BookState) -> BookView:
    """A book for the wire."""
    row = state.row
    return BookView(
        id=row.id,
        listing_id=row.listing_id,
        fund_id=row.fund_id,
        mode=row.mode,
        policy=row.policy,
        profile=row.profile,
        phase=row.phase,
        currency=row.currency,
        nav=MoneyView.of(row.nav_minor, row.currency),
        subscribed=MoneyView.of(row.subscribed_minor, row.currency),
        nav_statement_id=row.nav_statement_id,
        tick=ratio_text(row.tick_ppm),
        minimum_amount=MoneyView.of(row.minimum_amount_minor, row.currency),
        maximum_amount=MoneyView.of(row.maximum_amount_minor, row.currency),
        floor_price=price_text(row.floor_price_ppm) if row.floor_price_ppm else None,
        deposit_rate=ratio_text(row.deposit_ppm),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        last_sequence=row.last_sequence,
        matched_sequence=state.matched_sequence,
        is_simulated=row.is_simulated,
    )


def depth_view(depth: Depth) -> DepthView:
    """Depth for the wire: best bid first, best ask first."""
    currency = depth.book.row.currency
    asks = [level for level in depth.levels if level.side is Side.SELL]
    return DepthView(
        book_id=depth.book.row.id,
        phase=depth.book.row.phase,
        matched_sequence=depth.book.matched_sequence,
        sealed=depth.sealed,
        bids=[_level(level, currency) for level in depth.levels if level.side is Side.BUY],
        asks=[_level(level, currency) for level in reversed(asks)],
    )


def _level(level: DepthRow, currency: str) -> LevelView:
    return LevelView(
        price=price_text(level.price_ppm),
        amount=MoneyView.of(level.amount_minor, currency),
        count=level.count,
        guidance=MoneyView.of(level.guidance_minor, currency),
        own=MoneyView.of(level.own_minor, currency),
    )


def trade_view(row: TradeRow, *, with_parties: bool) -> TradeView:
    """A trade for the wire."""
    return TradeView(
        id=row.id,
        fund_id=row.fund_id,
        listing_id=row.listing_id,
        book_id=row.book_id,
        proposal_id=row.proposal_id if with_parties else None,
        price=price_text(row.price_ppm),
        amount=MoneyView.of(row.amount_minor, row.currency),
        value=MoneyView.of(row.money_minor, row.currency),
        buyer_organisation_id=row.buyer_organisation_id if with_parties else None,
        seller_organisation_id=row.seller_organisation_id if with_parties else None,
        is_simulated=row.is_simulated,
        at=row.at,
    )
