"""SQL of the desk: invariants, the snapshot export, the chain in order."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text

from exchange.core.events import Event, chained_content
from exchange.infra.database import Tx
from exchange.oversight.invariants import Finding, Invariant
from exchange.oversight.registers import EXPORTED, ORDER_OF_ROWS, REGISTERS

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "D2",
        "One user and key make at most one order",
        "SELECT count(*) FROM idempotency WHERE operation = 'orders'",
        "SELECT answer->>'id' FROM idempotency WHERE operation = 'orders' GROUP BY answer->>'id' HAVING count(*) > 1",
    ),
    Invariant(
        "O1",
        "filled + leaves + cancelled = amount, all >= 0",
        "SELECT count(*) FROM market_order",
        "SELECT id FROM market_order WHERE filled_minor + leaves_minor + cancelled_minor <> amount_minor "
        "OR least(filled_minor, leaves_minor, cancelled_minor) < 0",
    ),
    Invariant(
        "O2",
        "filled of an order = its fills that were not given back",
        "SELECT count(*) FROM market_order",
        "SELECT o.id FROM market_order o LEFT JOIN ("
        " SELECT order_id, sum(amount_minor) AS amount FROM ("
        "  SELECT f.buy_order_id AS order_id, f.amount_minor FROM fill f LEFT JOIN proposal p ON p.fill_id = f.id"
        "   WHERE p.id IS NULL OR p.status IN ('proposed', 'confirmed')"
        "  UNION ALL"
        "  SELECT f.sell_order_id, f.amount_minor FROM fill f LEFT JOIN proposal p ON p.fill_id = f.id"
        "   WHERE p.id IS NULL OR p.status IN ('proposed', 'confirmed')"
        " ) both_sides GROUP BY order_id) x ON x.order_id = o.id "
        "JOIN book b ON b.id = o.book_id LEFT JOIN book_progress g ON g.book_id = b.id "
        "WHERE o.filled_minor <> coalesce(x.amount, 0) AND b.last_sequence = g.matched_sequence",
    ),
    Invariant(
        "O3",
        "A fill is inside both limits as they were at the match, between two different owners",
        "SELECT count(*) FROM fill",
        "SELECT f.id FROM fill f "
        "LEFT JOIN LATERAL (SELECT c.price_ppm FROM book_command c WHERE c.order_id = f.buy_order_id "
        " AND c.sequence <= f.sequence AND c.price_ppm IS NOT NULL AND c.kind IN ('submit', 'amend') "
        " ORDER BY c.sequence DESC LIMIT 1) b ON true "
        "LEFT JOIN LATERAL (SELECT c.price_ppm FROM book_command c WHERE c.order_id = f.sell_order_id "
        " AND c.sequence <= f.sequence AND c.price_ppm IS NOT NULL AND c.kind IN ('submit', 'amend') "
        " ORDER BY c.sequence DESC LIMIT 1) s ON true "
        "WHERE coalesce(f.price_ppm > b.price_ppm, true) OR coalesce(f.price_ppm < s.price_ppm, true) "
        "OR f.buy_organisation_id = f.sell_organisation_id",
    ),
    Invariant(
        "O5",
        "A final order (cancelled, expired, rejected) has nothing left to match",
        "SELECT count(*) FROM market_order WHERE status IN ('cancelled', 'expired', 'rejected', 'filled')",
        "SELECT id FROM market_order WHERE status IN ('cancelled', 'expired', 'rejected', 'filled') "
        "AND leaves_minor > 0",
    ),
    Invariant(
        "P2",
        "The journal of a book has no gap and ends at its counter",
        "SELECT count(*) FROM book",
        "SELECT b.id FROM book b LEFT JOIN (SELECT book_id, count(*) AS n, max(sequence) AS top "
        "FROM book_command GROUP BY book_id) c ON c.book_id = b.id "
        "WHERE coalesce(c.n, 0) <> b.last_sequence OR coalesce(c.top, 0) <> b.last_sequence",
    ),
    Invariant(
        "P3",
        "The worker never runs ahead of the journal",
        "SELECT count(*) FROM book_progress",
        "SELECT p.book_id FROM book_progress p JOIN book b ON b.id = p.book_id "
        "WHERE p.matched_sequence > b.last_sequence",
    ),
    Invariant(
        "P4",
        "Fills of a book are numbered without gap",
        "SELECT count(*) FROM book_progress",
        "SELECT p.book_id FROM book_progress p LEFT JOIN (SELECT book_id, count(*) AS n, max(fill_number) AS top "
        "FROM fill GROUP BY book_id) f ON f.book_id = p.book_id "
        "WHERE coalesce(f.n, 0) <> p.fill_count OR coalesce(f.top, 0) <> p.fill_count",
    ),
    Invariant(
        "L1",
        "A holding equals the sum of its custody entries",
        "SELECT count(*) FROM holding",
        "SELECT h.id FROM holding h LEFT JOIN (SELECT holding_id, sum(subscribed_delta_minor) AS s, "
        "sum(paid_in_delta_minor) AS p, sum(unfunded_delta_minor) AS u, sum(frozen_delta_minor) AS f, "
        "sum(pledged_delta_minor) AS g FROM custody_entry GROUP BY holding_id) e ON e.holding_id = h.id "
        "WHERE (h.subscribed_minor, h.paid_in_minor, h.unfunded_minor, h.frozen_minor, h.pledged_minor) "
        "IS DISTINCT FROM (coalesce(e.s, 0), coalesce(e.p, 0), coalesce(e.u, 0), coalesce(e.f, 0), coalesce(e.g, 0))",
    ),
    Invariant(
        "L2",
        "Free, frozen and held are never negative, and the constraints that say so exist",
        "SELECT count(*) FROM holding",
        "SELECT id FROM holding WHERE frozen_minor + pledged_minor > subscribed_minor OR frozen_minor < 0 "
        "UNION ALL SELECT id FROM account WHERE held_minor < 0 OR (kind <> 'bank' AND posted_minor < held_minor) "
        "UNION ALL SELECT wanted FROM unnest(ARRAY['ck_holding_free_not_negative', 'ck_account_held_is_covered', "
        "'ck_account_held_not_negative', 'ck_market_order_amounts_add_up']) wanted "
        "WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = wanted)",
    ),
    Invariant(
        "L12",
        "Pledged of a holding = its registered pledges, each with the entry that pledged it",
        "SELECT count(*) FROM pledge",
        "SELECT h.id FROM holding h LEFT JOIN (SELECT holding_id, sum(amount_minor) AS amount FROM pledge "
        "WHERE status IN ('registered', 'release_requested') GROUP BY holding_id) p ON p.holding_id = h.id "
        "WHERE h.pledged_minor <> coalesce(p.amount, 0) UNION ALL "
        "SELECT p.id FROM pledge p LEFT JOIN (SELECT reference_id, sum(pledged_delta_minor) AS amount "
        "FROM custody_entry GROUP BY reference_id) e ON e.reference_id = p.id WHERE coalesce(e.amount, 0) <> "
        "CASE WHEN p.status IN ('registered', 'release_requested') THEN p.amount_minor ELSE 0 END",
    ),
    Invariant(
        "L3a",
        "Frozen of a holding = its running listings' amounts and what its ended ones sold, less what deals moved out",
        "SELECT count(*) FROM holding",
        "SELECT h.id FROM holding h LEFT JOIN (SELECT l.holding_id, sum(CASE "
        "WHEN l.status IN ('draft', 'rejected') THEN 0 "
        # A withdrawn listing keeps its amount until nothing of its ask can match any more.
        "WHEN l.status = 'withdrawn' AND (a.leaves_minor > 0 OR a.filled_minor <> t.sold) THEN l.amount_minor "
        "WHEN l.status IN ('withdrawn', 'expired', 'awarded') THEN t.sold "
        "ELSE l.amount_minor END - l.settled_minor) AS amount FROM listing l "
        "LEFT JOIN market_order a ON a.book_id = l.book_id AND a.listing_id = l.id AND a.side = 'sell' "
        "CROSS JOIN LATERAL (SELECT coalesce(sum(x.amount_minor), 0) AS sold FROM trade x WHERE x.listing_id = l.id) t "
        "GROUP BY l.holding_id) l ON l.holding_id = h.id WHERE h.frozen_minor <> coalesce(l.amount, 0)",
    ),
    Invariant(
        "L3b",
        "Held money of an account = the holds of its orders and the deposits of its deals",
        "SELECT count(*) FROM account",
        "SELECT a.id FROM account a LEFT JOIN (SELECT account_id, sum(hold_minor) AS hold FROM market_order "
        "GROUP BY account_id) o ON o.account_id = a.id "
        "LEFT JOIN (SELECT deposit_account_id, sum(deposit_minor) AS deposit "
        "FROM deal GROUP BY deposit_account_id) d ON d.deposit_account_id = a.id "
        "LEFT JOIN (SELECT proceeds_account_id, sum(proceeds_held_minor) AS proceeds "
        "FROM deal GROUP BY proceeds_account_id) s ON s.proceeds_account_id = a.id "
        "LEFT JOIN (SELECT deposit_account_id, sum(deposit_minor) AS deposit "
        "FROM partner_answer GROUP BY deposit_account_id) q ON q.deposit_account_id = a.id WHERE a.held_minor <> "
        "coalesce(o.hold, 0) + coalesce(d.deposit, 0) + coalesce(s.proceeds, 0) + coalesce(q.deposit, 0)",
    ),
    Invariant(
        "L3c",
        "The hold of a matched buy order = its deposit on leaves + filled - settled at its limit, rounded half-up",
        "SELECT count(*) FROM market_order WHERE side = 'buy'",
        "SELECT o.id FROM market_order o JOIN book b ON b.id = o.book_id "
        "JOIN book_progress g ON g.book_id = b.id "
        "WHERE o.side = 'buy' AND g.matched_sequence = b.last_sequence AND o.hold_minor <> "
        "div(2 * div(2 * b.nav_minor::numeric * (o.leaves_minor + o.filled_minor - o.settled_minor) * o.price_ppm "
        "+ b.subscribed_minor::numeric * 1000000, "
        "2 * b.subscribed_minor::numeric * 1000000) * b.deposit_ppm + 1000000, 2000000)",
    ),
    Invariant(
        "L4",
        "Posted legs of every transfer sum to zero per currency",
        "SELECT count(DISTINCT transfer_id) FROM ledger_entry",
        "SELECT e.transfer_id FROM ledger_entry e JOIN account a ON a.id = e.account_id "
        "GROUP BY e.transfer_id, a.currency HAVING sum(e.posted_delta_minor) <> 0",
    ),
    Invariant(
        "L5",
        "Every balance = its entries",
        "SELECT count(*) FROM account",
        "SELECT a.id FROM account a LEFT JOIN (SELECT account_id, sum(posted_delta_minor) AS posted, "
        "sum(held_delta_minor) AS held FROM ledger_entry GROUP BY account_id) e ON e.account_id = a.id "
        "WHERE a.posted_minor <> coalesce(e.posted, 0) OR a.held_minor <> coalesce(e.held, 0)",
    ),
    Invariant(
        "B1",
        "The bank side of all money = what came in less what went out, per currency",
        "SELECT (SELECT count(*) FROM payment) + (SELECT count(*) FROM payout)",
        "SELECT a.currency FROM account a WHERE a.kind = 'bank' GROUP BY a.currency HAVING -sum(a.posted_minor) <> "
        "coalesce((SELECT sum(e.posted_delta_minor) FROM ledger_entry e JOIN account c ON c.id = e.account_id "
        "WHERE c.kind = 'cash' AND c.currency = a.currency AND e.kind IN ('deposit', 'withdrawal')), 0) "
        "+ coalesce((SELECT sum(p.amount_minor) FROM payment p WHERE p.currency = a.currency "
        "AND p.status <> 'returned'), 0) "
        "- coalesce((SELECT sum(o.amount_minor) FROM payout o WHERE o.currency = a.currency "
        "AND o.status = 'settled'), 0)",
    ),
    Invariant(
        "L6",
        "The settlement account holds nothing less than zero for any deal, and nothing for one that is over",
        "SELECT count(*) FROM deal",
        "SELECT e.reference_id FROM ledger_entry e JOIN account a ON a.id = e.account_id AND a.kind = 'settlement' "
        "WHERE e.posted_delta_minor <> 0 GROUP BY e.reference_id HAVING sum(e.posted_delta_minor) < 0 "
        "UNION ALL SELECT d.id FROM deal d JOIN ledger_entry e ON e.reference_id = d.id AND e.posted_delta_minor <> 0 "
        "JOIN account a ON a.id = e.account_id AND a.kind = 'settlement' "
        "WHERE d.status NOT IN ('funded', 'closing') GROUP BY d.id HAVING sum(e.posted_delta_minor) <> 0",
    ),
    Invariant(
        "L7",
        "An interest that moved left one holder and reached another; a fund's roll keeps its totals",
        "SELECT count(*) FROM interest_transfer",
        "SELECT h.fund_id FROM custody_entry e JOIN holding h ON h.id = e.holding_id "
        "WHERE e.kind IN ('transferred_out', 'transferred_in', 'reversed_out', 'reversed_in') GROUP BY h.fund_id "
        "HAVING (sum(e.subscribed_delta_minor), sum(e.paid_in_delta_minor), sum(e.unfunded_delta_minor)) <> (0, 0, 0)",
    ),
    Invariant(
        "L8",
        "A transferred deal moved its interest once; any other moved none, or moved it back",
        "SELECT count(*) FROM deal",
        "SELECT d.id FROM deal d LEFT JOIN interest_transfer t ON t.reference_id = d.id "
        "LEFT JOIN interest_transfer b ON b.reverses_id = t.id WHERE "
        "(d.status IN ('transferred', 'filed', 'settled')) <> (t.id IS NOT NULL AND b.id IS NULL) "
        "OR t.amount_minor <> d.amount_minor",
    ),
    Invariant(
        "L9",
        "A deal that fell away or is over holds no deposit",
        "SELECT count(*) FROM deal",
        "SELECT id FROM deal WHERE deposit_minor > 0 AND status NOT IN ('confirmed', 'noticed', 'rofr_cleared', "
        "'gp_consented', 'approved', 'signed', 'on_hold')",
    ),
    Invariant(
        "L10",
        "A settled deal has nothing left to file or to pay, and a part that was paid has its transfer",
        "SELECT (SELECT count(*) FROM obligation) + (SELECT count(*) FROM instalment)",
        "SELECT o.id FROM obligation o JOIN deal d ON d.id = o.deal_id "
        "WHERE d.status = 'settled' AND o.status = 'open' "
        "UNION ALL SELECT i.id FROM instalment i JOIN deal d ON d.id = i.deal_id "
        "WHERE (d.status = 'settled' AND i.status = 'due') OR (i.status = 'paid' AND i.transfer_id IS NULL) "
        "OR (i.status = 'due' AND i.transfer_id IS NOT NULL)",
    ),
    Invariant(
        "L11",
        "An accepted backup became one deal, on the terms of its offer, in place of the deal that fell",
        "SELECT count(*) FROM backup_offer",
        "SELECT o.id FROM backup_offer o JOIN deal d ON d.id = o.deal_id WHERE (d.origin, d.buyer_organisation_id, "
        "d.price_ppm, d.amount_minor, d.base_minor, d.replaces_deal_id) IS DISTINCT FROM "
        "('backup', o.organisation_id, o.price_ppm, o.amount_minor, o.money_minor, o.fallen_deal_id) "
        "UNION ALL SELECT d.id FROM deal d WHERE d.origin = 'backup' "
        "AND NOT EXISTS (SELECT 1 FROM backup_offer o WHERE o.deal_id = d.id)",
    ),
    Invariant(
        "R4",
        "Nobody from outside was registered before the last day of the notice to the other partners",
        "SELECT count(*) FROM deal WHERE transferred_at IS NOT NULL",
        "SELECT id FROM deal WHERE transferred_at IS NOT NULL AND NOT buyer_is_partner AND (notice_served_at IS NULL "
        # A notice ends with its last day; on that day the registration is possible.
        "OR EXISTS (SELECT 1 FROM deal_notice n WHERE n.deal_id = deal.id "
        "AND deal.transferred_at < n.closes_at - interval '1 day'))",
    ),
    Invariant(
        "R6",
        "Nobody approves what he asked for or entered",
        "SELECT count(*) FROM approval",
        "SELECT id FROM approval WHERE decided_by = requested_by "
        "UNION ALL SELECT id FROM listing WHERE reviewed_by IS NOT NULL AND reviewed_by = entered_by",
    ),
    Invariant(
        "T1",
        "A confirmed proposal has one trade of the same terms, and no other proposal has one",
        "SELECT count(*) FROM proposal",
        "SELECT p.id FROM proposal p LEFT JOIN trade t ON t.proposal_id = p.id WHERE "
        "(p.status = 'confirmed') <> (t.id IS NOT NULL) OR (t.id IS NOT NULL AND "
        "(t.price_ppm, t.amount_minor, t.money_minor) IS DISTINCT FROM (p.price_ppm, p.amount_minor, p.money_minor))",
    ),
    Invariant(
        "V1",
        "What a valuation was made from and what came out stand under their own sha-256",
        "SELECT (SELECT count(*) FROM valuation_document) + (SELECT count(*) FROM valuation_scenario)",
        "SELECT hash FROM valuation_document WHERE hash <> encode(sha256(convert_to(content, 'UTF8')), 'hex') "
        "UNION ALL SELECT id FROM valuation_scenario WHERE "
        "panel_hash <> encode(sha256(convert_to(panel, 'UTF8')), 'hex') "
        "OR assumptions_hash <> encode(sha256(convert_to(assumptions, 'UTF8')), 'hex')",
    ),
    Invariant(
        "V2",
        "A computed chunk of a revaluation has one computed valuation for each of its funds",
        "SELECT count(*) FROM revaluation_chunk WHERE computed_at IS NOT NULL",
        "SELECT c.revaluation_id || '/' || c.number FROM revaluation_chunk c WHERE c.computed_at IS NOT NULL AND "
        "cardinality(c.fund_ids) <> (SELECT count(DISTINCT v.fund_id) FROM valuation v "
        "JOIN valuation_result r ON r.valuation_id = v.id "
        "WHERE v.revaluation_id = c.revaluation_id AND v.fund_id = ANY(c.fund_ids))",
    ),
    Invariant(
        "G2",
        "No accepted paper was reviewed by the organisation that handed it in",
        "SELECT count(*) FROM checklist_item WHERE state = 'accepted'",
        "SELECT i.id FROM checklist_item i WHERE i.state = 'accepted' AND i.reviewer_role <> 'system' "
        "AND i.reviewer_organisation_id = i.provider_organisation_id",
    ),
    Invariant(
        "G3",
        "The decisions of an item follow one another and end at its state",
        "SELECT count(*) FROM item_decision",
        "SELECT d.item_id FROM (SELECT item_id, state_before, lag(state_after, 1, 'not_requested') "
        "OVER (PARTITION BY item_id ORDER BY id) AS expected FROM item_decision) d WHERE d.state_before <> d.expected "
        "UNION SELECT i.id FROM checklist_item i LEFT JOIN LATERAL (SELECT d.state_after FROM item_decision d "
        "WHERE d.item_id = i.id ORDER BY d.id DESC LIMIT 1) last ON true "
        "WHERE i.state <> coalesce(last.state_after, 'not_requested')",
    ),
    Invariant(
        "A1",
        "The audit chain has no gap",
        "SELECT count(*) FROM audit_chain",
        "SELECT number::text FROM (SELECT number, previous_hash, lag(hash) OVER w AS before, "
        "row_number() OVER w AS place FROM audit_chain WINDOW w AS (ORDER BY number)) c "
        "WHERE number <> place OR (place > 1 AND previous_hash <> before)",
    ),
    Invariant(
        "A2",
        "The application's role cannot change or empty a register",
        f"SELECT {len(REGISTERS)}",
        f"SELECT t FROM unnest(ARRAY{list(REGISTERS)}) t "  # noqa: S608 - names of the tuple
        "WHERE has_table_privilege('exchange_app', t, 'UPDATE') "
        "OR has_table_privilege('exchange_app', t, 'DELETE') OR has_table_privilege('exchange_app', t, 'TRUNCATE')",
    ),
    Invariant(
        "A3",
        "Every event is published or waits to be",
        "SELECT count(*) FROM event",
        "SELECT e.id FROM event e LEFT JOIN audit_chain c ON c.event_id = e.id "
        "LEFT JOIN outbox o ON o.event_id = e.id WHERE (c.event_id IS NULL) = (o.event_id IS NULL)",
    ),
)


def find(tx: Tx, invariant: Invariant) -> Finding:
    """Run one invariant."""
    population = int(tx.execute(text(invariant.population_sql)).scalar_one())
    rows = tx.execute(text(invariant.violations_sql)).scalars().all()
    examples = tuple(str(row) for row in rows[:10])
    return Finding(invariant.id, invariant.statement, population, len(rows), examples)


def take_snapshot(tx: Tx) -> None:
    """Everything read after this in the transaction is one consistent, read-only state; no time limit."""
    tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    tx.execute(text("SET LOCAL statement_timeout = 0"))
    tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def export_rows(tx: Tx, view: str) -> Iterator[str]:
    """The rows of one exported view as JSON text, in a stable order, streamed."""
    if view not in EXPORTED:
        raise ValueError(view)
    order = ORDER_OF_ROWS.get(view, "1")
    statement = text(f"SELECT row_to_json(v)::text FROM (SELECT * FROM audit.{view} ORDER BY {order}) v")  # noqa: S608 - a name of the tuple above
    result = tx.execute(statement.execution_options(stream_results=True, yield_per=1000))
    yield from result.scalars()


def pending(tx: Tx) -> dict[str, int]:
    """What the exchange has still to do: unmatched, unsent, dated, due and dead."""
    row = tx.execute(text("SELECT * FROM audit.pending")).mappings().one()
    return {name: int(value) for name, value in row.items()}


def next_deadline(tx: Tx, now: datetime) -> datetime | None:
    """The instant of the next dated event after now, whatever it is about; None when nothing is dated."""
    statement = text("SELECT min(due_at) FROM outbox WHERE due_at > :now")
    found: datetime | None = tx.execute(statement, {"now": now}).scalar_one()
    return found


def deadlines_ahead(tx: Tx, now: datetime, limit: int) -> list[tuple[datetime, str, str]]:
    """The next dated events: instant, type, what they are about; the earliest first."""
    statement = text(
        "SELECT o.due_at, e.type, e.subject_id FROM outbox o JOIN event e ON e.id = o.event_id "
        "WHERE o.due_at > :now ORDER BY o.due_at, o.event_id LIMIT :limit"
    )
    return [(due, kind, subject) for due, kind, subject in tx.execute(statement, {"now": now, "limit": limit})]


def chain_head(tx: Tx) -> tuple[int, str]:
    """Number and hash of the last link, or zero and an empty text."""
    row = tx.execute(text("SELECT number, hash FROM audit_chain ORDER BY number DESC LIMIT 1")).first()
    return (int(row[0]), str(row[1])) if row else (0, "")


def chain_rows(tx: Tx) -> Iterator[tuple[int, str, str, str]]:
    """(number, previous hash, hash, canonical content) of every link in order, streamed."""
    statement = text(
        "SELECT c.number, c.previous_hash, c.hash, e.id, e.type, e.at, e.actor_id, e.subject_id, e.book_id, "
        "e.listing_id, e.audience, e.data FROM audit_chain c JOIN event e ON e.id = c.event_id ORDER BY c.number"
    ).execution_options(stream_results=True, yield_per=1000)
    for row in tx.execute(statement):
        event = Event(
            type=row.type,
            subject_id=row.subject_id,
            audience=tuple(row.audience),
            data=row.data,
            book_id=row.book_id,
            listing_id=row.listing_id,
        )
        content = chained_content(event_id=row.id, event=event, at=row.at, actor_id=row.actor_id)
        yield row.number, row.previous_hash, row.hash, content
