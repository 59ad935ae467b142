"""What settlement needs of a trade: its facts, and the deposit that goes over from the bid to the deal."""

from dataclasses import dataclass

from exchange.core.quantity import NavBasis
from exchange.infra.database import Tx
from exchange.matching.errors import OrderNotFound
from exchange.matching.holds import deposit_minor
from exchange.matching.refusals import TradeNotFound
from exchange.matching.store import books as book_store
from exchange.matching.store import deals as store
from exchange.matching.tables import TradeRow as TradeRow


@dataclass(frozen=True, slots=True)
class TakenDeposit:
    """The part of a bid's hold that goes over to the deal, in minor units of money."""

    account_id: str
    deposit_minor: int


def trade_facts(tx: Tx, trade_id: str) -> TradeRow:
    """A trade without asking who wants to know; for other services. TRADE_NOT_FOUND when there is none."""
    row = store.trade(tx, trade_id)
    if row is None:
        raise TradeNotFound
    return row


def sold_minor(tx: Tx, listing_id: str) -> int:
    """What trades have taken of a listing, in minor units of subscribed capital."""
    return store.sold_minor(tx, listing_id)


def take_over_deposit(tx: Tx, *, order_id: str, amount_minor: int) -> TakenDeposit | None:
    """Take the deposit of a traded amount off its bid; None when the bid holds none.

    Locks the book and the order. What the bid keeps is the deposit on what it may still take and on what it took
    without a deal, at its own limit; the difference goes over, so nothing is lost to rounding.
    """
    seen = book_store.order(tx, order_id)
    book = book_store.lock_book(tx, seen.book_id) if seen else None
    order = book_store.lock_order(tx, order_id) if book else None
    if book is None or order is None:
        raise OrderNotFound
    open_before = order.leaves_minor + order.filled_minor - order.settled_minor
    order.settled_minor += amount_minor
    if order.account_id is None or order.hold_minor == 0:
        return None
    basis = NavBasis(book.nav_minor, book.subscribed_minor)
    before = deposit_minor(basis, book.deposit_ppm, open_before, order.price_ppm)
    after = deposit_minor(basis, book.deposit_ppm, open_before - amount_minor, order.price_ppm)
    taken = min(before - after, order.hold_minor)
    order.hold_minor -= taken
    tx.flush()
    return TakenDeposit(order.account_id, taken) if taken else None
