"""Shapes of gates and findings on the wire."""

from datetime import date
from typing import Any

from exchange.diligence.finding import FindingState, Severity
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemScope, ItemState
from exchange.diligence.schemas.checklists import DutyView
from exchange.diligence.tables.checklists import FindingRow, GatePassageRow
from exchange.diligence.verdict import NO_END, GateVerdict
from exchange.rest.model import Instant, ViewModel


class MissingView(ViewModel):
    """A paper that shuts a gate."""

    id: str | None
    code: str
    name_zh: str
    name_en: str
    state: ItemState
    scope: ItemScope
    organisation_id: str | None
    waits_for: list[DutyView]
    since: Instant | None


class BlockingView(ViewModel):
    """A blocking finding that shuts a gate."""

    id: str
    code: str
    item_code: str | None
    since: Instant


class GateVerdictView(ViewModel):
    """A gate: open or shut, why, and its last open day as things stand (null: shut, or no end by date)."""

    gate: Gate
    is_open: bool
    is_passed: bool
    open_until: date | None
    items: list[MissingView]
    findings: list[BlockingView]
    hidden: int

    @classmethod
    def of(cls, verdict: GateVerdict) -> "GateVerdictView":
        """As it goes out."""
        missing = [
            MissingView(
                id=item.item_id,
                code=item.code,
                name_zh=item.zh,
                name_en=item.en,
                state=item.state,
                scope=item.scope,
                organisation_id=item.organisation_id,
                waits_for=DutyView.all_of(item.waits_for),
                since=item.since,
            )
            for item in verdict.missing
        ]
        findings = [
            BlockingView(id=found.id, code=found.code, item_code=found.item_code, since=found.since)
            for found in verdict.findings
        ]
        return cls(
            gate=verdict.gate,
            is_open=verdict.is_open,
            is_passed=verdict.is_passed,
            open_until=None if verdict.open_until in {None, NO_END} else verdict.open_until,
            items=missing,
            findings=findings,
            hidden=verdict.hidden,
        )


class PassageView(ViewModel):
    """A gate that was passed."""

    id: str
    listing_id: str
    organisation_id: str | None
    gate: Gate
    passed_by: str
    passed_at: Instant

    @classmethod
    def of(cls, row: GatePassageRow) -> "PassageView":
        """As it goes out."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class FindingView(ViewModel):
    """A finding and how it was resolved."""

    id: str
    listing_id: str
    organisation_id: str | None
    item_id: str | None
    code: str
    severity: Severity
    state: FindingState
    detail: dict[str, Any]
    note: str
    opened_by: str
    opened_by_organisation_id: str
    opened_at: Instant
    resolved_by: str | None
    resolved_at: Instant | None
    resolution: str
    version: int

    @classmethod
    def of(cls, row: FindingRow) -> "FindingView":
        """As it goes out."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class FindingsView(ViewModel):
    """Findings, newest first."""

    items: list[FindingView]
