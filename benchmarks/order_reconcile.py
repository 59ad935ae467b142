"""Does everything add up afterwards? Exact, by SQL, against what the clients were told."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

SETTLE_SECONDS = 30.0

# Name -> a query whose single number must be zero.
ZERO = {
    "sequences have a gap": "SELECT count(*) FROM (SELECT b.last_sequence, count(c.*) n, max(c.sequence) m FROM book b "
    "JOIN book_command c ON c.book_id = b.id GROUP BY b.id) x WHERE n <> last_sequence OR m <> last_sequence",
    "orders without their command": "SELECT count(*) FROM market_order o LEFT JOIN book_command c "
    "ON c.book_id = o.book_id AND c.sequence = o.sequence AND c.order_id = o.id WHERE c.order_id IS NULL",
    "submissions without their order": "SELECT count(*) FROM book_command c LEFT JOIN market_order o "
    "ON o.id = c.order_id WHERE c.kind = 'submit' AND o.id IS NULL",
    "orders without their event": "SELECT count(*) FROM market_order o WHERE side = 'buy' AND NOT EXISTS "
    "(SELECT 1 FROM event e WHERE e.subject_id = o.id AND e.type = 'order.accepted')",
    "books not matched to the end": "SELECT count(*) FROM book b JOIN book_progress p ON p.book_id = b.id "
    "WHERE p.matched_sequence <> b.last_sequence",
    "orders whose amounts do not add up": "SELECT count(*) FROM market_order "
    "WHERE leaves_minor + filled_minor + cancelled_minor <> amount_minor",
    "orders whose fills do not add up": "SELECT count(*) FROM (SELECT o.filled_minor, "
    "coalesce(sum(f.amount_minor), 0) s FROM market_order o LEFT JOIN fill f "
    "ON f.buy_order_id = o.id WHERE o.side = 'buy' GROUP BY o.id) x "
    "WHERE filled_minor <> s",
    "bought is not sold": "SELECT coalesce(sum(CASE side WHEN 'buy' THEN filled_minor ELSE -filled_minor END), 0) "
    "FROM market_order",
    "live bids that cross the ask": "SELECT count(*) FROM market_order o JOIN market_order a ON a.book_id = o.book_id "
    "AND a.side = 'sell' AND a.leaves_minor > 0 WHERE o.side = 'buy' AND o.leaves_minor > 0 "
    "AND o.price_ppm >= a.price_ppm",
    "accounts whose holds are not their orders'": "SELECT count(*) FROM account a WHERE a.kind = 'cash' "
    "AND a.held_minor <> (SELECT coalesce(sum(o.hold_minor), 0) FROM market_order o WHERE o.account_id = a.id)",
    "accounts whose holds are not their entries": "SELECT count(*) FROM account a WHERE a.kind = 'cash' "
    "AND a.held_minor <> (SELECT coalesce(sum(e.held_delta_minor), 0) FROM ledger_entry e WHERE e.account_id = a.id)",
    "holds that are not the deposit": "SELECT count(*) FROM market_order o JOIN book b ON b.id = o.book_id "
    "WHERE o.side = 'buy' AND o.hold_minor <> div(2 * div(2 * b.nav_minor::numeric * (o.leaves_minor + o.filled_minor) "
    "* o.price_ppm + b.subscribed_minor::numeric * 1000000, 2 * b.subscribed_minor::numeric * 1000000) "
    "* b.deposit_ppm + 1000000, 2000000)",
}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was found, and each way in which it does not add up."""

    orders: int
    fills: int
    faults: tuple[str, ...]


def await_matched(url: str) -> float:
    """Wait until the matcher has come to the end of every journal; seconds waited, at most half a minute."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() - began < SETTLE_SECONDS and _number(connection, ZERO["books not matched to the end"]):
            time.sleep(0.02)
    return time.monotonic() - began


def reconcile(url: str, accepted_ids: Sequence[str], accepted_in_bulks: int) -> Reconciliation:
    """Check every sum; the ids the clients were told are exactly the orders there are."""
    faults = []
    with psycopg.connect(url, autocommit=True) as connection:
        for name, query in ZERO.items():
            found = _number(connection, query)
            if found:
                faults.append(f"{name}: {found}")
        orders = _number(connection, "SELECT count(*) FROM market_order WHERE side = 'buy'")
        fills = _number(connection, "SELECT count(*) FROM fill")
        known = {row[0] for row in connection.execute("SELECT id FROM market_order WHERE side = 'buy'")}
        if len(set(accepted_ids)) != len(accepted_ids):
            faults.append("an order was told twice")
        if missing := set(accepted_ids) - known:
            faults.append(f"accepted orders that are not there: {len(missing)}")
        if orders != len(accepted_ids) + accepted_in_bulks:
            faults.append(f"{orders} orders stored, {len(accepted_ids) + accepted_in_bulks} accepted")
    return Reconciliation(orders, fills, tuple(faults))


def _number(connection: "psycopg.Connection[Any]", query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
