"""steps of a deal before the signing: notices, answers of partners, approvals, terms of transfers"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSERT_ONLY = ("deal_notice",)
VIEWS = {
    "deal_notices": "deal_notice",
    "partner_answers": "partner_answer",
    "deal_approvals": "deal_approval",
    "fund_transfer_terms": "fund_transfer_terms",
}


def upgrade() -> None:
    op.create_table(
        "fund_transfer_terms",
        sa.Column("fund_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("has_first_refusal", sa.Boolean(), nullable=False),
        sa.Column("silence_waives", sa.Boolean(), nullable=False),
        sa.Column("clause", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_fund_transfer_terms_fund_id_fund")),
        sa.PrimaryKeyConstraint("fund_id", name=op.f("pk_fund_transfer_terms")),
    )
    op.create_table(
        "deal_approval",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "money_laundering_check",
                "related_party_resolution",
                "state_owner",
                name="deal_approval_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "granted",
                "refused",
                name="deal_approval_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_approval_deal_id_deal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_approval")),
        sa.UniqueConstraint("deal_id", "kind", name=op.f("uq_deal_approval_deal_id_kind")),
    )
    op.create_index(op.f("ix_deal_approval_deal_id"), "deal_approval", ["deal_id"], unique=False)
    op.create_table(
        "deal_notice",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("partner_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("contribution_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "exchange_inbox",
                "registered_mail",
                "personal_delivery",
                name="deal_notice_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proof", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("terms_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("closing_by_on", sa.Date(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("served_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("served_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_notice_deal_id_deal")),
        sa.ForeignKeyConstraint(
            ["partner_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_deal_notice_partner_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_notice")),
        sa.UniqueConstraint(
            "deal_id", "partner_organisation_id", name=op.f("uq_deal_notice_deal_id_partner_organisation_id")
        ),
    )
    op.create_index(op.f("ix_deal_notice_deal_id"), "deal_notice", ["deal_id"], unique=False)
    op.create_index(
        op.f("ix_deal_notice_partner_organisation_id"), "deal_notice", ["partner_organisation_id"], unique=False
    )
    op.create_table(
        "partner_answer",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("partner_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "exercise", "waive", name="partner_answer_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("asked_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_account_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("deposit_minor", sa.BigInteger(), nullable=False),
        sa.Column("answered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("(kind = 'exercise') = (asked_minor > 0)", name=op.f("ck_partner_answer_exercise_asks")),
        sa.CheckConstraint("asked_minor >= 0 AND deposit_minor >= 0", name=op.f("ck_partner_answer_not_negative")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_partner_answer_deal_id_deal")),
        sa.ForeignKeyConstraint(
            ["deposit_account_id"], ["account.id"], name=op.f("fk_partner_answer_deposit_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["partner_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_partner_answer_partner_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_answer")),
        sa.UniqueConstraint(
            "deal_id", "partner_organisation_id", name=op.f("uq_partner_answer_deal_id_partner_organisation_id")
        ),
    )
    op.create_index(op.f("ix_partner_answer_deal_id"), "partner_answer", ["deal_id"], unique=False)
    op.create_index(
        op.f("ix_partner_answer_partner_organisation_id"), "partner_answer", ["partner_organisation_id"], unique=False
    )
    op.add_column("deal", sa.Column("held_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column(
        "deal", sa.Column("held_due_rule", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
    )
    op.alter_column("deal", "held_due_rule", server_default=None)
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
    for view, table in VIEWS.items():
        op.execute(f"CREATE VIEW audit.{view} AS SELECT * FROM public.{table}")  # noqa: S608 - names of the table above
        op.execute(f"GRANT SELECT ON audit.{view} TO exchange_auditor, exchange_app")
    op.execute("CREATE OR REPLACE VIEW audit.deals AS SELECT * FROM public.deal")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
