"""the bank desk: messages, payments, payouts and their batches"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSERT_ONLY = ("bank_message", "payout_batch")
# Sealed account numbers stay out of what auditors read; the masked ones are enough.
VIEWS = {
    "bank_messages": "SELECT * FROM public.bank_message",
    "payments": "SELECT * FROM public.payment",
    "payouts": "SELECT id, organisation_id, account_id, currency, amount_minor, creditor, number_masked, status, note, "
    "batch_id, requested_by, requested_at, decided_by, decided_at, version FROM public.payout",
    "payout_batches": "SELECT * FROM public.payout_batch",
}
OWNERS = "CASE kind WHEN 'cash' THEN organisation_id IS NOT NULL WHEN 'bank' THEN true ELSE organisation_id IS NULL END"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_account_house_has_no_owner"), "account", type_="check")
    op.create_check_constraint(op.f("ck_account_house_has_no_owner"), "account", OWNERS)
    op.create_table(
        "bank_message",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("debits_unexplained", sa.Integer(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("received_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_bank_message_message_id")),
    )
    op.create_table(
        "payout_batch",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("payouts", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("execute_on", sa.Date(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_batch")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("bank_reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("end_to_end_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("remittance", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("debtor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "matched",
                "queued",
                "assigned",
                "returned",
                name="payment_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('matched', 'assigned')) = (account_id IS NOT NULL)",
            name=op.f("ck_payment_account_when_booked"),
        ),
        sa.CheckConstraint("decided_by IS NULL OR status IN ('assigned', 'returned')", name=op.f("ck_payment_decided")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount_positive")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_payment_account_id_account")),
        sa.ForeignKeyConstraint(["message_id"], ["bank_message.id"], name=op.f("fk_payment_message_id_bank_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("bank_reference", name=op.f("uq_payment_bank_reference")),
    )
    op.create_index(op.f("ix_payment_message_id"), "payment", ["message_id"], unique=False)
    op.create_index("ix_payment_status", "payment", ["status", "id"], unique=False)
    op.create_table(
        "payout",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("creditor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number_sealed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number_masked", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "approved",
                "refused",
                "sent",
                "settled",
                "rejected",
                name="payout_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("batch_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("requested_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payout_amount_positive")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name=op.f("ck_payout_two_persons")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_payout_account_id_account")),
        sa.ForeignKeyConstraint(["batch_id"], ["payout_batch.id"], name=op.f("fk_payout_batch_id_payout_batch")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_payout_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
    )
    op.create_index(op.f("ix_payout_batch_id"), "payout", ["batch_id"], unique=False)
    op.create_index(op.f("ix_payout_organisation_id"), "payout", ["organisation_id"], unique=False)
    op.create_index("ix_payout_status", "payout", ["status", "id"], unique=False)
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
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {query}")
        op.execute(f"GRANT SELECT ON audit.{name} TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
