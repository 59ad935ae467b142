"""Questions of a data room as pages show them: threads with what the viewer may do, and the choices of the forms."""

from typing import Annotated

from fastapi import Depends, Form

from exchange.access.service import users
from exchange.core.errors import FieldError, Invalid
from exchange.core.ids import is_id
from exchange.diligence.question import Ask
from exchange.diligence.room import QUESTION_LIFECYCLE, QuestionEvent
from exchange.diligence.service.question_threads import Thread
from exchange.diligence.service.rooms import Seat
from exchange.web.models import Choice
from exchange.web.names import organisation_names
from exchange.web.room_models import AskForm, MessageLine, QuestionFields, ThreadLine
from exchange.web.room_page import document_titles, item_title
from exchange.web.visit import Visit

TEXT_MAX = 4_000
OF_A_SIDE = frozenset({QuestionEvent.ASSIGN, QuestionEvent.ANSWER, QuestionEvent.PUBLISH, QuestionEvent.REJECT})
OF_THE_ASKER = frozenset({QuestionEvent.REOPEN, QuestionEvent.CLOSE})


def _form(
    text: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    document_id: Annotated[str, Form(max_length=40)] = "",
    page: Annotated[str, Form(max_length=6)] = "",
    item_code: Annotated[str, Form(max_length=3)] = "",
    answer: Annotated[str, Form(max_length=TEXT_MAX)] = "",
) -> AskForm:
    return AskForm(text.strip(), document_id, page.strip(), item_code, answer.strip())


Asking = Annotated[AskForm, Depends(_form)]


def ask_of(form: AskForm) -> Ask:
    """The question that was typed. Invalid when a field cannot be read; an item goes only without a document."""
    page = form.page
    readable = form.text and (not page or (page.isascii() and page.isdigit() and int(page) > 0))
    if not readable or (form.document_id and not is_id("document", form.document_id)):
        raise Invalid(fields=(FieldError("/text", "QUESTION_UNREADABLE"),))
    if form.document_id:
        return Ask(form.text, form.document_id, int(page) if page else None)
    return Ask(form.text, item_code=form.item_code or None)


def question_fields(visit: Visit, seat: Seat, form: AskForm) -> QuestionFields:
    """What a question may be about, and to whom it may be handed."""
    sides = organisation_names(visit.tx, list(seat.deal.sides), visit.language)
    items = tuple(
        Choice(code, f"{code} {item_title(visit, seat, code)}", code == form.item_code) for code in seat.deal.places
    )
    return QuestionFields(
        documents=tuple(
            Choice(each, title, each == form.document_id) for each, title in document_titles(visit, seat).items()
        ),
        items=items if seat.runs_it else (),
        sides=tuple(Choice(each, sides.get(each, each)) for each in seat.deal.sides),
    )


def thread_lines(visit: Visit, seat: Seat, threads: list[Thread]) -> list[ThreadLine]:
    """Threads as the viewer may see them; what it may not know stays empty."""
    known = {thread.asker_organisation_id for thread in threads}
    known |= {thread.row.assigned_to_organisation_id for thread in threads}
    names = organisation_names(visit.tx, sorted(filter(None, known)), visit.language)
    titles = document_titles(visit, seat)
    return [_thread_line(visit, seat, thread, names, titles) for thread in threads]


def _thread_line(visit: Visit, seat: Seat, thread: Thread, names: dict[str, str], titles: dict[str, str]) -> ThreadLine:
    row = thread.row
    knows = thread.asker_organisation_id is not None
    is_side = knows and not thread.is_own
    document_id = row.document_id if row.document_id in titles else None
    return ThreadLine(
        thread_id=thread.public_id,
        question_id=row.id if knows else "",
        version=row.version if knows else 0,
        is_own=thread.is_own,
        is_faq=row.is_faq,
        asker=names.get(thread.asker_organisation_id or "", ""),
        person=users.name_of(visit.tx, thread.asked_by) if thread.asked_by else "",
        asked_at=row.asked_at if knows else None,
        due_at=row.due_at if knows else None,
        published_at=row.published_at,
        document_id=document_id or "",
        document=titles.get(row.document_id or "", ""),
        page=row.page,
        item=f"{row.item_code} {item_title(visit, seat, row.item_code)}" if row.item_code else "",
        state=row.state.value if knows else "published",
        audience=row.audience.value if knows and thread.is_answer_seen else "",
        audience_reason=row.audience_reason if knows and thread.is_answer_seen else "",
        assigned_to=names.get(row.assigned_to_organisation_id or "", "") if is_side else "",
        messages=tuple(
            MessageLine(
                kind=message.kind,
                text=message.text,
                document_id=message.document_id if message.document_id in titles else "",
                document=titles.get(message.document_id or "", ""),
                at=message.at if knows or message.kind == "answer" else None,
            )
            for message in thread.messages
        ),
        steps=_steps(visit, seat, thread),
        wrote_it=knows and row.answered_by == visit.actor.user_id,
    )


def _steps(visit: Visit, seat: Seat, thread: Thread) -> frozenset[str]:
    """The commands that the lifecycle and the viewer's seat leave open; nothing for who does not know the asker."""
    if thread.asker_organisation_id is None or not visit.viewer.may("questions:write"):
        return frozenset()
    may = set(OF_A_SIDE) if seat.runs_it else set()
    if thread.is_own:
        may |= OF_THE_ASKER
    return frozenset(event.value for event in may if (thread.row.state, event) in QUESTION_LIFECYCLE)
