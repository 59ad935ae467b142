"""pledges of interests, and certificates of holdings"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("holding_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("holding_version", sa.Integer(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["holding_id"], ["holding.id"], name=op.f("fk_certificate_holding_id_holding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("holding_id", "holding_version", name=op.f("uq_certificate_holding_id_holding_version")),
    )
    op.create_index(op.f("ix_certificate_holding_id"), "certificate", ["holding_id"], unique=False)
    op.create_table(
        "pledge",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("holding_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fund_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("holder_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("creditor_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("creditor_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("secured_minor", sa.BigInteger(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("contract_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("permitted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("papers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("release_papers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "registered",
                "release_requested",
                "released",
                "refused",
                "withdrawn",
                name="pledge_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "agreement_forbids",
                "papers_insufficient",
                "creditor_not_confirmed",
                "other",
                name="pledge_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("released_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("released_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (status IN ('requested', 'withdrawn'))", name=op.f("ck_pledge_decided_says_when")
        ),
        sa.CheckConstraint(
            "(released_at IS NOT NULL) = (status = 'released')", name=op.f("ck_pledge_released_says_when")
        ),
        sa.CheckConstraint("amount_minor > 0 AND secured_minor > 0", name=op.f("ck_pledge_amounts_positive")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_pledge_fund_id_fund")),
        sa.ForeignKeyConstraint(
            ["holder_organisation_id"], ["organisation.id"], name=op.f("fk_pledge_holder_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["holding_id"], ["holding.id"], name=op.f("fk_pledge_holding_id_holding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
    )
    op.create_index(op.f("ix_pledge_fund_id"), "pledge", ["fund_id"], unique=False)
    op.create_index(op.f("ix_pledge_holder_organisation_id"), "pledge", ["holder_organisation_id"], unique=False)
    op.create_index(op.f("ix_pledge_holding_id"), "pledge", ["holding_id"], unique=False)
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON certificate FROM exchange_app")
    op.execute("REVOKE DELETE, TRUNCATE ON pledge FROM exchange_app")
    op.execute(
        "CREATE TRIGGER certificate_is_insert_only BEFORE UPDATE OR DELETE ON certificate "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER certificate_is_never_emptied BEFORE TRUNCATE ON certificate "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    for table in ("pledge", "certificate"):
        op.execute(f"CREATE VIEW audit.{table}s AS SELECT * FROM public.{table}")  # noqa: S608 - names of the tuple
        op.execute(f"GRANT SELECT ON audit.{table}s TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
