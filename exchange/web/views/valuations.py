"""Valuations: the page of one, asking for one, weights, private scenarios, the note as PDF."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query
from starlette.background import BackgroundTask
from starlette.responses import Response

from exchange.core.errors import ExchangeError
from exchange.core.ids import id_pattern, is_id, new_id
from exchange.infra.doorbell import ring
from exchange.rest.permissions import needs
from exchange.valuation.service import scenarios, valuations, weights
from exchange.valuation.service.note import note_pdf, note_subject
from exchange.valuation.service.subjects import Subject, subject_of_listing
from exchange.web.commands import run_once
from exchange.web.explain import sentence
from exchange.web.models import FieldProblem
from exchange.web.routes import PageRoute
from exchange.web.scenario_form import EMPTY, FIELDS, Scenario, ScenarioForm, read_scenario, refused_fields
from exchange.web.valuation_page import checked, listing_beside, page_values
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other
from exchange.web.weights_form import Weights, WeightsForm, read_weights

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ValuationPath = Annotated[str, Path(pattern=f"^{id_pattern('valuation')}$")]
ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
Beside = Annotated[str, Query(max_length=40)]
Key = Annotated[str, Form(max_length=128)]


@router.get("/valuations/{valuation_id}", openapi_extra=needs("valuations:read"))
def show(
    visit: ReadVisit,
    valuation_id: ValuationPath,
    listing: Beside = "",
    verify: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    """The whole valuation; while the worker computes it, a page that waits."""
    return _page(visit, valuation_id, listing, verify=verify == "1")


def _page(
    visit: Visit,
    valuation_id: str,
    named: str,
    *,
    verify: bool = False,
    scenario: ScenarioForm = EMPTY,
    entered: WeightsForm | None = None,
    problems: tuple[FieldProblem, ...] = (),
    status_code: int = 200,
) -> Response:
    found = valuations.valuation_of(visit.tx, visit.actor, valuation_id)
    listing = listing_beside(visit, found, named if is_id("listing", named) else "")
    common = {
        "valuation": found.row,
        "fund": found.fund,
        "listing": listing,
        "beside": f"?listing={listing.line.listing_id}" if listing else "",
        "message": visit.message(),
    }
    if not found.is_computed:
        return visit.page("valuation_waiting.html", common)
    return visit.page(
        "valuation.html",
        common | page_values(visit, found, listing),
        status_code=status_code,
        check=checked(visit, valuation_id) if verify else None,
        scenario_form=scenario,
        scenario_fields=FIELDS,
        weights_form=entered or WeightsForm(),
        problems=problems,
        idempotency_key=new_id("request"),
    )


@router.get("/valuations/{valuation_id}/progress", openapi_extra=needs("valuations:read"))
def progress(visit: ReadVisit, valuation_id: ValuationPath, listing: Beside = "") -> Response:
    """Nothing while the worker computes; then the page goes on to the figures."""
    found = valuations.valuation_of(visit.tx, visit.actor, valuation_id)
    if not found.is_computed:
        return Response(status_code=204)
    named = f"?listing={listing}" if is_id("listing", listing) else ""
    return Response(headers={"HX-Redirect": f"/valuations/{valuation_id}{named}", "Cache-Control": "no-store"})


@router.post("/listings/{listing_id}/valuation", openapi_extra=needs("valuations:run"))
def ask(visit: FormVisit, listing_id: ListingPath, idempotency_key: Key = "") -> Response:
    """Ask for a valuation of the fund behind a listing, under its market profile and for its seller."""
    return _ask(visit, subject_of_listing(visit.tx, visit.actor, listing_id), idempotency_key)


@router.post("/valuations/{valuation_id}/again", openapi_extra=needs("valuations:run"))
def again(visit: FormVisit, valuation_id: ValuationPath, idempotency_key: Key = "") -> Response:
    """Ask for a new valuation of the same subject, today."""
    row = valuations.valuation_of(visit.tx, visit.actor, valuation_id).row
    subject = Subject(row.fund_id, row.profile, row.seller_is_state_owned, row.listing_id, row.lock_up_days)
    return _ask(visit, subject, idempotency_key)


def _ask(visit: Visit, subject: Subject, key: str) -> Response:
    made: list[str] = []

    def work() -> None:
        asked = valuations.request(visit.tx, visit.actor, visit.now, subject=subject, valued_on=None)
        made.append(asked.row.id)

    run_once(visit, "valuation", key, {"fund_id": subject.fund_id, "listing_id": subject.listing_id or ""}, work)
    if not made:  # sent twice: the first one leads to the newest of the fund
        newest = valuations.valuations_of(visit.tx, visit.actor, fund_id=subject.fund_id, limit=1)
        made.append(newest[0].row.id)
    response = see_other(f"/valuations/{made[0]}", listing=subject.listing_id or "")
    response.background = BackgroundTask(ring)  # after the commit
    return response


@router.post("/valuations/{valuation_id}/scenarios", openapi_extra=needs("scenarios:write"))
def add_scenario(
    visit: FormVisit, valuation_id: ValuationPath, form: Scenario, listing: Beside = "", idempotency_key: Key = ""
) -> Response:
    """Keep own assumptions; a refusal shows the form again with what is wrong."""
    overrides, problems = read_scenario(visit, form)
    if not problems:
        body = {"name": form.name, **form.values}
        problems = _tried(
            visit,
            f"scenario {valuation_id}",
            idempotency_key,
            body,
            lambda: scenarios.add_scenario(
                visit.tx, visit.actor, visit.now, valuation_id=valuation_id, name=form.name, overrides=overrides
            ),
        )
    if problems:
        return _page(visit, valuation_id, listing, scenario=form, problems=problems, status_code=422)
    return see_other(f"/valuations/{valuation_id}", listing=listing, done="scenario.saved_message")


@router.post("/valuations/{valuation_id}/weights", openapi_extra=needs("valuations:run"))
def add_weights(
    visit: FormVisit, valuation_id: ValuationPath, form: Weights, listing: Beside = "", idempotency_key: Key = ""
) -> Response:
    """Keep a person's weights with the reason for them; a refusal shows the form again."""
    problems: tuple[FieldProblem, ...]
    try:
        given = read_weights(form)
    except ValueError:
        problems = (FieldProblem("weights", visit.t("weights.unreadable")),)
    else:
        body = {**dict(form.typed), "reason": form.reason}
        problems = _tried(
            visit,
            f"weights {valuation_id}",
            idempotency_key,
            body,
            lambda: weights.add_weights(
                visit.tx, visit.actor, visit.now, valuation_id=valuation_id, weights=given, reason=form.reason
            ),
        )
        problems = tuple(FieldProblem("weights", item.text) for item in problems)
    if problems:
        return _page(visit, valuation_id, listing, entered=form, problems=problems, status_code=422)
    return see_other(f"/valuations/{valuation_id}", listing=listing, done="weights.saved_message")


def _tried(
    visit: Visit, operation: str, key: str, body: dict[str, str], work: Callable[[], object]
) -> tuple[FieldProblem, ...]:
    """What a refusal of the command says; nothing when it was done."""
    try:
        with visit.tx.begin_nested():  # a refusal undoes everything, and the page is read in the same transaction
            run_once(visit, operation, key, body, work)
    except ExchangeError as refusal:
        return refused_fields(visit, refusal) or (FieldProblem("", sentence(refusal, visit.f)),)
    return ()


@router.get("/valuations/{valuation_id}/note.pdf", openapi_extra=needs("valuations:read"))
def note(visit: ReadVisit, valuation_id: ValuationPath) -> Response:
    """The valuation note in the viewer's language, PDF/A."""
    subject = note_subject(visit.tx, visit.actor, valuation_id, visit.language)
    name = f"{visit.t('valuation.document.title')}-{subject.fund_code}-{subject.panel.valued_on.isoformat()}.pdf"
    headers = {
        "Content-Disposition": f"attachment; filename=\"valuation-note.pdf\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(note_pdf(subject, visit.language), media_type="application/pdf", headers=headers)
