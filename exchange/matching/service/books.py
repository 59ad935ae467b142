"""Books over time: opened when a listing is approved, windows that open, lock and close, orders that end.

Every function may be called twice or late: it reads the state under the locks (listing, book) and does nothing when
there is nothing to do. What changes a book is a command of its journal; the matcher does the rest.
"""

from datetime import datetime

from exchange.core.clock import market_date
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.core.terms import BuyerClass, MatchingMode, PriorityPolicy, Side, TimeInForce
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingEvent, ListingStatus
from exchange.listings.listing import ListingFacts
from exchange.matching.journal import Command
from exchange.matching.lifecycle import LIVE_ORDER, BookPhase, CommandKind, OrderReason
from exchange.matching.order_book import IMMEDIATE
from exchange.matching.service.allocation_terms import allocation_terms
from exchange.matching.service.order_plans import plans_at_close
from exchange.matching.service.periods import lock_moment, priority_window_end
from exchange.matching.store import books as store
from exchange.matching.store import journal
from exchange.matching.tables import BookRow, OrderRow
from exchange.rulebook.service import profile

GUIDANCE_RANK = BuyerClass.GUIDANCE_FUND.rank
BEFORE_CLOSE = frozenset({ListingStatus.PRIORITY_WINDOW, ListingStatus.OPEN, ListingStatus.LOCKED})


def open_book_for_listing(tx: Tx, now: datetime, listing_id: str) -> str | None:
    """The book of an approved listing, made when it has none; its id, or None when the listing went away."""
    facts = listings.listing_facts(tx, listing_id)
    funds.lock_funds(tx, [facts.fund_id])
    row = listings.lock_listing(tx, listing_id)
    if row.book_id is not None:
        return row.book_id
    if row.status is not ListingStatus.APPROVED:
        return None
    book = None
    if facts.mode is MatchingMode.CONTINUOUS:
        book = store.continuous_book(tx, facts.fund_id, facts.profile, is_simulated=facts.is_simulated)
    if book is None:
        book = _new_book(tx, now, facts)
    listings.attach_book(tx, listing_id, book.id)
    return book.id


def _new_book(tx: Tx, now: datetime, facts: ListingFacts) -> BookRow:
    rules = profile(facts.profile, market_date(now))
    continuous = facts.mode is MatchingMode.CONTINUOUS
    known = store.standing(tx, facts.seller_organisation_id)
    row = BookRow(
        id=new_id("book"),
        fund_id=facts.fund_id,
        listing_id=None if continuous else facts.id,
        mode=facts.mode,
        policy=facts.policy,
        profile=facts.profile,
        currency=facts.currency,
        nav_statement_id=facts.nav_statement_id,
        nav_minor=facts.basis.nav_minor,
        subscribed_minor=facts.basis.subscribed_minor,
        fund_risk_rating=facts.fund_risk_rating,
        tick_ppm=rules.tick_ppm.value,
        minimum_amount_minor=rules.minimum_amount_minor.value[facts.currency],
        maximum_amount_minor=rules.maximum_amount_minor.value[facts.currency],
        floor_price_ppm=0 if continuous else facts.floor_price_ppm,
        deposit_ppm=rules.deposit_ppm.value,
        seller_organisation_id=None if continuous else facts.seller_organisation_id,
        seller_group_keys=[] if continuous or known is None else list(known[0]),
        is_simulated=facts.is_simulated,
        opens_at=facts.opens_at,
        closes_at=None if continuous else facts.closes_at,
        created_at=now,
    )
    store.add_book(tx, row)
    if continuous:
        row.phase = BookPhase.OPEN
        journal.append(tx, now, row.id, [Command(0, CommandKind.OPEN)])
    if facts.mode is MatchingMode.ONE_WAY_AUCTION:
        _emit_lock(tx, now, row)
    emit(tx, now, Event("book.opened", row.id, (MARKET,), {"mode": row.mode.value}, row.id, row.listing_id))
    return row


def _emit_lock(tx: Tx, now: datetime, row: BookRow) -> None:
    if row.closes_at is None or row.listing_id is None:
        return
    lock = lock_moment(row.profile, row.closes_at)
    event = Event("book.lock_due", row.listing_id, (), {"rule": lock.rule}, row.id, row.listing_id)
    emit(tx, now, event, due_at=max(now, lock.at))


# -- the window -------------------------------------------------------------------------------------------------------


def open_window(tx: Tx, now: datetime, listing_id: str) -> None:
    """The ask enters its book: a negotiated one opens, an auction goes on collecting."""
    book_id = open_book_for_listing(tx, now, listing_id)
    facts = listings.listing_facts(tx, listing_id)
    row = listings.lock_listing(tx, listing_id)
    if book_id is None or row.status is not ListingStatus.APPROVED or now < row.opens_at:
        return
    book = store.lock_book(tx, book_id)
    if book is None or book.phase in {BookPhase.HALTED, BookPhase.CLOSED} or store.active_halt(tx, None):
        return
    windowed = facts.policy is PriorityPolicy.GUIDANCE_WINDOW and book.mode is MatchingMode.NEGOTIATED
    commands = []
    if windowed:
        commands.append(Command(0, CommandKind.CONSIDER, class_rank=GUIDANCE_RANK))
        _date_window_end(tx, now, facts, book.id, max(now, facts.opens_at))
    if book.mode is MatchingMode.NEGOTIATED:
        commands.append(Command(0, CommandKind.OPEN))
        book.phase = BookPhase.OPEN
    _enter_ask(tx, now, book, facts, commands)
    step = ListingEvent.START_PRIORITY_WINDOW if windowed else ListingEvent.OPEN
    listings.advance_listing(tx, now, listing_id, step)


def _enter_ask(tx: Tx, now: datetime, book: BookRow, facts: ListingFacts, before: list[Command]) -> None:
    """Write the sell order and append its submission after other commands."""
    auction = book.mode is MatchingMode.ONE_WAY_AUCTION
    tif = facts.time_in_force
    if auction and tif in IMMEDIATE:
        tif = TimeInForce.GOOD_TILL_CANCELLED
    known = store.standing(tx, facts.seller_organisation_id)
    order_id = new_id("order")
    price = facts.floor_price_ppm if auction else facts.price_ppm
    submit = Command(
        0,
        CommandKind.SUBMIT,
        order_id,
        Side.SELL,
        price,
        facts.amount_minor,
        BuyerClass.OTHER.rank,
        facts.seller_organisation_id,
        known[0] if known else (),
        tif,
        facts.all_or_none,
        facts.minimum_fill_minor,
    )
    sequence = journal.append(tx, now, book.id, [*before, submit])
    store.add_order(
        tx,
        OrderRow(
            id=order_id,
            book_id=book.id,
            listing_id=facts.id,
            fund_id=facts.fund_id,
            sequence=sequence,
            place=sequence,
            side=Side.SELL,
            organisation_id=facts.seller_organisation_id,
            user_id=facts.entered_by,
            price_ppm=price,
            amount_minor=facts.amount_minor,
            leaves_minor=facts.amount_minor,
            time_in_force=tif,
            all_or_none=facts.all_or_none,
            minimum_fill_minor=facts.minimum_fill_minor,
            last_sequence=sequence,
            accepted_at=now,
        ),
    )
    audience = (facts.seller_organisation_id,)
    data: dict[str, object] = {"side": "sell", "price_ppm": price, "amount_minor": facts.amount_minor}
    emit(tx, now, Event("order.accepted", order_id, audience, data, book.id, facts.id))


def _date_window_end(tx: Tx, now: datetime, facts: ListingFacts, book_id: str, began_at: datetime) -> None:
    ends = priority_window_end(tx, facts.profile, began_at)
    data: dict[str, object] = {"rule": ends.rule, "began_at": began_at.isoformat()}
    event = Event("book.priority_window_ended", facts.id, (), data, book_id, facts.id)
    emit(tx, now, event, due_at=ends.at)


def end_priority_window(tx: Tx, now: datetime, listing_id: str, began_at: datetime | None = None) -> None:
    """From now on bids of every class are considered.

    A year loaded since the window began may have made it longer: then its end is dated anew.
    """
    row = listings.lock_listing(tx, listing_id)
    if row.book_id is None or row.status not in {ListingStatus.PRIORITY_WINDOW, ListingStatus.HALTED}:
        return
    if began_at is not None and now < priority_window_end(tx, row.profile, began_at).at:
        _date_window_end(tx, now, listings.listing_facts(tx, listing_id), row.book_id, began_at)
        return
    book = store.lock_book(tx, row.book_id)
    if book is None or book.phase is BookPhase.CLOSED:
        return
    journal.append(tx, now, book.id, [Command(0, CommandKind.CONSIDER)])
    if row.status is ListingStatus.PRIORITY_WINDOW:
        listings.advance_listing(tx, now, listing_id, ListingEvent.OPEN)


def lock_window(tx: Tx, now: datetime, listing_id: str) -> None:
    """The last part of an auction: bids may only improve."""
    row = listings.lock_listing(tx, listing_id)
    if row.book_id is None or row.status is not ListingStatus.OPEN:
        return
    book = store.lock_book(tx, row.book_id)
    if book is None or book.phase is not BookPhase.COLLECTING or book.closes_at is None:
        return
    if now < lock_moment(book.profile, book.closes_at).at:
        return
    book.phase = BookPhase.LOCKED
    journal.append(tx, now, book.id, [Command(0, CommandKind.LOCK)])
    listings.advance_listing(tx, now, listing_id, ListingEvent.LOCK)


def close_window(tx: Tx, now: datetime, listing_id: str, *, early: bool = False) -> None:
    """The window is over: an auction is allocated, other asks leave. ``early``: the ask's own time has ended."""
    row = listings.lock_listing(tx, listing_id)
    if row.status is ListingStatus.APPROVED:
        open_window(tx, now, listing_id)
    if row.book_id is None or row.status not in BEFORE_CLOSE:
        return
    book = store.lock_book(tx, row.book_id)
    if book is None or book.phase in {BookPhase.CLOSED, BookPhase.HALTED}:
        return
    ends_at = book.closes_at or row.closes_at
    if now < ends_at and not early:
        return
    if early and now < listings.listing_facts(tx, listing_id).expires_at:
        return  # dated before the listing was taken back and published anew
    if book.mode is MatchingMode.CONTINUOUS:
        withdraw_ask(tx, now, book, listing_id, OrderReason.WINDOW_CLOSED)
        return
    if row.status is ListingStatus.PRIORITY_WINDOW:
        listings.advance_listing(tx, now, listing_id, ListingEvent.OPEN)
    book.phase = BookPhase.CLOSED
    if book.mode is MatchingMode.ONE_WAY_AUCTION:
        facts = listings.listing_facts(tx, listing_id)
        terms = allocation_terms(tx, now, facts)
        plans = plans_at_close(tx, book.id, facts)
        detail: dict[str, object] = {"allocate": {**terms, "plans": plans} if plans else terms}
        listings.advance_listing(tx, now, listing_id, ListingEvent.CLOSE)
    else:
        detail = {"reason": OrderReason.WINDOW_CLOSED.value}
    journal.append(tx, now, book.id, [Command(0, CommandKind.CLOSE, detail=detail)])


def check_window(tx: Tx, now: datetime, listing_id: str) -> None:
    """Whatever of a window fell due during a halt: opening, lock, close."""
    open_window(tx, now, listing_id)
    lock_window(tx, now, listing_id)
    close_window(tx, now, listing_id)


def withdraw_ask(tx: Tx, now: datetime, book: BookRow, listing_id: str, reason: OrderReason) -> None:
    """Let the open rest of a listing's ask leave its locked book."""
    ask = store.ask_of(tx, book.id, listing_id)
    if ask is not None and ask.leaves_minor and ask.status in LIVE_ORDER:
        detail: dict[str, object] = {"reason": reason.value}
        journal.append(tx, now, book.id, [Command(0, CommandKind.CANCEL, ask.id, detail=detail)])


def end_book(tx: Tx, now: datetime, book: BookRow, reason: OrderReason) -> None:
    """Let everything that still rests leave a locked book of one listing, with its holds."""
    book.phase = BookPhase.CLOSED
    journal.append(tx, now, book.id, [Command(0, CommandKind.CLOSE, detail={"reason": reason.value})])


# -- orders that end or change without their owner --------------------------------------------------------------------


def expire_order(tx: Tx, now: datetime, order_id: str) -> None:
    """End a dated order whose time has come."""
    seen = store.order(tx, order_id)
    if seen is None:
        return
    book = store.lock_book(tx, seen.book_id)
    order = store.order(tx, order_id)
    if book is None or order is None or order.status not in LIVE_ORDER or not order.leaves_minor:
        return
    if order.expires_at is None or now < order.expires_at or book.phase is BookPhase.CLOSED:
        return
    journal.append(tx, now, book.id, [Command(0, CommandKind.EXPIRE, order_id)])


def follow_standing(tx: Tx, now: datetime, organisation_id: str) -> None:
    """Re-rank an organisation's open bids by its class of today, or withdraw them when it is not admitted any more."""
    known = store.standing(tx, organisation_id)
    if known is None:
        return
    _, buyer_class, is_approved, valid_to = known
    if valid_to is None or market_date(now) > valid_to:
        buyer_class = BuyerClass.OTHER
    by_book: dict[str, list[Command]] = {}
    for order in store.live_orders_of(tx, organisation_id):
        if not is_approved:
            detail: dict[str, object] = {"reason": OrderReason.ORGANISATION_NOT_ADMITTED.value}
            by_book.setdefault(order.book_id, []).append(Command(0, CommandKind.CANCEL, order.id, detail=detail))
        elif order.buyer_class is not buyer_class:
            change = Command(0, CommandKind.RECLASS, order.id, class_rank=buyer_class.rank)
            by_book.setdefault(order.book_id, []).append(change)
    for book in store.lock_books(tx, sorted(by_book)):
        if book.phase is not BookPhase.CLOSED:
            journal.append(tx, now, book.id, by_book[book.id])
