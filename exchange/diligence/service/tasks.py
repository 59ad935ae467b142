"""What waits for an organisation: papers to hand in, papers to review, soonest due first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.diligence.gate import OF_A_BIDDER, OF_THE_LISTING, Gate
from exchange.diligence.item import ItemEvent, ItemScope, ItemState, TaskKind
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.service.reading import EffectiveItem, seen_row
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.diligence.verdict import IN_REVIEW
from exchange.infra.database import Tx

TASKS_MOST = 500
OPEN_STATES = (
    ItemState.NOT_REQUESTED,
    ItemState.REQUESTED,
    ItemState.SUBMITTED,
    ItemState.IN_REVIEW,
    ItemState.RETURNED,
    ItemState.EXPIRED,
)
REVIEW_STATES = (ItemState.SUBMITTED, ItemState.IN_REVIEW)


@dataclass(frozen=True, slots=True)
class Task:
    """An item that waits for the caller's organisation."""

    kind: TaskKind
    item: EffectiveItem
    row: ChecklistItemRow
    due_on: date | None


def tasks_of(tx: Tx, actor: Actor, now: datetime) -> list[Task]:
    """What waits for the caller's organisation, soonest due first, then the longest waiting; at most so many.

    A paper nobody asked for yet is a task when the next gate waits for it. The exchange's own desk reviews.
    """
    actor.require("diligence:read")
    owner = None if actor.sees_everything else actor.organisation_id
    states: Sequence[ItemState] = REVIEW_STATES if owner is None else OPEN_STATES
    rows = store.waiting_items(tx, states, organisation_id=owner, limit=TASKS_MOST)
    listing_ids = sorted({row.listing_id for row in rows if row.listing_id})
    bidders = sorted({row.organisation_id for row in rows if row.listing_id and row.organisation_id})
    found = positions(tx, listing_ids, bidders)
    tasks = []
    for row in rows:
        item = seen_row(row, found.get(row.listing_id or ""), actor, market_date(now))
        kind = _kind(item)
        if kind is not None and _is_due(row, found.get(row.listing_id or ""), item):
            tasks.append(Task(kind, item, row, row.due_on))
    return tasks


def _kind(item: EffectiveItem) -> TaskKind | None:
    if item.state in IN_REVIEW:
        return TaskKind.REVIEW if ItemEvent.RETURN in item.actions else None
    return TaskKind.PROVIDE if ItemEvent.SUBMIT in item.actions else None


def _is_due(row: ChecklistItemRow, position: Position | None, item: EffectiveItem) -> bool:
    if row.state is not ItemState.NOT_REQUESTED or position is None:
        return True
    return item.spec.gate.is_up_to(_next_gate(position, row))


def _next_gate(position: Position, row: ChecklistItemRow) -> Gate:
    """The next step of the listing; for a bidder's papers never before the bid."""
    passed = position.passed(row.organisation_id)
    gates = (*OF_THE_LISTING, *OF_A_BIDDER)
    following = next((gate for gate in gates if gate not in passed), Gate.POST)
    if row.scope is ItemScope.BIDDER and following.is_up_to(Gate.BID):
        return Gate.BID
    return following
