"""Each invariant finds the corruption planted for it, and an honest database has none."""

from collections.abc import Iterator

import psycopg
import pytest

from exchange.infra.database import transaction
from exchange.oversight.registers import REGISTERS
from exchange.oversight.service import invariant_findings

NOW = "'2026-07-15T02:00:00Z'"
SOUND = [
    # A book with a buy order of 100 at 80 % of NAV 1:1, 5 % deposit; hold 4; account funded with 50.
    "INSERT INTO account VALUES ('acc_b', 'org_b', 'cash', 'CNY', 50, 4), ('acc_x', 'bank', 'bank', 'CNY', -50, 0)",
    (
        "INSERT INTO ledger_entry (transfer_id, account_id, kind, posted_delta_minor, held_delta_minor, reference_id,"
        " at)"
        f" VALUES ('t1', 'acc_b', 'deposit', 50, 0, 'r', {NOW}), ('t1', 'acc_x', 'deposit', -50, 0, 'r', {NOW}),"
        f" ('t2', 'acc_b', 'hold', 0, 4, 'ord_b', {NOW})"
    ),
    (
        "INSERT INTO holding (id, fund_id, holder_organisation_id, subscribed_minor, paid_in_minor,"
        " unfunded_minor,"
        " frozen_minor, pledged_minor, version, is_simulated)"
        " VALUES ('hld', 'fnd', 'org_s', 500, 300, 200, 0, 0, 1, true)"
    ),
    (
        "INSERT INTO custody_entry (id, holding_id, kind, subscribed_delta_minor, paid_in_delta_minor,"
        " unfunded_delta_minor, frozen_delta_minor, pledged_delta_minor, reference_id, actor_id, at)"
        f" VALUES ('cst', 'hld', 'recorded', 500, 300, 200, 0, 0, 'r', 'usr', {NOW})"
    ),
    (
        "INSERT INTO book (id, fund_id, mode, policy, profile, currency, nav_statement_id, nav_minor, subscribed_minor,"
        " fund_risk_rating, tick_ppm, minimum_amount_minor, maximum_amount_minor, floor_price_ppm, deposit_ppm,"
        " seller_group_keys, is_simulated, phase, opens_at, last_sequence, created_at)"
        " VALUES ('bok', 'fnd', 'continuous', 'price_first', 'OPEN', 'CNY', 'nav', 1000, 1000, 3, 500, 1, 1000, 1,"
        " 50000,"
        f" '{{}}', true, 'open', {NOW}, 1, {NOW})"
    ),
    "INSERT INTO book_progress (book_id, matched_sequence, fill_count, state_hash) VALUES ('bok', 1, 0, 'h')",
    (
        "INSERT INTO book_command (book_id, sequence, kind, order_id, side, price_ppm, amount_minor, all_or_none,"
        f" minimum_fill_minor, at) VALUES ('bok', 1, 'submit', 'ord_b', 'buy', 800000, 100, false, 0, {NOW})"
    ),
    (
        "INSERT INTO market_order (id, book_id, fund_id, sequence, place, side, organisation_id, user_id, price_ppm,"
        " amount_minor, leaves_minor, filled_minor, cancelled_minor, settled_minor, hold_minor, account_id,"
        " time_in_force, all_or_none,"
        " minimum_fill_minor, status, reason, last_sequence, accepted_at)"
        " VALUES ('ord_b', 'bok', 'fnd', 1, 1, 'buy', 'org_b', 'usr', 800000, 100, 100, 0, 0, 0, 4, 'acc_b',"
        f" 'good_till_cancelled', false, 0, 'resting', '', 1, {NOW})"
    ),
]
FILL = "INSERT INTO fill VALUES ('fil', 'bok', 1, 1, 'ord_b', 'ord_s', 'org_b', 'org_s', {price}, 10, 8, " + NOW + ")"
EVENT = f"INSERT INTO event VALUES ('evt', 'a.b', {NOW}, NULL, 's', NULL, NULL, '{{}}', '{{}}')"
CHECKLIST_ITEM = (
    "INSERT INTO checklist_item (id, scope, listing_id, code, state, state_since_at, is_required, structured, reason,"
    " version, reviewer_role, reviewer_organisation_id, provider_organisation_id)"
    f" VALUES ('itm', 'listing', 'lst', 'A05', '{{state}}', {NOW}, true, '{{{{}}}}', '', 1, {{people}})"
)
DEAL = (
    "INSERT INTO deal (id, origin, trade_id, replaces_deal_id, listing_id, book_id, fund_id, holding_id,"
    " manager_organisation_id, seller_organisation_id, buyer_organisation_id, profile, seller_is_state_owned,"
    " buyer_is_partner, price_ppm, amount_minor, base_minor, currency, nav_statement_id, reference_on, nav_minor,"
    " subscribed_minor, adjustment, plan, deposit_minor, proceeds_held_minor, status, status_reason, status_note,"
    " status_at, due_rule, held_due_rule, transferred_at, is_simulated, created_at, version)"
    " VALUES ('dea', '{origin}', 'trd', {replaces}, 'lst', 'bok', 'fnd', 'hld', 'org_m', 'org_s', 'org_b', 'OPEN',"
    " false, false, 800000, 10, 8, 'CNY', 'nav', '2026-06-30', 1000, 1000, 'cash_flow', '{{}}', {deposit}, 0,"
    f" '{{status}}', '', '', {NOW}, '', '', {{transferred}}, true, {NOW}, 1)"
)


def a_deal(
    status: str, *, origin: str = "trade", replaces: str = "NULL", deposit: int = 0, transferred: str = "NULL"
) -> str:
    """A deal past the guards."""
    return DEAL.format(status=status, origin=origin, replaces=replaces, deposit=deposit, transferred=transferred)


PLANTED = {
    "D2": "INSERT INTO idempotency SELECT 'u', 'orders', k, 'h', 201, '{\"id\": \"ord_b\"}', now()"
    " FROM unnest(ARRAY['k1', 'k2']) k",
    "O1": "ALTER TABLE market_order DROP CONSTRAINT ck_market_order_amounts_add_up;"
    "UPDATE market_order SET leaves_minor = 99",
    "O2": "UPDATE market_order SET filled_minor = 10, leaves_minor = 90",
    "O3": FILL.format(price=900000),
    "O5": "UPDATE market_order SET status = 'cancelled'",
    "P2": "DELETE FROM book_command",
    "P3": "UPDATE book_progress SET matched_sequence = 7",
    "P4": "UPDATE book_progress SET fill_count = 3",
    "L1": "UPDATE holding SET paid_in_minor = 299",
    "L2": "ALTER TABLE account DROP CONSTRAINT ck_account_held_is_covered",
    "L3a": "UPDATE holding SET frozen_minor = 5",
    "L3b": "UPDATE market_order SET hold_minor = 3",
    "L3c": "UPDATE book SET deposit_ppm = 60000",
    "L4": "INSERT INTO ledger_entry (transfer_id, account_id, kind, posted_delta_minor, held_delta_minor,"
    f" reference_id, at) VALUES ('t9', 'acc_b', 'deposit', 1, 0, 'r', {NOW})",
    "L5": "UPDATE account SET posted_minor = 51 WHERE id = 'acc_b'",
    "B1": "INSERT INTO payment (id, message_id, bank_reference, currency, amount_minor, booked_on, end_to_end_id,"
    " remittance, debtor, status, deal_id, note, is_simulated, received_at) VALUES ('pay', 'msg', 'R1', 'CNY', 7,"
    f" '2026-07-15', '', '', '', 'queued', '', '', true, {NOW})",
    "L6": "INSERT INTO account VALUES ('acc_s', NULL, 'settlement', 'CNY', 0, 0);"
    "INSERT INTO ledger_entry (transfer_id, account_id, kind, posted_delta_minor, held_delta_minor, reference_id, at)"
    f" VALUES ('t8', 'acc_s', 'proceeds', -1, 0, 'dea', {NOW})",
    "L7": "INSERT INTO custody_entry (id, holding_id, kind, subscribed_delta_minor, paid_in_delta_minor,"
    " unfunded_delta_minor, frozen_delta_minor, pledged_delta_minor, reference_id, actor_id, at)"
    f" VALUES ('cst2', 'hld', 'transferred_out', -1, -1, 0, 0, 0, 'dea', 'usr', {NOW})",
    "L8": a_deal("transferred"),
    "L9": a_deal("withdrawn", deposit=1),
    "L10": a_deal("settled") + ";INSERT INTO obligation (id, deal_id, kind, rule, due_on, breach_on, lateness, status,"
    " created_at, version) VALUES ('obl', 'dea', 'change_registration', 'R-41', '2026-07-30', '2026-08-14', 'in_time',"
    f" 'open', {NOW}, 1)",
    "L11": a_deal("confirmed", origin="backup", replaces="'dea0'"),
    "L12": "UPDATE holding SET pledged_minor = 5",
    "R4": a_deal("transferred", transferred=NOW),
    "R6": "ALTER TABLE approval DROP CONSTRAINT ck_approval_two_persons;"
    "INSERT INTO approval (id, kind, subject_id, payload, requested_by, requested_at, status, decided_by, reason)"
    f" VALUES ('apr', 'k', 's', '{{}}', 'usr', {NOW}, 'approved', 'usr', '')",
    "T1": "INSERT INTO proposal (id, book_id, listing_id, fund_id, fill_id, buy_order_id, sell_order_id,"
    " buyer_organisation_id, seller_organisation_id, rank, is_backup, price_ppm, amount_minor, money_minor, currency,"
    " policy, counterfactual, priority_cost_minor, status, status_reason, status_note,"
    " lapses_at, lapse_rule, is_simulated, created_at, version)"
    " VALUES ('prp', 'bok', 'lst', 'fnd', 'fil', 'ord_b', 'ord_s', 'org_b', 'org_s', 1, false, 800000, 10, 8, 'CNY',"
    f" 'price_first', '{{}}', 0, 'confirmed', '', '', {NOW}, 'R', true, {NOW}, 1)",
    "V1": "INSERT INTO valuation_document VALUES (repeat('0', 64), '{}')",
    "V2": "INSERT INTO revaluation_chunk VALUES ('rvl', 0, ARRAY['fnd'], now())",
    "G1": "INSERT INTO checklist (listing_id, fund_id, transaction_type, template_version, profile,"
    " seller_organisation_id, manager_organisation_id, register_facts, is_simulated, version, created_at)"
    f" VALUES ('lst', 'fnd', 'lp_transfer', 1, 'CN_BJ', 'org_s', 'org_m', '{{}}', true, 1, {NOW});"
    f"INSERT INTO bid_clearance VALUES ('lst', 'org_b', '9999-12-31', '[]', {NOW})",
    "G2": "ALTER TABLE checklist_item DROP CONSTRAINT ck_checklist_item_reviewer_is_not_provider;"
    + CHECKLIST_ITEM.format(state="accepted", people="'exchange', 'org_s', 'org_s'"),
    "G3": CHECKLIST_ITEM.format(state="requested", people="NULL, NULL, NULL"),
    "A1": f"{EVENT}; INSERT INTO audit_chain VALUES (2, 'evt', 'x', 'y', {NOW})",
    "A2": "GRANT DELETE ON trade TO exchange_app",
    "A3": EVENT,
    "A4": f"{EVENT}; INSERT INTO audit_chain VALUES (1, 'evt', repeat('0', 64), 'forged', {NOW})",
}


@pytest.fixture
def sound_database(database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A small consistent state, written past the triggers and foreign keys that guard it."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in SOUND:
            connection.execute(statement.encode())
        yield connection


def broken() -> set[str]:
    with transaction() as tx:
        return {finding.id for finding in invariant_findings(tx) if not finding.holds}


def test_an_honest_state_breaks_nothing(sound_database: psycopg.Connection[tuple[object, ...]]) -> None:
    assert broken() == set()


@pytest.mark.parametrize("invariant", sorted(PLANTED))
def test_a_planted_corruption_is_found(sound_database: psycopg.Connection[tuple[object, ...]], invariant: str) -> None:
    for statement in PLANTED[invariant].split(";"):
        sound_database.execute(statement.encode())
    assert invariant in broken()


def test_every_invariant_has_a_planted_corruption(database_url: str) -> None:
    with transaction() as tx:
        assert {finding.id for finding in invariant_findings(tx)} == set(PLANTED)


def test_registers_refuse_change_even_to_their_owner(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for table in REGISTERS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"{table} is insert-only"):
                connection.execute(f"TRUNCATE {table} CASCADE".encode())


def test_the_registers_are_the_tables_that_are_guarded_against_change(database_url: str) -> None:
    guarded = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%is_insert_only'"
    with psycopg.connect(database_url) as connection:
        assert sorted(name for (name,) in connection.execute(guarded)) == sorted(REGISTERS)
