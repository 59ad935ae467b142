"""what deals move: closing statements, proceeds held until a transfer is final, amounts out of a listing's freeze"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSERT_ONLY = ("closing_statement", "statement_answer")


def upgrade() -> None:
    op.create_table(
        "closing_statement",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("closing_on", sa.Date(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lines_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("to_pay_minor", sa.BigInteger(), nullable=False),
        sa.Column("seller_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("buyer_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("issued_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_closing_statement_version_positive")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_closing_statement_deal_id_deal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_statement")),
        sa.UniqueConstraint("deal_id", "version", name=op.f("uq_closing_statement_deal_id_version")),
    )
    op.create_index(op.f("ix_closing_statement_deal_id"), "closing_statement", ["deal_id"], unique=False)
    op.create_table(
        "statement_answer",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("statement_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "confirmed",
                "disputed",
                "silent",
                "upheld",
                name="statement_answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["closing_statement.id"], name=op.f("fk_statement_answer_statement_id_closing_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_answer")),
    )
    op.create_index(op.f("ix_statement_answer_statement_id"), "statement_answer", ["statement_id"], unique=False)
    op.add_column("deal", sa.Column("proceeds_account_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("deal", sa.Column("proceeds_held_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("deal", "proceeds_held_minor", server_default=None)
    op.add_column("deal", sa.Column("notice_served_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_foreign_key(
        op.f("fk_deal_proceeds_account_id_account"), "deal", "account", ["proceeds_account_id"], ["id"]
    )
    op.add_column("listing", sa.Column("settled_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("listing", "settled_minor", server_default=None)
    op.create_check_constraint(
        op.f("ck_listing_settled_within_amount"), "listing", "settled_minor >= 0 AND settled_minor <= amount_minor"
    )
    op.create_check_constraint(op.f("ck_deal_proceeds_not_negative"), "deal", "proceeds_held_minor >= 0")
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
        op.execute(f"CREATE VIEW audit.{table}s AS SELECT * FROM public.{table}")  # noqa: S608 - names of the tuple
        op.execute(f"GRANT SELECT ON audit.{table}s TO exchange_auditor, exchange_app")
    op.execute("CREATE OR REPLACE VIEW audit.deals AS SELECT * FROM public.deal")
    op.execute("CREATE OR REPLACE VIEW audit.listings AS SELECT * FROM public.listing")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
