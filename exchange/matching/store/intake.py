"""SQL of the intake: what a batch of orders must know in one round trip, what it writes in another.

The statements cross package lines on purpose: the batch reads standings, accounts and kept answers, and writes holds,
events and the outbox, set-wise beside the orders, because a call for each package would cost the order path more round
trips than everything else it does (``docs/decisions/0003-order-path.md``). Rows travel as one JSON text a statement:
one parameter, one plan, no per-column arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from pydantic_core import to_json

from exchange.core.quantity import NavBasis
from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx, cursor, id_array, pipelined
from exchange.matching.clearance import Clearance, Missing
from exchange.matching.lifecycle import BookPhase
from exchange.matching.order_rules import BookFacts
from exchange.parties.standing import COLUMN_COUNT, COLUMNS, Standing, standing_of

BOOK_COLUMNS = """
b.id, b.fund_id, b.listing_id, b.mode, b.profile, b.currency, b.nav_minor, b.subscribed_minor, b.fund_risk_rating,
b.tick_ppm, b.minimum_amount_minor, b.maximum_amount_minor, b.floor_price_ppm, b.deposit_ppm,
b.seller_organisation_id, b.seller_group_keys, b.is_simulated, b.phase, b.closes_at, b.last_sequence,
COALESCE(p.matched_sequence, 0),
(SELECT h.phase_before FROM halt h WHERE h.book_id = b.id AND h.lifted_at IS NULL ORDER BY h.halted_at DESC LIMIT 1),
(SELECT f.manager_organisation_id FROM fund f WHERE f.id = b.fund_id)
"""

_BOOKS = f"""
SELECT {BOOK_COLUMNS} FROM book b LEFT JOIN book_progress p ON p.book_id = b.id
WHERE b.id = ANY(%s::text[]) OR b.id IN (SELECT l.book_id FROM listing l WHERE l.id = ANY(%s::text[])) ORDER BY b.id
"""  # noqa: S608 - the columns are the constant above

# LATERAL with a limit: one look into the primary key a wanted key, however the planner misjudges the table's size.
_KEPT = """
SELECT k.user_id, k.operation, k.key, k.body_hash, k.status_code, k.answer::text
FROM json_to_recordset(%s::json) AS w(user_id text, operation text, key text)
CROSS JOIN LATERAL (
  SELECT * FROM idempotency i WHERE i.user_id = w.user_id AND i.operation = w.operation AND i.key = w.key LIMIT 1
) k
"""

# A row for every organisation asked for, known or not: each carries the reason of a halt of the whole market.
_STANDINGS = f"""
SELECT {COLUMNS}, (SELECT h.reason FROM halt h WHERE h.book_id IS NULL AND h.lifted_at IS NULL LIMIT 1)
FROM unnest(%s::text[]) AS w(id) LEFT JOIN standing s ON s.organisation_id = w.id
"""  # noqa: S608 - the columns are a constant

_ACCOUNTS = """
SELECT id, organisation_id, currency, posted_minor - held_minor FROM account
WHERE organisation_id = ANY(%s::text[]) AND kind = 'cash' ORDER BY id
"""

# A sale counts from its trade until the interval of R-04 has passed. Looked for by seller and fund together, newest
# first: any looser probe is planned as a scan of the table once somebody sells often.
_SALES = """
SELECT w.organisation_id, f.fund_id, s.at FROM unnest(%s::text[]) AS w(organisation_id)
CROSS JOIN (SELECT b.fund_id FROM book b WHERE b.id = ANY(%s::text[])
 UNION SELECT l.fund_id FROM listing l WHERE l.id = ANY(%s::text[])) f
CROSS JOIN LATERAL (SELECT t.at FROM trade t WHERE t.seller_organisation_id = w.organisation_id
 AND t.fund_id = f.fund_id ORDER BY t.at DESC LIMIT 1) s
"""

# One row a bidder of a listing, by its key; kept up by diligence with the papers it is derived from.
_CLEARANCES = """
SELECT c.organisation_id, c.listing_id, c.clear_until, c.missing
FROM unnest(%s::text[]) AS w(organisation_id)
CROSS JOIN (SELECT b.listing_id FROM book b WHERE b.id = ANY(%s::text[]) AND b.listing_id IS NOT NULL
 UNION SELECT l.id FROM listing l WHERE l.id = ANY(%s::text[])) f
CROSS JOIN LATERAL (SELECT * FROM bid_clearance k WHERE k.listing_id = f.listing_id
 AND k.organisation_id = w.organisation_id LIMIT 1) c
"""

# Of a continuous book there are many listings; each names the book it is sold in.
_LISTINGS = "SELECT id, book_id FROM listing WHERE id = ANY(%s::text[]) AND book_id IS NOT NULL"

# One statement writes everything an accepted order is: its row, its line in the journal, its event (and the deadline
# of a dated order) with the outbox, its hold on the account with the ledger entry, the books' counters, the kept
# answers. A twin that took one of the keys meanwhile violates KEPT_KEY: the whole batch is then judged anew.
_WRITE = """
WITH d AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(orders)s::json) AS t(
    id text, book_id text, listing_id text, fund_id text, sequence bigint, organisation_id text, user_id text,
    buyer_class text, class_rank int, group_keys text[], price_ppm bigint, amount_minor bigint, hold_minor bigint,
    account_id text, time_in_force text, expires_at timestamptz, all_or_none bool, minimum_fill_minor bigint,
    event_id text, deadline_id text, transfer_id text, data jsonb)
), orders AS (
  INSERT INTO market_order (id, book_id, listing_id, fund_id, sequence, place, side, organisation_id, user_id,
    buyer_class, price_ppm, amount_minor, leaves_minor, filled_minor, cancelled_minor, settled_minor, hold_minor,
    account_id, time_in_force, expires_at, all_or_none, minimum_fill_minor, status, reason, last_sequence, accepted_at)
  SELECT id, book_id, listing_id, fund_id, sequence, sequence, 'buy', organisation_id, user_id, buyer_class, price_ppm,
    amount_minor, amount_minor, 0, 0, 0, hold_minor, account_id, time_in_force, expires_at, all_or_none,
    minimum_fill_minor, 'accepted', '', sequence, %(now)s FROM d
), commands AS (
  INSERT INTO book_command (book_id, sequence, kind, order_id, side, price_ppm, amount_minor, class_rank,
    organisation_id, group_keys, time_in_force, all_or_none, minimum_fill_minor, at)
  SELECT book_id, sequence, 'submit', id, 'buy', price_ppm, amount_minor, class_rank, organisation_id, group_keys,
    time_in_force, all_or_none, minimum_fill_minor, %(now)s FROM d
), happened AS (
  INSERT INTO event (id, type, at, actor_id, subject_id, book_id, listing_id, audience, data)
  SELECT event_id, 'order.accepted', %(now)s, user_id, id, book_id, listing_id, ARRAY[organisation_id], data FROM d
  UNION ALL
  SELECT deadline_id, 'order.expiry_due', %(now)s, user_id, id, book_id, listing_id, ARRAY[]::text[],
    jsonb_build_object('order_id', id) FROM d WHERE deadline_id IS NOT NULL
), queued AS (
  INSERT INTO outbox (event_id, due_at)
  SELECT event_id, %(now)s FROM d UNION ALL SELECT deadline_id, expires_at FROM d WHERE deadline_id IS NOT NULL
), counted AS (
  UPDATE book b SET last_sequence = n.last FROM (SELECT book_id, max(sequence) AS last FROM d GROUP BY book_id) n
  WHERE b.id = n.book_id
), held AS (
  UPDATE account a SET held_minor = a.held_minor + n.held
  FROM (SELECT account_id, sum(hold_minor)::bigint AS held FROM d WHERE hold_minor > 0 GROUP BY account_id) n
  WHERE a.id = n.account_id
), entries AS (
  INSERT INTO ledger_entry (transfer_id, account_id, kind, posted_delta_minor, held_delta_minor, reference_id, at)
  SELECT transfer_id, account_id, 'hold', 0, hold_minor, id, %(now)s FROM d WHERE hold_minor > 0
), kept AS (
  INSERT INTO idempotency (user_id, operation, key, body_hash, status_code, answer, created_at)
  SELECT user_id, operation, key, body_hash, status_code, answer, %(now)s FROM json_to_recordset(%(answers)s::json)
    AS t(user_id text, operation text, key text, body_hash text, status_code int, answer jsonb)
  ORDER BY user_id, operation, key
)
SELECT
"""

KEPT_KEY = "pk_idempotency"
_LOCKED = " FOR NO KEY UPDATE"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer given before under a key."""

    body_hash: str
    status_code: int
    answer: str


@dataclass(slots=True)
class Account:
    """A cash account with what is free in it, in minor units; the batch counts it down."""

    id: str
    free_minor: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a batch knows of the world."""

    books: Mapping[str, BookFacts]
    book_of_listing: Mapping[str, str]
    kept: Mapping[tuple[str, str, str], Kept]
    buyers: Mapping[str, Standing]
    accounts: Mapping[tuple[str, str], Account]
    last_sales: Mapping[tuple[str, str], datetime]
    clearances: Mapping[tuple[str, str], Clearance]
    market_halt: str | None


def read(
    tx: Tx,
    *,
    book_ids: Sequence[str],
    listing_ids: Sequence[str],
    organisation_ids: Sequence[str],
    keys: Sequence[tuple[str, str, str]],
    locked: bool,
) -> Reading:
    """Everything the rules need, in one round trip; with ``locked`` books and then accounts are locked, by id.

    Statements of one transaction see what others committed before each of them began, so what is read after the
    locks is current until our commit.
    """
    lock = _LOCKED if locked else ""
    books_lock = f"{_LOCKED} OF b" if locked else ""
    books, listings, parties = id_array(book_ids), id_array(listing_ids), id_array(organisation_ids)
    wanted = _text([dict(zip(("user_id", "operation", "key"), key, strict=True)) for key in keys])
    with cursor(tx) as raw:
        connection = raw.connection
        with pipelined(connection):
            found = [
                connection.execute(_BOOKS + books_lock, (books, listings)),
                connection.execute(_STANDINGS, (parties,)),
                connection.execute(_ACCOUNTS + lock, (parties,)),
                connection.execute(_SALES, (parties, books, listings)),
                connection.execute(_CLEARANCES, (parties, books, listings)),
            ]
            kept = connection.execute(_KEPT, (wanted,)) if keys else None
            listed = connection.execute(_LISTINGS, (listings,)) if listing_ids else None
            book_rows, standing_rows, account_rows, sale_rows, clearance_rows = [_rows(answer) for answer in found]
            kept_rows = _rows(kept) if kept else []
            listed_rows = _rows(listed) if listed else []
    facts = [book_facts(row) for row in book_rows]
    return Reading(
        books={book.id: book for book in facts},
        book_of_listing={row[0]: row[1] for row in listed_rows},
        kept={(row[0], row[1], row[2]): Kept(row[3], row[4], row[5]) for row in kept_rows},
        buyers={row[0]: standing_of(row) for row in standing_rows if row[0] is not None},
        accounts={(row[1], row[2]): Account(row[0], row[3]) for row in account_rows},
        last_sales={(row[0], row[1]): row[2] for row in sale_rows},
        clearances={(row[0], row[1]): _clearance(row) for row in clearance_rows},
        market_halt=standing_rows[0][COLUMN_COUNT] if standing_rows else None,
    )


def write(tx: Tx, now: datetime, orders: Sequence[Mapping[str, object]], answers: Sequence[str]) -> None:
    """Write accepted orders and kept answers (each answer one JSON text). Violates KEPT_KEY when a key is taken.

    Nothing is read back: on a lane this statement leaves together with the COMMIT.
    """
    with cursor(tx) as raw:
        raw.execute(_WRITE, {"orders": _text(orders), "answers": f"[{','.join(answers)}]", "now": now}, prepare=True)


def _text(value: object) -> str:
    return to_json(value).decode()


def _rows(answer: "psycopg.Cursor[Any]") -> list[Any]:
    return answer.fetchall()


def book_facts(row: Sequence[Any]) -> BookFacts:
    """A row of ``BOOK_COLUMNS`` as the rules know it."""
    return BookFacts(
        id=row[0],
        fund_id=row[1],
        listing_id=row[2],
        mode=MatchingMode(row[3]),
        profile=row[4],
        currency=row[5],
        basis=NavBasis(row[6], row[7]),
        fund_risk_rating=row[8],
        tick_ppm=row[9],
        minimum_amount_minor=row[10],
        maximum_amount_minor=row[11],
        floor_price_ppm=row[12],
        floor_is_hidden=False,
        deposit_ppm=row[13],
        seller_organisation_id=row[14],
        seller_group_keys=frozenset(row[15]),
        is_simulated=row[16],
        phase=BookPhase(row[17]),
        closes_at=row[18],
        last_sequence=row[19],
        matched_sequence=row[20],
        halted_from=BookPhase(row[21]) if row[21] else None,
        fund_manager_id=row[22],
    )


def _clearance(row: Sequence[Any]) -> Clearance:
    return Clearance(row[2], tuple(Missing(item["code"], item["name_zh"], item["name_en"]) for item in row[3]))
