"""transfers of money and of interests: accounts of the house, groups of legs, moves of the roll"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACCOUNT_KINDS = ("cash", "bank", "settlement", "fees", "suspense")
ENTRY_KINDS = (
    "deposit",
    "withdrawal",
    "hold",
    "release",
    "payment_in",
    "payment_out",
    "to_settlement",
    "proceeds",
    "fee",
    "instalment",
    "refund",
    "forfeit",
    "true_up",
    "reversal",
)
CUSTODY_KINDS = (
    "recorded",
    "corrected",
    "frozen",
    "released",
    "pledged",
    "unpledged",
    "transferred_out",
    "transferred_in",
    "reversed_out",
    "reversed_in",
)
INSERT_ONLY = ("ledger_transfer", "interest_transfer")


def _kinds(table: str, name: str, values: tuple[str, ...]) -> None:
    """Let an enumerated column take further values."""
    constraint = op.f(f"ck_{table}_{name}")
    op.drop_constraint(constraint, table, type_="check")
    op.create_check_constraint(constraint, table, f"kind IN ({', '.join(repr(value) for value in values)})")


def upgrade() -> None:
    _kinds("account", "account_kind", ACCOUNT_KINDS)
    _kinds("ledger_entry", "ledger_entry_kind", ENTRY_KINDS)
    _kinds("custody_entry", "custody_entry_kind", CUSTODY_KINDS)
    op.alter_column("account", "organisation_id", nullable=True)
    op.drop_constraint(op.f("uq_account_organisation_id_currency_kind"), "account", type_="unique")
    op.create_unique_constraint(
        op.f("uq_account_organisation_id_currency_kind"),
        "account",
        ["organisation_id", "currency", "kind"],
        postgresql_nulls_not_distinct=True,
    )
    op.create_check_constraint(
        op.f("ck_account_house_has_no_owner"),
        "account",
        "(organisation_id IS NULL) = (kind IN ('settlement', 'fees', 'suspense'))",
    )
    op.create_index(
        "ix_ledger_entry_posted",
        "ledger_entry",
        ["reference_id", "account_id"],
        postgresql_where=sa.text("posted_delta_minor <> 0"),
    )
    op.create_table(
        "ledger_transfer",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*ENTRY_KINDS, name="ledger_transfer_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reference_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("once_key", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reverses_transfer_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reverses_transfer_id"],
            ["ledger_transfer.id"],
            name=op.f("fk_ledger_transfer_reverses_transfer_id_ledger_transfer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfer")),
        sa.UniqueConstraint("once_key", name=op.f("uq_ledger_transfer_once_key")),
        sa.UniqueConstraint("reverses_transfer_id", name=op.f("uq_ledger_transfer_reverses_transfer_id")),
    )
    op.create_index(op.f("ix_ledger_transfer_reference_id"), "ledger_transfer", ["reference_id"], unique=False)
    op.create_table(
        "interest_transfer",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fund_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("from_holding_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("to_holding_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_in_minor", sa.BigInteger(), nullable=False),
        sa.Column("unfunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("frozen_reference_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reverses_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("actor_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_interest_transfer_amount_positive")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_interest_transfer_fund_id_fund")),
        sa.ForeignKeyConstraint(
            ["from_holding_id"], ["holding.id"], name=op.f("fk_interest_transfer_from_holding_id_holding")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["interest_transfer.id"],
            name=op.f("fk_interest_transfer_reverses_id_interest_transfer"),
        ),
        sa.ForeignKeyConstraint(
            ["to_holding_id"], ["holding.id"], name=op.f("fk_interest_transfer_to_holding_id_holding")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_transfer")),
        sa.UniqueConstraint("reference_id", name=op.f("uq_interest_transfer_reference_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_interest_transfer_reverses_id")),
    )
    for column in ("fund_id", "from_holding_id", "to_holding_id"):
        op.create_index(op.f(f"ix_interest_transfer_{column}"), "interest_transfer", [column], unique=False)
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


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
