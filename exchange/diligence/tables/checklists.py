"""Checklists of listings, their items, submissions, facts, passed gates, findings, and who may bid."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.diligence.finding import FindingState, Severity
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemScope, ItemState, PartyRole
from exchange.infra.database import check, stored


class ChecklistRow(SQLModel, table=True):
    """The checklist of a listing: of which transaction type and template version it is derived.

    ``register_facts`` is what the registers last said of the listing; declared facts stand in ``checklist_fact``.
    """

    __tablename__: ClassVar[str] = "checklist"

    listing_id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id", index=True)
    transaction_type: str
    template_version: int
    profile: str
    seller_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    manager_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    register_facts: dict[str, bool] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    is_simulated: bool = False
    version: int = 1
    created_at: datetime


class ChecklistFactRow(SQLModel, table=True):
    """A yes or no that conditions ask for, of a listing or of one bidder; declared by a person."""

    __tablename__: ClassVar[str] = "checklist_fact"
    __table_args__ = (UniqueConstraint("listing_id", "organisation_id", "name", postgresql_nulls_not_distinct=True),)

    id: str = Field(primary_key=True)
    listing_id: str = Field(foreign_key="checklist.listing_id")
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    name: str
    value: bool
    declared_by: str
    declared_at: datetime


class ChecklistItemRow(SQLModel, table=True):
    """An item as it stands. An account item names the participant only, a listing's the listing only, a bidder's both.

    ``valid_until`` is the last day on which the accepted paper is good; None: no end by date.
    """

    __tablename__: ClassVar[str] = "checklist_item"
    __table_args__ = (
        UniqueConstraint("listing_id", "organisation_id", "code", postgresql_nulls_not_distinct=True),
        Index("ix_checklist_item_organisation", "organisation_id", "scope"),
        check(
            "(scope = 'account' AND listing_id IS NULL AND organisation_id IS NOT NULL) OR "
            "(scope = 'listing' AND listing_id IS NOT NULL AND organisation_id IS NULL) OR "
            "(scope = 'bidder' AND listing_id IS NOT NULL AND organisation_id IS NOT NULL)",
            "scope_named",
        ),
        check("(document_id IS NULL) = (sha256 IS NULL)", "document_with_hash"),
        check(
            "state <> 'accepted' OR reviewer_role = 'system' OR "
            "reviewer_organisation_id IS DISTINCT FROM provider_organisation_id",
            "reviewer_is_not_provider",
        ),
    )

    id: str = Field(primary_key=True)
    scope: ItemScope = Field(sa_type=stored(ItemScope, "checklist_item_scope"))
    listing_id: str | None = Field(default=None, foreign_key="checklist.listing_id")
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    code: str
    state: ItemState = Field(sa_type=stored(ItemState, "checklist_item_state"))
    state_since_at: datetime
    is_required: bool
    requested_by_organisation_id: str | None = None
    due_on: date | None = None
    document_id: str | None = Field(default=None, foreign_key="document.id")
    document_version: int | None = None
    sha256: str | None = None
    issued_on: date | None = None
    as_of: date | None = None
    valid_until: date | None = None
    structured: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    provider_user_id: str | None = None
    provider_organisation_id: str | None = None
    provider_role: PartyRole | None = Field(default=None, sa_type=stored(PartyRole, "checklist_item_provider_role"))
    reviewer_user_id: str | None = None
    reviewer_organisation_id: str | None = None
    reviewer_role: PartyRole | None = Field(default=None, sa_type=stored(PartyRole, "checklist_item_reviewer_role"))
    reason: str = ""
    version: int = 1


class ItemSubmissionRow(SQLModel, table=True):
    """A paper handed in for an item, once and for all; what became of it is in ``item_decision``."""

    __tablename__: ClassVar[str] = "item_submission"

    id: str = Field(primary_key=True)
    item_id: str = Field(foreign_key="checklist_item.id", index=True)
    document_id: str = Field(foreign_key="document.id", index=True)
    document_version: int
    sha256: str
    issued_on: date | None = None
    as_of: date | None = None
    expires_on: date | None = None
    structured: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    note: str = ""
    role: PartyRole = Field(sa_type=stored(PartyRole, "item_submission_role"))
    submitted_by: str
    submitted_by_organisation_id: str
    submitted_at: datetime


class ItemDecisionRow(SQLModel, table=True):
    """Every change of an item's state: who, in which role, from what to what, over which bytes, and why."""

    __tablename__: ClassVar[str] = "item_decision"

    id: str = Field(primary_key=True)
    item_id: str = Field(foreign_key="checklist_item.id", index=True)
    state_before: ItemState = Field(sa_type=stored(ItemState, "item_decision_before"))
    state_after: ItemState = Field(sa_type=stored(ItemState, "item_decision_after"))
    role: PartyRole = Field(sa_type=stored(PartyRole, "item_decision_role"))
    in_place_of: PartyRole | None = Field(default=None, sa_type=stored(PartyRole, "item_decision_in_place_of"))
    user_id: str
    organisation_id: str
    sha256: str | None = None
    reason: str = ""
    at: datetime


class GatePassageRow(SQLModel, table=True):
    """A gate that was passed, once: by the listing, or by one bidder of it."""

    __tablename__: ClassVar[str] = "gate_passage"
    __table_args__ = (UniqueConstraint("listing_id", "organisation_id", "gate", postgresql_nulls_not_distinct=True),)

    id: str = Field(primary_key=True)
    listing_id: str = Field(foreign_key="checklist.listing_id")
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    gate: Gate = Field(sa_type=stored(Gate, "gate_passage_gate"))
    passed_by: str
    passed_at: datetime


class BidClearanceRow(SQLModel, table=True):
    """Whether the bid gate stands open for a bidder of a listing, kept up with the items it is derived from.

    ``clear_until`` is the last day on which it does (the earliest end of the papers it rests on), None for shut;
    ``missing`` then names what shuts it: code, name_zh, name_en of each paper.
    The order path reads this row and no item; ``check`` derives every row anew.
    """

    __tablename__: ClassVar[str] = "bid_clearance"
    __table_args__ = (Index("ix_bid_clearance_organisation_id", "organisation_id"),)

    listing_id: str = Field(primary_key=True, foreign_key="checklist.listing_id")
    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    clear_until: date | None = None
    missing: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    computed_at: datetime


class FindingRow(SQLModel, table=True):
    """Something that does not agree, or that an adviser found: a severity, and how it was resolved."""

    __tablename__: ClassVar[str] = "finding"
    __table_args__ = (Index("ix_finding_open", "listing_id", "state"),)

    id: str = Field(primary_key=True)
    listing_id: str = Field(foreign_key="checklist.listing_id")
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    item_id: str | None = Field(default=None, foreign_key="checklist_item.id")
    code: str
    severity: Severity = Field(sa_type=stored(Severity, "finding_severity"))
    state: FindingState = Field(sa_type=stored(FindingState, "finding_state"))
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    note: str = ""
    opened_by: str
    opened_by_organisation_id: str
    opened_at: datetime
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    resolution: str = ""
    version: int = 1
