"""what is due after a transfer, payment plans, offers to backups, sales that fell through"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSERT_ONLY = ("deal_plan_statement",)
VIEWS = ("deal_plan_statement", "instalment", "obligation", "backup_offer")


def _backups() -> None:
    op.create_table(
        "backup_offer",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fallen_deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("order_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("price_ppm", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("money_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "offered",
                "accepted",
                "declined",
                "lapsed",
                name="backup_offer_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("lapses_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lapse_rule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'accepted') = (deal_id IS NOT NULL)", name=op.f("ck_backup_offer_accepted_has_a_deal")
        ),
        sa.CheckConstraint(
            "amount_minor > 0 AND price_ppm > 0 AND deposit_minor >= 0", name=op.f("ck_backup_offer_terms_positive")
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_backup_offer_deal_id_deal")),
        sa.ForeignKeyConstraint(["fallen_deal_id"], ["deal.id"], name=op.f("fk_backup_offer_fallen_deal_id_deal")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_backup_offer_listing_id_listing")),
        sa.ForeignKeyConstraint(["order_id"], ["market_order.id"], name=op.f("fk_backup_offer_order_id_market_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_backup_offer_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_offer")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_backup_offer_deal_id")),
    )
    op.create_index(op.f("ix_backup_offer_fallen_deal_id"), "backup_offer", ["fallen_deal_id"], unique=False)
    op.create_index(op.f("ix_backup_offer_listing_id"), "backup_offer", ["listing_id"], unique=False)
    op.create_index("ix_backup_offer_organisation_id", "backup_offer", ["organisation_id", "id"], unique=False)
    op.create_index(
        "uq_backup_offer_open_order",
        "backup_offer",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("status = 'offered'"),
    )


def _duties() -> None:
    op.create_table(
        "deal_plan_statement",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stated_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_plan_statement_deal_id_deal")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_deal_plan_statement_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_plan_statement")),
    )
    op.create_index(op.f("ix_deal_plan_statement_deal_id"), "deal_plan_statement", ["deal_id"], unique=False)
    op.create_table(
        "instalment",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("closing_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_ppm", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "lateness",
            sa.Enum(
                "in_time",
                "overdue",
                "notice",
                "default",
                name="instalment_lateness",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "due", "paid", "void", name="instalment_status", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("paid_interest_minor", sa.BigInteger(), nullable=True),
        sa.Column("transfer_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("paid_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("paid_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status <> 'paid' OR (paid_at IS NOT NULL AND transfer_id IS NOT NULL)",
            name=op.f("ck_instalment_paid_says_how"),
        ),
        sa.CheckConstraint(
            "principal_minor >= 0 AND interest_minor >= 0 AND days > 0", name=op.f("ck_instalment_terms_sensible")
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_instalment_deal_id_deal")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfer.id"], name=op.f("fk_instalment_transfer_id_ledger_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint("deal_id", "number", name=op.f("uq_instalment_deal_id_number")),
    )
    op.create_table(
        "obligation",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "change_registration",
                "association_report",
                "state_registration",
                "result_notice",
                name="obligation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("responsible_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("breach_on", sa.Date(), nullable=False),
        sa.Column(
            "lateness",
            sa.Enum(
                "in_time",
                "overdue",
                "notice",
                "default",
                name="obligation_lateness",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open", "done", "void", name="obligation_status", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("document_number", sa.Integer(), nullable=True),
        sa.Column("done_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name=op.f("ck_obligation_done_says_when")),
        sa.CheckConstraint("breach_on >= due_on", name=op.f("ck_obligation_due_before_breach")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_obligation_deal_id_deal")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_obligation_document_id_document")),
        sa.ForeignKeyConstraint(
            ["responsible_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_obligation_responsible_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
        sa.UniqueConstraint("deal_id", "kind", name=op.f("uq_obligation_deal_id_kind")),
    )
    op.create_index(
        op.f("ix_obligation_responsible_organisation_id"), "obligation", ["responsible_organisation_id"], unique=False
    )


def upgrade() -> None:
    _backups()
    _duties()
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
    for table in VIEWS:
        op.execute(f"CREATE VIEW audit.{table}s AS SELECT * FROM public.{table}")  # noqa: S608 - names of the tuple
        op.execute(f"GRANT SELECT ON audit.{table}s TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
