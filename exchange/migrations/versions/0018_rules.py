"""what the last rules of the book need: filings of funds, qualified by law, sales by a court, ways of first refusal"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

DEEMED = ("social_security_fund", "annuity", "charity", "filed_plan", "manager_or_staff")
PROOFS = (
    "council_mandate",
    "plan_confirmation",
    "charity_registration",
    "association_filing",
    "manager_registration",
)
TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    _funds()
    _qualified_by_law()


def _funds() -> None:
    for name in ("registered_region", "filing_code"):
        op.add_column("fund", sa.Column(name, TEXT(), nullable=False, server_default=""))
        op.alter_column("fund", name, server_default=None)
    op.create_index(
        "uq_fund_filing_code", "fund", ["filing_code"], unique=True, postgresql_where=sa.text("filing_code <> ''")
    )
    op.execute("CREATE OR REPLACE VIEW audit.funds AS SELECT * FROM public.fund")


def _qualified_by_law() -> None:
    op.add_column("standing", sa.Column("deemed_kind", _enum("standing_deemed_kind", DEEMED), nullable=True))
    op.add_column("standing", sa.Column("deemed_manager_id", TEXT(), nullable=True))
    op.add_column("suitability", sa.Column("deemed_kind", _enum("suitability_deemed_kind", DEEMED), nullable=True))
    op.add_column(
        "suitability", sa.Column("deemed_proof_kind", _enum("suitability_deemed_proof_kind", PROOFS), nullable=True)
    )
    op.add_column("suitability", sa.Column("deemed_proof_number", TEXT(), nullable=False, server_default=""))
    op.alter_column("suitability", "deemed_proof_number", server_default=None)
    op.add_column("suitability", sa.Column("deemed_manager_id", TEXT(), nullable=True))
    op.create_foreign_key(
        op.f("fk_suitability_deemed_manager_id_organisation"),
        "suitability",
        "organisation",
        ["deemed_manager_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_suitability_deemed_is_proved"),
        "suitability",
        "(deemed_kind IS NULL) = (deemed_proof_kind IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_suitability_manager_named"),
        "suitability",
        "(deemed_manager_id IS NOT NULL) = (deemed_kind IS NOT DISTINCT FROM 'manager_or_staff')",
    )
    op.execute("CREATE OR REPLACE VIEW audit.suitability_records AS SELECT * FROM public.suitability")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
