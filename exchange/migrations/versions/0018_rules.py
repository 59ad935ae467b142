"""what the last rules of the book need: filings of funds, qualified by law, sales by a court, ways of first refusal"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    _funds()


def _funds() -> None:
    for name in ("registered_region", "filing_code"):
        op.add_column("fund", sa.Column(name, TEXT(), nullable=False, server_default=""))
        op.alter_column("fund", name, server_default=None)
    op.create_index(
        "uq_fund_filing_code", "fund", ["filing_code"], unique=True, postgresql_where=sa.text("filing_code <> ''")
    )
    op.execute("CREATE OR REPLACE VIEW audit.funds AS SELECT * FROM public.fund")


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
