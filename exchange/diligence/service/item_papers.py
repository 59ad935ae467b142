"""The file behind an item: who may open the original that was handed in, and how a reading is kept.

Whoever owns the document, whoever reviews the item, and those who watch the exchange. All others read papers in the
data room, with their mark on each page. Example: a manager reviews a seller's authorisation; it opens the original
with a reason, and the seller sees that it did.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.diligence.document import ScanState
from exchange.diligence.document_errors import DocumentNotFound, ReadReasonRequired
from exchange.diligence.errors import DocumentNotClean
from exchange.diligence.item import ItemEvent
from exchange.diligence.service.documents import VersionFacts, open_original, version_facts
from exchange.diligence.service.reading import READ, EffectiveItem, item_of
from exchange.diligence.store import documents as store
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

DECIDES = frozenset({ItemEvent.ACCEPT, ItemEvent.RETURN})


class Opening(StrEnum):
    """How the caller may open the paper of an item."""

    NOT = "not"
    OWN = "own"
    WITH_REASON = "with_reason"


def openings_of(tx: Tx, actor: Actor, items: Iterable[EffectiveItem]) -> dict[str, Opening]:
    """How the caller may open the papers of items it sees, by item id. One query."""
    actor.require(READ)
    shown = {item.row.id: item for item in items if item.row is not None and item.row.document_id and item.shows_paper}
    documents = {str(item.row.document_id) for item in shown.values() if item.row is not None}
    owners = store.owners(tx, sorted(documents)) if documents else {}
    return {
        item_id: _opening(actor, item, owners.get(str(item.row.document_id)) if item.row else None)
        for item_id, item in shown.items()
    }


def open_paper(tx: Tx, actor: Actor, now: datetime, *, item_id: str, reason: str) -> VersionFacts:
    """Let the caller have the original bytes that an item stands on.

    A reading by others than the owner is an event the owner sees. ITEM_NOT_FOUND, DOCUMENT_NOT_FOUND (404),
    DOCUMENT_NOT_CLEAN (409), READ_REASON_REQUIRED (422).
    """
    item = item_of(tx, actor, now, item_id).item
    row = item.row
    if row is None or row.document_id is None or row.document_version is None:
        raise DocumentNotFound
    if openings_of(tx, actor, [item]).get(item_id, Opening.NOT) is Opening.NOT:
        raise DocumentNotFound
    document_id, number = row.document_id, row.document_version
    facts = version_facts(tx, document_id, number)
    if actor.sees_everything or facts.owner_organisation_id == actor.organisation_id:
        return open_original(tx, actor, now, document_id=document_id, number=number, reason=reason)
    if facts.scan_state is not ScanState.CLEAN:
        raise DocumentNotClean(state=facts.scan_state.value)
    said = reason.strip()
    if not said:
        raise ReadReasonRequired
    data = {"number": number, "sha256": facts.sha256, "reason": said}
    event = Event("document.read", document_id, (facts.owner_organisation_id,), data, listing_id=facts.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
    return facts


def _opening(actor: Actor, item: EffectiveItem, owner: str | None) -> Opening:
    if owner is not None and owner == actor.organisation_id:
        return Opening.OWN
    if owner is not None and (actor.sees_everything or not DECIDES.isdisjoint(item.actions)):
        return Opening.WITH_REASON
    return Opening.NOT
