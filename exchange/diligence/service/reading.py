"""Reading checklists: the effective items with their states as the caller may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.diligence.duty import (
    ACCOUNT_ROLES,
    Caller,
    Duty,
    Sides,
    duty_of,
    providing,
    reviewing,
    sides_of_account,
    waiving,
)
from exchange.diligence.errors import ChecklistNotFound, ItemNotFound
from exchange.diligence.folder import folder_of
from exchange.diligence.item import ItemEvent, ItemScope, ItemState
from exchange.diligence.service.checklists import is_published, own_sides
from exchange.diligence.service.items_at_hand import caller_of, is_concerned
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.service.templates import template
from exchange.diligence.sight import Onlooker, Stage, may_see
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import (
    ChecklistItemRow,
    ChecklistRow,
    ItemDecisionRow,
    ItemSubmissionRow,
)
from exchange.diligence.template import FactScope, FactSource, ItemSpec, Template
from exchange.diligence.verdict import IN_REVIEW, state_on
from exchange.infra.database import Tx
from exchange.parties import service as parties

READ = "diligence:read"

_STEPS: dict[ItemState, tuple[tuple[ItemEvent, str], ...]] = {
    ItemState.NOT_REQUESTED: (
        (ItemEvent.SUBMIT, "provide"),
        (ItemEvent.REQUEST, "request"),
        (ItemEvent.WAIVE, "waive"),
    ),
    ItemState.REQUESTED: ((ItemEvent.SUBMIT, "provide"), (ItemEvent.WAIVE, "waive")),
    ItemState.SUBMITTED: (
        (ItemEvent.TAKE_UP, "review"),
        (ItemEvent.ACCEPT, "review"),
        (ItemEvent.RETURN, "review"),
    ),
    ItemState.IN_REVIEW: ((ItemEvent.ACCEPT, "review"), (ItemEvent.RETURN, "review")),
    ItemState.RETURNED: ((ItemEvent.SUBMIT, "provide"), (ItemEvent.WAIVE, "waive")),
    ItemState.ACCEPTED: ((ItemEvent.REPLACE, "provide"), (ItemEvent.RETURN, "review")),
    ItemState.EXPIRED: ((ItemEvent.SUBMIT, "provide"), (ItemEvent.REQUEST, "request"), (ItemEvent.WAIVE, "waive")),
    ItemState.WAIVED: ((ItemEvent.REQUEST, "request"),),
    ItemState.NOT_APPLICABLE: (),
}
"""What may be done with an item in a state, and whose duty it is."""


@dataclass(frozen=True, slots=True)
class EffectiveItem:
    """An item as the caller sees it. ``row`` is None until somebody is asked for the paper.

    ``shows_paper``: the document and the figures are the caller's to read, not the state alone.
    """

    spec: ItemSpec
    row: ChecklistItemRow | None
    state: ItemState
    is_required: bool
    folder: str
    organisation_id: str | None
    waits_for: tuple[Duty, ...]
    actions: tuple[ItemEvent, ...]
    shows_paper: bool

    @property
    def shows_reason(self) -> bool:
        """A waiver is shown with reason and role to whoever sees the item; other reasons go with the paper."""
        return self.shows_paper or self.state is ItemState.WAIVED


@dataclass(frozen=True, slots=True)
class FactState:
    """A fact with its value, and whether somebody stated it or the default stands."""

    name: str
    zh: str
    en: str
    scope: FactScope
    source: FactSource
    value: bool
    is_stated: bool


@dataclass(frozen=True, slots=True)
class ChecklistView:
    """A checklist as the caller may see it; without a listing it is an organisation's account."""

    checklist: ChecklistRow | None
    organisation_id: str | None
    items: tuple[EffectiveItem, ...]
    facts: tuple[FactState, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """An item with everything that was handed in and decided."""

    item: EffectiveItem
    submissions: Sequence[ItemSubmissionRow] = field(default_factory=tuple)
    decisions: Sequence[ItemDecisionRow] = field(default_factory=tuple)


def checklist_of(
    tx: Tx,
    actor: Actor,
    now: datetime,
    listing_id: str,
    organisation_id: str | None = None,
    *,
    is_visible: bool = False,
) -> ChecklistView:
    """The effective items of a listing and, with an organisation, of this bidder.

    The listing's sides and the exchange see the listing's items and any bidder's; an investor sees its own and what
    its stage reaches, if it stands as a bidder or the listing is visible to it (``is_visible``, said by who knows).
    CHECKLIST_NOT_FOUND (404) otherwise.
    """
    actor.require(READ)
    wanted = [organisation_id or actor.organisation_id]
    position = positions(tx, [listing_id], wanted).get(listing_id)
    if position is None:
        raise ChecklistNotFound
    is_insider = actor.sees_everything or actor.organisation_id in own_sides(position.checklist)
    firms = {firm for held in position.advisers.values() for firm in held}
    if not is_insider:
        is_bidder = actor.organisation_id in position.clearances
        if organisation_id not in {None, actor.organisation_id}:
            raise ChecklistNotFound
        if actor.organisation_id not in firms and not (is_bidder or is_visible or is_published(position)):
            raise ChecklistNotFound
        organisation_id = None if actor.organisation_id in firms else actor.organisation_id
    elif organisation_id is not None and organisation_id not in position.clearances:
        raise ChecklistNotFound
    onlooker = onlooker_of(tx, position.checklist, actor, organisation_id)
    items = _visible_items(position, actor, onlooker, organisation_id, market_date(now))
    return ChecklistView(position.checklist, organisation_id, items, _facts(position, onlooker, organisation_id))


def account_checklist(tx: Tx, actor: Actor, now: datetime, organisation_id: str | None = None) -> ChecklistView:
    """The account items of the caller's organisation; operators and auditors: of any participant."""
    actor.require(READ)
    owner = organisation_id or actor.organisation_id
    if owner != actor.organisation_id and not actor.sees_everything:
        raise ChecklistNotFound
    kind = parties.organisation_of(tx, actor, owner).kind
    current, sides = template(), sides_of_account(owner)
    rows = {row.code: row for row in store.account_items(tx, [owner])}
    asked = set(ACCOUNT_ROLES[kind])
    items = tuple(
        effective_item(
            current, spec, rows.get(code), sides, owner, caller_of(actor), market_date(now), is_required=True
        )
        for code, spec in current.account_items.items()
        if code in rows or asked & set(spec.providers)
    )
    return ChecklistView(None, owner, items)


def item_of(tx: Tx, actor: Actor, now: datetime, item_id: str, *, is_visible: bool = False) -> ItemHistory:
    """An item with its history. ITEM_NOT_FOUND (404) when it is not the caller's to see.

    Who sees the state alone is not shown what was handed in; who only was named a waiver sees the waiver.
    """
    actor.require(READ)
    row = next(iter(store.items_by_id(tx, [item_id])), None)
    if row is None:
        raise ItemNotFound
    today, caller = market_date(now), caller_of(actor)
    if row.listing_id is None:
        current, sides = template(), sides_of_account(str(row.organisation_id))
        spec = current.account_items[row.code]
        if not is_concerned(row, spec, sides, actor):
            raise ItemNotFound
        item = effective_item(current, spec, row, sides, row.organisation_id, caller, today, is_required=True)
    else:
        item = _item_of_listing(tx, actor, row, today, is_visible=is_visible)
    if not item.shows_paper:
        return ItemHistory(item)
    return ItemHistory(item, store.submissions(tx, [item_id]), store.decisions(tx, [item_id]))


def items_seen(tx: Tx, actor: Actor, now: datetime, rows: Sequence[ChecklistItemRow]) -> list[EffectiveItem]:
    """Items that the caller just handed in or decided about, as it sees them."""
    listing_ids = sorted({row.listing_id for row in rows if row.listing_id})
    bidders = sorted({row.organisation_id for row in rows if row.listing_id and row.organisation_id})
    found = positions(tx, listing_ids, bidders)
    return [seen_row(row, found.get(row.listing_id or ""), actor, market_date(now)) for row in rows]


def seen_row(row: ChecklistItemRow, position: Position | None, actor: Actor, today: date) -> EffectiveItem:
    """An item that is the caller's to act on; without a position it is of an account."""
    if position is None:
        current = template()
        spec, sides = current.account_items[row.code], sides_of_account(str(row.organisation_id))
    else:
        current, spec, sides = position.template, position.spec(row), position.sides_of(row)
    return effective_item(
        current, spec, row, sides, row.organisation_id, caller_of(actor), today, is_required=row.is_required
    )


def onlooker_of(tx: Tx, checklist: ChecklistRow, actor: Actor, organisation_id: str | None) -> Onlooker:
    """How the caller looks at a listing's items."""
    if actor.sees_everything:
        return Onlooker(sees_all=True)
    if actor.organisation_id in own_sides(checklist):
        return Onlooker(is_side=True)
    rights = store.room_rights(tx, checklist.listing_id, actor.organisation_id)
    stage = Stage.SHORTLIST if rights.is_shortlisted else Stage.NDA if rights.has_signed else Stage.QUALIFIED
    return Onlooker(is_own_bidder=organisation_id == actor.organisation_id, stage=stage)


def effective_item(
    current: Template,
    spec: ItemSpec,
    row: ChecklistItemRow | None,
    sides: Sides,
    owner: str | None,
    caller: Caller,
    today: date,
    *,
    is_required: bool,
    shows_paper: bool = True,
) -> EffectiveItem:
    """An item with its state on a day, who must act, and what the caller may do."""
    state = state_on(row.state, row.valid_until, today) if row else ItemState.NOT_REQUESTED
    provider = row.provider_organisation_id if row else None
    reviewers = reviewing(spec, sides, provider)
    waits_for: tuple[Duty, ...] = ()
    if state in IN_REVIEW:
        waits_for = reviewers
    elif state in {ItemState.NOT_REQUESTED, ItemState.REQUESTED, ItemState.RETURNED, ItemState.EXPIRED}:
        waits_for = providing(spec, sides)
    if not shows_paper:
        waits_for = ()
    may_review = duty_of(reviewers, caller) is not None and provider != caller.organisation_id
    may = {
        "provide": duty_of(providing(spec, sides), caller) is not None,
        "review": may_review,
        "waive": duty_of(waiving(spec, sides), caller) is not None,
        "request": row is not None and (may_review or caller.is_exchange),
    }
    actions = tuple(event for event, whose in _STEPS[state] if may[whose])
    folder = folder_of(current.folders, spec.code)
    return EffectiveItem(spec, row, state, is_required, folder, owner, waits_for, actions, shows_paper)


def _visible_items(
    position: Position, actor: Actor, onlooker: Onlooker, organisation_id: str | None, today: date
) -> tuple[EffectiveItem, ...]:
    facts = position.facts(organisation_id)
    found = []
    for spec, owner, row in _all_items(position, organisation_id):
        applies = spec.code in position.specs() and spec.applies(facts)
        if row is None and not applies:
            continue
        item = _seen(
            position, spec, row, owner, actor, onlooker, today, is_required=applies and spec.is_required(facts)
        )
        if item is not None:
            found.append(item)
    return tuple(sorted(found, key=lambda item: item.spec.code))


def _all_items(
    position: Position, organisation_id: str | None
) -> list[tuple[ItemSpec, str | None, ChecklistItemRow | None]]:
    owners: list[str | None] = [None] if organisation_id is None else [None, organisation_id]
    found = []
    for owner in owners:
        rows = position.items[owner]
        scope = ItemScope.LISTING if owner is None else ItemScope.BIDDER
        specs = {code: spec for code, spec in position.specs().items() if spec.scope is scope}
        specs |= {code: position.spec(row) for code, row in rows.items()}
        found += [(spec, owner, rows.get(code)) for code, spec in specs.items()]
    return found


def _seen(
    position: Position,
    spec: ItemSpec,
    row: ChecklistItemRow | None,
    owner: str | None,
    actor: Actor,
    onlooker: Onlooker,
    today: date,
    *,
    is_required: bool,
) -> EffectiveItem | None:
    sides = position.sides(owner)
    duties = (*providing(spec, sides), *reviewing(spec, sides, None), *waiving(spec, sides))
    has_part = any(duty.organisation_id == actor.organisation_id for duty in duties)
    state = row.state if row else ItemState.NOT_REQUESTED
    if not may_see(spec.visibility, state, onlooker, is_of_bidder=owner is not None, has_part=has_part):
        return None
    # An investor learns names and states of the listing's papers here; the papers themselves are in the data room.
    shows = onlooker.sees_all or onlooker.is_side or has_part or (owner is not None and onlooker.is_own_bidder)
    return effective_item(
        position.template,
        spec,
        row,
        sides,
        owner,
        caller_of(actor),
        today,
        is_required=is_required,
        shows_paper=shows,
    )


def _item_of_listing(tx: Tx, actor: Actor, row: ChecklistItemRow, today: date, *, is_visible: bool) -> EffectiveItem:
    listing_id, owner = str(row.listing_id), row.organisation_id
    position = positions(tx, [listing_id], [owner or actor.organisation_id])[listing_id]
    onlooker = onlooker_of(tx, position.checklist, actor, owner)
    is_bidder = actor.organisation_id in position.clearances
    firms = {firm for held in position.advisers.values() for firm in held}
    is_visible = is_visible or is_bidder or is_published(position)
    known = onlooker.sees_all or onlooker.is_side or is_visible or actor.organisation_id in firms
    item = _seen(position, position.spec(row), row, owner, actor, onlooker, today, is_required=row.is_required)
    if item is None or not known:
        raise ItemNotFound
    return item


def _facts(position: Position, onlooker: Onlooker, organisation_id: str | None) -> tuple[FactState, ...]:
    sees_listing = onlooker.sees_all or onlooker.is_side
    sees_bidder = organisation_id is not None and (onlooker.sees_all or onlooker.is_own_bidder)
    values = position.facts(organisation_id)
    stated = set(position.checklist.register_facts) | set(position.stated[None])
    if organisation_id is not None:
        stated |= set(position.stated[organisation_id])
    shown = {FactScope.LISTING: sees_listing, FactScope.BIDDER: sees_bidder}
    return tuple(
        FactState(spec.name, spec.zh, spec.en, spec.scope, spec.source, values[spec.name], spec.name in stated)
        for spec in position.template.facts.values()
        if shown[spec.scope]
    )
