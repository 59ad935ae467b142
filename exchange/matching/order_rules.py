"""Whether an order may enter a book: every rule that it breaks, all at once, with numbers and first passing dates.

The rules come in four groups, so that a batch judges each once for all orders it is common to: the book (window,
phase, halt), the party in this book (``may_bid`` of the parties, R-04, R-14), the terms (tick, floor, amounts, time in
force) and the cover of the deposit. Rule ids are those of the rulebook and of the
profile's numbers; ``X-`` marks the exchange's own.

Worked example: a bid at 85.555 % in a book with a tick of 0.01 % and a floor of 86 % breaks X-TICK (nearest 0.8555 and
0.8556) and R-13 (floor 0.8600); both are reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from exchange.core.errors import Breach
from exchange.core.money import Money
from exchange.core.quantity import NavBasis, nearest_ticks, price_text
from exchange.core.terms import MatchingMode, Side, TimeInForce
from exchange.matching.lifecycle import BookPhase
from exchange.parties.standing import Standing
from exchange.parties.suitability import may_bid
from exchange.rulebook.profile import MarketProfile

IMMEDIATE = frozenset({TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL})


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What the rules need of a book. Amounts in minor units of subscribed capital, prices in ppm of the NAV."""

    id: str
    fund_id: str
    listing_id: str | None
    mode: MatchingMode
    profile: str
    currency: str
    basis: NavBasis
    fund_risk_rating: int
    tick_ppm: int
    minimum_amount_minor: int
    maximum_amount_minor: int
    floor_price_ppm: int
    floor_is_hidden: bool
    deposit_ppm: int
    seller_organisation_id: str | None
    seller_group_keys: frozenset[str]
    is_simulated: bool
    phase: BookPhase
    closes_at: datetime | None
    last_sequence: int
    matched_sequence: int = 0
    halted_from: BookPhase | None = None
    fund_manager_id: str | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the market profile asks of an order, with the id of the rule behind each number."""

    interval_days: int
    interval_rule: str
    maximum_price_ppm: int
    maximum_price_rule: str
    tick_rule: str
    minimum_amount_rule: str
    maximum_amount_rule: str
    deposit_rule: str
    published_years: frozenset[int] | None = None

    def is_provisional(self, day: date) -> bool:
        """Whether a date counted on the calendar may move: None of ``published_years`` is no statement."""
        return self.published_years is not None and day.year not in self.published_years


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """Limit (ppm), amount (minor units of subscribed capital) and conditions of an order."""

    price_ppm: int
    amount_minor: int
    currency: str
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_CANCELLED
    expires_on: date | None = None
    all_or_none: bool = False
    minimum_fill_minor: int = 0


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """What the rules of a change need of the order that stands."""

    side: Side
    price_ppm: int
    amount_minor: int
    filled_minor: int
    cancelled_minor: int


def book_breaches(book: BookFacts, now: datetime, market_halt: str | None) -> tuple[Breach, ...]:
    """Why a book takes no new order at all: closed, past its time, locked, halted."""
    return tuple(_book_breaches(book, now, market_halt, is_change=False))


def change_breaches(book: BookFacts, now: datetime, market_halt: str | None) -> tuple[Breach, ...]:
    """Why a book takes no change of an order; a locked auction takes improvements, see ``amend_breaches``."""
    return tuple(_book_breaches(book, now, market_halt, is_change=True))


def _book_breaches(book: BookFacts, now: datetime, market_halt: str | None, *, is_change: bool) -> Iterator[Breach]:
    if market_halt is not None:
        yield Breach("R-55", "HALTED", {"scope": "market", "reason": market_halt or "-"})
    if book.phase is BookPhase.HALTED:
        yield Breach("R-55", "HALTED", {"scope": book.id, "reason": "-"})
    if book.phase is BookPhase.CLOSED or (book.closes_at is not None and book.closes_at <= now):
        closed = book.closes_at.isoformat() if book.closes_at is not None else "-"
        yield Breach("X-WINDOW", "WINDOW_CLOSED", {"time": closed})
    elif book.phase is BookPhase.LOCKED and not is_change:
        yield Breach("X-LOCK", "IMPROVE_ONLY")


def party_breaches(
    book: BookFacts,
    buyer: Standing,
    rules: MarketProfile,
    needs: Requirements,
    today: date,
    resale_from: date | None,
) -> tuple[Breach, ...]:
    """Why an organisation may not buy in this book today. ``resale_from``: first date R-04 passes, None if it does.

    Who may bid for a fund at all is the parties' rule; here stands what this book adds to it.
    """
    return (
        *may_bid(buyer, book.fund_risk_rating, book.currency, rules, today, book.fund_manager_id).breaches,
        *_side_breaches(book, buyer),
        *_resale_breaches(needs, today, resale_from),
    )


def _side_breaches(book: BookFacts, buyer: Standing) -> Iterator[Breach]:
    if buyer.is_simulated != book.is_simulated:
        yield Breach("X-SIMULATION", "SIMULATED_AND_REAL")
    if book.seller_organisation_id is None:
        return
    if buyer.organisation_id == book.seller_organisation_id:
        yield Breach("R-14", "SELLER_MAY_NOT_BID")
    elif not book.seller_group_keys.isdisjoint(buyer.group_keys):
        yield Breach("R-14", "CONFLICT_OF_INTEREST")


def _resale_breaches(needs: Requirements, today: date, resale_from: date | None) -> Iterator[Breach]:
    if resale_from is not None and today < resale_from:
        numbers = {"n": str(needs.interval_days), "date": resale_from.isoformat()}
        yield Breach(
            needs.interval_rule,
            "ROUND_TRIP",
            numbers,
            passes_on=resale_from,
            is_provisional=needs.is_provisional(resale_from),
        )


def terms_breaches(terms: OrderTerms, book: BookFacts, needs: Requirements, today: date) -> tuple[Breach, ...]:
    """What is wrong with limit, amount or conditions in this book."""
    return (
        *_price_breaches(terms.price_ppm, book, needs),
        *_amount_breaches(terms, book, needs),
        *_time_breaches(terms, book, today),
    )


def _price_breaches(price_ppm: int, book: BookFacts, needs: Requirements) -> Iterator[Breach]:
    below, above = nearest_ticks(price_ppm, book.tick_ppm)
    if below != above or price_ppm <= 0:
        numbers = {"step": price_text(book.tick_ppm), "a": price_text(below or above), "b": price_text(above)}
        yield Breach(needs.tick_rule, "STEP_INVALID", numbers)
    if price_ppm > needs.maximum_price_ppm:
        limit = {"price": price_text(price_ppm), "limit": price_text(needs.maximum_price_ppm)}
        yield Breach(needs.maximum_price_rule, "PRICE_TOO_HIGH", limit)
    if price_ppm < book.floor_price_ppm and not book.floor_is_hidden:
        numbers = {"price": price_text(price_ppm), "floor": price_text(book.floor_price_ppm)}
        yield Breach("R-13", "BELOW_FLOOR", numbers)


def _amount_breaches(terms: OrderTerms, book: BookFacts, needs: Requirements) -> Iterator[Breach]:
    if terms.currency != book.currency:
        yield Breach("X-CURRENCY", "CURRENCY_MISMATCH", {"given": terms.currency, "needed": book.currency})
    yield from _bound_breaches(terms.amount_minor, book, book.maximum_amount_minor, needs)
    if terms.minimum_fill_minor > terms.amount_minor:
        yield Breach("X-TERMS", "MINIMUM_FILL_TOO_LARGE", {"amount": Money(terms.amount_minor, book.currency).text()})


def _bound_breaches(amount_minor: int, book: BookFacts, most_minor: int, needs: Requirements) -> Iterator[Breach]:
    if amount_minor < book.minimum_amount_minor:
        numbers = _amounts(amount_minor, book.minimum_amount_minor, book.currency)
        yield Breach(needs.minimum_amount_rule, "AMOUNT_TOO_SMALL", numbers)
    if amount_minor > most_minor:
        numbers = _amounts(amount_minor, most_minor, book.currency)
        yield Breach(needs.maximum_amount_rule, "AMOUNT_TOO_LARGE", numbers)


def _amounts(given: int, limit: int, currency: str) -> dict[str, str]:
    return {"given": Money(given, currency).text(), "limit": Money(limit, currency).text(), "currency": currency}


def _time_breaches(terms: OrderTerms, book: BookFacts, today: date) -> Iterator[Breach]:
    if terms.time_in_force in IMMEDIATE and book.phase is not BookPhase.OPEN:
        yield Breach("X-TERMS", "IMMEDIATE_WHILE_COLLECTING", {"time_in_force": terms.time_in_force.value})
    if terms.expires_on is not None and terms.expires_on < today:
        yield Breach("X-TERMS", "EXPIRY_PASSED", {"date": terms.expires_on.isoformat()})


def cover_breaches(needed_minor: int, free_minor: int, currency: str, rule: str) -> tuple[Breach, ...]:
    """The deposit that is not covered by free money of the buyer's account, both in minor units."""
    if needed_minor <= free_minor:
        return ()
    numbers = {"amount": Money(needed_minor, currency).text(), "free": Money(free_minor, currency).text()}
    return (Breach(rule, "DEPOSIT_MISSING", {**numbers, "currency": currency}),)


def check_order(
    terms: OrderTerms,
    book: BookFacts,
    buyer: Standing,
    rules: MarketProfile,
    needs: Requirements,
    *,
    now: datetime,
    today: date,
    market_halt: str | None,
    resale_from: date | None,
    deposit_minor: int,
    free_minor: int,
) -> tuple[Breach, ...]:
    """Every rule a new bid breaks, in one list; empty when it may enter. The four groups in their order."""
    return (
        *book_breaches(book, now, market_halt),
        *party_breaches(book, buyer, rules, needs, today, resale_from),
        *terms_breaches(terms, book, needs, today),
        *cover_breaches(deposit_minor, free_minor, book.currency, needs.deposit_rule),
    )


def amend_breaches(
    order: LiveOrder, price_ppm: int, amount_minor: int, book: BookFacts, most_minor: int, needs: Requirements
) -> tuple[Breach, ...]:
    """What is wrong with a new limit and whole amount of a standing order; ``most_minor`` bounds the amount."""
    return (
        *_price_breaches(price_ppm, book, needs),
        *_bound_breaches(amount_minor, book, most_minor, needs),
        *_lock_breaches(order, price_ppm, amount_minor, book),
        *_taken_breaches(order, amount_minor, book),
    )


def _lock_breaches(order: LiveOrder, price_ppm: int, amount_minor: int, book: BookFacts) -> Iterator[Breach]:
    if book.phase is not BookPhase.LOCKED:
        return
    better = price_ppm >= order.price_ppm if order.side is Side.BUY else price_ppm <= order.price_ppm
    if not better or amount_minor < order.amount_minor:
        yield Breach("X-LOCK", "IMPROVE_ONLY")


def _taken_breaches(order: LiveOrder, amount_minor: int, book: BookFacts) -> Iterator[Breach]:
    taken = order.filled_minor + order.cancelled_minor
    if amount_minor <= taken:
        yield Breach("X-AMOUNT", "AMOUNT_BELOW_FILLED", _amounts(amount_minor, taken, book.currency))


def cancel_breaches(book: BookFacts) -> tuple[Breach, ...]:
    """Why an order cannot be withdrawn: the last part of an auction binds (also through a halt), so does its end."""
    phase = book.halted_from if book.phase is BookPhase.HALTED and book.halted_from else book.phase
    if phase is BookPhase.LOCKED:
        return (Breach("X-LOCK", "BINDING_WHILE_LOCKED"),)
    if phase is BookPhase.CLOSED:
        closed = book.closes_at.isoformat() if book.closes_at is not None else "-"
        return (Breach("X-WINDOW", "WINDOW_CLOSED", {"time": closed}),)
    return ()
