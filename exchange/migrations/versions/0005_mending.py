"""Commands that operators let a book skip; listings that continue others; headers and units of imports; filings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, name in (("investor_class", "class_record_status"), ("suitability", "suitability_record_status")):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(
            op.f(f"ck_{table}_{name}"),
            table,
            "status IN ('filed', 'proposed', 'approved', 'rejected', 'replaced')",
        )
    op.create_table(
        "skipped_command",
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["book_id", "sequence"], ["book_command.book_id", "book_command.sequence"]),
        sa.PrimaryKeyConstraint("book_id", "sequence"),
        sa.CheckConstraint("asked_by <> approved_by", name=op.f("ck_skipped_command_two_persons")),
    )
    op.create_table(
        "import_mapping",
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("organisation_id", "kind"),
        sa.CheckConstraint(
            "kind IN ('funds', 'nav_history', 'cash_flows', 'partner_register')",
            name=op.f("ck_import_mapping_import_mapping_kind"),
        ),
    )
    op.add_column("import", sa.Column("unit", sa.String(length=40), nullable=False, server_default="one"))
    op.create_check_constraint(op.f("ck_import_import_unit"), "import", "unit IN ('one', 'ten_thousand')")
    op.alter_column("import", "unit", server_default=None)
    op.add_column(
        "import",
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}"),
    )
    op.alter_column("import", "mapping", server_default=None)
    op.execute("CREATE OR REPLACE VIEW audit.imports AS SELECT * FROM public.import")
    op.execute("CREATE VIEW audit.import_mappings AS SELECT * FROM public.import_mapping")
    op.execute("GRANT SELECT ON audit.import_mappings TO exchange_auditor, exchange_app")
    op.add_column("listing", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("listing", sa.Column("relisted_from", sa.String(), nullable=True))
    op.create_foreign_key("fk_listing_relisted_from_listing", "listing", "listing", ["relisted_from"], ["id"])
    op.create_index("ix_listing_relisted_from", "listing", ["relisted_from"])
    op.drop_constraint("uq_book_listing_id", "book", type_="unique")
    op.create_index("ix_book_listing_id", "book", ["listing_id"])
    op.create_index(
        "uq_book_running_listing", "book", ["listing_id"], unique=True, postgresql_where=sa.text("phase <> 'closed'")
    )
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON skipped_command FROM exchange_app")
    op.execute(
        "CREATE TRIGGER skipped_command_is_insert_only BEFORE UPDATE OR DELETE ON skipped_command "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER skipped_command_is_never_emptied BEFORE TRUNCATE ON skipped_command "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("CREATE OR REPLACE VIEW audit.listings AS SELECT * FROM public.listing")
    op.execute("CREATE VIEW audit.skipped_commands AS SELECT * FROM public.skipped_command")
    op.execute("GRANT SELECT ON audit.skipped_commands TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
