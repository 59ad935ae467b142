"""Questions and answers: who reads what, who may do what, and that nobody learns of another bidder."""

from datetime import timedelta

import pytest
from sqlmodel import select

from exchange.access.actor import Actor
from exchange.access.approval import ApprovalStatus
from exchange.access.service import approvals
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import IllegalTransition, RulesBroken
from exchange.core.events import Event
from exchange.diligence.errors import ReasonMissing
from exchange.diligence.jobs.rooms import year_loaded
from exchange.diligence.question import Ask, Publication
from exchange.diligence.room import AnswerAudience, QuestionState
from exchange.diligence.room_errors import (
    AnswerOut,
    NdaRequired,
    NotABidder,
    NotRoomSide,
    NotTheAsker,
    OwnAnswer,
    QuestionLimit,
    QuestionNotFound,
    QuestionTargetInvalid,
    RoomShut,
)
from exchange.diligence.schemas.questions import QuestionView
from exchange.diligence.service import question_sheet, question_threads, questions, room_log, rooms
from exchange.diligence.store import questions as question_store
from exchange.infra.settings import settings
from exchange.infra.tables import EventRow
from exchange.reactions import REACTIONS
from exchange.rulebook import service as rulebook
from exchange.rulebook.calendars import LoadedYear
from tests.builders import Exchange, an_investor, at_work
from tests.integration.diligence.room_world import (
    NDA,
    SHORTLIST,
    Room,
    a_bidder,
    a_bidder_inside,
    a_colleague,
    a_room,
    shortlist,
    sign,
)


def asked(room: Room, by: Actor, text: str = "What is the reserve?", code: str | None = None) -> str:
    """A question; its id."""
    with at_work() as (tx, now):
        document_id = room.documents[code] if code else None
        return questions.ask(tx, by, now, room_id=room.id, question=Ask(text, document_id, 1 if code else None)).id


def answered(room: Room, question_id: str, how: Publication | None = None) -> None:
    """The manager answers, the seller publishes."""
    with at_work() as (tx, now):
        questions.answer(tx, room.deal.gp, now, question_id=question_id, text="Five million.")
    with at_work() as (tx, now):
        questions.publish(tx, room.deal.seller, now, question_id=question_id, how=how or Publication())


def read_by(room: Room, who: Actor) -> list[QuestionView]:
    """The questions as somebody gets them."""
    with at_work() as (tx, now):
        found = question_threads.threads_of(tx, who, now, room.id)
        return [QuestionView.of(thread) for thread in found]


def test_an_answer_goes_to_every_bidder_without_its_asker(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    asker, other = a_bidder_inside(room), a_bidder_inside(room)
    question_id = asked(room, asker, code=NDA)
    assert read_by(room, other) == []
    with at_work() as (tx, now):
        questions.answer(tx, room.deal.gp, now, question_id=question_id, text="Five million.")
    assert read_by(room, other) == []
    assert [message.kind for message in read_by(room, asker)[0].messages] == ["question"]  # not checked yet
    with at_work() as (tx, now), pytest.raises(OwnAnswer):
        questions.publish(tx, room.deal.gp, now, question_id=question_id, how=Publication())
    with at_work() as (tx, now):
        questions.publish(tx, a_colleague(room, room.deal.gp), now, question_id=question_id, how=Publication())
    seen = read_by(room, other)[0]
    assert [message.text for message in seen.messages] == ["What is the reserve?", "Five million."]
    told = seen.model_dump_json()
    for secret in (asker.organisation_id, asker.user_id, question_id):
        assert secret not in told
    assert (seen.asked_at, seen.due_at, seen.asker_organisation_id) == (None, None, None)
    own = read_by(room, asker)[0]
    assert (own.id, own.is_own, len(own.messages)) == (question_id, True, 2)
    assert read_by(room, room.deal.seller)[0].asker_organisation_id == asker.organisation_id
    assert read_by(room, room.deal.seller)[0].asked_by is None
    assert read_by(room, exchange.checker)[0].asked_by == asker.user_id


def test_an_answer_that_promises_a_return_is_refused_and_nothing_is_written(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    asker = a_bidder_inside(room)
    question_id = asked(room, asker, code=NDA)
    with at_work() as (tx, now), pytest.raises(RulesBroken) as refused:
        questions.answer(tx, room.deal.gp, now, question_id=question_id, text="保本保息，年化 8%。")
    assert [(breach.rule, breach.code) for breach in refused.value.breaches] == [("R-28", "PROMISE_OF_RETURN")]
    assert [message.kind for message in read_by(room, asker)[0].messages] == ["question"]


def test_no_event_names_one_bidder_to_another(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    asker, other = a_bidder_inside(room), a_bidder_inside(room)
    answered(room, asked(room, asker))
    with at_work() as (tx, _):
        for event in tx.exec(select(EventRow).where(EventRow.listing_id == room.listing_id)).all():
            if other.organisation_id in event.audience:
                assert asker.organisation_id not in str(event.data), event.type
                assert event.actor_id != asker.user_id, event.type


def test_a_question_about_a_hidden_document_does_not_exist(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA, SHORTLIST])
    asker, other = a_bidder_inside(room, is_shortlisted=True), a_bidder_inside(room)
    answered(room, asked(room, asker, code=SHORTLIST))
    assert read_by(room, other) == []
    with pytest.raises(QuestionTargetInvalid):
        asked(room, other, code=SHORTLIST)
    shortlist(room, asker, other)
    assert len(read_by(room, other)) == 1


def test_an_answer_to_the_asker_alone_needs_a_reason_and_is_logged_as_unequal(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA, SHORTLIST])
    asker, other = a_bidder_inside(room), a_bidder_inside(room, is_shortlisted=True)
    question_id = asked(room, asker)
    alone = Publication(AnswerAudience.ASKER, "about its own fund")
    with pytest.raises(ReasonMissing):
        answered(room, question_id, Publication(AnswerAudience.ASKER))
    with at_work() as (tx, now):
        questions.publish(tx, room.deal.seller, now, question_id=question_id, how=alone)
    assert read_by(room, other) == []
    assert len(read_by(room, asker)[0].messages) == 2
    with at_work() as (tx, now):
        lines = room_log.asymmetry_of(tx, room.deal.seller, now, room.id, only_unequal=True)
        by_kind = {line.kind: line for line in lines}
        assert by_kind["answer"].reason == "about its own fund"
        can = {reader.organisation_id: reader.can_see for reader in by_kind["answer"].readers}
        assert can == {asker.organisation_id: True, other.organisation_id: False}
        assert all(reader.user_ids is None for line in lines for reader in line.readers)
        assert [line.number for line in lines if line.kind == "document"] == ["03.04.01"]
        persons = room_log.asymmetry_of(tx, exchange.maker, now, room.id)
        assert {user for line in persons for reader in line.readers for user in reader.user_ids or ()} == {
            asker.user_id
        }
        with pytest.raises(NotRoomSide):
            room_log.asymmetry_of(tx, asker, now, room.id)


def test_only_the_asker_closes_and_asks_on(exchange: Exchange) -> None:
    room = a_room(exchange, [])
    asker, other = a_bidder_inside(room), a_bidder_inside(room)
    question_id = asked(room, asker)
    with at_work() as (tx, now), pytest.raises(IllegalTransition):
        questions.close(tx, asker, now, question_id=question_id)
    answered(room, question_id)
    with at_work() as (tx, now):
        with pytest.raises(NotTheAsker):
            questions.close(tx, room.deal.seller, now, question_id=question_id)
        with pytest.raises(QuestionNotFound):
            questions.close(tx, other, now, question_id=question_id)
        questions.reopen(tx, asker, now, question_id=question_id, text="In which currency?")
    assert [message.kind for message in read_by(room, other)[0].messages] == ["question", "answer"]
    with at_work() as (tx, now):
        questions.answer(tx, room.deal.gp, now, question_id=question_id, text="Yuan.")
    assert len(read_by(room, asker)[0].messages) == 3
    with at_work() as (tx, now):
        hidden = Publication(AnswerAudience.ASKER, "a secret")
        with pytest.raises(AnswerOut):
            questions.publish(tx, room.deal.seller, now, question_id=question_id, how=hidden)
        questions.publish(tx, room.deal.seller, now, question_id=question_id, how=Publication())
    assert [message.text for message in read_by(room, other)[0].messages][-2:] == ["In which currency?", "Yuan."]
    with at_work() as (tx, now):
        questions.close(tx, asker, now, question_id=question_id)
    assert read_by(room, asker)[0].state is QuestionState.CLOSED


def test_a_refusal_is_read_by_the_asker_alone(exchange: Exchange) -> None:
    room = a_room(exchange, [])
    asker, other = a_bidder_inside(room), a_bidder_inside(room)
    question_id = asked(room, asker)
    with at_work() as (tx, now):
        questions.assign(
            tx, room.deal.seller, now, question_id=question_id, organisation_id=room.deal.gp.organisation_id
        )
        with pytest.raises(QuestionTargetInvalid):
            questions.assign(tx, room.deal.seller, now, question_id=question_id, organisation_id=other.organisation_id)
        with pytest.raises(ReasonMissing):
            questions.reject(tx, room.deal.gp, now, question_id=question_id, reason=" ")
        questions.reject(tx, room.deal.gp, now, question_id=question_id, reason="Not for this deal")
    assert read_by(room, asker)[0].messages[-1].text == "Not for this deal"
    assert read_by(room, other) == []


def test_asking_takes_class_nda_and_the_gate_and_is_bounded_a_day(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = a_room(exchange, [])
    for who, refusal in ((an_investor(exchange), NotABidder), (room.deal.seller, NotABidder)):
        with pytest.raises(refusal):
            asked(room, who)
    bidder = a_bidder(exchange)
    with pytest.raises(NdaRequired):
        asked(room, bidder)
    sign(room, bidder)
    with pytest.raises(RoomShut):
        asked(room, bidder)
    monkeypatch.setattr(settings(), "questions_per_day", 2)
    inside, other = a_bidder_inside(room), a_bidder_inside(room)
    asked(room, inside)
    asked(room, inside)
    with pytest.raises(QuestionLimit):
        asked(room, inside)
    asked(room, other)  # its own count, not the room's


def test_the_sides_state_faq_entries_that_look_like_any_published_question(exchange: Exchange) -> None:
    room = a_room(exchange, [])
    bidder = a_bidder_inside(room)
    with at_work() as (tx, now):
        with pytest.raises(NotRoomSide):
            questions.state_faq(tx, bidder, now, room_id=room.id, question=Ask("Why?"), answer="So.")
        row = questions.state_faq(tx, room.deal.gp, now, room_id=room.id, question=Ask("Why?"), answer="So.")
    assert read_by(room, bidder) == []
    with at_work() as (tx, now):
        questions.publish(tx, room.deal.seller, now, question_id=row.id, how=Publication())
        found = question_threads.threads_of(tx, bidder, now, room.id, only_faq=True)
        sheet, _ = question_sheet.written(found, "csv")
        book, _ = question_sheet.written(found, "xlsx")
        assert rooms.seat_of(tx, bidder, now, room.id).viewer.has_nda
    entry = read_by(room, bidder)[0]
    assert entry.is_faq
    assert entry.asker_organisation_id is None
    assert room.deal.gp.organisation_id not in sheet.decode()
    assert '"Why?","So."' in sheet.decode()
    assert book.startswith(b"PK")


def test_a_question_is_due_on_the_day_a_loaded_year_makes_of_it(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    bidder = a_bidder_inside(room)
    question_id, answered_id = asked(room, bidder), asked(room, bidder, "What is the vintage?")
    answered(room, answered_id)
    with at_work() as (tx, now):
        row, answered_row = (question_store.lock_question(tx, each) for each in (question_id, answered_id))
        assert row is not None
        assert answered_row is not None
        day, before, kept = market_date(row.asked_at), row.due_at, answered_row.due_at
        plain, ends_on = rulebook.calendar(tx), market_date(before - timedelta(seconds=1))
        # The last day becomes a day off: a holiday, or no worked weekend day any more.
        holidays = {each for each in plain.holidays if each.year == ends_on.year}
        worked = {each for each in plain.worked_weekend_days if each.year == ends_on.year}
        days = holidays | ({ends_on} - worked)
        loaded = LoadedYear(ends_on.year, tuple(days), tuple(worked - {ends_on}), "test notice")
        asked_for = rulebook.propose_year(tx, exchange.maker, now, loaded=loaded)
        approvals.decide(tx, exchange.checker, now, asked_for.id, ApprovalStatus.APPROVED, reason="seen")
        event = Event("calendar.year_loaded", "1", data={"year": ends_on.year, "was_published": False})
        assert "exchange.diligence.jobs.rooms.year_loaded" in REACTIONS[event.type]
        year_loaded(tx, now, event)
        year_loaded(tx, now, event)
    with at_work() as (tx, _):
        row, answered_row = (question_store.question(tx, each) for each in (question_id, answered_id))
        assert row is not None
        assert answered_row is not None
        until = rulebook.calendar(tx).add_working_days(day, questions.ANSWER_WORKING_DAYS)
        assert row.due_at == end_of_market_day(until) > before
        assert answered_row.due_at == kept
