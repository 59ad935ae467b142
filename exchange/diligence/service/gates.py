"""The gates of a deal: may this step be taken, what is missing, and that it was taken."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.diligence.errors import ChecklistNotFound, GateBlocked, GateNeedsBidder
from exchange.diligence.gate import OF_A_BIDDER, OF_THE_LISTING, Gate
from exchange.diligence.service.checklists import open_bidder, own_sides
from exchange.diligence.service.clearances import clearances_derived, refresh_clearances, write_clearances
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import GatePassageRow
from exchange.diligence.verdict import GateVerdict, verdicts
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

__all__ = [
    "clearances_derived",
    "gate_states",
    "open_bidder",
    "pass_gate",
    "passed_gate",
    "record_step",
    "refresh_clearances",
    "require_gate",
]


def require_gate(
    tx: Tx,
    now: datetime,
    *,
    listing_id: str,
    gate: Gate,
    organisation_id: str | None = None,
    actor: Actor | None = None,
    but_for: frozenset[str] = frozenset(),
) -> GateVerdict:
    """The verdict on a gate that stands open. GATE_BLOCKED (409) lists what is missing, in which state, who must act.

    Gates from the data room on stand before a bidder: they need its organisation (GATE_NEEDS_BIDDER, 422). With an
    actor who is neither a side of the listing nor the exchange, only what is its own is listed, the rest counted.
    ``but_for``: codes of papers that the step itself makes.
    """
    position = _position(tx, listing_id, gate, organisation_id)
    return _required(now, position, gate, organisation_id, actor, but_for)


def gate_states(
    tx: Tx, now: datetime, *, listing_id: str, organisation_id: str | None = None, actor: Actor | None = None
) -> tuple[GateVerdict, ...]:
    """The verdicts on the listing's gates and, with an organisation, on this bidder's too, as the actor may know."""
    wanted = [] if organisation_id is None else [organisation_id]
    position = positions(tx, [listing_id], wanted).get(listing_id)
    if position is None:
        raise ChecklistNotFound
    gates = OF_THE_LISTING if organisation_id is None else (*OF_THE_LISTING, *OF_A_BIDDER)
    return tuple(_seen(found, position, actor) for found in _verdicts(now, position, gates, organisation_id))


def pass_gate(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, gate: Gate, organisation_id: str | None = None
) -> GatePassageRow:
    """Require a gate and record that it was passed; a gate that was passed stays passed.

    Services above call it with whoever takes the step.
    """
    if not store.lock_checklists(tx, [listing_id]):
        raise ChecklistNotFound
    owner = None if gate in OF_THE_LISTING else organisation_id
    known = passed_gate(tx, listing_id=listing_id, gate=gate, organisation_id=owner)
    if known is not None:
        return known
    position = _position(tx, listing_id, gate, owner)
    _required(now, position, gate, owner, actor)
    return _record(tx, actor, now, position, gate, owner)


def record_step(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, gate: Gate, organisation_id: str
) -> GatePassageRow:
    """Record that a bidder is through a gate that the step itself asked: a bid, a confirmation that became a trade.

    Nothing is asked again: what was done stays done, whatever happens to a paper between the step and its record.
    """
    if not store.lock_checklists(tx, [listing_id]):
        raise ChecklistNotFound
    known = passed_gate(tx, listing_id=listing_id, gate=gate, organisation_id=organisation_id)
    if known is not None:
        return known
    return _record(tx, actor, now, _position(tx, listing_id, gate, organisation_id), gate, organisation_id)


def _record(tx: Tx, actor: Actor, now: datetime, position: Position, gate: Gate, owner: str | None) -> GatePassageRow:
    listing_id = position.checklist.listing_id
    row = GatePassageRow(
        id=new_id("gate_passage"),
        listing_id=listing_id,
        organisation_id=owner,
        gate=gate,
        passed_by=actor.user_id,
        passed_at=now,
    )
    store.add(tx, [row])
    audience = own_sides(position.checklist) | ({owner} if owner else set())
    event = Event(
        "gate.passed",
        listing_id,
        tuple(sorted(audience if owner is None or gate.place > Gate.BID.place else {owner})),
        {"gate": gate.value, "organisation_id": owner or ""},
        listing_id=listing_id,
    )
    emit(tx, now, event, actor_id=actor.user_id)
    # What was passed decides where the end of a paper still counts.
    write_clearances(now, positions(tx, [listing_id]).values())
    tx.flush()
    return row


def passed_gate(tx: Tx, *, listing_id: str, gate: Gate, organisation_id: str | None = None) -> GatePassageRow | None:
    """The passage of a gate, if it was passed."""
    rows = store.passages(tx, [listing_id])
    return next((row for row in rows if row.gate is gate and row.organisation_id == organisation_id), None)


def _position(tx: Tx, listing_id: str, gate: Gate, organisation_id: str | None) -> Position:
    if gate in OF_A_BIDDER and organisation_id is None:
        raise GateNeedsBidder(gate=gate.value)
    found = positions(tx, [listing_id], [] if organisation_id is None else [organisation_id]).get(listing_id)
    if found is None:
        raise ChecklistNotFound
    return found


def _required(
    now: datetime,
    position: Position,
    gate: Gate,
    organisation_id: str | None,
    actor: Actor | None,
    but_for: frozenset[str] = frozenset(),
) -> GateVerdict:
    owner = None if gate in OF_THE_LISTING else organisation_id
    found = _verdicts(now, position, (gate,), owner)[0]
    if but_for:
        found = replace(found, missing=tuple(item for item in found.missing if item.code not in but_for))
    if not found.is_open:
        raise GateBlocked(_seen(found, position, actor))
    return found


def _seen(found: GateVerdict, position: Position, actor: Actor | None) -> GateVerdict:
    if actor is None or actor.sees_everything or actor.organisation_id in own_sides(position.checklist):
        return found
    return found.seen_by(actor.organisation_id)


def _verdicts(
    now: datetime, position: Position, gates: Sequence[Gate], organisation_id: str | None
) -> tuple[GateVerdict, ...]:
    return verdicts(
        gates,
        position.standings(organisation_id),
        passed=position.passed(organisation_id),
        findings=position.blocking(organisation_id),
        today=market_date(now),
    )
