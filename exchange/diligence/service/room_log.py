"""Who took what in a room, and who could: the log of views and the log of unequal knowledge."""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.diligence.knowledge import Knowledge, Reader
from exchange.diligence.room import AnswerAudience
from exchange.diligence.service.question_threads import reads
from exchange.diligence.service.rooms import bidder_seats, seat_of, side_seat, standings_in
from exchange.diligence.store import questions as question_store
from exchange.diligence.store import rooms as store
from exchange.diligence.store.room_values import Deal, LoggedView, Seat
from exchange.diligence.store.rooms import Entry, Seen
from exchange.diligence.tables.rooms import QuestionRow
from exchange.infra.database import Tx


def views_of(
    tx: Tx,
    actor: Actor,
    now: datetime,
    room_id: str,
    *,
    document_id: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> list[LoggedView]:
    """The log of a room, newest first: persons for the exchange, organisations for the sides, its own for the others.

    The sides do not learn that the exchange or a regulator looked.
    """
    seat = seat_of(tx, actor, now, room_id)
    viewer = seat.viewer
    organisations: Sequence[str] | None = [actor.organisation_id]
    if viewer.is_exchange:
        organisations = None
    elif viewer.is_deal_side:
        outsiders = bidder_seats(tx, seat.deal, now).keys() | store.all_grantees(tx, room_id)
        organisations = sorted({*outsiders, *seat.deal.sides})
    found = store.views(
        tx, room_id, organisation_ids=organisations, document_id=document_id, before=before, limit=limit
    )
    return [
        LoggedView(
            row, seconds, row.user_id if viewer.is_exchange or row.organisation_id == actor.organisation_id else None
        )
        for row, seconds in found
    ]


def asymmetry_of(tx: Tx, actor: Actor, now: datetime, room_id: str, *, only_unequal: bool = False) -> list[Knowledge]:
    """Per answer and document: which bidders can see it, since when, who has, and who cannot.

    For the sides (organisations) and the exchange (persons too); NotRoomSide (403) for all others. Answers first, then
    documents by number.
    """
    actor.require("rooms:read")
    seat = seat_of(tx, actor, now, room_id)
    if not seat.viewer.is_exchange:
        seat = side_seat(tx, actor, now, room_id)
    deal = seat.deal
    bidders = bidder_seats(tx, deal, now)
    since = _since(tx, deal, now, list(bidders))
    seen: dict[tuple[str, str], list[Seen]] = {}
    for line in store.first_seen(tx, room_id):
        seen.setdefault((line.document_id, line.organisation_id), []).append(line)
    rows = [
        _of_answer(row, bidders, with_persons=seat.viewer.is_exchange)
        for row in question_store.questions(tx, room_id)
        if row.published_at is not None or row.audience is AnswerAudience.ASKER
    ]
    for entry in store.entries(tx, deal.room):
        if entry.bidder_id is None and seat.sees(entry):
            rows.append(_of_document(entry, bidders, since, seen, with_persons=seat.viewer.is_exchange))
    return [row for row in rows if row.is_unequal or not only_unequal]


def _since(tx: Tx, deal: Deal, now: datetime, organisation_ids: list[str]) -> dict[str, datetime | None]:
    """From when each bidder was bound by the NDA and through the gate."""
    known = standings_in(tx, deal, now, organisation_ids)
    found: dict[str, datetime | None] = {}
    for each in organisation_ids:
        signed, passed = known.signed_at.get(each), known.passed_at.get(each)
        found[each] = max(signed, passed) if signed and passed else None
    return found


def _of_document(
    entry: Entry,
    bidders: dict[str, Seat],
    since: dict[str, datetime | None],
    seen: dict[tuple[str, str], list[Seen]],
    *,
    with_persons: bool,
) -> Knowledge:
    readers = []
    for organisation_id, seat in bidders.items():
        lines = seen.get((entry.document_id, organisation_id), [])
        able = seat.sees(entry)
        start = since[organisation_id]
        granted = max(filter(None, (start, entry.accepted_at or entry.entered_at)), default=None)
        readers.append(
            Reader(
                organisation_id=organisation_id,
                can_see=able,
                since=granted if able else None,
                first_seen_at=min((line.first_at for line in lines), default=None),
                last_seen_at=max((line.last_at for line in lines), default=None),
                count=sum(line.count for line in lines),
                versions=tuple(sorted({number for line in lines for number in line.versions})),
                user_ids=tuple(sorted(line.user_id for line in lines)) if with_persons else None,
            )
        )
    return Knowledge("document", entry.document_id, entry.number, entry.title, "", tuple(readers))


def _of_answer(row: QuestionRow, bidders: dict[str, Seat], *, with_persons: bool) -> Knowledge:
    readers = []
    for organisation_id, seat in bidders.items():
        is_asker = organisation_id == row.asker_organisation_id
        able = is_asker or (row.audience is AnswerAudience.ALL and reads(seat))
        readers.append(
            Reader(
                organisation_id=organisation_id,
                can_see=able,
                since=row.published_at if able else None,
                first_seen_at=None,
                last_seen_at=None,
                count=0,
                versions=(),
                user_ids=((row.asked_by,) if is_asker else ()) if with_persons else None,
            )
        )
    return Knowledge("answer", row.id, "", row.text[:200], row.audience_reason, tuple(readers))
