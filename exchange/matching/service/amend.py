"""Withdraw or change an order: a line in its book's journal, judged under the book's lock, settled by the worker.

Until the worker comes the order's amounts stay as they are. More deposit is held at once, so that an accepted change
is always covered; less is released by the worker, when the change has happened. One change at a time: while an order's
last command waits, another change is refused as pending; a withdrawal never is.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach, Invalid, RulesBroken
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.terms import Side
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.ledger.cover import HoldChange
from exchange.ledger.service import apply_holds
from exchange.matching.errors import OrderNotFound, OrderNotLive, OrderPending
from exchange.matching.holds import deposit_minor
from exchange.matching.journal import Command
from exchange.matching.lifecycle import LIVE_ORDER, CommandKind
from exchange.matching.order_rules import (
    BookFacts,
    LiveOrder,
    Requirements,
    amend_breaches,
    cancel_breaches,
    change_breaches,
    cover_breaches,
)
from exchange.matching.order_terms import OrderChange, OrderState
from exchange.matching.service.judgement import Bench, requirements, unknown_buyer
from exchange.matching.store import intake as intake_store
from exchange.matching.store import journal
from exchange.matching.store import orders as store
from exchange.rest.etags import require_match

PERMISSION = "orders:write"


class NothingChanges(Invalid):
    """The change asks for what the order already is."""

    code = "NOTHING_CHANGES"


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that was accepted into the journal: final once the worker has passed its sequence."""

    order: OrderState
    sequence: int


@dataclass(frozen=True, slots=True)
class _Open:
    """An order that may be changed, with its book and what its organisation may do; book and accounts are locked."""

    order: OrderState
    book: BookFacts
    reading: intake_store.Reading


def cancel_order(tx: Tx, actor: Actor, *, order_id: str) -> Asked:
    """Withdraw the open rest of an own bid. A foreign order does not exist; a locked or ended auction binds."""
    actor.require(PERMISSION)
    found = _open(tx, actor, order_id)
    breaches = cancel_breaches(found.book)
    if found.order.side is Side.SELL:
        breaches = (*breaches, Breach("X-ASK", "ASK_BELONGS_TO_LISTING"))
    if breaches:
        raise RulesBroken(breaches=breaches)
    now = business_now(tx)
    command = Command(sequence=0, kind=CommandKind.CANCEL, order_id=order_id)
    return _ask(tx, actor, now, found.order, command, "order.cancel_asked", 0)


def amend_order(tx: Tx, actor: Actor, *, order_id: str, change: OrderChange, if_match: str | None) -> Asked:
    """Change limit or amount of an own order. Less at the same limit keeps its place, anything else takes a new one.

    428 without the version the change is based on, 412 when it is another one, 409 with every rule that it breaks.
    """
    actor.require(PERMISSION)
    found = _open(tx, actor, order_id)
    order = found.order
    require_match(if_match, order.last_sequence)
    if order.last_sequence > found.book.matched_sequence:
        raise OrderPending
    amount = order.amount_minor if change.amount_minor is None else change.amount_minor
    price = order.price_ppm if change.limit is None else change.limit.price_ppm(order.basis, amount)
    if (amount, price) == (order.amount_minor, order.price_ppm):
        raise NothingChanges
    now = business_now(tx)
    more = _more_to_hold(order, found.book, amount, price)
    breaches = _breaches(tx, found, now, amount, price, more)
    if breaches:
        raise RulesBroken(breaches=breaches)
    if more:
        account_id = store.account_of(tx, order_id)
        apply_holds(tx, [HoldChange(account_id or "", more, order_id, new_id("transfer"))], now)
    command = Command(sequence=0, kind=CommandKind.AMEND, order_id=order_id, price_ppm=price, amount_minor=amount)
    return _ask(tx, actor, now, order, command, "order.amend_asked", more)


def _open(tx: Tx, actor: Actor, order_id: str) -> _Open:
    """The caller's live order under the locks of its book, its row and its accounts."""
    seen = store.order(tx, order_id)
    if seen is None or not _may_change(tx, actor, seen):
        raise OrderNotFound
    # Book, order, accounts: the order in which the matcher and the intake lock them too.
    _read_locked(tx, seen.book_id, [])
    order = store.order(tx, order_id, locked=True)
    if order is None:
        raise OrderNotFound
    if order.status not in LIVE_ORDER:
        raise OrderNotLive(status=order.status.value)
    reading = _read_locked(tx, seen.book_id, [seen.organisation_id])
    return _Open(order, reading.books[order.book_id], reading)


def _read_locked(tx: Tx, book_id: str, organisation_ids: list[str]) -> intake_store.Reading:
    return intake_store.read(
        tx, book_ids=[book_id], listing_ids=[], organisation_ids=organisation_ids, keys=[], locked=True
    )


def _may_change(tx: Tx, actor: Actor, order: OrderState) -> bool:
    """Its owner may; an ask also the manager who entered its listing for the holder."""
    if order.organisation_id == actor.organisation_id:
        return True
    if order.side is not Side.SELL or order.listing_id is None:
        return False
    listing = store.listing_facts(tx, order.listing_id)
    return listing is not None and listing.entered_by_organisation_id == actor.organisation_id


def _more_to_hold(order: OrderState, book: BookFacts, amount: int, price: int) -> int:
    """What the change needs beyond what is held now, in minor units; a bid alone holds a deposit."""
    if order.side is Side.SELL:
        return 0
    standing = max(0, amount - order.cancelled_minor - order.settled_minor)
    return max(0, deposit_minor(book.basis, book.deposit_ppm, standing, price) - order.hold_minor)


def _breaches(tx: Tx, found: _Open, now: datetime, amount: int, price: int, more: int) -> tuple[Breach, ...]:
    order, book = found.order, found.book
    today = market_date(now)
    needs = requirements(tx, book.profile, today)
    live = LiveOrder(order.side, order.price_ppm, order.amount_minor, order.filled_minor, order.cancelled_minor)
    common = change_breaches(book, now, found.reading.market_halt)
    if order.side is Side.SELL:
        return (*common, *_ask_breaches(tx, order, live, amount, price, book, needs))
    buyer = found.reading.buyers.get(order.organisation_id) or unknown_buyer(order.organisation_id, book)
    account = found.reading.accounts.get((order.organisation_id, book.currency))
    bench = Bench(tx, found.reading, now)
    return (
        *common,
        *bench.party_breaches(book, buyer),
        *bench.gate_breaches(book, order.organisation_id),
        *amend_breaches(live, price, amount, book, book.maximum_amount_minor, needs),
        *cover_breaches(more, account.free_minor if account else 0, book.currency, needs.deposit_rule),
    )


def _ask_breaches(
    tx: Tx, order: OrderState, live: LiveOrder, amount: int, price: int, book: BookFacts, needs: Requirements
) -> tuple[Breach, ...]:
    """An ask stays within what its listing froze in custody and at or above its floor."""
    listing = store.listing_facts(tx, order.listing_id) if order.listing_id else None
    most = listing.amount_minor if listing else order.amount_minor
    floor = max(book.floor_price_ppm, listing.floor_price_ppm if listing else 0)
    return amend_breaches(live, price, amount, replace(book, floor_price_ppm=floor), most, needs)


def _ask(tx: Tx, actor: Actor, now: datetime, order: OrderState, command: Command, event: str, more: int) -> Asked:
    sequence = journal.append(tx, now, order.book_id, [command])
    store.touch(tx, order.id, sequence=sequence, hold_delta_minor=more)
    emit(
        tx,
        now,
        Event(
            event,
            order.id,
            audience=(order.organisation_id,),
            data={
                "sequence": sequence,
                "price_ppm": command.price_ppm,
                "amount_minor": command.amount_minor,
                "hold_delta_minor": more,
            },
            book_id=order.book_id,
            listing_id=order.listing_id,
        ),
        actor_id=actor.user_id,
    )
    return Asked(replace(order, last_sequence=sequence, hold_minor=order.hold_minor + more), sequence)
