"""Changes of items' states: each takes one step of the lifecycle and leaves one decision and one event.

A ``Moves`` gathers the changes of a command and writes them set-wise; nothing else changes the state of an item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import end_of_market_day
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.diligence.duty import SYSTEM_ID, Duty, Sides, providing
from exchange.diligence.item import ITEM_LIFECYCLE, ItemEvent, ItemScope, PartyRole
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import ChecklistItemRow, ItemDecisionRow
from exchange.diligence.template import ItemSpec
from exchange.infra.database import Tx
from exchange.infra.outbox import Emission, emit_bulk

EVENTS: Mapping[ItemEvent, str] = {
    ItemEvent.REQUEST: "item.requested",
    ItemEvent.SUBMIT: "item.submitted",
    ItemEvent.TAKE_UP: "item.taken_up",
    ItemEvent.ACCEPT: "item.accepted",
    ItemEvent.RETURN: "item.returned",
    ItemEvent.WAIVE: "item.waived",
    ItemEvent.EXPIRE: "item.expired",
    ItemEvent.SET_ASIDE: "item.set_aside",
    ItemEvent.REPLACE: "item.replaced",
}


@dataclass(frozen=True, slots=True)
class By:
    """Who moves an item, in which role, and in whose place."""

    user_id: str
    organisation_id: str
    role: PartyRole
    in_place_of: PartyRole | None = None


BY_THE_SYSTEM = By(SYSTEM_ID, SYSTEM_ID, PartyRole.SYSTEM)


def by(actor: Actor, duty: Duty) -> By:
    """The caller in the role of a duty."""
    return By(actor.user_id, actor.organisation_id, duty.role, duty.in_place_of)


@dataclass
class Moves:
    """The changes of one command, still to be written."""

    now: datetime
    decisions: list[ItemDecisionRow] = field(default_factory=list)
    emissions: list[Emission] = field(default_factory=list)

    def move(
        self, row: ChecklistItemRow, event: ItemEvent, who: By, *, audience: Sequence[str], reason: str = ""
    ) -> None:
        """Take one step; IllegalTransition (409) when the item's state does not allow it."""
        before = row.state
        row.state = advance(ITEM_LIFECYCLE, row.state, event)
        row.state_since_at = self.now
        row.reason = reason
        row.version += 1
        sha256 = row.sha256
        self.decisions.append(
            ItemDecisionRow(
                id="",
                item_id=row.id,
                state_before=before,
                state_after=row.state,
                role=who.role,
                in_place_of=who.in_place_of,
                user_id=who.user_id,
                organisation_id=who.organisation_id,
                sha256=sha256,
                reason=reason,
                at=self.now,
            )
        )
        data: dict[str, object] = {
            "code": row.code,
            "before": before.value,
            "after": row.state.value,
            "role": who.role.value,
            "organisation_id": row.organisation_id or "",
            "sha256": sha256 or "",
        }
        happened = Event(EVENTS[event], row.id, tuple(audience), data, listing_id=row.listing_id)
        self.emissions.append(Emission(happened, who.user_id))

    def remind(self, row: ChecklistItemRow, kind: str, day: date) -> None:
        """A deadline at the end of a day: the row is looked at again then."""
        due = Event(kind, row.id, (), {"on": day.isoformat()}, listing_id=row.listing_id)
        self.emissions.append(Emission(due, due_at=end_of_market_day(day)))

    def write(self, tx: Tx) -> None:
        """Write decisions and events, in the order in which they happened."""
        # Ids of one instant sort by chance: sorted ones keep the order of the steps.
        for row, decision_id in zip(
            self.decisions, sorted(new_id("item_decision") for _ in self.decisions), strict=True
        ):
            row.id = decision_id
        store.add(tx, self.decisions)
        emit_bulk(tx, self.now, self.emissions)
        self.decisions, self.emissions = [], []


def audience_of(row: ChecklistItemRow, spec: ItemSpec, sides: Sides) -> tuple[str, ...]:
    """The organisations that may read what happens to an item: its own side, and whoever is asked to act."""
    if row.scope is ItemScope.ACCOUNT:
        return (str(row.organisation_id),)
    asked = {duty.organisation_id for duty in providing(spec, sides) if duty.organisation_id}
    if row.scope is ItemScope.LISTING:
        return tuple(sorted({sides.seller, sides.manager} | asked))
    return tuple(sorted({str(row.organisation_id)} | asked))
