"""The evidence of a deal beside its files, by the rights of who asks: index, questions, log, states of items."""

from datetime import datetime

from exchange.core.events import canonical_json
from exchange.diligence.item import ItemState
from exchange.diligence.room import ViewKind
from exchange.diligence.service.question_threads import threads
from exchange.diligence.service.room_index import leaves_of
from exchange.diligence.store import questions as question_store
from exchange.diligence.store import rooms as store
from exchange.diligence.store.room_values import Seat, Thread
from exchange.diligence.visibility import Paper, may_see
from exchange.infra.database import Tx

VIEWS_MAX = 100_000


def evidence_of(tx: Tx, now: datetime, seat: Seat) -> dict[str, object]:
    """The parts of an archive that are no documents, by the name of their file."""
    return {
        "index.json": _index(tx, seat),
        "questions.json": [_told(thread) for thread in threads(tx, seat, question_store.questions(tx, _room(seat)))],
        "views.json": _views(tx, seat),
        "items.json": _items(tx, seat),
        "room.json": _state(seat, now),
    }


def evidence_text(value: object) -> bytes:
    """A part as canonical JSON: the same facts give the same bytes."""
    return canonical_json(value).encode()


def _room(seat: Seat) -> str:
    return seat.deal.room.id


def _state(seat: Seat, now: datetime) -> dict[str, object]:
    room = seat.deal.room
    return {
        "room_id": room.id,
        "listing_id": room.listing_id,
        "nda_version": room.nda_version,
        "nda_hash": room.nda_hash,
        "opened_at": room.opened_at.isoformat(),
        "awarded_at": room.awarded_at.isoformat() if room.awarded_at else None,
        "closed_at": room.closed_at.isoformat() if room.closed_at else None,
        "as_of": now.isoformat(),
    }


def _index(tx: Tx, seat: Seat) -> list[dict[str, object]]:
    return [
        {
            "number": leaf.number,
            "aliases": list(leaf.aliases),
            "item_code": leaf.item_code,
            "document_id": leaf.document_id,
            "title": leaf.title,
            "version": leaf.version,
            "kind": leaf.kind,
            "pages": leaf.page_count,
            "size_bytes": leaf.size_bytes,
            "entered_at": leaf.entered_at.isoformat(),
        }
        for leaf in leaves_of(tx, seat)
    ]


def _told(thread: Thread) -> dict[str, object]:
    row = thread.row
    return {
        "id": thread.public_id,
        "asker_organisation_id": thread.asker_organisation_id,
        "document_id": row.document_id,
        "page": row.page,
        "item_code": row.item_code,
        "state": row.state.value,
        "audience": row.audience.value,
        "is_faq": row.is_faq,
        "messages": [
            {"kind": message.kind, "text": message.text, "document_id": message.document_id}
            for message in thread.messages
        ],
    }


def _views(tx: Tx, seat: Seat) -> list[dict[str, object]]:
    """The log: with persons for the exchange, organisations for the sides, the buyer's own lines for the buyer."""
    viewer = seat.viewer
    organisations = None if viewer.is_exchange or viewer.is_deal_side else [viewer.organisation_id]
    found = store.views(tx, _room(seat), organisation_ids=organisations, document_id=None, before=None, limit=VIEWS_MAX)
    return [
        {
            "document_id": row.document_id,
            "version": row.document_version,
            "page": row.page,
            "kind": ViewKind(row.kind).value,
            "sha256": row.sha256,
            "organisation_id": row.organisation_id,
            "user_id": row.user_id if viewer.is_exchange else None,
            "seconds": seconds,
            "at": row.at.isoformat(),
        }
        for row, seconds in found
    ]


def _items(tx: Tx, seat: Seat) -> list[dict[str, object]]:
    """The items of the listing whose papers the seat may see, as they stand."""
    found: list[dict[str, object]] = []
    for row in store.items(tx, seat.deal.room.listing_id):
        visibility = seat.deal.visibility.get(row.code)
        if visibility is None or row.state is ItemState.NOT_APPLICABLE:
            continue
        owner = row.provider_organisation_id or ""
        paper = Paper(visibility, row.code, row.document_id or "", owner, row.organisation_id)
        if may_see(paper, seat.viewer, seat.stage):
            found.append(
                {
                    "code": row.code,
                    "organisation_id": row.organisation_id,
                    "state": row.state.value,
                    "since": row.state_since_at.isoformat(),
                    "document_id": row.document_id,
                    "version": row.document_version,
                    "sha256": row.sha256,
                    "valid_until": row.valid_until.isoformat() if row.valid_until else None,
                    "reviewer_role": row.reviewer_role.value if row.reviewer_role else None,
                    "reason": row.reason,
                }
            )
    return found
