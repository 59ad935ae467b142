"""Roles of the application and the auditor, insert-only registers, and the auditor's views."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSERT_ONLY = (
    "event",
    "audit_chain",
    "book_command",
    "fill",
    "skip",
    "trade",
    "custody_entry",
    "ledger_entry",
)

# View name -> the query an auditor reads. No password, token or key hash is in any of them.
VIEWS = {
    "organisations": "SELECT * FROM public.organisation",
    "users": "SELECT id, organisation_id, login, name, roles, is_active, created_at FROM public.user_account",
    "approvals": "SELECT * FROM public.approval",
    "investor_classes": "SELECT * FROM public.investor_class",
    "suitability_records": "SELECT * FROM public.suitability",
    "ownership": "SELECT * FROM public.ownership",
    "funds": "SELECT * FROM public.fund",
    "nav_statements": "SELECT * FROM public.nav_statement",
    "cash_flows": "SELECT * FROM public.cash_flow",
    "holdings": "SELECT * FROM public.holding",
    "custody_entries": "SELECT * FROM public.custody_entry",
    "accounts": "SELECT * FROM public.account",
    "ledger_entries": "SELECT * FROM public.ledger_entry",
    "listings": "SELECT * FROM public.listing",
    "books": "SELECT b.*, p.matched_sequence, p.fill_count, p.state_hash, p.matched_at "
    "FROM public.book b LEFT JOIN public.book_progress p ON p.book_id = b.id",
    "book_commands": "SELECT * FROM public.book_command",
    "orders": "SELECT * FROM public.market_order",
    "fills": "SELECT * FROM public.fill",
    "skips": "SELECT * FROM public.skip",
    "awards": "SELECT * FROM public.award",
    "proposals": "SELECT * FROM public.proposal",
    "trades": "SELECT * FROM public.trade",
    "halts": "SELECT * FROM public.halt",
    "imports": "SELECT * FROM public.import",
    "events": "SELECT c.number, c.previous_hash, c.hash, c.chained_at, e.* "
    "FROM public.event e LEFT JOIN public.audit_chain c ON c.event_id = e.id",
    "pending": "SELECT "
    "(SELECT coalesce(sum(b.last_sequence - coalesce(p.matched_sequence, 0)), 0) FROM public.book b "
    "LEFT JOIN public.book_progress p ON p.book_id = b.id) AS unmatched_commands, "
    "(SELECT count(*) FROM public.outbox o, public.sandbox_clock s "
    "WHERE o.due_at <= now() + s.offset_microseconds * interval '1 microsecond') AS unsent_events, "
    "(SELECT count(*) FROM public.outbox o, public.sandbox_clock s "
    "WHERE o.due_at > now() + s.offset_microseconds * interval '1 microsecond') AS dated_events, "
    "(SELECT count(*) FROM public.reaction WHERE NOT dead) AS due_reactions, "
    "(SELECT count(*) FROM public.reaction WHERE dead) AS dead_reactions",
}

ROLES = """
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['exchange_app', 'exchange_auditor'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END $$;
"""

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
"""


def upgrade() -> None:
    op.execute("INSERT INTO sandbox_clock (id, offset_microseconds) VALUES (1, 0)")
    op.execute(ROLES)
    op.execute("GRANT exchange_app, exchange_auditor TO CURRENT_USER")
    op.execute("GRANT USAGE ON SCHEMA public TO exchange_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO exchange_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO exchange_app")
    op.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO exchange_app"
    )
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO exchange_app")
    op.execute(REFUSE)
    for table in INSERT_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM exchange_app")
        op.execute(
            f"CREATE TRIGGER {table}_is_insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute("CREATE SCHEMA audit")
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {query}")
    op.execute("GRANT USAGE ON SCHEMA audit TO exchange_auditor, exchange_app")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA audit TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
