"""The order path writes only the indexes that are read, and orders have room on their page for the matcher's update."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# No query of the exchange looks for these; every order or trade paid for them.
UNREAD = ("ix_event_listing_id", "ix_ledger_entry_transfer_id", "ix_ledger_entry_reference_id", "ix_trade_book_id")

# Updated soon after they are written, never in an indexed column: with room on the page no index follows the update.
FILL_PERCENT = {"market_order": 70, "book": 50, "book_progress": 50, "account": 50}


def upgrade() -> None:
    for index in UNREAD:
        op.execute(f"DROP INDEX {index}")
    for table, percent in FILL_PERCENT.items():
        op.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
