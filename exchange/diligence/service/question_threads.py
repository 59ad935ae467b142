"""Questions as a caller may read them: nobody but the asker, the sides and the exchange learns who asked, or when."""

from collections.abc import Iterable
from datetime import datetime

from exchange.access.actor import Actor
from exchange.diligence.room import AnswerAudience, QuestionState
from exchange.diligence.room_errors import NdaRequired, NotABidder, QuestionNotFound, RoomNotFound, RoomShut
from exchange.diligence.service.rooms import seat_of
from exchange.diligence.store import questions as store
from exchange.diligence.store import rooms as room_store
from exchange.diligence.store.room_values import Seat
from exchange.diligence.store.room_values import Thread as Thread
from exchange.diligence.tables.rooms import QuestionMessageRow, QuestionRow
from exchange.diligence.visibility import RoomStage, Side
from exchange.infra.database import Tx

ASKED, ANSWER, REFUSAL, REASKED = "question", "answer", "refusal", "reopened"
READ_STATES = frozenset({QuestionState.PUBLISHED, QuestionState.CLOSED})
"""In these an answer is out."""


def threads_of(tx: Tx, actor: Actor, now: datetime, room_id: str, *, only_faq: bool = False) -> list[Thread]:
    """Questions the caller may see, newest first: all for the sides and the exchange, its own and published ones else.

    A published one about a document that the caller does not see does not exist for it.
    """
    seat = seat_of(tx, actor, now, room_id)
    rows = [row for row in store.questions(tx, room_id) if row.is_faq or not only_faq]
    return threads(tx, seat, rows)


def threads(tx: Tx, seat: Seat, rows: Iterable[QuestionRow]) -> list[Thread]:
    """The questions among these that somebody may see, as it may see them."""
    known = list(rows)
    said = store.messages(tx, [row.id for row in known])
    seen = {entry.document_id for entry in room_store.entries(tx, seat.deal.room) if seat.sees(entry)}
    found = (_thread(seat, row, said[row.id], seen) for row in known)
    return sorted((each for each in found if each is not None), key=lambda thread: thread.public_id, reverse=True)


def thread_of(tx: Tx, actor: Actor, now: datetime, question_id: str) -> Thread:
    """One question as the caller sees it after a command of its own. QuestionNotFound (404)."""
    row = store.question(tx, question_id)
    if row is None:
        raise QuestionNotFound
    found = threads(tx, question_seat(tx, actor, now, row), [row])
    if not found:
        raise QuestionNotFound
    return found[0]


def require_reader(seat: Seat) -> None:
    """NdaRequired, NotABidder, RoomShut: what stands between a bidder and the questions of a room."""
    viewer = seat.viewer
    if viewer.side is not Side.BIDDER or not viewer.is_qualified:
        raise NotABidder
    if not viewer.has_nda:
        raise NdaRequired
    if seat.stage is RoomStage.PUBLISHED:
        raise RoomShut


def _thread(seat: Seat, row: QuestionRow, said: list[QuestionMessageRow], seen: set[str]) -> Thread | None:
    viewer = seat.viewer
    is_own = row.asker_organisation_id == viewer.organisation_id
    answers = [message for message in said if message.kind in {ANSWER, REFUSAL}]
    if viewer.is_exchange or viewer.is_deal_side:
        person = row.asked_by if viewer.is_exchange or is_own else None
        return Thread(row, tuple(said), row.id, is_own, row.asker_organisation_id, person, is_answer_seen=True)
    is_out = row.state in READ_STATES or row.state is QuestionState.REJECTED
    if is_own:
        shown = said if is_out else [message for message in said if _was_out(row, message)]
        own = row.asker_organisation_id
        return Thread(row, tuple(shown), row.id, is_own, own, row.asked_by, is_answer_seen=is_out)
    published = row.published_at
    if published is None or row.audience is not AnswerAudience.ALL or not answers or not reads(seat):
        return None
    if row.document_id is not None and row.document_id not in seen:
        return None
    # What was asked or drafted after the publication is not out: others see the thread as it was published.
    shown = [message for message in said if message.kind != REFUSAL and message.at <= published]
    last = [message for message in shown if message.kind == ANSWER][-1]
    return Thread(row, tuple(shown), last.id, is_own, None, None, is_answer_seen=True)


def _was_out(row: QuestionRow, message: QuestionMessageRow) -> bool:
    """What the asker reads while its question is open: its own words, and what was published before it asked on."""
    if message.kind in {ASKED, REASKED}:
        return True
    return row.published_at is not None and message.at <= row.published_at


def reads(seat: Seat) -> bool:
    """Whether a bidder reads what is published: qualified, bound by the NDA, and in the room."""
    viewer = seat.viewer
    is_through = seat.stage in {RoomStage.OPEN, RoomStage.AWARDED}
    return viewer.side is Side.BIDDER and viewer.is_qualified and viewer.has_nda and is_through


def question_seat(tx: Tx, actor: Actor, now: datetime, row: QuestionRow) -> Seat:
    """The caller's seat in the room of a question. QuestionNotFound (404) for whom that room does not exist."""
    try:
        return seat_of(tx, actor, now, row.room_id)
    except RoomNotFound as error:
        raise QuestionNotFound from error


def is_out_to_all(row: QuestionRow) -> bool:
    """Whether every bidder reads an answer of this thread already."""
    return row.published_at is not None and row.audience is AnswerAudience.ALL
