"""payment plans: what a listing announces, and what bidders of an auction say"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("listing", sa.Column("plan", json, nullable=False, server_default=sa.text("'{}'::jsonb")))
    op.alter_column("listing", "plan", server_default=None)
    op.add_column("listing", sa.Column("plan_discount_ppm", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_listing_plan_discount_not_negative"),
        "listing",
        "plan_discount_ppm IS NULL OR plan_discount_ppm >= 0",
    )
    op.execute("CREATE OR REPLACE VIEW audit.listings AS SELECT * FROM public.listing")
    op.create_table(
        "order_plan",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("order_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("book_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("plan", json, nullable=False),
        sa.Column("equivalent_price_ppm", sa.BigInteger(), nullable=False),
        sa.Column("stated_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_order_plan_book_id_book")),
        sa.ForeignKeyConstraint(["order_id"], ["market_order.id"], name=op.f("fk_order_plan_order_id_market_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_plan")),
    )
    op.create_index(op.f("ix_order_plan_book_id"), "order_plan", ["book_id"], unique=False)
    op.create_index(op.f("ix_order_plan_order_id"), "order_plan", ["order_id"], unique=False)
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON order_plan FROM exchange_app")
    op.execute(
        "CREATE TRIGGER order_plan_is_insert_only BEFORE UPDATE OR DELETE ON order_plan "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER order_plan_is_never_emptied BEFORE TRUNCATE ON order_plan "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("CREATE VIEW audit.order_plans AS SELECT * FROM public.order_plan")
    op.execute("GRANT SELECT ON audit.order_plans TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
