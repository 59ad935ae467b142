"""The papers of an organisation's account: kept once, asked for in every deal."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from exchange.core.ids import new_id
from exchange.diligence.service.reading import account_checklist
from exchange.rest.permissions import needs
from exchange.web.diligence_commands import Identifier, Key, Reason, decided, hand_in_from
from exchange.web.diligence_lines import item_lines, progress
from exchange.web.diligence_models import NO_PROBLEM, Problem
from exchange.web.names import organisation_names
from exchange.web.paper_form import PaperFields
from exchange.web.routes import PageRoute
from exchange.web.views.diligence import OrganisationField, OrganisationQuery
from exchange.web.visit import FormActor, FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/account/papers"


@router.get(PATH, openapi_extra=needs("diligence:read"))
def show(visit: ReadVisit, organisation: OrganisationQuery = "") -> Response:
    """The account items of the viewer's organisation; operators: of any."""
    return _page(visit, organisation, NO_PROBLEM)


@router.post(PATH, openapi_extra=needs("diligence:submit"))
def hand_in(
    request: Request,
    actor: FormActor,
    form: PaperFields,
    file: Annotated[UploadFile, File()],
    idempotency_key: Key = "",
) -> Response:
    """Upload a paper and hand it in for an account item."""

    def answer(visit: Visit, problem: Problem) -> Response:
        return _after(visit, "", problem, "handed_in")

    return hand_in_from(request, actor, listing_id=None, form=form, file=file, key=idempotency_key, answer=answer)


@router.post(f"{PATH}/decide", openapi_extra=needs("diligence:review"))
def decide(
    visit: FormVisit,
    item_id: Identifier,
    event: Annotated[str, Form(max_length=20)],
    reason: Reason = "",
    due_on: Annotated[str, Form(max_length=10)] = "",
    idempotency_key: Key = "",
    organisation: OrganisationField = "",
) -> Response:
    """Accept, return, waive or request an account paper."""
    problem = decided(visit, item_id, event, reason, due_on, idempotency_key)
    return _after(visit, organisation, problem, f"done_{event}")


def _after(visit: Visit, organisation: str, problem: Problem, done: str) -> Response:
    if problem.texts:
        return _page(visit, organisation, problem)
    return see_other(PATH, organisation=organisation, done=f"diligence.{done}_message")


def _page(visit: Visit, organisation: str, problem: Problem) -> Response:
    view = account_checklist(visit.tx, visit.actor, visit.now, organisation or None)
    owner = view.organisation_id or visit.actor.organisation_id
    done, required = progress(view.items)
    return visit.page(
        "account_papers.html",
        status_code=problem.status,
        problem=problem,
        message=visit.message(),
        organisation_id=organisation,
        owner=organisation_names(visit.tx, [owner], visit.language).get(owner, ""),
        items=item_lines(visit, view.items),
        done=done,
        required=required,
        idempotency_key=new_id("request"),
    )
