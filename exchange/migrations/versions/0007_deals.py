"""deals: one for each buyer, with the deposit that goes over from its bid"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deal",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "trade", "rofr", "backup", name="deal_origin", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("trade_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("replaces_deal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("book_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fund_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("holding_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("manager_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seller_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("buyer_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("profile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seller_is_state_owned", sa.Boolean(), nullable=False),
        sa.Column("buyer_is_partner", sa.Boolean(), nullable=False),
        sa.Column("price_ppm", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("nav_statement_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference_on", sa.Date(), nullable=False),
        sa.Column("nav_minor", sa.BigInteger(), nullable=False),
        sa.Column("subscribed_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "adjustment",
            sa.Enum("none", "cash_flow", name="deal_adjustment", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("deposit_account_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("deposit_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed",
                "noticed",
                "rofr_exercised",
                "rofr_cleared",
                "gp_consented",
                "gp_refused",
                "approved",
                "signed",
                "funded",
                "closing",
                "transferred",
                "filed",
                "settled",
                "on_hold",
                "withdrawn",
                "defaulted",
                "busted",
                "terminated",
                name="deal_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "held_from",
            sa.Enum(
                "confirmed",
                "noticed",
                "rofr_exercised",
                "rofr_cleared",
                "gp_consented",
                "gp_refused",
                "approved",
                "signed",
                "funded",
                "closing",
                "transferred",
                "filed",
                "settled",
                "on_hold",
                "withdrawn",
                "defaulted",
                "busted",
                "terminated",
                name="deal_held_from",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("status_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status_note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("due_rule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("transferred_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(origin = 'trade') = (replaces_deal_id IS NULL)", name=op.f("ck_deal_origin_known")),
        sa.CheckConstraint("(status = 'on_hold') = (held_from IS NOT NULL)", name=op.f("ck_deal_hold_remembers")),
        sa.CheckConstraint(
            "amount_minor > 0 AND price_ppm > 0 AND base_minor >= 0", name=op.f("ck_deal_terms_positive")
        ),
        sa.CheckConstraint("buyer_organisation_id <> seller_organisation_id", name=op.f("ck_deal_two_parties")),
        sa.CheckConstraint("deposit_minor >= 0", name=op.f("ck_deal_deposit_not_negative")),
        sa.CheckConstraint("nav_minor > 0 AND subscribed_minor > 0", name=op.f("ck_deal_basis_positive")),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_deal_book_id_book")),
        sa.ForeignKeyConstraint(
            ["buyer_organisation_id"], ["organisation.id"], name=op.f("fk_deal_buyer_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["deposit_account_id"], ["account.id"], name=op.f("fk_deal_deposit_account_id_account")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_deal_fund_id_fund")),
        sa.ForeignKeyConstraint(["holding_id"], ["holding.id"], name=op.f("fk_deal_holding_id_holding")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_deal_listing_id_listing")),
        sa.ForeignKeyConstraint(
            ["manager_organisation_id"], ["organisation.id"], name=op.f("fk_deal_manager_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["nav_statement_id"], ["nav_statement.id"], name=op.f("fk_deal_nav_statement_id_nav_statement")
        ),
        sa.ForeignKeyConstraint(["replaces_deal_id"], ["deal.id"], name=op.f("fk_deal_replaces_deal_id_deal")),
        sa.ForeignKeyConstraint(
            ["seller_organisation_id"], ["organisation.id"], name=op.f("fk_deal_seller_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["trade_id"], ["trade.id"], name=op.f("fk_deal_trade_id_trade")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
    )
    op.create_index("ix_deal_buyer", "deal", ["buyer_organisation_id", "id"], unique=False)
    op.create_index(op.f("ix_deal_fund_id"), "deal", ["fund_id"], unique=False)
    op.create_index(op.f("ix_deal_holding_id"), "deal", ["holding_id"], unique=False)
    op.create_index("ix_deal_listing", "deal", ["listing_id", "id"], unique=False)
    op.create_index(op.f("ix_deal_manager_organisation_id"), "deal", ["manager_organisation_id"], unique=False)
    op.create_index(op.f("ix_deal_replaces_deal_id"), "deal", ["replaces_deal_id"], unique=False)
    op.create_index("ix_deal_seller", "deal", ["seller_organisation_id", "id"], unique=False)
    op.create_index(op.f("ix_deal_trade_id"), "deal", ["trade_id"], unique=False)
    op.create_index(
        "uq_deal_first_of_trade",
        "deal",
        ["trade_id"],
        unique=True,
        postgresql_where=sa.text("replaces_deal_id IS NULL"),
    )
    op.add_column("market_order", sa.Column("settled_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("market_order", "settled_minor", server_default=None)
    op.create_check_constraint(
        op.f("ck_market_order_settled_within_filled"),
        "market_order",
        "settled_minor >= 0 AND settled_minor <= filled_minor",
    )
    op.execute("CREATE OR REPLACE VIEW audit.orders AS SELECT * FROM public.market_order")
    op.execute("CREATE VIEW audit.deals AS SELECT * FROM public.deal")
    op.execute("GRANT SELECT ON audit.deals TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
