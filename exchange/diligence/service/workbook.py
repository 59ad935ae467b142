"""A checklist as a workbook and back: what one instance exports, an empty one takes over with the same effective state.

Taking over moves each item along its lifecycle, by the exchange and with the reason "imported". It begins only where
nothing was handed in yet, and nothing passes that could not have happened: no waiver that the template forbids, no
acceptance by the providing side.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import Workbook
from python_calamine import CalamineError, CalamineWorkbook

from exchange.access.actor import Actor
from exchange.core.lifecycle import advance
from exchange.diligence.duty import OF_THE_EXCHANGE, SYSTEM_ID, Sides, providing, reviewing
from exchange.diligence.errors import ChecklistNotFound, WaiverForbidden, WorkbookInvalid
from exchange.diligence.item import ITEM_LIFECYCLE, ItemEvent, ItemScope, ItemState, PartyRole
from exchange.diligence.service import facts as fact_service
from exchange.diligence.service.clearances import refresh_listings
from exchange.diligence.service.derivation import UNTOUCHED, derive
from exchange.diligence.service.moves import By, Moves, audience_of
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.service.reading import ChecklistView, EffectiveItem, checklist_of
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.diligence.template import FactScope, FactSource, ItemSpec
from exchange.imports.export import safe_cell
from exchange.imports.workbook import inspect
from exchange.infra.database import Tx

IMPORT = "gates:pass"
ROWS_MOST = 500
COLUMNS = (
    "code",
    "scope",
    "name_zh",
    "name_en",
    "gate",
    "required",
    "state",
    "since",
    "due_on",
    "issued_on",
    "as_of",
    "valid_until",
    "sha256",
    "provider_role",
    "reviewer_role",
    "reason",
)

PATHS: Mapping[ItemState, tuple[ItemEvent, ...]] = {
    ItemState.NOT_REQUESTED: (),
    ItemState.REQUESTED: (ItemEvent.REQUEST,),
    ItemState.SUBMITTED: (ItemEvent.SUBMIT,),
    ItemState.IN_REVIEW: (ItemEvent.SUBMIT, ItemEvent.TAKE_UP),
    ItemState.RETURNED: (ItemEvent.SUBMIT, ItemEvent.RETURN),
    ItemState.ACCEPTED: (ItemEvent.SUBMIT, ItemEvent.TAKE_UP, ItemEvent.ACCEPT),
    ItemState.EXPIRED: (ItemEvent.SUBMIT, ItemEvent.TAKE_UP, ItemEvent.ACCEPT, ItemEvent.EXPIRE),
    ItemState.WAIVED: (ItemEvent.REQUEST, ItemEvent.WAIVE),
    ItemState.NOT_APPLICABLE: (ItemEvent.SET_ASIDE,),
}
"""How an item comes from nothing to a state."""


@dataclass(frozen=True, slots=True)
class KeptItem:
    """A line of the workbook."""

    code: str
    scope: ItemScope
    state: ItemState
    due_on: date | None
    issued_on: date | None
    as_of: date | None
    valid_until: date | None
    provider_role: PartyRole | None
    reviewer_role: PartyRole | None
    reason: str


def export_workbook(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, organisation_id: str | None = None
) -> bytes:
    """The checklist as the caller may see it, as an XLSX file. No cell runs anything when it is opened."""
    view = checklist_of(tx, actor, now, listing_id, organisation_id)
    book = Workbook(write_only=True)
    checklist, facts, items = (book.create_sheet(name) for name in ("checklist", "facts", "items"))
    for line in _head(view):
        checklist.append([safe_cell(cell) for cell in line])
    facts.append(["name", "scope", "source", "value", "stated"])
    for fact in view.facts:
        facts.append([fact.name, fact.scope.value, fact.source.value, _yes(fact.value), _yes(fact.is_stated)])
    items.append(list(COLUMNS))
    for item in view.items:
        items.append([safe_cell(cell) for cell in _cells(item)])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def import_workbook(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, content: bytes, organisation_id: str | None = None
) -> int:
    """Take an exported checklist over into one where nothing was handed in yet; how many items moved.

    CHECKLIST_WORKBOOK_INVALID (422) names what does not fit; WAIVER_FORBIDDEN (403) for a waiver that cannot be.
    """
    actor.require(IMPORT)
    head, stated, kept = _read(content)
    if not store.lock_checklists(tx, [listing_id]):
        raise ChecklistNotFound
    position = positions(tx, [listing_id])[listing_id]
    _require_empty(position, head, organisation_id)
    _state_facts(tx, actor, now, position, stated, organisation_id)
    derive(tx, now, position)
    moves = Moves(now)
    for line in kept:
        _take_over(position, line, organisation_id, actor, moves)
    moved = len({decision.item_id for decision in moves.decisions})
    tx.flush()
    moves.write(tx)
    refresh_listings(tx, now, [listing_id])
    return moved


def _take_over(position: Position, line: KeptItem, organisation_id: str | None, actor: Actor, moves: Moves) -> None:
    owner = None if line.scope is ItemScope.LISTING else organisation_id
    row = position.items[owner].get(line.code)
    if row is None:
        if line.state in {ItemState.NOT_APPLICABLE, ItemState.NOT_REQUESTED}:
            return
        raise WorkbookInvalid(what=f"{line.code} is not asked for here")
    spec, sides = position.spec(row), position.sides_of(row)
    if line.state is ItemState.WAIVED and spec.waiver is None:
        raise WaiverForbidden(item=line.code)
    path = _path(row, line)
    if ItemEvent.SUBMIT in path:
        _keep_dates(row, line, spec, sides)
    if {ItemEvent.ACCEPT, ItemEvent.WAIVE, ItemEvent.RETURN} & set(path):
        _keep_reviewer(row, line, spec, sides, actor)
    row.due_on = line.due_on
    who = By(actor.user_id, actor.organisation_id, PartyRole.EXCHANGE)
    for event in path:
        reason = line.reason if event is path[-1] and line.reason else "imported"
        moves.move(row, event, who, audience=audience_of(row, spec, sides), reason=reason)
    if line.state is ItemState.ACCEPTED and row.valid_until is not None and row.valid_until < date.max:
        moves.remind(row, "item.expiry_due", row.valid_until)


def _path(row: ChecklistItemRow, line: KeptItem) -> tuple[ItemEvent, ...]:
    """The steps from where the row stands. A derivation may have taken some of them already."""
    if row.state is line.state:
        return ()
    path = PATHS[line.state]
    if row.state is ItemState.REQUESTED and path[:1] == (ItemEvent.REQUEST,):
        path = path[1:]
    state = row.state
    for event in path:
        state = advance(ITEM_LIFECYCLE, state, event)
    return path


def _keep_dates(row: ChecklistItemRow, line: KeptItem, spec: ItemSpec, sides: Sides) -> None:
    duty = next((duty for duty in providing(spec, sides) if duty.role is line.provider_role), None)
    if duty is None:
        raise WorkbookInvalid(what=f"{line.code} was handed in by nobody who may")
    row.issued_on, row.as_of, row.valid_until = line.issued_on, line.as_of, line.valid_until
    row.provider_role = duty.role
    is_machine = duty.role is PartyRole.SYSTEM
    row.provider_organisation_id = SYSTEM_ID if is_machine else duty.organisation_id


def _keep_reviewer(row: ChecklistItemRow, line: KeptItem, spec: ItemSpec, sides: Sides, actor: Actor) -> None:
    """Who reviewed, by its role; the importing exchange stands for its own roles."""
    provider = row.provider_organisation_id
    if line.state is ItemState.WAIVED:
        row.reviewer_role, row.reviewer_user_id = spec.waiver, actor.user_id
        row.reviewer_organisation_id = actor.organisation_id
        return
    duty = next((duty for duty in reviewing(spec, sides, provider) if duty.role is line.reviewer_role), None)
    if duty is None:
        raise WorkbookInvalid(what=f"{line.code} was reviewed by nobody who may")
    own = SYSTEM_ID if duty.role is PartyRole.SYSTEM else actor.organisation_id
    row.reviewer_role, row.reviewer_user_id = duty.role, actor.user_id
    row.reviewer_organisation_id = duty.organisation_id or own
    is_exchange_twice = row.provider_role in OF_THE_EXCHANGE and duty.role in OF_THE_EXCHANGE
    if is_exchange_twice or (provider is not None and provider == row.reviewer_organisation_id):
        raise WorkbookInvalid(what=f"{line.code} was reviewed by its provider")


def _require_empty(position: Position, head: Mapping[str, str], organisation_id: str | None) -> None:
    checklist = position.checklist
    if organisation_id is not None and organisation_id not in position.clearances:
        raise ChecklistNotFound
    wanted = (head.get("transaction_type"), head.get("template_version"))
    if wanted != (checklist.transaction_type, str(checklist.template_version)):
        raise WorkbookInvalid(what="another transaction type or template version")
    rows = [*position.items[None].values()]
    if organisation_id is not None:
        rows += position.items[organisation_id].values()
    if any(row.state not in UNTOUCHED | {ItemState.NOT_APPLICABLE} for row in rows):
        raise WorkbookInvalid(what="something was handed in here already")


def _state_facts(
    tx: Tx,
    actor: Actor,
    now: datetime,
    position: Position,
    stated: Mapping[str, bool],
    organisation_id: str | None,
) -> None:
    for scope, owner in ((FactScope.LISTING, None), (FactScope.BIDDER, organisation_id)):
        own = {name: spec for name, spec in position.template.facts.items() if spec.scope is scope and name in stated}
        declared = {name: stated[name] for name, spec in own.items() if spec.source is FactSource.DECLARED}
        if declared and (scope is FactScope.LISTING or owner is not None):
            fact_service.state(tx, now, position, owner, declared, actor.user_id)
        known = position.facts(owner)
        differing = [name for name in own if own[name].source is FactSource.REGISTER and known[name] != stated[name]]
        if differing and (scope is FactScope.LISTING or owner is not None):
            raise WorkbookInvalid(what=f"the registers say otherwise of {', '.join(differing)}")


def _head(view: ChecklistView) -> list[tuple[str, str]]:
    checklist = view.checklist
    if checklist is None:
        raise ChecklistNotFound
    return [
        ("listing_id", checklist.listing_id),
        ("transaction_type", checklist.transaction_type),
        ("template_version", str(checklist.template_version)),
        ("organisation_id", view.organisation_id or ""),
    ]


def _cells(item: EffectiveItem) -> list[str]:
    row = item.row if item.shows_paper else None
    shown: list[object] = [
        item.spec.code,
        item.spec.scope,
        item.spec.zh,
        item.spec.en,
        item.spec.gate,
        _yes(item.is_required),
        item.state,
        item.row.state_since_at.isoformat(timespec="seconds") if item.row else "",
    ]
    kept = [row.due_on, row.issued_on, row.as_of, row.valid_until, row.sha256] if row else [None] * 5
    roles = [row.provider_role, row.reviewer_role] if row else [None] * 2
    reason = item.row.reason if item.row and item.shows_reason else ""
    return ["" if cell is None else str(cell) for cell in [*shown, *kept, *roles, reason]]


def _yes(value: bool) -> str:  # noqa: FBT001 - a cell
    return "yes" if value else "no"


def _read(content: bytes) -> tuple[dict[str, str], dict[str, bool], list[KeptItem]]:
    if (fault := inspect(io.BytesIO(content))) is not None:
        raise WorkbookInvalid(what=fault.reason)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {name: book.get_sheet_by_name(name).to_python()[: ROWS_MOST + 1] for name in book.sheet_names}
    except (CalamineError, ValueError, OSError) as error:
        raise WorkbookInvalid(what="not a workbook") from error
    if not {"checklist", "facts", "items"} <= sheets.keys():
        raise WorkbookInvalid(what="a sheet is missing")
    head = {_text(row[0]): _text(row[1]) for row in sheets["checklist"] if len(row) > 1}
    facts = _lines(sheets["facts"], ("name", "value"))
    stated = {line["name"]: line["value"] == "yes" for line in facts if line.get("stated") == "yes"}
    return head, stated, [_kept(line) for line in _lines(sheets["items"], COLUMNS)]


def _lines(rows: Sequence[Sequence[object]], wanted: Iterable[str]) -> list[dict[str, str]]:
    names = [_text(cell) for cell in rows[0]] if rows else []
    if not set(wanted) <= set(names):
        raise WorkbookInvalid(what="a column is missing")
    return [dict(zip(names, map(_text, row), strict=False)) for row in rows[1:] if any(row)]


def _kept(line: Mapping[str, str]) -> KeptItem:
    try:
        return KeptItem(
            code=line["code"],
            scope=ItemScope(line["scope"]),
            state=ItemState(line["state"]),
            due_on=_day(line["due_on"]),
            issued_on=_day(line["issued_on"]),
            as_of=_day(line["as_of"]),
            valid_until=_day(line["valid_until"]),
            provider_role=_role(line["provider_role"]),
            reviewer_role=_role(line["reviewer_role"]),
            reason=line["reason"],
        )
    except (ValueError, KeyError):
        raise WorkbookInvalid(what=f"line {line.get('code', '?')[:8]}") from None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _role(text: str) -> PartyRole | None:
    return PartyRole(text) if text else None


def _text(cell: object) -> str:
    text = cell.isoformat() if isinstance(cell, date) else str(cell)
    return text.removeprefix("'").strip()[:4000]
