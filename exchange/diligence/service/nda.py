"""The non-disclosure agreement: an organisation says yes to one text, and its way into the room begins."""

from datetime import datetime
from pathlib import Path

from exchange.access.actor import SYSTEM, Actor
from exchange.access.service.profile import profile_of
from exchange.core.clock import MARKET_ZONE, market_date
from exchange.core.ids import new_id
from exchange.diligence.document import FileKind
from exchange.diligence.errors import GateBlocked
from exchange.diligence.gate import Gate
from exchange.diligence.nda import ITEM_CODE, NdaText, is_in_force
from exchange.diligence.room_errors import NdaTextChanged, NotABidder, RoomNotFound, RoomShut
from exchange.diligence.service import checklists, documents, gates, items
from exchange.diligence.service.rooms import seat_in, tell
from exchange.diligence.store import rooms as store
from exchange.diligence.store.room_values import Seat
from exchange.diligence.tables.rooms import NdaSignatureRow
from exchange.diligence.visibility import RoomStage, Side
from exchange.infra.database import Tx
from exchange.infra.typesetting import typeset
from exchange.parties import service as parties

TEMPLATE = Path(__file__).parents[1] / "templates" / "nda_signed.typ"


def sign_nda(tx: Tx, actor: Actor, now: datetime, *, room_id: str, text_hash: str) -> NdaSignatureRow:
    """Sign the text of a room for the caller's organisation; again within its time gives the same signature.

    The signed text becomes item G06 of the bidder, its checklist is opened, and its gate to the room is passed when
    nothing else is missing. NdaTextChanged (409) for another text than the one in force; NotABidder (403); RoomShut
    (409) after the award.
    """
    actor.require("diligence:submit")
    room = store.lock_room(tx, room_id)
    if room is None:
        raise RoomNotFound
    seat = seat_in(tx, actor, now, room)
    if seat.viewer.side is not Side.BIDDER or not seat.viewer.is_qualified:
        raise NotABidder
    if seat.stage in {RoomStage.AWARDED, RoomStage.ENDED}:
        raise RoomShut
    if text_hash != room.nda_hash:
        raise NdaTextChanged
    known = _in_force(tx, room_id, actor.organisation_id, text_hash, now)
    if known is None:
        known = _sign(tx, actor, now, seat)
    let_in(tx, now, listing_id=room.listing_id, organisation_id=actor.organisation_id)
    return known


def let_in(tx: Tx, now: datetime, *, listing_id: str, organisation_id: str) -> bool:
    """Pass the bidder's gate to the room when nothing is missing before it any more; whether it stands open now."""
    try:
        gates.pass_gate(tx, SYSTEM, now, listing_id=listing_id, gate=Gate.DATAROOM, organisation_id=organisation_id)
    except GateBlocked:
        return False
    return True


def let_in_signers(tx: Tx, now: datetime, *, listing_id: str) -> int:
    """Let in every signer of a listing's room whom nothing keeps out any more; how many."""
    room = store.room_of_listing(tx, listing_id)
    if room is None or room.closed_at is not None or room.awarded_at is not None:
        return 0
    through = store.passages(tx, listing_id, Gate.DATAROOM)
    waiting = {
        row.organisation_id
        for row in store.signatures(tx, room.id)
        if row.organisation_id not in through and row.text_hash == room.nda_hash and is_in_force(row.signed_at, now)
    }
    return sum(let_in(tx, now, listing_id=listing_id, organisation_id=each) for each in sorted(waiting))


def let_in_everywhere(tx: Tx, now: datetime, *, organisation_id: str) -> int:
    """Look again who may come into the rooms that an organisation signed for, sells or manages; how many came in."""
    listings = store.listings_concerning(tx, organisation_id)
    return sum(let_in_signers(tx, now, listing_id=listing_id) for listing_id in listings)


def _in_force(tx: Tx, room_id: str, organisation_id: str, text_hash: str, now: datetime) -> NdaSignatureRow | None:
    found = [row for row in store.signatures(tx, room_id, organisation_id) if row.text_hash == text_hash]
    return next((row for row in found if is_in_force(row.signed_at, now)), None)


def _sign(tx: Tx, actor: Actor, now: datetime, seat: Seat) -> NdaSignatureRow:
    room, text = seat.deal.room, seat.deal.nda
    row = NdaSignatureRow(
        id=new_id("nda_signature"),
        room_id=room.id,
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        text_version=text.version,
        text_hash=text.text_hash,
        signed_at=now,
    )
    store.add(tx, row)
    data = {"signature_id": row.id, "text_version": text.version, "text_hash": text.text_hash}
    audience = (*seat.deal.sides, actor.organisation_id)
    tell(tx, now, seat.deal, "room.nda_signed", actor, audience, data)
    checklists.open_bidder(tx, now, room.listing_id, actor.organisation_id)
    paper = documents.generated(
        tx,
        now,
        content=signed_pdf(tx, actor, now, text, row.id),
        kind=FileKind.PDF,
        title=text.titles["zh"],
        file_name=f"{ITEM_CODE}_{row.id}.pdf",
        owner_organisation_id=actor.organisation_id,
        listing_id=room.listing_id,
    )
    handed_in = items.Paper(
        ITEM_CODE,
        paper.document_id,
        paper.number,
        issued_on=market_date(now),
        structured={"signature_id": row.id, "text_version": text.version, "text_hash": text.text_hash},
    )
    items.submit_papers(
        tx,
        actor,
        now,
        listing_id=room.listing_id,
        organisation_id=actor.organisation_id,
        papers=[handed_in],
    )
    return row


def signed_pdf(tx: Tx, actor: Actor, now: datetime, text: NdaText, signature_id: str) -> bytes:
    """The Chinese original with who signed it for whom, when, and the hash of what was signed; PDF/A-2b."""
    zh, _ = parties.names_of(tx, [actor.organisation_id])[actor.organisation_id]
    local = now.astimezone(MARKET_ZONE)
    data = {
        "title": text.titles["zh"],
        "date": [local.year, local.month, local.day],
        "paragraphs": list(text.paragraphs["zh"]),
        "signature": [
            ["签署机构", zh],
            ["签署人", profile_of(tx, actor).name],
            ["签署时间", local.strftime("%Y-%m-%d %H:%M:%S")],
            ["文本版本", text.version],
            ["文本摘要", text.text_hash],
            ["签署编号", signature_id],
        ],
    }
    return typeset(TEMPLATE, data, {}, now)
