"""Deriving the items of checklists from type and facts. Nothing is deleted: what no longer applies is set aside.

A new item begins as ``not_requested``. One that was set aside and applies again comes back as ``requested``. Items with
a paper keep their state whatever the facts say; only whether a gate waits for them changes.
"""

from collections.abc import Iterable
from datetime import datetime

from exchange.core.ids import new_id
from exchange.diligence.item import ItemEvent, ItemScope, ItemState, PartyRole
from exchange.diligence.service.moves import BY_THE_SYSTEM, Moves, audience_of
from exchange.diligence.service.positions import Position
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.diligence.template import ItemSpec, Template
from exchange.infra.database import Tx

UNTOUCHED = frozenset({ItemState.NOT_REQUESTED, ItemState.REQUESTED})


def derive(tx: Tx, now: datetime, position: Position) -> list[str]:
    """Bring the items of a listing and of its bidders in line with its facts; the codes of new ones.

    The caller holds the checklist's lock.
    """
    moves = Moves(now)
    owners: list[str | None] = [None, *position.clearances]
    added: list[ChecklistItemRow] = []
    for owner in owners:
        wanted = _wanted(position, owner, owners)
        rows = position.items[owner]
        for code, (spec, is_required) in wanted.items():
            if code not in rows:
                rows[code] = _new_item(now, spec, position.checklist.listing_id, owner, is_required=is_required)
                added.append(rows[code])
        for row in rows.values():
            _bring_in_line(position, row, wanted, moves)
    store.add(tx, added)
    moves.write(tx)
    return sorted({row.code for row in added})


def ensure_account(
    tx: Tx,
    now: datetime,
    template: Template,
    organisation_id: str,
    roles: Iterable[PartyRole],
    *,
    lock: str = "share",
) -> dict[str, ChecklistItemRow]:
    """The account items of a participant, made where these roles miss one; locked: ``share`` keeps decisions off."""
    asked = set(roles)
    rows = [
        _new_item(now, spec, None, organisation_id, is_required=True)
        for spec in template.account_items.values()
        if asked & set(spec.providers)
    ]
    known = {row.code: row for row in store.account_items(tx, [organisation_id], lock=lock)}
    missing = [row for row in rows if row.code not in known]
    if missing:
        store.add_items(tx, missing)
        known = {row.code: row for row in store.account_items(tx, [organisation_id], lock=lock)}
    return known


def _wanted(position: Position, owner: str | None, owners: list[str | None]) -> dict[str, tuple[ItemSpec, bool]]:
    """What applies to the listing (for itself or for any bidder) or to one bidder, and whether a gate waits for it."""
    scope = ItemScope.LISTING if owner is None else ItemScope.BIDDER
    views = [position.facts(each) for each in (owners if owner is None else [owner])]
    return {
        spec.code: (spec, any(spec.is_required(facts) for facts in views))
        for spec in position.specs().values()
        if spec.scope is scope and any(spec.applies(facts) for facts in views)
    }


def _bring_in_line(
    position: Position, row: ChecklistItemRow, wanted: dict[str, tuple[ItemSpec, bool]], moves: Moves
) -> None:
    applies = row.code in wanted
    is_required = applies and wanted[row.code][1]
    if row.is_required != is_required:
        row.is_required = is_required
        row.version += 1
    event = None
    if applies and row.state is ItemState.NOT_APPLICABLE:
        event = ItemEvent.REQUEST
    elif not applies and row.state in UNTOUCHED:
        event = ItemEvent.SET_ASIDE
    if event is not None:
        spec = position.spec(row)
        audience = audience_of(row, spec, position.sides_of(row))
        moves.move(row, event, BY_THE_SYSTEM, audience=audience, reason="facts")


def _new_item(
    now: datetime, spec: ItemSpec, listing_id: str | None, organisation_id: str | None, *, is_required: bool
) -> ChecklistItemRow:
    return ChecklistItemRow(
        id=new_id("checklist_item"),
        scope=spec.scope,
        listing_id=listing_id,
        organisation_id=organisation_id,
        code=spec.code,
        state=ItemState.NOT_REQUESTED,
        state_since_at=now,
        is_required=is_required,
    )
