"""Questions and answers of a room: asked by bidders, answered by the sides, published by a second person.

Everybody reads a published answer by default and nobody learns who asked. What is answered to the asker alone needs a
reason and stands in the log of who knew what.
"""

from datetime import datetime, timedelta

from exchange.access.actor import Actor
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import Breach, RulesBroken
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.diligence.errors import ReasonMissing
from exchange.diligence.question import Ask, Publication
from exchange.diligence.room import QUESTION_LIFECYCLE, AnswerAudience, QuestionEvent, QuestionState
from exchange.diligence.room_errors import (
    AnswerOut,
    NotRoomSide,
    NotTheAsker,
    OwnAnswer,
    QuestionLimit,
    QuestionNotFound,
    QuestionTargetInvalid,
    RoomNotFound,
)
from exchange.diligence.service.question_threads import (
    ANSWER,
    ASKED,
    REASKED,
    REFUSAL,
    is_out_to_all,
    question_seat,
    reads,
    require_reader,
)
from exchange.diligence.service.rooms import bidder_seats, seat_of, tell
from exchange.diligence.store import questions as store
from exchange.diligence.store import rooms as room_store
from exchange.diligence.store.room_values import Seat
from exchange.diligence.tables.rooms import QuestionMessageRow, QuestionRow
from exchange.infra.database import Tx
from exchange.infra.settings import settings
from exchange.rulebook import service as rulebook
from exchange.rulebook.promises import RULE, promises_in

ANSWER_WORKING_DAYS = 3


def ask(tx: Tx, actor: Actor, now: datetime, *, room_id: str, question: Ask) -> QuestionRow:
    """Ask. A bidder with the NDA and an open room, as often a day as the exchange allows.

    QuestionLimit (429), NdaRequired (403), RoomShut (409); a document that the caller does not see is not found (404).
    """
    actor.require("questions:write")
    room = room_store.lock_room(tx, room_id)
    if room is None:
        raise RoomNotFound
    seat = seat_of(tx, actor, now, room_id)
    require_reader(seat)
    _check_subject(tx, seat, question)
    midnight = end_of_market_day(market_date(now) - timedelta(days=1))
    asked = store.asked_since(tx, room_id, actor.organisation_id, midnight)
    if asked >= settings().questions_per_day:
        raise QuestionLimit(n=settings().questions_per_day)
    due_on = rulebook.calendar(tx).add_working_days(market_date(now), ANSWER_WORKING_DAYS)
    row = QuestionRow(
        id=new_id("question"),
        room_id=room_id,
        asker_organisation_id=actor.organisation_id,
        asked_by=actor.user_id,
        asked_at=now,
        document_id=question.document_id,
        page=question.page,
        item_code=question.item_code,
        text=question.text,
        state=QuestionState.ASKED,
        audience=AnswerAudience.ALL,
        due_at=end_of_market_day(due_on),
    )
    store.add(tx, row)
    _say(tx, actor, now, row, ASKED, question.text)
    _tell(tx, now, seat, "question.asked", actor, row)
    return row


def state_faq(tx: Tx, actor: Actor, now: datetime, *, room_id: str, question: Ask, answer: str) -> QuestionRow:
    """A side enters a question with its answer by itself; a second person publishes it, and it is an FAQ entry."""
    actor.require("questions:write")
    seat = seat_of(tx, actor, now, room_id)
    if not seat.runs_it:
        raise NotRoomSide
    _check_subject(tx, seat, question)
    row = QuestionRow(
        id=new_id("question"),
        room_id=room_id,
        asker_organisation_id=actor.organisation_id,
        asked_by=actor.user_id,
        asked_at=now,
        document_id=question.document_id,
        page=question.page,
        item_code=question.item_code,
        text=question.text,
        state=QuestionState.ANSWERED,
        audience=AnswerAudience.ALL,
        due_at=now,
        answered_by=actor.user_id,
        is_faq=True,
    )
    store.add(tx, row)
    _say(tx, actor, now, row, ASKED, question.text)
    _say(tx, actor, now, row, ANSWER, answer)
    _tell(tx, now, seat, "question.answered", actor, row)
    return row


def assign(tx: Tx, actor: Actor, now: datetime, *, question_id: str, organisation_id: str) -> QuestionRow:
    """Hand a question to the seller or to the manager."""
    row, seat = _for_a_side(tx, actor, now, question_id)
    if organisation_id not in seat.deal.sides:
        raise QuestionTargetInvalid
    _step(row, QuestionEvent.ASSIGN)
    row.assigned_to_organisation_id = organisation_id
    return _kept(tx, now, seat, "question.assigned", actor, row)


def answer(
    tx: Tx, actor: Actor, now: datetime, *, question_id: str, text: str, document_id: str | None = None
) -> QuestionRow:
    """Write the answer; nobody outside the sides reads it before a second person publishes it."""
    row, seat = _for_a_side(tx, actor, now, question_id)
    if document_id is not None and not room_store.entries(tx, seat.deal.room, document_id):
        raise QuestionTargetInvalid
    _step(row, QuestionEvent.ANSWER)
    row.answered_by = actor.user_id
    _say(tx, actor, now, row, ANSWER, text, document_id)
    return _kept(tx, now, seat, "question.answered", actor, row)


def publish(tx: Tx, actor: Actor, now: datetime, *, question_id: str, how: Publication) -> QuestionRow:
    """Let an answer out: to every bidder with the asker unnamed, or to the asker alone with a reason.

    OwnAnswer (409) for whoever wrote it; ReasonMissing (422); AnswerOut (409) to hide what all bidders read already.
    """
    row, seat = _for_a_side(tx, actor, now, question_id)
    if row.answered_by == actor.user_id:
        raise OwnAnswer
    if how.audience is AnswerAudience.ASKER and not how.reason.strip():
        raise ReasonMissing
    if how.audience is AnswerAudience.ASKER and is_out_to_all(row):
        raise AnswerOut
    _step(row, QuestionEvent.PUBLISH)
    row.audience, row.audience_reason = how.audience, how.reason
    row.is_faq = (row.is_faq or how.is_faq) and how.audience is AnswerAudience.ALL
    row.published_by, row.published_at = actor.user_id, now
    _kept(tx, now, seat, "question.published", actor, row)
    if how.audience is AnswerAudience.ALL:
        _announce(tx, now, seat, actor, row)
    return row


def reject(tx: Tx, actor: Actor, now: datetime, *, question_id: str, reason: str) -> QuestionRow:
    """Refuse to answer, with the reason; the asker alone reads it."""
    row, seat = _for_a_side(tx, actor, now, question_id)
    if not reason.strip():
        raise ReasonMissing
    _step(row, QuestionEvent.REJECT)
    if not is_out_to_all(row):
        row.audience, row.audience_reason = AnswerAudience.ASKER, reason
    _say(tx, actor, now, row, REFUSAL, reason)
    return _kept(tx, now, seat, "question.rejected", actor, row)


def reopen(tx: Tx, actor: Actor, now: datetime, *, question_id: str, text: str) -> QuestionRow:
    """The asker asks on; what was published stays out."""
    row, seat = _for_the_asker(tx, actor, now, question_id)
    _step(row, QuestionEvent.REOPEN)
    row.answered_by = None
    _say(tx, actor, now, row, REASKED, text)
    return _kept(tx, now, seat, "question.reopened", actor, row)


def close(tx: Tx, actor: Actor, now: datetime, *, question_id: str) -> QuestionRow:
    """The asker has its answer. NotTheAsker (403) for everybody else who sees it."""
    row, seat = _for_the_asker(tx, actor, now, question_id)
    _step(row, QuestionEvent.CLOSE)
    return _kept(tx, now, seat, "question.closed", actor, row)


def _check_subject(tx: Tx, seat: Seat, question: Ask) -> None:
    if question.item_code is not None and question.item_code not in seat.deal.visibility:
        raise QuestionTargetInvalid
    if question.document_id is None:
        if question.page is not None:
            raise QuestionTargetInvalid
        return
    if not any(seat.sees(entry) for entry in room_store.entries(tx, seat.deal.room, question.document_id)):
        raise QuestionTargetInvalid


def _locked(tx: Tx, actor: Actor, now: datetime, question_id: str) -> tuple[QuestionRow, Seat]:
    actor.require("questions:write")
    row = store.lock_question(tx, question_id)
    if row is None:
        raise QuestionNotFound
    seat = question_seat(tx, actor, now, row)
    if row.asker_organisation_id != actor.organisation_id and not seat.runs_it:
        raise QuestionNotFound
    return row, seat


def _for_a_side(tx: Tx, actor: Actor, now: datetime, question_id: str) -> tuple[QuestionRow, Seat]:
    row, seat = _locked(tx, actor, now, question_id)
    if not seat.runs_it:
        raise NotRoomSide
    return row, seat


def _for_the_asker(tx: Tx, actor: Actor, now: datetime, question_id: str) -> tuple[QuestionRow, Seat]:
    row, seat = _locked(tx, actor, now, question_id)
    if row.asker_organisation_id != actor.organisation_id:
        raise NotTheAsker
    return row, seat


def _step(row: QuestionRow, event: QuestionEvent) -> None:
    row.state = advance(QUESTION_LIFECYCLE, row.state, event)


def _say(
    tx: Tx, actor: Actor, now: datetime, row: QuestionRow, kind: str, text: str, document_id: str | None = None
) -> None:
    if promised := promises_in(text):
        raise RulesBroken(breaches=(Breach(RULE, "PROMISE_OF_RETURN", {"words": ", ".join(promised)}),), count=1)
    message = QuestionMessageRow(
        id=new_id("question_message"),
        question_id=row.id,
        kind=kind,
        text=text,
        document_id=document_id,
        written_by=actor.user_id,
        organisation_id=actor.organisation_id,
        at=now,
    )
    store.add(tx, message)


def _kept(tx: Tx, now: datetime, seat: Seat, kind: str, actor: Actor, row: QuestionRow) -> QuestionRow:
    store.save(tx, row)
    _tell(tx, now, seat, kind, actor, row)
    return row


OF_THE_SIDES = frozenset({"question.assigned", "question.answered"})
"""What the asker is not told: its answer is not out yet."""


def _tell(tx: Tx, now: datetime, seat: Seat, kind: str, actor: Actor, row: QuestionRow) -> None:
    asker = () if kind in OF_THE_SIDES else (row.asker_organisation_id,)
    data = {"question_id": row.id, "state": row.state.value, "audience": row.audience.value}
    tell(tx, now, seat.deal, kind, actor, (*seat.deal.sides, *asker), data)


def _announce(tx: Tx, now: datetime, seat: Seat, actor: Actor, row: QuestionRow) -> None:
    """Tell every bidder who may read it that something was published; nothing in it names the asker."""
    entries = room_store.entries(tx, seat.deal.room, row.document_id) if row.document_id is not None else []
    readers = [
        organisation_id
        for organisation_id, other in bidder_seats(tx, seat.deal, now).items()
        if organisation_id != row.asker_organisation_id
        and reads(other)
        and (row.document_id is None or any(other.sees(entry) for entry in entries))
    ]
    if readers:
        tell(tx, now, seat.deal, "question.announced", actor, readers, {})
