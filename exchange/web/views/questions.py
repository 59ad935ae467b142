"""Questions and answers of a data room: ask, hand on, answer, publish, refuse, ask on, close; the FAQ; the sheet."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from starlette.responses import Response

from exchange.core.ids import id_pattern, is_id, new_id
from exchange.diligence.question import Publication
from exchange.diligence.room import AnswerAudience, QuestionState
from exchange.diligence.service import question_threads, questions, rooms
from exchange.diligence.service.question_threads import Thread
from exchange.rest.permissions import needs
from exchange.web.commands import refusal_of
from exchange.web.question_page import Asking, ask_of, question_fields, thread_lines
from exchange.web.room_models import AskForm
from exchange.web.room_page import room_head
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
QuestionPath = Annotated[str, Path(pattern=f"^{id_pattern('question')}$")]
Key = Annotated[str, Form(max_length=128)]
Word = Annotated[str, Query(max_length=20)]
Named = Annotated[str, Query(max_length=40)]
TABS = ("all", "open", "own", "faq")
ENDED = frozenset({QuestionState.PUBLISHED, QuestionState.REJECTED, QuestionState.CLOSED})
BASE = "/listings/{listing_id}/questions"


@router.get(BASE, openapi_extra=needs("rooms:read"))
def show(visit: ReadVisit, listing_id: ListingPath, tab: Word = "all", document: Named = "") -> Response:
    """The questions that the viewer may see, newest first, and the form for a new one."""
    form = AskForm(document_id=document if is_id("document", document) else "")
    return _page(visit, listing_id, tab, form)


def _page(visit: Visit, listing_id: str, tab: str, form: AskForm, problems: tuple[str, ...] = ()) -> Response:
    seat = rooms.seat_of_listing(visit.tx, visit.actor, visit.now, listing_id)
    threads = question_threads.threads_of(visit.tx, visit.actor, visit.now, seat.deal.room.id)
    by_tab = {name: [thread for thread in threads if _is_in(name, thread)] for name in TABS}
    tab = tab if tab in TABS else "all"
    head = room_head(visit, seat)
    return visit.page(
        "questions.html",
        status_code=422 if problems else 200,
        room=head,
        threads=thread_lines(visit, seat, by_tab[tab]),
        tab=tab,
        counts={name: len(found) for name, found in by_tab.items()},
        tabs=[name for name in TABS if name != "own" or head.is_bidder],
        form=form,
        fields=question_fields(visit, seat, form),
        may_state=seat.runs_it and visit.viewer.may("questions:write"),
        problems=problems,
        message=visit.message(),
        idempotency_key=new_id("request"),
    )


def _is_in(tab: str, thread: Thread) -> bool:
    if tab == "faq":
        return thread.row.is_faq and thread.row.published_at is not None
    if tab == "own":
        return thread.is_own
    if tab == "open":
        return thread.asker_organisation_id is not None and thread.row.state not in ENDED
    return True


@router.post(BASE, openapi_extra=needs("questions:write"))
def ask(visit: FormVisit, listing_id: ListingPath, form: Asking, idempotency_key: Key = "") -> Response:
    """Ask; a refusal shows the form again with what is wrong."""
    room_id = rooms.seat_of_listing(visit.tx, visit.actor, visit.now, listing_id).deal.room.id
    problems = refusal_of(
        visit,
        f"ask {room_id}",
        idempotency_key,
        {name: getattr(form, name) for name in AskForm.__slots__},
        lambda: questions.ask(visit.tx, visit.actor, visit.now, room_id=room_id, question=ask_of(form)),
    )
    if problems:
        return _page(visit, listing_id, "all", form, problems)
    return see_other(f"/listings/{listing_id}/questions", done="questions.asked_message")


@router.post(f"{BASE}/faq", openapi_extra=needs("questions:write"))
def state(visit: FormVisit, listing_id: ListingPath, form: Asking, idempotency_key: Key = "") -> Response:
    """A side enters a question with its answer; a second person publishes it."""
    room_id = rooms.seat_of_listing(visit.tx, visit.actor, visit.now, listing_id).deal.room.id

    def work() -> object:
        asked = ask_of(form if form.answer else replace(form, text=""))
        return questions.state_faq(
            visit.tx, visit.actor, visit.now, room_id=room_id, question=asked, answer=form.answer
        )

    body = {name: getattr(form, name) for name in AskForm.__slots__}
    problems = refusal_of(visit, f"faq {room_id}", idempotency_key, body, work)
    if problems:
        return _page(visit, listing_id, "all", form, problems)
    return see_other(f"/listings/{listing_id}/questions", done="questions.answered_message")


def _done(
    visit: Visit, listing_id: str, verb: str, key: str, body: dict[str, str], work: Callable[[], object]
) -> Response:
    problems = refusal_of(visit, verb, key, body, work)
    if problems:
        return _page(visit, listing_id, "all", AskForm(), problems)
    done = {"assign": "assigned", "answer": "answered", "publish": "published", "reject": "rejected"}
    word = done.get(verb.split()[0], "reopened" if verb.startswith("reopen") else "closed")
    return see_other(f"/listings/{listing_id}/questions", done=f"questions.{word}_message")


@router.post(f"{BASE}/{{question_id}}/assign", openapi_extra=needs("questions:write"))
def assign(
    visit: FormVisit,
    listing_id: ListingPath,
    question_id: QuestionPath,
    idempotency_key: Key = "",
    organisation: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Hand a question to the seller or to the manager."""

    def work() -> object:
        return questions.assign(visit.tx, visit.actor, visit.now, question_id=question_id, organisation_id=organisation)

    return _done(visit, listing_id, f"assign {question_id}", idempotency_key, {"to": organisation}, work)


@router.post(f"{BASE}/{{question_id}}/answer", openapi_extra=needs("questions:write"))
def answer(
    visit: FormVisit, listing_id: ListingPath, question_id: QuestionPath, form: Asking, idempotency_key: Key = ""
) -> Response:
    """Write the answer; it waits for a second person."""

    def work() -> object:
        said = ask_of(form)
        return questions.answer(
            visit.tx,
            visit.actor,
            visit.now,
            question_id=question_id,
            text=said.text,
            document_id=said.document_id,
        )

    body = {"text": form.text, "document_id": form.document_id}
    return _done(visit, listing_id, f"answer {question_id}", idempotency_key, body, work)


@router.post(f"{BASE}/{{question_id}}/publish", openapi_extra=needs("questions:write"))
def publish(
    visit: FormVisit,
    listing_id: ListingPath,
    question_id: QuestionPath,
    idempotency_key: Key = "",
    audience: Annotated[AnswerAudience, Form()] = AnswerAudience.ALL,
    reason: Annotated[str, Form(max_length=1000)] = "",
    is_faq: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Let an answer out: to every bidder, or with a reason to the asker alone."""
    how = Publication(audience, reason.strip(), is_faq == "yes")

    def work() -> object:
        return questions.publish(visit.tx, visit.actor, visit.now, question_id=question_id, how=how)

    body = {"audience": audience.value, "reason": reason, "is_faq": is_faq}
    return _done(visit, listing_id, f"publish {question_id}", idempotency_key, body, work)


@router.post(f"{BASE}/{{question_id}}/reject", openapi_extra=needs("questions:write"))
def reject(
    visit: FormVisit,
    listing_id: ListingPath,
    question_id: QuestionPath,
    idempotency_key: Key = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Refuse to answer, with the reason."""

    def work() -> object:
        return questions.reject(visit.tx, visit.actor, visit.now, question_id=question_id, reason=reason)

    return _done(visit, listing_id, f"reject {question_id}", idempotency_key, {"reason": reason}, work)


@router.post(f"{BASE}/{{question_id}}/reopen", openapi_extra=needs("questions:write"))
def reopen(
    visit: FormVisit, listing_id: ListingPath, question_id: QuestionPath, form: Asking, idempotency_key: Key = ""
) -> Response:
    """The asker asks on."""

    def work() -> object:
        text = ask_of(form).text
        return questions.reopen(visit.tx, visit.actor, visit.now, question_id=question_id, text=text)

    return _done(visit, listing_id, f"reopen {question_id}", idempotency_key, {"text": form.text}, work)


@router.post(f"{BASE}/{{question_id}}/close", openapi_extra=needs("questions:write"))
def close(visit: FormVisit, listing_id: ListingPath, question_id: QuestionPath, idempotency_key: Key = "") -> Response:
    """The asker has its answer."""

    def work() -> object:
        return questions.close(visit.tx, visit.actor, visit.now, question_id=question_id)

    return _done(visit, listing_id, f"close {question_id}", idempotency_key, {}, work)
