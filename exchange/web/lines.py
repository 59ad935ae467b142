"""Listings as lines of the market: from what the services say to what pages show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from exchange.access.actor import Actor
from exchange.core.money import Money
from exchange.core.quantity import NavBasis
from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx
from exchange.listings import service as listings
from exchange.listings.lifecycle import TAKES_BIDS as TAKES_BIDS
from exchange.listings.service import ListedInterest, ListingFilter
from exchange.web.formatting import STALE_AFTER
from exchange.web.models import MarketLine
from exchange.web.names import organisation_names

PAGE = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the market list is narrowed to; an empty text does not narrow."""

    query: str = ""
    mode: str = ""
    policy: str = ""
    seller: str = ""
    currency: str = ""
    status: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anything narrows the list."""
        return self != Filters()


def is_stale(as_of: date, today: date) -> bool:
    """A NAV older than 180 days."""
    return today - as_of > STALE_AFTER


def basis_of(interest: ListedInterest) -> NavBasis:
    """What the listing's price refers to."""
    return NavBasis(interest.nav.nav_minor, interest.nav.subscribed_minor)


def share_of(figure_minor: int, interest: ListedInterest, amount_minor: int) -> int:
    """The part of a figure of the statement that belongs to an amount of subscribed capital."""
    return NavBasis(figure_minor, interest.nav.subscribed_minor).nav_share_minor(amount_minor) if figure_minor else 0


def line_of(interest: ListedInterest, names: Mapping[str, str], today: date) -> MarketLine:
    """One listing as its line."""
    row, fund, nav = interest.row, interest.fund, interest.nav
    currency = fund.currency
    unfunded = share_of(nav.unfunded_minor, interest, row.amount_minor)
    return MarketLine(
        listing_id=row.id,
        book_id=row.book_id,
        fund_code=fund.code,
        fund_name=fund.name,
        vintage=fund.vintage,
        strategy=fund.strategy,
        manager=names.get(fund.manager_organisation_id, ""),
        seller_class="state_owned" if row.seller_is_state_owned else "market",
        nav_on_sale=Money(basis_of(interest).nav_share_minor(row.amount_minor), currency),
        unfunded=Money(unfunded, currency),
        amount=Money(row.amount_minor, currency),
        ask_ppm=row.price_ppm,
        best_bid_ppm=None,
        best_bid_sealed=row.mode is MatchingMode.ONE_WAY_AUCTION,
        mode=row.mode.value,
        policy=row.policy.value,
        status=row.status.value,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        nav_as_of=nav.as_of,
        nav_is_stale=is_stale(nav.as_of, today),
        source_mark=nav.source_mark.value,
        is_simulated=row.is_simulated,
    )


def lines_of(tx: Tx, actor: Actor, interests: Sequence[ListedInterest], language: str, today: date) -> list[MarketLine]:
    """Several listings as lines, with the managers' names."""
    managers = {interest.fund.manager_organisation_id for interest in interests}
    names = organisation_names(tx, sorted(managers), language)
    return [line_of(interest, names, today) for interest in interests]


def all_listings(tx: Tx, actor: Actor, wanted: ListingFilter) -> list[ListedInterest]:
    """Every listing the viewer may see, page by page."""
    found: list[ListedInterest] = []
    before: str | None = None
    while True:
        rows = listings.listings_of(tx, actor, wanted, before=before, limit=PAGE)
        found += listings.described(tx, actor, rows)
        if len(rows) < PAGE:
            return found
        before = rows[-1].id


def published(interests: Sequence[ListedInterest]) -> list[ListedInterest]:
    """Only what the market sees: drafts of the viewer's own side stand on another page."""
    return [interest for interest in interests if interest.row.reviewed_at is not None]


def narrowed(lines: Sequence[MarketLine], filters: Filters) -> list[MarketLine]:
    """The lines that fit, the next to close first and what takes no bids last."""
    fitting = [line for line in lines if _fits(line, filters)]
    live = {status.value for status in TAKES_BIDS}
    return sorted(fitting, key=lambda line: (line.status not in live, line.closes_at, line.listing_id))


def _fits(line: MarketLine, filters: Filters) -> bool:
    words = f"{line.fund_name} {line.fund_code} {line.manager} {line.strategy}".casefold()
    live = {status.value for status in TAKES_BIDS}
    return all(
        (
            all(word in words for word in filters.query.casefold().split()),
            filters.mode in {"", line.mode},
            filters.policy in {"", line.policy},
            filters.seller in {"", line.seller_class},
            filters.currency in {"", line.amount.currency},
            filters.status in {"", line.status} or (filters.status == "live" and line.status in live),
        )
    )


def with_best_bids(lines: Sequence[MarketLine], best: Mapping[str, int]) -> list[MarketLine]:
    """The lines with the best open bid of each book, where the mode shows it."""
    return [
        line if line.best_bid_sealed else replace(line, best_bid_ppm=best.get(line.book_id or "")) for line in lines
    ]


def market_lines(tx: Tx, actor: Actor, filters: Filters, language: str, now_date: date) -> list[MarketLine]:
    """The market list as one viewer sees it."""
    interests = published(all_listings(tx, actor, ListingFilter()))
    return narrowed(lines_of(tx, actor, interests, language, now_date), filters)
