"""valuations, appraisals, parameters of the market, schedules of investments; their insert-only guards and views"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSERT_ONLY = (
    "investment",
    "valuation_parameter_proposal",
    "valuation_parameter",
    "valuation_document",
    "valuation",
    "valuation_result",
    "valuation_scenario",
    "valuation_weight_set",
    "appraisal",
    "appraisal_filing",
)

# View name -> the query an auditor reads. What somebody assumes or weighs for himself is in none of them: a scenario
# shows that it was entered, by whom, and the hashes of its contents.
VIEWS = {
    "investment_schedules": "SELECT * FROM public.investment_schedule",
    "investments": "SELECT * FROM public.investment",
    "valuation_parameter_proposals": "SELECT * FROM public.valuation_parameter_proposal",
    "valuation_parameters": "SELECT * FROM public.valuation_parameter",
    "valuation_documents": "SELECT * FROM public.valuation_document",
    "valuations": "SELECT v.*, r.facts_hash, r.assumptions_hash, r.panel_hash, r.software_version, r.computed_at "
    "FROM public.valuation v LEFT JOIN public.valuation_result r ON r.valuation_id = v.id",
    "valuation_scenarios": "SELECT id, valuation_id, organisation_id, assumptions_hash, panel_hash, software_version, "
    "entered_by, entered_at FROM public.valuation_scenario",
    "valuation_weight_sets": "SELECT id, valuation_id, organisation_id, is_public, entered_by, entered_at, "
    "CASE WHEN is_public THEN reason END AS reason, CASE WHEN is_public THEN weights END AS weights "
    "FROM public.valuation_weight_set",
    "appraisals": "SELECT a.*, f.filing_number, f.filed_on, f.filed_by, f.recorded_at AS filing_recorded_at "
    "FROM public.appraisal a LEFT JOIN public.appraisal_filing f ON f.appraisal_id = a.id",
    "revaluations": "SELECT * FROM public.revaluation",
}


def upgrade() -> None:
    op.create_table(
        "revaluation",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valued_on", sa.Date(), nullable=False),
        sa.Column("profile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_by_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("fund_count", sa.Integer(), nullable=False),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revaluation")),
    )
    op.create_table(
        "valuation_document",
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_valuation_document")),
    )
    op.create_table(
        "valuation_parameter_proposal",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("items_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valuation_parameter_proposal")),
    )
    op.create_table(
        "revaluation_chunk",
        sa.Column("revaluation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fund_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("computed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_revaluation_chunk_number_not_negative")),
        sa.ForeignKeyConstraint(
            ["revaluation_id"], ["revaluation.id"], name=op.f("fk_revaluation_chunk_revaluation_id_revaluation")
        ),
        sa.PrimaryKeyConstraint("revaluation_id", "number", name=op.f("pk_revaluation_chunk")),
    )
    op.create_table(
        "valuation_parameter",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "market_price",
                "target_return",
                "draw_ratio",
                "pacing",
                "remaining_life",
                "deferral",
                "nowcast",
                "lock_up",
                "risk_free_rate",
                "index_level",
                name="valuation_parameter_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("strategy", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "source_mark",
            sa.Enum(
                "reported",
                "audited",
                "appraised",
                "computed",
                "simulated",
                name="valuation_parameter_source_mark",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("proposal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("approved_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("approved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("approved_by <> entered_by", name=op.f("ck_valuation_parameter_two_persons")),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["valuation_parameter_proposal.id"],
            name=op.f("fk_valuation_parameter_proposal_id_valuation_parameter_proposal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valuation_parameter")),
        sa.UniqueConstraint(
            "kind",
            "region",
            "strategy",
            "name",
            "effective_on",
            "version",
            name=op.f("uq_valuation_parameter_kind_region_strategy_name_effective_on_version"),
        ),
    )
    op.create_table(
        "investment_schedule",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fund_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("other_assets_minor", sa.BigInteger(), nullable=False),
        sa.Column("debt_minor", sa.BigInteger(), nullable=False),
        sa.Column("fees_payable_minor", sa.BigInteger(), nullable=False),
        sa.Column("accrued_carry_minor", sa.BigInteger(), nullable=False),
        sa.Column("investor_share_ppm", sa.BigInteger(), nullable=False),
        sa.Column(
            "source_mark",
            sa.Enum(
                "reported",
                "audited",
                "appraised",
                "computed",
                "simulated",
                name="schedule_source_mark",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "investor_share_ppm BETWEEN 0 AND 1000000", name=op.f("ck_investment_schedule_investor_share_is_a_share")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_investment_schedule_fund_id_fund")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investment_schedule")),
        sa.UniqueConstraint("fund_id", "as_of", "version", name=op.f("uq_investment_schedule_fund_id_as_of_version")),
    )
    op.create_index(
        "uq_investment_schedule_current",
        "investment_schedule",
        ["fund_id", "as_of"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "valuation",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fund_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("profile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seller_is_state_owned", sa.Boolean(), nullable=False),
        sa.Column("lock_up_days", sa.Integer(), nullable=False),
        sa.Column("valued_on", sa.Date(), nullable=False),
        sa.Column("requested_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_by_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revaluation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint("lock_up_days BETWEEN 0 AND 3650", name=op.f("ck_valuation_lock_up_in_range")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_valuation_fund_id_fund")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valuation")),
    )
    op.create_index("ix_valuation_fund_id_id", "valuation", ["fund_id", "id"], unique=False)
    op.create_index(op.f("ix_valuation_listing_id"), "valuation", ["listing_id"], unique=False)
    op.create_index(op.f("ix_valuation_revaluation_id"), "valuation", ["revaluation_id"], unique=False)
    op.create_table(
        "appraisal",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fund_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("nav_statement_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("profile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("base_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("methods", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("appraiser", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("appraiser_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("report_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("low_minor", sa.BigInteger(), nullable=False),
        sa.Column("point_minor", sa.BigInteger(), nullable=False),
        sa.Column("high_minor", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_by_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_appraisal_amount_positive")),
        sa.CheckConstraint(
            "low_minor <= point_minor AND point_minor <= high_minor AND low_minor >= 0",
            name=op.f("ck_appraisal_range_in_order"),
        ),
        sa.CheckConstraint("valid_until >= base_on", name=op.f("ck_appraisal_valid_after_base")),
        sa.ForeignKeyConstraint(
            ["appraiser_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_appraisal_appraiser_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_appraisal_fund_id_fund")),
        sa.ForeignKeyConstraint(
            ["nav_statement_id"], ["nav_statement.id"], name=op.f("fk_appraisal_nav_statement_id_nav_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal")),
    )
    op.create_index(op.f("ix_appraisal_fund_id"), "appraisal", ["fund_id"], unique=False)
    op.create_table(
        "investment",
        sa.Column("schedule_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("owned_ppm", sa.BigInteger(), nullable=False),
        sa.Column("fair_value_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "listed_market_value",
                "index_return",
                "recent_round",
                "redemption_cash_flow",
                "income",
                "market_multiples",
                "asset_base",
                name="investment_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("lock_up_days", sa.Integer(), nullable=False),
        sa.Column("volatility_ppm", sa.BigInteger(), nullable=False),
        sa.Column("dividend_yield_ppm", sa.BigInteger(), nullable=False),
        sa.Column(
            "source_mark",
            sa.Enum(
                "reported",
                "audited",
                "appraised",
                "computed",
                "simulated",
                name="investment_source_mark",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint(
            "lock_up_days >= 0 AND volatility_ppm >= 0 AND dividend_yield_ppm >= 0",
            name=op.f("ck_investment_lock_up_not_negative"),
        ),
        sa.CheckConstraint("owned_ppm BETWEEN 0 AND 1000000", name=op.f("ck_investment_owned_is_a_share")),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["investment_schedule.id"], name=op.f("fk_investment_schedule_id_investment_schedule")
        ),
        sa.PrimaryKeyConstraint("schedule_id", "place", name=op.f("pk_investment")),
    )
    op.create_table(
        "valuation_result",
        sa.Column("valuation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("facts_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("assumptions_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("panel_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("software_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("computed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assumptions_hash"],
            ["valuation_document.hash"],
            name=op.f("fk_valuation_result_assumptions_hash_valuation_document"),
        ),
        sa.ForeignKeyConstraint(
            ["facts_hash"], ["valuation_document.hash"], name=op.f("fk_valuation_result_facts_hash_valuation_document")
        ),
        sa.ForeignKeyConstraint(
            ["panel_hash"], ["valuation_document.hash"], name=op.f("fk_valuation_result_panel_hash_valuation_document")
        ),
        sa.ForeignKeyConstraint(
            ["valuation_id"], ["valuation.id"], name=op.f("fk_valuation_result_valuation_id_valuation")
        ),
        sa.PrimaryKeyConstraint("valuation_id", name=op.f("pk_valuation_result")),
    )
    op.create_table(
        "valuation_scenario",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valuation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("overrides", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("assumptions", sa.Text(), nullable=False),
        sa.Column("assumptions_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("panel", sa.Text(), nullable=False),
        sa.Column("panel_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("software_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["valuation_id"], ["valuation.id"], name=op.f("fk_valuation_scenario_valuation_id_valuation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valuation_scenario")),
    )
    op.create_index(
        "ix_valuation_scenario_owner", "valuation_scenario", ["organisation_id", "valuation_id", "id"], unique=False
    )
    op.create_table(
        "valuation_weight_set",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valuation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_by_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("low_minor", sa.BigInteger(), nullable=False),
        sa.Column("point_minor", sa.BigInteger(), nullable=False),
        sa.Column("high_minor", sa.BigInteger(), nullable=False),
        sa.Column("low_ppm", sa.BigInteger(), nullable=True),
        sa.Column("point_ppm", sa.BigInteger(), nullable=True),
        sa.Column("high_ppm", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["valuation_id"], ["valuation.id"], name=op.f("fk_valuation_weight_set_valuation_id_valuation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valuation_weight_set")),
    )
    op.create_index(
        op.f("ix_valuation_weight_set_valuation_id"), "valuation_weight_set", ["valuation_id"], unique=False
    )
    op.create_table(
        "appraisal_filing",
        sa.Column("appraisal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("filing_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("filed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appraisal_id"], ["appraisal.id"], name=op.f("fk_appraisal_filing_appraisal_id_appraisal")
        ),
        sa.PrimaryKeyConstraint("appraisal_id", name=op.f("pk_appraisal_filing")),
    )
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
