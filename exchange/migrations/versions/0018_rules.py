"""what the last rules of the book need: filings of funds, qualified by law, sales by a court, ways of first refusal"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CAUSES = ("voluntary", "court_order")
FIRST_REFUSAL = ("after_bidding", "bids_along", "matches_best")
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
    _listings()


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


def _listings() -> None:
    for name, values in (("cause", CAUSES), ("first_refusal", FIRST_REFUSAL)):
        kind = _enum(f"listing_{name}", values)
        op.add_column("listing", sa.Column(name, kind, nullable=False, server_default=values[0]))
        op.alter_column("listing", name, server_default=None)
    op.add_column("listing", sa.Column("is_favourable_exit", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("listing", "is_favourable_exit", server_default=None)
    op.execute("CREATE OR REPLACE VIEW audit.listings AS SELECT * FROM public.listing")
    constraint = op.f("ck_listing_approval_listing_approval_kind")
    op.drop_constraint(constraint, "listing_approval", type_="check")
    op.create_check_constraint(
        constraint, "listing_approval", "kind IN ('price', 'change', 'court_order', 'exit_clause')"
    )
    op.add_column("listing_approval", sa.Column("invested_on", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_listing_approval_exit_states_investment"),
        "listing_approval",
        "(kind = 'exit_clause') = (invested_on IS NOT NULL)",
    )
    op.execute("CREATE OR REPLACE VIEW audit.listing_approvals AS SELECT * FROM public.listing_approval")
    _calls()


def _calls() -> None:
    op.create_table(
        "listing_call",
        sa.Column("id", TEXT(), nullable=False),
        sa.Column("listing_id", TEXT(), nullable=False),
        sa.Column("partner_organisation_id", TEXT(), nullable=False),
        sa.Column("first_refusal", _enum("listing_call_first_refusal", FIRST_REFUSAL), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("called_by", TEXT(), nullable=False),
        sa.Column("called_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_call_listing_id_listing")),
        sa.ForeignKeyConstraint(
            ["partner_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_listing_call_partner_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_call")),
    )
    op.create_index(op.f("ix_listing_call_listing_id"), "listing_call", ["listing_id"], unique=False)
    op.create_index(
        op.f("ix_listing_call_partner_organisation_id"), "listing_call", ["partner_organisation_id"], unique=False
    )
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON listing_call FROM exchange_app")
    op.execute(
        "CREATE TRIGGER listing_call_is_insert_only BEFORE UPDATE OR DELETE ON listing_call "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER listing_call_is_never_emptied BEFORE TRUNCATE ON listing_call "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("CREATE VIEW audit.listing_calls AS SELECT * FROM public.listing_call")
    op.execute("GRANT SELECT ON audit.listing_calls TO exchange_auditor, exchange_app")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def downgrade() -> None:
    raise NotImplementedError("registers are never rolled back; restore a backup instead")
