"""Who is next in rank once a deal has fallen away: bids that met the ask, lost, and may still buy.

After an auction the same allocation that made the award runs again beside what stands; in a negotiated book the bids
that were still open when the listing ended stand in the order of its policy. A continuous book has none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.core.errors import Breach
from exchange.core.quantity import NavBasis
from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx
from exchange.matching.after_award import next_backup
from exchange.matching.holds import deposit_minor
from exchange.matching.priority import bid_key, class_leads, class_rank
from exchange.matching.proof import replay
from exchange.matching.refusals import TradeNotFound
from exchange.matching.service.judgement import Bench, unknown_buyer
from exchange.matching.store import awards, backups, intake
from exchange.matching.store import books as book_store
from exchange.matching.tables import BookRow, OrderRow


@dataclass(frozen=True, slots=True)
class Backup:
    """A losing bid in rank (from 1): up to which amount at which price, worth what, against which deposit."""

    order_id: str
    organisation_id: str
    rank: int
    price_ppm: int
    amount_minor: int
    money_minor: int
    deposit_minor: int


def backups_of(
    tx: Tx,
    now: datetime,
    *,
    book_id: str,
    listing_id: str,
    free_minor: int,
    standing: Mapping[str, int],
    out: Collection[str],
) -> list[Backup]:
    """Losing bids of a listing that ended, best rank first, as far as together they take what is free.

    ``standing``: what deals and open offers hold, by order id in minor units; ``out``: orders that are not asked again.
    """
    book = book_store.book(tx, book_id)
    if book is None:
        raise TradeNotFound
    if book.mode is MatchingMode.ONE_WAY_AUCTION:
        found = _of_award(tx, listing_id, standing, out)
    elif book.mode is MatchingMode.NEGOTIATED:
        found = _of_book(tx, book, listing_id, standing, out)
    else:
        return []
    return _taken(tx, now, book, found, free_minor)


def buyer_breaches(tx: Tx, now: datetime, *, book_id: str, organisation_id: str) -> tuple[Breach, ...]:
    """Why an organisation may not buy in a book today; for services that call a bid after its match."""
    reading = intake.read(
        tx, book_ids=[book_id], listing_ids=[], organisation_ids=[organisation_id], keys=[], locked=False
    )
    book = reading.books[book_id]
    buyer = reading.buyers.get(organisation_id) or unknown_buyer(organisation_id, book)
    return Bench(tx, reading, now).party_breaches(book, buyer)


def _of_award(
    tx: Tx, listing_id: str, standing: Mapping[str, int], out: Collection[str]
) -> list[tuple[OrderRow, int, int]]:
    row = awards.award_of_listing(tx, listing_id)
    if row is None:
        return []
    award = replay(row.proof)
    known = set(award.columns.bid_ids)
    refused = backups.orders_that_refused(tx, listing_id)
    lapsed = {order_id for order_id in (*out, *refused) if order_id in known and order_id not in standing}
    stands = {order_id: amount for order_id, amount in standing.items() if order_id in known}
    fills = next_backup(award, lapsed, stands)
    rows = backups.orders(tx, [fill.bid_id for fill in fills])
    return [(rows[fill.bid_id], fill.amount_minor, fill.price_ppm) for fill in fills if fill.bid_id in rows]


def _of_book(
    tx: Tx, book: BookRow, listing_id: str, standing: Mapping[str, int], out: Collection[str]
) -> list[tuple[OrderRow, int, int]]:
    ask = book_store.ask_of(tx, book.id, listing_id)
    if ask is None:
        return []
    refused = set(out) | set(backups.orders_that_refused(tx, listing_id))
    leads = class_leads(book.policy)

    def rank(order: OrderRow) -> tuple[int, int, int]:
        of_class = class_rank(order.buyer_class) if order.buyer_class else 0
        return (of_class if leads else 0, -bid_key(order.price_ppm, of_class), order.place)

    found = []
    for order in sorted(backups.orders_left_over(tx, book.id, ask.price_ppm), key=rank):
        # What a deal holds beyond what the order traded came from an offer to it.
        rest = order.cancelled_minor - max(0, standing.get(order.id, 0) - order.settled_minor)
        if order.id not in refused and rest > 0:
            found.append((order, rest, order.price_ppm))
    return found


def _taken(
    tx: Tx, now: datetime, book: BookRow, found: Sequence[tuple[OrderRow, int, int]], free_minor: int
) -> list[Backup]:
    basis, left, taken = NavBasis(book.nav_minor, book.subscribed_minor), free_minor, []
    for rank, (order, wanted, price_ppm) in enumerate(found, start=1):
        amount = min(wanted, left)
        least = order.amount_minor if order.all_or_none else max(order.minimum_fill_minor, book.minimum_amount_minor)
        if amount <= 0 or amount < min(least, order.amount_minor):
            continue
        if buyer_breaches(tx, now, book_id=book.id, organisation_id=order.organisation_id):
            continue
        left -= amount
        taken.append(
            Backup(
                order.id,
                order.organisation_id,
                rank,
                price_ppm,
                amount,
                basis.value_minor(amount, price_ppm),
                deposit_minor(basis, book.deposit_ppm, amount, price_ppm),
            )
        )
    return taken
