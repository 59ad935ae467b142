"""Documents as tests make them: received, added, read; a listing with a checklist to hang them on."""

from io import BytesIO

from sqlmodel import col, select

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.diligence.service import documents
from exchange.diligence.service.receiving import receive
from exchange.diligence.tables.documents import DocumentVersionRow
from exchange.infra.database import Tx
from exchange.infra.tables import EventRow, OutboxRow
from tests.builders import Exchange, a_draft, a_fund, a_gp, a_holding, a_nav_statement, an_investor, at_work


def a_document(by: Actor, content: bytes, name: str = "paper.pdf", **fields: str) -> DocumentVersionRow:
    """A document of somebody's organisation, taken in as the API does it."""
    received = receive(BytesIO(content), name)
    with at_work() as (tx, now):
        return documents.add_document(
            tx,
            by,
            now,
            received=received,
            file_name=name,
            title=fields.get("title", ""),
            listing_id=fields.get("listing_id"),
        )


def a_version(by: Actor, document_id: str, content: bytes, name: str = "paper.pdf") -> DocumentVersionRow:
    """The next version of a document."""
    received = receive(BytesIO(content), name)
    with at_work() as (tx, now):
        return documents.add_version(tx, by, now, document_id=document_id, received=received, file_name=name)


def a_listed_share(exchange: Exchange) -> tuple[str, Actor]:
    """A draft, which has its checklist from the start, and its seller."""
    gp = a_gp(exchange)
    fund_id = a_fund(gp)
    a_nav_statement(fund_id, gp)
    seller = an_investor(exchange)
    listing_id = a_draft(a_holding(fund_id, gp, seller), seller)
    return listing_id, seller


def events_of(tx: Tx, event_type: str) -> list[Event]:
    """Events of a type in order."""
    rows = tx.exec(select(EventRow).where(EventRow.type == event_type).order_by(col(EventRow.id)))
    return [Event(row.type, row.subject_id, tuple(row.audience), row.data, listing_id=row.listing_id) for row in rows]


def waits(tx: Tx, event_type: str) -> int:
    """How many events of a type wait for their time."""
    query = select(OutboxRow).join(EventRow, col(EventRow.id) == col(OutboxRow.event_id))
    return len(tx.exec(query.where(EventRow.type == event_type)).all())
