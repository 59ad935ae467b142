"""Shapes of checklists, their items and what waits on the wire."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import Field

from exchange.diligence.document import FileKind
from exchange.diligence.duty import Duty
from exchange.diligence.gate import Gate
from exchange.diligence.item import (
    ItemEvent,
    ItemScope,
    ItemState,
    PartyRole,
    Requirement,
    TaskKind,
    Visibility,
)
from exchange.diligence.tables.checklists import ItemDecisionRow, ItemSubmissionRow
from exchange.diligence.template import FactScope, FactSource
from exchange.rest.model import Instant, ViewModel


class DutyView(ViewModel):
    """Somebody who must act; without an organisation the exchange, its machinery, or nobody yet."""

    role: PartyRole
    organisation_id: str | None
    in_place_of: PartyRole | None

    @classmethod
    def all_of(cls, duties: Sequence[Duty]) -> "list[DutyView]":
        """As they go out."""
        return [
            cls(role=duty.role, organisation_id=duty.organisation_id, in_place_of=duty.in_place_of) for duty in duties
        ]


class PaperView(ViewModel):
    """The paper that an item holds."""

    document_id: str | None
    document_version: int | None
    sha256: str | None
    issued_on: date | None
    as_of: date | None
    structured: dict[str, Any]
    provider_role: PartyRole | None
    provider_organisation_id: str | None
    reviewer_organisation_id: str | None


class ItemView(ViewModel):
    """An item as the caller sees it. ``paper`` is null where only its state is the caller's to know."""

    id: str | None = Field(description="Null until somebody is asked for the paper.")
    code: str
    name_zh: str
    name_en: str
    scope: ItemScope
    organisation_id: str | None
    folder: str
    gate: Gate
    refresh: Gate | None
    requirement: Requirement
    is_required: bool
    state: ItemState
    since: Instant | None
    valid_until: date | None
    due_on: date | None
    due_note: str
    reason: str
    decided_as: PartyRole | None
    visibility: Visibility
    files: list[FileKind]
    providers: list[PartyRole]
    reviewers: list[PartyRole]
    waiver: PartyRole | None
    waits_for: list[DutyView]
    actions: list[ItemEvent]
    paper: PaperView | None
    version: int


class FactView(ViewModel):
    """A fact with its value; not stated: the default stands."""

    name: str
    name_zh: str
    name_en: str
    scope: FactScope
    source: FactSource
    value: bool
    is_stated: bool


class ChecklistOut(ViewModel):
    """A checklist as the caller sees it."""

    listing_id: str | None
    organisation_id: str | None
    transaction_type: str | None
    template_version: int | None
    items: list[ItemView]
    facts: list[FactView]
    version: int


class ItemsOut(ViewModel):
    """Items after a command."""

    items: list[ItemView]


class SubmissionView(ViewModel):
    """A paper that was handed in."""

    id: str
    document_id: str
    document_version: int
    sha256: str
    issued_on: date | None
    as_of: date | None
    expires_on: date | None
    structured: dict[str, Any]
    note: str
    role: PartyRole
    submitted_by: str
    organisation_id: str
    at: Instant

    @classmethod
    def of(cls, row: ItemSubmissionRow) -> "SubmissionView":
        """As it goes out."""
        values = {name: getattr(row, name) for name in cls.model_fields if name not in {"organisation_id", "at"}}
        return cls(**values, organisation_id=row.submitted_by_organisation_id, at=row.submitted_at)


class DecisionView(ViewModel):
    """A change of an item's state: who, in which role, from what to what, over which bytes, and why."""

    id: str
    state_before: ItemState
    state_after: ItemState
    role: PartyRole
    in_place_of: PartyRole | None
    user_id: str
    organisation_id: str
    sha256: str | None
    reason: str
    at: Instant

    @classmethod
    def of(cls, row: ItemDecisionRow) -> "DecisionView":
        """As it goes out."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class ItemHistoryView(ViewModel):
    """An item with everything that was handed in and decided."""

    item: ItemView
    submissions: list[SubmissionView]
    decisions: list[DecisionView]
    version: int


class TaskView(ViewModel):
    """An item that waits for the caller's organisation."""

    kind: TaskKind
    listing_id: str | None
    due_on: date | None
    item: ItemView


class TasksView(ViewModel):
    """What waits, soonest due first."""

    items: list[TaskView]


class ImportedView(ViewModel):
    """How many items an imported checklist moved."""

    listing_id: str
    moved: int
    at: Instant
