"""Findings: what the engine's checks and advisers found, and how it was resolved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.diligence.duty import SYSTEM_ID, duty_of, providing
from exchange.diligence.errors import ChecklistNotFound, FindingBySubject, FindingNotFound, ReasonMissing
from exchange.diligence.finding import FindingState, Severity
from exchange.diligence.flags import (
    CHECKS,
    STALE_BLOCK_DAYS,
    STALE_DAYS,
    AcceptedPaper,
    Answer,
    Check,
    Evidence,
    Outcome,
    outcome,
)
from exchange.diligence.item import ItemScope, ItemState
from exchange.diligence.service.clearances import refresh_clearances
from exchange.diligence.service.items_at_hand import caller_of
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.store import checklists as checklist_store
from exchange.diligence.store import findings as store
from exchange.diligence.tables.checklists import ChecklistItemRow, FindingRow
from exchange.diligence.verdict import state_on
from exchange.funds import service as funds
from exchange.funds.kinds import LegalForm
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.rulebook.service import calendar, profile

CHECK_DUE = "finding.check_due"
REVIEW = "diligence:review"
REVIEWED = frozenset({ItemState.ACCEPTED, ItemState.EXPIRED})
"""The figures of a paper that was accepted are compared also when it has grown old."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What somebody found: about which item or bidder of a listing, how much it weighs, in words and figures."""

    listing_id: str
    code: str
    severity: Severity
    note: str
    item_id: str | None = None
    organisation_id: str | None = None
    detail: Mapping[str, Any] | None = None


def run_flags(tx: Tx, now: datetime, accepted: Sequence[ChecklistItemRow]) -> None:
    """Run the checks that read papers just accepted: open findings, resolve those that agree now.

    The caller holds the checklists' locks and refreshes the clearances afterwards. A capital account is looked at again
    on the days on which it grows stale.
    """
    codes: dict[str, set[str]] = {}
    for row in accepted:
        if row.listing_id is not None:
            codes.setdefault(row.listing_id, set()).add(row.code)
            _watch_age(tx, now, row)
    for listing_id, changed in codes.items():
        _run(tx, now, positions(tx, [listing_id])[listing_id], changed)


def check_again(tx: Tx, now: datetime, item_id: str) -> None:
    """A paper may have grown stale: run its checks again."""
    rows = checklist_store.items_by_id(tx, [item_id])
    for row in rows:
        if row.listing_id is not None and row.state in REVIEWED:
            checklist_store.lock_checklists(tx, [row.listing_id])
            _run(tx, now, positions(tx, [row.listing_id])[row.listing_id], {row.code})
            refresh_clearances(tx, now, listing_id=row.listing_id)


def open_finding(tx: Tx, actor: Actor, now: datetime, seen: Observation) -> FindingRow:
    """What an adviser or a reviewer found. A blocking one shuts the gates from its item's on until it is resolved.

    What a bidder finds stands before itself alone; about a bidder only the exchange and engaged firms speak.
    """
    actor.require(REVIEW)
    position = _locked(tx, seen.listing_id)
    _require_sight(position, actor)
    item = _item(position, seen.item_id)
    owner = _owner(position, seen, item, actor)
    row = _finding(
        now,
        position,
        seen.code,
        seen.severity,
        owner,
        item,
        dict(seen.detail or {}),
        seen.note,
        (actor.user_id, actor.organisation_id),
    )
    _keep(tx, now, position, row, "finding.opened", actor.user_id)
    refresh_clearances(tx, now, listing_id=seen.listing_id)
    return row


def resolve_finding(tx: Tx, actor: Actor, now: datetime, *, finding_id: str, resolution: str) -> FindingRow:
    """Resolve a finding, with how. Operators, or the organisation that opened it; never whom it is about (403)."""
    actor.require(REVIEW)
    known = store.finding(tx, finding_id)
    if known is None:
        raise FindingNotFound
    position = _locked(tx, known.listing_id)
    row = store.finding(tx, finding_id, lock=True)
    if row is None or not _may_see(position, row, actor):
        raise FindingNotFound
    if not resolution.strip():
        raise ReasonMissing
    is_openers = row.opened_by_organisation_id == actor.organisation_id
    if _is_about(position, row, actor) or not (is_openers or Role.OPERATOR in actor.roles):
        raise FindingBySubject
    if row.state is FindingState.OPEN:
        _resolve(tx, now, position, row, resolution, actor.user_id)
        refresh_clearances(tx, now, listing_id=row.listing_id)
    return row


def supersede_findings(tx: Tx, actor: Actor, now: datetime, *, listing_id: str, engagement_id: str) -> None:
    """Resolve what an adviser's earlier report of an engagement stated: a newer report stands in its place."""
    position = _locked(tx, listing_id)
    for row in store.findings(tx, [listing_id], state=FindingState.OPEN):
        is_own = row.opened_by_organisation_id == actor.organisation_id
        if is_own and row.detail.get("engagement_id") == engagement_id:
            _resolve(tx, now, position, row, "stated anew", actor.user_id)
    refresh_clearances(tx, now, listing_id=listing_id)


def findings_of(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, state: FindingState | None = None
) -> list[FindingRow]:
    """Findings of a listing that the caller may see: its sides all about the listing, a bidder those about itself."""
    actor.require("diligence:read")
    position = positions(tx, [listing_id]).get(listing_id)
    if position is None:
        raise ChecklistNotFound
    found = [row for row in store.findings(tx, [listing_id], state) if _may_see(position, row, actor)]
    if not found:
        _require_sight(position, actor)
    return found


def _run(tx: Tx, now: datetime, position: Position, changed: set[str]) -> None:
    severities = {flag.code: flag.severity for flag in position.template.flags}
    form = funds.fund_facts(tx, position.checklist.fund_id).legal_form
    for code, check in CHECKS.items():
        if changed & set(check.reads):
            owners: list[str | None] = [*position.clearances] if check.is_of_bidder else [None]
            for owner in owners:
                found = outcome(check, _evidence(tx, now, position, owner, form))
                _settle(tx, now, position, code, check, found, severities[code], owner)


def _settle(
    tx: Tx,
    now: datetime,
    position: Position,
    code: str,
    check: Check,
    found: Outcome,
    severity: Severity,
    owner: str | None,
) -> None:
    weight = found.severity or severity
    known = [
        row
        for row in position.findings
        if row.code == code and row.organisation_id == owner and row.opened_by == SYSTEM_ID
        and row.state is FindingState.OPEN
    ]  # fmt: skip
    if found.answer is Answer.CANNOT_SAY:
        return
    still = found.answer is Answer.FOUND
    for row in known:
        if not (still and row.severity is weight):
            _resolve(tx, now, position, row, "checked again", SYSTEM_ID)
    if still and not any(row.severity is weight for row in known):
        item = next((i for c in check.reads if (i := _row_of(position, c, owner)) is not None), None)
        by = (SYSTEM_ID, SYSTEM_ID)
        row = _finding(now, position, code, weight, owner, item, dict(found.detail), "", by)
        position.findings.append(row)
        _keep(tx, now, position, row, "finding.opened", SYSTEM_ID)


def _evidence(tx: Tx, now: datetime, position: Position, owner: str | None, form: LegalForm) -> Evidence:
    today = market_date(now)
    rules = profile(position.checklist.profile, today)
    rows = {**position.accounts[position.checklist.seller_organisation_id], **position.items[None]}
    if owner is not None:
        rows |= position.items[owner]
    papers = {
        code: AcceptedPaper(row.structured, row.as_of)
        for code, row in rows.items()
        if state_on(row.state, row.valid_until, today) in REVIEWED
    }
    return Evidence(
        papers=papers,
        today=today,
        calendar=calendar(tx),
        partners_most=rules.partner_cap.value,
        interval_working_days=rules.interval_working_days.value,
        interval_trading_days=rules.interval_trading_days.value,
        is_partnership=form is LegalForm.PARTNERSHIP,
        is_existing_partner=position.facts(owner).get("buyer_existing_lp", False),
    )


def _row_of(position: Position, code: str, owner: str | None) -> ChecklistItemRow | None:
    return position.items[owner].get(code) or position.items[None].get(code)


def _item(position: Position, item_id: str | None) -> ChecklistItemRow | None:
    rows = (row for items in position.items.values() for row in items.values())
    return next((row for row in rows if row.id == item_id), None)


def _finding(
    now: datetime,
    position: Position,
    code: str,
    severity: Severity,
    owner: str | None,
    item: ChecklistItemRow | None,
    detail: dict[str, Any],
    note: str,
    by: tuple[str, str],
) -> FindingRow:
    return FindingRow(
        id=new_id("finding"),
        listing_id=position.checklist.listing_id,
        organisation_id=owner,
        item_id=item.id if item else None,
        code=code,
        severity=severity,
        state=FindingState.OPEN,
        detail=detail,
        note=note,
        opened_by=by[0],
        opened_by_organisation_id=by[1],
        opened_at=now,
    )


def _resolve(tx: Tx, now: datetime, position: Position, row: FindingRow, resolution: str, user_id: str) -> None:
    row.state, row.resolution, row.resolved_by, row.resolved_at = FindingState.RESOLVED, resolution, user_id, now
    row.version += 1
    _keep(tx, now, position, row, "finding.resolved", user_id)


def _keep(tx: Tx, now: datetime, position: Position, row: FindingRow, kind: str, user_id: str) -> None:
    checklist_store.add(tx, [row])
    sides = {position.checklist.seller_organisation_id, position.checklist.manager_organisation_id}
    audience = {row.organisation_id} if row.organisation_id else sides
    data = {"code": row.code, "severity": row.severity.value, "item_id": row.item_id or ""}
    event = Event(kind, row.id, tuple(sorted(audience)), data, listing_id=row.listing_id)
    emit(tx, now, event, actor_id=user_id)


def _locked(tx: Tx, listing_id: str) -> Position:
    if not checklist_store.lock_checklists(tx, [listing_id]):
        raise ChecklistNotFound
    return positions(tx, [listing_id])[listing_id]


def _require_sight(position: Position, actor: Actor) -> None:
    own = {position.checklist.seller_organisation_id, position.checklist.manager_organisation_id, *position.clearances}
    is_inside = actor.sees_everything or actor.organisation_id in own
    if not is_inside and not position.clients_of(actor.organisation_id):
        raise ChecklistNotFound


def _owner(position: Position, seen: Observation, item: ChecklistItemRow | None, actor: Actor) -> str | None:
    if seen.item_id is not None and item is None:
        raise FindingNotFound
    sides = {position.checklist.seller_organisation_id, position.checklist.manager_organisation_id}
    owner = seen.organisation_id or (item.organisation_id if item else None)
    clients = position.clients_of(actor.organisation_id)
    if Role.OPERATOR in actor.roles or clients & sides:
        return owner
    if clients:  # what a bidder's firm finds is that bidder's alone, like what the bidder finds itself
        if owner not in {None, *clients}:
            raise FindingNotFound
        return min(clients)
    if actor.organisation_id in sides and owner is None:
        return None
    if owner not in {None, actor.organisation_id}:
        raise FindingNotFound
    return actor.organisation_id


def _may_see(position: Position, row: FindingRow, actor: Actor) -> bool:
    own = {row.organisation_id, row.opened_by_organisation_id}
    if row.organisation_id is None:
        own |= {position.checklist.seller_organisation_id, position.checklist.manager_organisation_id}
    return actor.sees_everything or actor.organisation_id in own


def _is_about(position: Position, row: FindingRow, actor: Actor) -> bool:
    """Whether the caller's papers are what the finding is about."""
    if row.organisation_id is not None:
        return row.organisation_id == actor.organisation_id
    item = _item(position, row.item_id)
    if item is None:
        sides = {position.checklist.seller_organisation_id, position.checklist.manager_organisation_id}
        return actor.organisation_id in sides
    asked = providing(position.spec(item), position.sides_of(item))
    is_own = item.provider_organisation_id == actor.organisation_id
    return is_own or (item.scope is not ItemScope.ACCOUNT and duty_of(asked, caller_of(actor)) is not None)


def _watch_age(tx: Tx, now: datetime, row: ChecklistItemRow) -> None:
    if row.code != "C07" or row.as_of is None:
        return
    for days in (STALE_DAYS, STALE_BLOCK_DAYS):
        day: date = row.as_of + timedelta(days=days)
        due = Event(CHECK_DUE, row.id, (), {"on": day.isoformat()}, listing_id=row.listing_id)
        emit(tx, now, due, due_at=max(end_of_market_day(day), now))
