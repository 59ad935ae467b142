"""A listing's diligence: gates, papers to hand in and to review, findings, declared facts, the checklist as a file."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from starlette.responses import Response

from exchange.core.ids import id_pattern, new_id
from exchange.diligence.service import checklists, findings
from exchange.diligence.service.workbook import export_workbook
from exchange.rest.permissions import needs
from exchange.web.diligence_commands import (
    Identifier,
    Key,
    Reason,
    accepted_all,
    decided,
    hand_in_from,
    tried,
)
from exchange.web.diligence_models import NO_PROBLEM, Problem
from exchange.web.diligence_page import page_values
from exchange.web.paper_form import PaperFields
from exchange.web.routes import PageRoute
from exchange.web.visit import FormActor, FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
FindingPath = Annotated[str, Path(pattern=f"^{id_pattern('finding')}$")]
OrganisationQuery = Annotated[str, Query(pattern=f"^({id_pattern('organisation')})?$")]
OrganisationField = Annotated[str, Form(pattern=f"^({id_pattern('organisation')})?$")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FACTS_AT_ONCE = 100


@router.get("/listings/{listing_id}/diligence", openapi_extra=needs("diligence:read"))
def show(visit: ReadVisit, listing_id: ListingPath, organisation: OrganisationQuery = "") -> Response:
    """Gates and papers as the viewer may see them; with an organisation those of this bidder too."""
    return _page(visit, listing_id, organisation, NO_PROBLEM)


@router.get("/listings/{listing_id}/diligence.xlsx", openapi_extra=needs("diligence:read"))
def workbook(visit: ReadVisit, listing_id: ListingPath, organisation: OrganisationQuery = "") -> Response:
    """The checklist as the viewer may see it, as a workbook."""
    content = export_workbook(
        visit.tx, visit.actor, visit.now, listing_id=listing_id, organisation_id=organisation or None
    )
    headers = {
        "Content-Disposition": f'attachment; filename="checklist-{listing_id}.xlsx"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=XLSX, headers=headers)


@router.post("/listings/{listing_id}/diligence/papers", openapi_extra=needs("diligence:submit"))
def hand_in(
    request: Request,
    actor: FormActor,
    listing_id: ListingPath,
    form: PaperFields,
    file: Annotated[UploadFile, File()],
    idempotency_key: Key = "",
    organisation: OrganisationField = "",
) -> Response:
    """Upload a paper and hand it in for an item."""

    def answer(visit: Visit, problem: Problem) -> Response:
        return _after(visit, listing_id, organisation, problem, "handed_in")

    return hand_in_from(request, actor, listing_id=listing_id, form=form, file=file, key=idempotency_key, answer=answer)


@router.post("/listings/{listing_id}/diligence/decide", openapi_extra=needs("diligence:review"))
def decide(
    visit: FormVisit,
    listing_id: ListingPath,
    item_id: Identifier,
    event: Annotated[str, Form(max_length=20)],
    reason: Reason = "",
    due_on: Annotated[str, Form(max_length=10)] = "",
    idempotency_key: Key = "",
    organisation: OrganisationField = "",
) -> Response:
    """Accept, return, waive or request a paper."""
    problem = decided(visit, item_id, event, reason, due_on, idempotency_key)
    return _after(visit, listing_id, organisation, problem, f"done_{event}")


@router.post("/listings/{listing_id}/diligence/accept-all", openapi_extra=needs("diligence:review"))
def accept_all(
    visit: FormVisit,
    listing_id: ListingPath,
    item_id: Annotated[list[str], Form(max_length=200)],
    idempotency_key: Key = "",
    organisation: OrganisationField = "",
) -> Response:
    """Accept every paper that the page showed as waiting for the viewer."""
    problem = accepted_all(visit, listing_id, item_id, idempotency_key)
    return _after(visit, listing_id, organisation, problem, "done_all")


@router.post("/listings/{listing_id}/diligence/begin", openapi_extra=needs("diligence:submit"))
def begin(visit: FormVisit, listing_id: ListingPath, idempotency_key: Key = "") -> Response:
    """Begin the viewer's own papers as a bidder."""
    problem = tried(
        visit,
        "begin",
        f"begin {listing_id}",
        idempotency_key,
        {},
        lambda: checklists.open_own(visit.tx, visit.actor, visit.now, listing_id=listing_id),
    )
    return _after(visit, listing_id, "", problem, "begun")


@router.post("/listings/{listing_id}/diligence/facts", openapi_extra=needs("facts:write"))
def declare(
    visit: FormVisit,
    listing_id: ListingPath,
    named: Annotated[list[str], Form(max_length=FACTS_AT_ONCE)],
    fact: Annotated[list[str] | None, Form(max_length=FACTS_AT_ONCE)] = None,
    idempotency_key: Key = "",
    organisation: OrganisationField = "",
) -> Response:
    """Declare the facts of the form: those ticked hold, the others do not."""
    values = {name: name in set(fact or ()) for name in named}
    problem = tried(
        visit,
        "facts",
        f"facts {listing_id}",
        idempotency_key,
        values,
        lambda: checklists.declare_facts(
            visit.tx,
            visit.actor,
            visit.now,
            listing_id=listing_id,
            facts=values,
            organisation_id=organisation or None,
        ),
    )
    return _after(visit, listing_id, organisation, problem, "declared")


@router.post("/listings/{listing_id}/diligence/findings/{finding_id}", openapi_extra=needs("diligence:review"))
def resolve(
    visit: FormVisit,
    listing_id: ListingPath,
    finding_id: FindingPath,
    resolution: Reason = "",
    idempotency_key: Key = "",
    organisation: OrganisationField = "",
) -> Response:
    """Resolve a finding, with how."""
    problem = tried(
        visit,
        finding_id,
        f"resolve {finding_id}",
        idempotency_key,
        {"resolution": resolution},
        lambda: findings.resolve_finding(
            visit.tx, visit.actor, visit.now, finding_id=finding_id, resolution=" ".join(resolution.split())
        ),
        {"reason": resolution},
    )
    return _after(visit, listing_id, organisation, problem, "resolved")


def _after(visit: Visit, listing_id: str, organisation: str, problem: Problem, done: str) -> Response:
    if problem.texts:
        return _page(visit, listing_id, organisation, problem)
    message = f"diligence.{done}_message"
    return see_other(f"/listings/{listing_id}/diligence", organisation=organisation, done=message)


def _page(visit: Visit, listing_id: str, organisation: str, problem: Problem) -> Response:
    values = page_values(visit, listing_id, organisation or None, problem)
    return visit.page("diligence.html", values, status_code=problem.status, idempotency_key=new_id("request"))
