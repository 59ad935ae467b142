"""checklists, documents, data rooms and advice; their insert-only guards and what auditors read"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSERT_ONLY = (
    "item_submission",
    "item_decision",
    "gate_passage",
    "document_version",
    "document_redaction",
    "nda_signature",
    "room_view",
    "room_dwell",
    "question_message",
    "room_package_member",
    "engagement_quote",
)

# View name -> the query an auditor reads. A sealed quote shows that it was given, not what it says.
VIEWS = {
    "checklists": "SELECT * FROM public.checklist",
    "checklist_facts": "SELECT * FROM public.checklist_fact",
    "checklist_items": "SELECT * FROM public.checklist_item",
    "item_submissions": "SELECT * FROM public.item_submission",
    "item_decisions": "SELECT * FROM public.item_decision",
    "gate_passages": "SELECT * FROM public.gate_passage",
    "bid_clearances": "SELECT * FROM public.bid_clearance",
    "findings": "SELECT * FROM public.finding",
    "stored_bytes": "SELECT * FROM public.stored_bytes",
    "documents": "SELECT * FROM public.document",
    "document_versions": "SELECT * FROM public.document_version",
    "document_redactions": "SELECT * FROM public.document_redaction",
    "rooms": "SELECT * FROM public.room",
    "nda_signatures": "SELECT * FROM public.nda_signature",
    "room_entries": "SELECT * FROM public.room_entry",
    "room_grants": "SELECT * FROM public.room_grant",
    "room_views": "SELECT v.*, d.seconds FROM public.room_view v LEFT JOIN public.room_dwell d ON d.view_id = v.id",
    "room_visits": "SELECT * FROM public.room_visit",
    "questions": "SELECT * FROM public.question",
    "question_messages": "SELECT * FROM public.question_message",
    "room_packages": "SELECT * FROM public.room_package",
    "room_package_members": "SELECT * FROM public.room_package_member",
    "advisers": "SELECT * FROM public.adviser",
    "adviser_relations": "SELECT * FROM public.adviser_relation",
    "engagements": "SELECT * FROM public.engagement",
    "engagement_invitations": "SELECT * FROM public.engagement_invitation",
    "engagement_quotes": "SELECT q.id, q.engagement_id, q.organisation_id, q.quoted_by, q.quoted_at, "
    "CASE WHEN e.unsealed_at IS NOT NULL THEN q.fee_minor END AS fee_minor "
    "FROM public.engagement_quote q JOIN public.engagement e ON e.id = q.engagement_id",
    "deliverables": "SELECT * FROM public.deliverable",
    "engagement_ratings": "SELECT * FROM public.engagement_rating",
}


def upgrade() -> None:
    op.create_table(
        "stored_bytes",
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "pdf",
                "ofd",
                "jpg",
                "png",
                "xlsx",
                "docx",
                "csv",
                "json",
                "zip",
                "html",
                name="stored_bytes_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column(
            "scan_state",
            sa.Enum(
                "pending",
                "clean",
                "quarantined",
                name="stored_bytes_scan_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scan_detail", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("scanned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("stored_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_stored_bytes_sha256_form")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_stored_bytes_not_empty")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_bytes")),
    )
    op.create_table(
        "adviser",
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "admitted",
                "suspended",
                "lapsed",
                name="adviser_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entry", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("application", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("is_state_shortlisted", sa.Boolean(), nullable=False),
        sa.Column("applied_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("applied_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("admitted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("admitted_until", sa.Date(), nullable=True),
        sa.Column("state_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_adviser_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_adviser")),
    )
    op.create_table(
        "adviser_relation",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "affiliate",
                "client",
                "auditor",
                "counsel",
                "valued",
                "exchange_staff",
                name="adviser_relation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("other_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("other_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("declared_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("declared_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["adviser.organisation_id"], name=op.f("fk_adviser_relation_organisation_id_adviser")
        ),
        sa.ForeignKeyConstraint(
            ["other_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_adviser_relation_other_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adviser_relation")),
    )
    op.create_index("ix_adviser_relation_organisation_id", "adviser_relation", ["organisation_id"], unique=False)
    op.create_table(
        "checklist",
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fund_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("transaction_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("profile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seller_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("manager_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("register_facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_checklist_fund_id_fund")),
        sa.ForeignKeyConstraint(
            ["manager_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_checklist_manager_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["seller_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_checklist_seller_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_checklist")),
    )
    op.create_index(op.f("ix_checklist_fund_id"), "checklist", ["fund_id"], unique=False)
    op.create_index(
        op.f("ix_checklist_manager_organisation_id"), "checklist", ["manager_organisation_id"], unique=False
    )
    op.create_index(op.f("ix_checklist_seller_organisation_id"), "checklist", ["seller_organisation_id"], unique=False)
    op.create_table(
        "bid_clearance",
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("clear_until", sa.Date(), nullable=True),
        sa.Column("missing", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("computed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["checklist.listing_id"], name=op.f("fk_bid_clearance_listing_id_checklist")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bid_clearance_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("listing_id", "organisation_id", name=op.f("pk_bid_clearance")),
    )
    op.create_index("ix_bid_clearance_organisation_id", "bid_clearance", ["organisation_id"], unique=False)
    op.create_table(
        "checklist_fact",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sa.Boolean(), nullable=False),
        sa.Column("declared_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("declared_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["checklist.listing_id"], name=op.f("fk_checklist_fact_listing_id_checklist")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_checklist_fact_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_fact")),
        sa.UniqueConstraint(
            "listing_id",
            "organisation_id",
            "name",
            name=op.f("uq_checklist_fact_listing_id_organisation_id_name"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "document",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("owner_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("latest_version", sa.Integer(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["checklist.listing_id"], name=op.f("fk_document_listing_id_checklist")
        ),
        sa.ForeignKeyConstraint(
            ["owner_organisation_id"], ["organisation.id"], name=op.f("fk_document_owner_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index("ix_document_listing_id_id", "document", ["listing_id", "id"], unique=False)
    op.create_index("ix_document_owner", "document", ["owner_organisation_id", "id"], unique=False)
    op.create_table(
        "engagement",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("client_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "law",
                "audit",
                "appraisal",
                "tax",
                "technical",
                "financial",
                name="engagement_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "quoted",
                "engaged",
                "in_progress",
                "delivered",
                "disputed",
                "accepted",
                "closed",
                "declined",
                "cancelled",
                name="engagement_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("item_codes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("room_codes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("is_open_call", sa.Boolean(), nullable=False),
        sa.Column("quotes_until_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("deliver_until", sa.Date(), nullable=False),
        sa.Column("adviser_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("quote_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("unsealed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("requested_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adviser_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_engagement_adviser_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["client_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_engagement_client_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["checklist.listing_id"], name=op.f("fk_engagement_listing_id_checklist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
    )
    op.create_index(
        op.f("ix_engagement_adviser_organisation_id"), "engagement", ["adviser_organisation_id"], unique=False
    )
    op.create_index(
        op.f("ix_engagement_client_organisation_id"), "engagement", ["client_organisation_id"], unique=False
    )
    op.create_index("ix_engagement_listing_id", "engagement", ["listing_id"], unique=False)
    op.create_table(
        "gate_passage",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "gate",
            sa.Enum(
                "onboard",
                "list_submit",
                "list_publish",
                "dataroom",
                "bid",
                "award",
                "consent",
                "sign",
                "fund",
                "register",
                "release",
                "post",
                name="gate_passage_gate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("passed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("passed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["checklist.listing_id"], name=op.f("fk_gate_passage_listing_id_checklist")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_gate_passage_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_passage")),
        sa.UniqueConstraint(
            "listing_id",
            "organisation_id",
            "gate",
            name=op.f("uq_gate_passage_listing_id_organisation_id_gate"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "room",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("nda_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("nda_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("shortlisted", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("winners", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("awarded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["checklist.listing_id"], name=op.f("fk_room_listing_id_checklist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_room_listing_id")),
    )
    op.create_table(
        "checklist_item",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "account",
                "listing",
                "bidder",
                name="checklist_item_scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "not_requested",
                "requested",
                "submitted",
                "in_review",
                "returned",
                "accepted",
                "waived",
                "expired",
                "not_applicable",
                name="checklist_item_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_since_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("requested_by_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("document_version", sa.Integer(), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("structured", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provider_user_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("provider_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "provider_role",
            sa.Enum(
                "seller",
                "gp",
                "buyer",
                "target",
                "law",
                "audit",
                "appraisal",
                "tax",
                "custodian",
                "exchange",
                "exchange_risk",
                "sasac",
                "lp_peers",
                "lpac",
                "amc",
                "system",
                name="checklist_item_provider_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reviewer_user_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reviewer_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "reviewer_role",
            sa.Enum(
                "seller",
                "gp",
                "buyer",
                "target",
                "law",
                "audit",
                "appraisal",
                "tax",
                "custodian",
                "exchange",
                "exchange_risk",
                "sasac",
                "lp_peers",
                "lpac",
                "amc",
                "system",
                name="checklist_item_reviewer_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(scope = 'account' AND listing_id IS NULL AND organisation_id IS NOT NULL) OR "
            "(scope = 'listing' AND listing_id IS NOT NULL AND organisation_id IS NULL) OR "
            "(scope = 'bidder' AND listing_id IS NOT NULL AND organisation_id IS NOT NULL)",
            name=op.f("ck_checklist_item_scope_named"),
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR reviewer_role = 'system' OR "
            "reviewer_organisation_id IS DISTINCT FROM provider_organisation_id",
            name=op.f("ck_checklist_item_reviewer_is_not_provider"),
        ),
        sa.CheckConstraint(
            "(document_id IS NULL) = (sha256 IS NULL)", name=op.f("ck_checklist_item_document_with_hash")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_checklist_item_document_id_document")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["checklist.listing_id"], name=op.f("fk_checklist_item_listing_id_checklist")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_checklist_item_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_item")),
        sa.UniqueConstraint(
            "listing_id",
            "organisation_id",
            "code",
            name=op.f("uq_checklist_item_listing_id_organisation_id_code"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_checklist_item_organisation", "checklist_item", ["organisation_id", "scope"], unique=False)
    op.create_table(
        "deliverable",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("engagement_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "valuation_report",
                "legal_report",
                "financial_report",
                "tax_memo",
                "technical_report",
                name="deliverable_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("delivered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("delivered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("accepted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("accepted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("disputed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("disputed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("dispute_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_deliverable_document_id_document")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_deliverable_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable")),
    )
    op.create_index(op.f("ix_deliverable_engagement_id"), "deliverable", ["engagement_id"], unique=False)
    op.create_table(
        "document_redaction",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("regions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("redacted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("redacted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_redaction_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_bytes.sha256"], name=op.f("fk_document_redaction_sha256_stored_bytes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_redaction")),
    )
    op.create_index(op.f("ix_document_redaction_document_id"), "document_redaction", ["document_id"], unique=False)
    op.create_table(
        "document_version",
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("uploaded_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("uploaded_by_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("uploaded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_version_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_bytes.sha256"], name=op.f("fk_document_version_sha256_stored_bytes")
        ),
        sa.PrimaryKeyConstraint("document_id", "number", name=op.f("pk_document_version")),
    )
    op.create_index("ix_document_version_sha256", "document_version", ["sha256"], unique=False)
    op.create_table(
        "engagement_invitation",
        sa.Column("engagement_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("invited_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("declared_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("declared_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("has_conflict", sa.Boolean(), nullable=True),
        sa.Column("declaration", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("consents", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("declined_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_engagement_invitation_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["adviser.organisation_id"],
            name=op.f("fk_engagement_invitation_organisation_id_adviser"),
        ),
        sa.PrimaryKeyConstraint("engagement_id", "organisation_id", name=op.f("pk_engagement_invitation")),
    )
    op.create_index(
        "ix_engagement_invitation_organisation_id", "engagement_invitation", ["organisation_id"], unique=False
    )
    op.create_table(
        "engagement_quote",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("engagement_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "fee_basis",
            sa.Enum(
                "fixed",
                "hourly",
                "success",
                name="engagement_fee_basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("deliver_until", sa.Date(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("assumptions", sa.Text(), nullable=False),
        sa.Column("conflicts_statement", sa.Text(), nullable=False),
        sa.Column("quoted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quoted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_engagement_quote_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_engagement_quote_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["adviser.organisation_id"], name=op.f("fk_engagement_quote_organisation_id_adviser")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_quote")),
        sa.UniqueConstraint(
            "engagement_id", "organisation_id", name=op.f("uq_engagement_quote_engagement_id_organisation_id")
        ),
    )
    op.create_table(
        "engagement_rating",
        sa.Column("engagement_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reply", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("replied_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("replied_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("rated_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_engagement_rating_stars_in_range")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_engagement_rating_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_engagement_rating_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("engagement_id", "organisation_id", name=op.f("pk_engagement_rating")),
    )
    op.create_table(
        "nda_signature",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("room_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("signed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_nda_signature_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_nda_signature_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nda_signature")),
        sa.UniqueConstraint(
            "room_id", "organisation_id", "text_hash", name=op.f("uq_nda_signature_room_id_organisation_id_text_hash")
        ),
    )
    op.create_table(
        "question",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("room_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asker_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("item_code", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "assigned",
                "answered",
                "published",
                "rejected",
                "closed",
                name="question_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum("all", "asker", name="question_audience", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("audience_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("assigned_to_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("published_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("published_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("is_faq", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asker_organisation_id"], ["organisation.id"], name=op.f("fk_question_asker_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_question_document_id_document")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_question_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_asker_organisation_id"), "question", ["asker_organisation_id"], unique=False)
    op.create_index("ix_question_room_id_id", "question", ["room_id", "id"], unique=False)
    op.create_table(
        "room_entry",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("room_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("item_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("moved_to", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_room_entry_document_id_document")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_room_entry_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_entry_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_entry")),
        sa.UniqueConstraint(
            "room_id",
            "organisation_id",
            "number",
            name=op.f("uq_room_entry_room_id_organisation_id_number"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_room_entry_document_id", "room_entry", ["document_id"], unique=False)
    op.create_table(
        "room_grant",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("room_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "effect",
            sa.Enum("allow", "deny", name="room_grant_effect", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("item_code", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("engagement_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("granted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("granted_by_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("granted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("revoked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint("item_code IS NULL OR document_id IS NULL", name=op.f("ck_room_grant_one_subject")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_room_grant_document_id_document")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_room_grant_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_grant_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_grant")),
    )
    op.create_index("ix_room_grant_room_id_organisation_id", "room_grant", ["room_id", "organisation_id"], unique=False)
    op.create_table(
        "room_package",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("room_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("bulk", "archive", name="room_package_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "ready",
                "failed",
                "expired",
                name="room_package_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("file_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("manifest_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("fault", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ready_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_package_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_package")),
    )
    op.create_index("ix_room_package_room_id_id", "room_package", ["room_id", "id"], unique=False)
    op.create_table(
        "room_visit",
        sa.Column("room_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("came_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("before_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_visit_room_id_room")),
        sa.PrimaryKeyConstraint("room_id", "user_id", name=op.f("pk_room_visit")),
    )
    op.create_table(
        "room_view",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("room_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "page",
                "download",
                "package",
                name="room_view_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_room_view_document_id_document")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_view_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_view")),
    )
    op.create_index(
        "ix_room_view_document_id_organisation_id", "room_view", ["document_id", "organisation_id"], unique=False
    )
    op.create_index("ix_room_view_room_id_id", "room_view", ["room_id", "id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "info", "warn", "block", name="finding_severity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "resolved", name="finding_state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opened_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opened_by_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("resolved_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("resolved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("resolution", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["checklist_item.id"], name=op.f("fk_finding_item_id_checklist_item")),
        sa.ForeignKeyConstraint(["listing_id"], ["checklist.listing_id"], name=op.f("fk_finding_listing_id_checklist")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_finding_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_open", "finding", ["listing_id", "state"], unique=False)
    op.create_table(
        "item_decision",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "state_before",
            sa.Enum(
                "not_requested",
                "requested",
                "submitted",
                "in_review",
                "returned",
                "accepted",
                "waived",
                "expired",
                "not_applicable",
                name="item_decision_before",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state_after",
            sa.Enum(
                "not_requested",
                "requested",
                "submitted",
                "in_review",
                "returned",
                "accepted",
                "waived",
                "expired",
                "not_applicable",
                name="item_decision_after",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "seller",
                "gp",
                "buyer",
                "target",
                "law",
                "audit",
                "appraisal",
                "tax",
                "custodian",
                "exchange",
                "exchange_risk",
                "sasac",
                "lp_peers",
                "lpac",
                "amc",
                "system",
                name="item_decision_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "in_place_of",
            sa.Enum(
                "seller",
                "gp",
                "buyer",
                "target",
                "law",
                "audit",
                "appraisal",
                "tax",
                "custodian",
                "exchange",
                "exchange_risk",
                "sasac",
                "lp_peers",
                "lpac",
                "amc",
                "system",
                name="item_decision_in_place_of",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["checklist_item.id"], name=op.f("fk_item_decision_item_id_checklist_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_decision")),
    )
    op.create_index(op.f("ix_item_decision_item_id"), "item_decision", ["item_id"], unique=False)
    op.create_table(
        "item_submission",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("structured", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "seller",
                "gp",
                "buyer",
                "target",
                "law",
                "audit",
                "appraisal",
                "tax",
                "custodian",
                "exchange",
                "exchange_risk",
                "sasac",
                "lp_peers",
                "lpac",
                "amc",
                "system",
                name="item_submission_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("submitted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("submitted_by_organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("submitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_item_submission_document_id_document")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["checklist_item.id"], name=op.f("fk_item_submission_item_id_checklist_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_submission")),
    )
    op.create_index(op.f("ix_item_submission_document_id"), "item_submission", ["document_id"], unique=False)
    op.create_index(op.f("ix_item_submission_item_id"), "item_submission", ["item_id"], unique=False)
    op.create_table(
        "question_message",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("question_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("written_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_question_message_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_message_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_message")),
    )
    op.create_index(op.f("ix_question_message_question_id"), "question_message", ["question_id"], unique=False)
    op.create_table(
        "room_dwell",
        sa.Column("view_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["view_id"], ["room_view.id"], name=op.f("fk_room_dwell_view_id_room_view")),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_room_dwell")),
    )
    op.create_table(
        "room_package_member",
        sa.Column("package_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("document_version", sa.Integer(), nullable=True),
        sa.Column("original_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("is_marked", sa.Boolean(), nullable=False),
        sa.Column("is_redacted", sa.Boolean(), nullable=False),
        sa.Column("left_out", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_room_package_member_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["package_id"], ["room_package.id"], name=op.f("fk_room_package_member_package_id_room_package")
        ),
        sa.PrimaryKeyConstraint("package_id", "place", name=op.f("pk_room_package_member")),
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
