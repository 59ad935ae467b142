"""The valuation note of a listing (checklist item X01): asked for at submission, made by the exchange, handed in.

The reviewing operator accepts it, as every other paper; publication waits for that.
"""

from dataclasses import replace
from datetime import datetime

from exchange.access.actor import SYSTEM
from exchange.access.roles import Role, permissions_of
from exchange.core.clock import market_date
from exchange.diligence.document import FileKind
from exchange.diligence.service import documents, items
from exchange.diligence.service.items import Paper
from exchange.infra.database import Tx
from exchange.listings import store
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.service.progress import lock_listing
from exchange.valuation import service as valuation
from exchange.valuation.service import Subject
from exchange.valuation.service.note import note_pdf, note_subject

CODE = "X01"
WAITING = frozenset({ListingStatus.SUBMITTED, ListingStatus.RETURNED})
_VALUER = replace(SYSTEM, permissions=permissions_of(frozenset({Role.OPERATOR})))


def ask_for_note(tx: Tx, now: datetime, *, listing_id: str) -> str | None:
    """Have the listing's fund valued as the listing stands; the valuation's id. None once it has left the review."""
    row = store.listing(tx, listing_id)
    if row is None or row.status not in WAITING:
        return None
    subject = Subject(
        fund_id=row.fund_id,
        profile=row.profile,
        seller_is_state_owned=row.seller_is_state_owned,
        listing_id=row.id,
    )
    return valuation.request(tx, _VALUER, now, subject=subject, valued_on=None).row.id


def hand_in_note(tx: Tx, now: datetime, *, listing_id: str, valuation_id: str) -> str | None:
    """Hand the note of a computed valuation in for a listing under review; the item's id, None for other listings."""
    row = lock_listing(tx, listing_id)
    if row.status not in WAITING:
        return None
    subject = note_subject(tx, _VALUER, valuation_id, "zh")
    made = documents.generated(
        tx,
        now,
        content=note_pdf(subject, "zh"),
        kind=FileKind.PDF,
        title="估值说明 Valuation note",
        file_name=f"{CODE}_{valuation_id}.pdf",
        owner_organisation_id=row.seller_organisation_id,
        listing_id=row.id,
    )
    today = market_date(now)
    structured = {"valuation_id": valuation_id, "panel_hash": subject.panel_hash}
    paper = Paper(CODE, made.document_id, made.number, issued_on=today, as_of=today, structured=structured)
    (item,) = items.submit_papers(tx, SYSTEM, now, listing_id=row.id, organisation_id=None, papers=[paper])
    return item.id
