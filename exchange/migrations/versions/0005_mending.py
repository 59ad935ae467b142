"""Commands that operators let a book skip."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "skipped_command",
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["book_id", "sequence"], ["book_command.book_id", "book_command.sequence"]),
        sa.PrimaryKeyConstraint("book_id", "sequence"),
        sa.CheckConstraint("asked_by <> approved_by", name="ck_skipped_command_two_persons"),
    )
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON skipped_command FROM exchange_app")
    op.execute(
        "CREATE TRIGGER skipped_command_is_insert_only BEFORE UPDATE OR DELETE ON skipped_command "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER skipped_command_is_never_emptied BEFORE TRUNCATE ON skipped_command "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("CREATE VIEW audit.skipped_commands AS SELECT * FROM public.skipped_command")
    op.execute("GRANT SELECT ON audit.skipped_commands TO exchange_auditor, exchange_app")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
