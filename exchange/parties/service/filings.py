"""Investors file their own class and suitability records; one operator takes a filing up, a second approves it.

A newer filing replaces one that still waits. A filing changes nothing of what the investor may do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.core.events import Event
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import store
from exchange.parties.errors import FilingNotFound, OrganisationNotFound
from exchange.parties.lifecycle import RECORD, RecordEvent, RecordStatus
from exchange.parties.service.organisations import PERMISSION
from exchange.parties.service.records import (
    ClassProof,
    SuitabilityProof,
    ask_about_class,
    ask_about_suitability,
    class_row,
    suitability_row,
)
from exchange.parties.tables import InvestorClassRow, SuitabilityRow

FILE = "records:file"
Record = InvestorClassRow | SuitabilityRow


@dataclass(frozen=True, slots=True)
class Filings:
    """What investors have filed and no operator has taken up, the longest waiting first."""

    classes: Sequence[InvestorClassRow]
    suitability: Sequence[SuitabilityRow]


def file_class(tx: Tx, actor: Actor, now: datetime, proof: ClassProof) -> InvestorClassRow:
    """File a class record of one's own organisation with its evidence."""
    _lock_own(tx, actor)
    row = class_row(now, actor.organisation_id, proof, RecordStatus.FILED)
    _replace(store.filed_classes(tx, actor.organisation_id))
    store.add(tx, row)
    _tell(tx, now, actor, row, "investor_class.filed")
    return row


def file_suitability(tx: Tx, actor: Actor, now: datetime, proof: SuitabilityProof) -> SuitabilityRow:
    """File what one's own documents show; refused as an operator's entry would be."""
    _lock_own(tx, actor)
    row = suitability_row(tx, now, actor.organisation_id, proof, RecordStatus.FILED)
    _replace(store.filed_suitability(tx, actor.organisation_id))
    store.add(tx, row)
    _tell(tx, now, actor, row, "suitability.filed")
    return row


def filings(tx: Tx, actor: Actor) -> Filings:
    """Everything that waits for an operator."""
    actor.require("parties:read")
    return Filings(store.filed_classes(tx), store.filed_suitability(tx))


def take_up(tx: Tx, actor: Actor, now: datetime, record_id: str) -> Approval:
    """Put an investor's filing before a second operator, as if this one had entered it."""
    row = _filed(tx, actor, record_id)
    row.status = advance(RECORD, row.status, RecordEvent.TAKE_UP)
    tx.flush()
    if isinstance(row, InvestorClassRow):
        return ask_about_class(tx, actor, now, row)
    return ask_about_suitability(tx, actor, now, row)


def turn_down(tx: Tx, actor: Actor, now: datetime, record_id: str, reason: str) -> Record:
    """Refuse an investor's filing with the reason, which it is told."""
    row = _filed(tx, actor, record_id)
    row.status = advance(RECORD, row.status, RecordEvent.REJECT)
    tx.flush()
    kind = "investor_class.turned_down" if isinstance(row, InvestorClassRow) else "suitability.turned_down"
    _tell(tx, now, actor, row, kind, reason)
    return row


def _lock_own(tx: Tx, actor: Actor) -> None:
    actor.require(FILE)
    if store.lock_organisation(tx, actor.organisation_id) is None:
        raise OrganisationNotFound


def _filed(tx: Tx, actor: Actor, record_id: str) -> Record:
    actor.require(PERMISSION)
    row = store.class_record(tx, record_id) or store.suitability_record(tx, record_id)
    if row is None or row.status is not RecordStatus.FILED:
        raise FilingNotFound
    return row


def _replace(waiting: Sequence[Record]) -> None:
    for row in waiting:
        row.status = advance(RECORD, row.status, RecordEvent.REPLACE)


def _tell(tx: Tx, now: datetime, actor: Actor, row: Record, kind: str, reason: str = "") -> None:
    data: dict[str, object] = {"record_id": row.id, "valid_to": row.valid_to.isoformat()}
    if reason:
        data["reason"] = reason
    emit(tx, now, Event(kind, row.organisation_id, (row.organisation_id,), data), actor_id=actor.user_id)
