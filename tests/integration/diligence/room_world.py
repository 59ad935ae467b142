"""A data room with real files in it: papers of each visibility, accepted, and bidders on every rung."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.ids import new_id
from exchange.core.terms import BuyerClass
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemEvent, ItemScope, ItemState
from exchange.diligence.service import documents, items, nda, room_index, rooms
from exchange.diligence.service.items import Decision
from exchange.diligence.service.receiving import receive
from exchange.diligence.service.templates import template
from exchange.diligence.tables.checklists import GatePassageRow
from exchange.reactions import react_once
from exchange.relay import publish_all
from tests.builders import Exchange, a_user, an_investor, at_work
from tests.files import a_pdf_that_says
from tests.integration.diligence.deal_world import Deal, a_deal, a_paper, provider_of, reviewer_of

PUBLIC, QUALIFIED, NDA, SHORTLIST, EXCHANGE_ONLY = "C02", "A05", "C01", "C12", "A03"
"""An item of each visibility, all of the listing."""


@dataclass
class Room:
    """A deal with its open room and the documents in it by item code."""

    deal: Deal
    id: str
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def listing_id(self) -> str:
        """The listing."""
        return self.deal.listing_id


def a_bidder(exchange: Exchange) -> Actor:
    """A qualified investor."""
    return an_investor(exchange, buyer_class=BuyerClass.EQUITY_FUND)


def a_room(exchange: Exchange, codes: Iterable[str] = (PUBLIC, QUALIFIED, NDA, SHORTLIST, EXCHANGE_ONLY)) -> Room:
    """A published listing's room with one accepted two-page PDF for each item."""
    deal = a_deal(exchange, with_bidder=False)
    with at_work() as (tx, now):
        opened = rooms.open_room(tx, now, listing_id=deal.listing_id)
        assert opened is not None
        room = Room(deal, opened.id)
    for code in codes:
        room.documents[code] = a_filed_paper(room, code)
    return room


def a_filed_paper(room: Room, code: str, *, document_id: str = "", is_accepted: bool = True) -> str:
    """A real PDF handed in for an item of the listing (a new version when a document is named) and accepted; its id."""
    deal = room.deal
    position = deal.position()
    spec = template().spec(position.checklist.transaction_type, code)
    assert spec.scope is ItemScope.LISTING
    by = provider_of(deal, spec, position, None)
    received = receive(BytesIO(a_pdf_that_says(f"{code} {new_id('request')}", "second page")), f"{code}.pdf")
    with at_work() as (tx, now):
        if document_id:
            row = documents.add_version(
                tx, by, now, document_id=document_id, received=received, file_name=f"{code}.pdf"
            )
        else:
            row = documents.add_document(
                tx, by, now, received=received, file_name=f"{code}.pdf", title=code, listing_id=room.listing_id
            )
        paper = a_paper(spec, row.document_id, market_date(now), version=row.number)
        items.submit_papers(tx, by, now, listing_id=room.listing_id, organisation_id=None, papers=[paper])
        room_index.enter_papers(tx, now, listing_id=room.listing_id)
    if is_accepted:
        decide(room, code, ItemEvent.ACCEPT)
    return row.document_id


def decide(room: Room, code: str, event: ItemEvent) -> None:
    """Whoever may, decides about an item of the listing."""
    item = room.deal.item(code)
    if event is ItemEvent.ACCEPT and item.state is ItemState.ACCEPTED:
        return
    position = room.deal.position()
    spec = template().spec(position.checklist.transaction_type, code)
    by = reviewer_of(room.deal, item, spec, position)
    with at_work() as (tx, now):
        items.decide(tx, by, now, [Decision(item.id, event, "seen")])


def sign(room: Room, bidder: Actor) -> None:
    """The bidder signs the agreement in force."""
    with at_work() as (tx, now):
        seat = rooms.seat_of(tx, bidder, now, room.id)
        nda.sign_nda(tx, bidder, now, room_id=room.id, text_hash=seat.deal.nda.text_hash)


def let_through(room: Room, bidder: Actor) -> None:
    """The bidder's gate to the room counts as passed, whatever else is missing before it."""
    with at_work() as (tx, now):
        row = GatePassageRow(
            id=new_id("gate_passage"),
            listing_id=room.listing_id,
            organisation_id=bidder.organisation_id,
            gate=Gate.DATAROOM,
            passed_by=SYSTEM.user_id,
            passed_at=now,
        )
        tx.add(row)


def a_bidder_inside(room: Room, *, is_shortlisted: bool = False) -> Actor:
    """A qualified bidder that has signed and is through its gate."""
    bidder = a_bidder(room.deal.exchange)
    sign(room, bidder)
    let_through(room, bidder)
    if is_shortlisted:
        shortlist(room, bidder)
    return bidder


def shortlist(room: Room, *bidders: Actor) -> None:
    """The seller names the shortlist."""
    with at_work() as (tx, now):
        ids = [bidder.organisation_id for bidder in bidders]
        rooms.set_shortlist(tx, room.deal.seller, now, room_id=room.id, organisation_ids=ids)


def a_colleague(room: Room, of: Actor) -> Actor:
    """Somebody else of the same organisation, in the same role."""
    return a_user(room.deal.exchange, of.organisation_id, next(iter(of.roles)))


def seen_codes(room: Room, who: Actor) -> set[str]:
    """The item codes of the room's index as somebody sees it, without papers kept for bidders."""
    with at_work() as (tx, now):
        tree = room_index.tree_of(tx, who, now, room.id)
        return {
            branch.code
            for folder in tree.folders
            for branch in folder.branches
            if any(leaf.document_id in room.documents.values() for leaf in branch.leaves)
        }


def react_all() -> None:
    """Publish what is due and run every reaction until nothing is left."""
    while publish_all() or react_once():
        pass
