"""Commands of the diligence pages: tried in the page's transaction, a refusal comes back beside its form."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Form, Request, UploadFile
from starlette.responses import Response

from exchange.access.actor import Actor
from exchange.core.errors import ExchangeError, Invalid
from exchange.diligence.errors import ItemNotFound
from exchange.diligence.item import ItemEvent
from exchange.diligence.service import items
from exchange.diligence.service.items import Decision
from exchange.diligence.service.reading import item_of
from exchange.infra.database import transaction
from exchange.rest.deps import written
from exchange.web.commands import run_once
from exchange.web.diligence_models import NO_PROBLEM, Problem
from exchange.web.diligence_page import refusal_texts
from exchange.web.paper_form import PaperForm, hand_in, read_day, received_from
from exchange.web.visit import Visit, visit_of

DECISIONS = {event.value: event for event in (ItemEvent.ACCEPT, ItemEvent.RETURN, ItemEvent.WAIVE, ItemEvent.REQUEST)}
ACCEPTED_AT_ONCE = 200

Key = Annotated[str, Form(max_length=128)]
Reason = Annotated[str, Form(max_length=500)]
Identifier = Annotated[str, Form(max_length=60)]


def tried(
    visit: Visit,
    place: str,
    operation: str,
    key: str,
    body: Mapping[str, object],
    work: Callable[[], object],
    typed: Mapping[str, str] | None = None,
) -> Problem:
    """What a refusal of the command says, for the form at a place; NO_PROBLEM when it was done."""
    try:
        with visit.tx.begin_nested():  # a refusal undoes everything, and the page is read in the same transaction
            run_once(visit, operation, key, body, work)
    except ExchangeError as refusal:
        return problem_of(visit, place, refusal, typed)
    return NO_PROBLEM


def problem_of(visit: Visit, place: str, refusal: ExchangeError, typed: Mapping[str, str] | None = None) -> Problem:
    """A refusal for the form at a place."""
    return Problem(place, refusal_texts(visit, refusal), typed or {}, refusal.status)


def hand_in_from(
    request: Request,
    actor: Actor,
    *,
    listing_id: str | None,
    form: PaperForm,
    file: UploadFile,
    key: str,
    answer: Callable[[Visit, Problem], Response],
) -> Response:
    """Hand a paper in. No transaction is held while the file is checked; every refusal is shown beside the form."""
    try:
        received = received_from(actor, file, listing_id)
    except ExchangeError as refusal:
        with transaction() as tx:
            visit = visit_of(request, tx, actor)
            return answer(visit, problem_of(visit, form.item_id, refusal, form.typed()))
    name = file.filename or ""
    with written() as tx:
        visit = visit_of(request, tx, actor)

        def work() -> None:
            item = item_of(tx, actor, visit.now, form.item_id).item
            if item.row is None or item.row.listing_id != listing_id:
                raise ItemNotFound
            hand_in(visit, item, form, received, name, listing_id)

        body = {"sha256": received.sha256, "file_name": name, **form.typed()}
        problem = tried(visit, form.item_id, f"hand in {form.item_id}", key, body, work, form.typed())
        return answer(visit, problem)


def decided(visit: Visit, item_id: str, event: str, reason: str, due_on: str, key: str) -> Problem:
    """Accept, return, waive or request one item."""
    body = {"event": event, "reason": reason, "due_on": due_on}

    def work() -> None:
        if event not in DECISIONS:
            raise Invalid
        decision = Decision(item_id, DECISIONS[event], " ".join(reason.split()), read_day(due_on))
        items.decide(visit.tx, visit.actor, visit.now, [decision])

    typed = {"reason": reason, "due_on": due_on, "event": event}
    return tried(visit, item_id, f"decide {item_id}", key, body, work, typed)


def accepted_all(visit: Visit, place: str, item_ids: list[str], key: str) -> Problem:
    """Accept every paper the page showed as waiting, all or none."""

    def work() -> None:
        decisions = [Decision(item_id, ItemEvent.ACCEPT) for item_id in item_ids[:ACCEPTED_AT_ONCE]]
        items.decide(visit.tx, visit.actor, visit.now, decisions)

    return tried(visit, place, f"accept all {place}", key, {"items": item_ids}, work)
