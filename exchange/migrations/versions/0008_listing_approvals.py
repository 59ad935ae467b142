"""written approvals of a seller's body, and what auditors read of them"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listing_approval",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "price",
                "change",
                name="listing_approval_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("approving_body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("lowest_price_ppm", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "filed",
                "verified",
                "refused",
                "used",
                name="listing_approval_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("filed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("filed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'price') = (lowest_price_ppm IS NOT NULL)",
            name=op.f("ck_listing_approval_price_states_lowest"),
        ),
        sa.CheckConstraint(
            "lowest_price_ppm IS NULL OR lowest_price_ppm > 0", name=op.f("ck_listing_approval_lowest_positive")
        ),
        sa.CheckConstraint("valid_until >= approved_on", name=op.f("ck_listing_approval_valid_after_approval")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> filed_by", name=op.f("ck_listing_approval_two_persons")
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_approval_listing_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_approval")),
    )
    op.create_index(op.f("ix_listing_approval_listing_id"), "listing_approval", ["listing_id"], unique=False)
    op.execute("CREATE VIEW audit.listing_approvals AS SELECT * FROM public.listing_approval")
    op.execute("GRANT SELECT ON audit.listing_approvals TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
