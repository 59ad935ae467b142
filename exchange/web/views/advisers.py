"""The directory of advisers, and the operators' decisions on its entries."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from starlette.responses import Response

from exchange.core.clock import market_date
from exchange.core.errors import ExchangeError, NotFound
from exchange.core.ids import id_pattern, new_id
from exchange.diligence.engagement import ADVISER_LIFECYCLE, AdviserEvent, AdviserKind
from exchange.diligence.schemas.advisers import AdviserView, SuspendAdviser
from exchange.diligence.service import advisers
from exchange.rest.permissions import needs
from exchange.web.advice_forms import FormState, Typed, TypedForm, form_state, validated
from exchange.web.commands import run_once
from exchange.web.engagement_page import Refusal, money_of
from exchange.web.models import Choice
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

AdviserPath = Annotated[str, Path(pattern=f"^{id_pattern('organisation')}$")]
Key = Annotated[str, Form(max_length=128)]
PAGE = 200
PATH = "/advisers"
SOON_DAYS = 60


@router.get(PATH, openapi_extra=needs("advisers:read"))
def directory(
    visit: ReadVisit,
    kind: Annotated[str, Query(max_length=20)] = "",
    shortlist: Annotated[str, Query(max_length=3)] = "",
) -> Response:
    """Admitted advisers by the work they do; operators also see applicants, suspended and lapsed ones."""
    chosen = next((each for each in AdviserKind if each.value == kind), None)
    found: list[AdviserView] = []
    after = ""
    while True:
        seen = advisers.advisers_of(
            visit.tx,
            visit.actor,
            kind=chosen,
            is_state_shortlisted=True if shortlist == "yes" else None,
            after=after,
            limit=PAGE,
        )
        found += [AdviserView.of(each) for each in seen]
        if len(seen) < PAGE:
            break
        after = seen[-1].row.organisation_id
    words = visit.t
    return visit.page(
        "advisers.html",
        message=visit.message(),
        lines=sorted(found, key=lambda each: (each.state.value != "applied", each.name_zh)),
        kind_choices=[
            Choice("", words("advice.all_kinds"), chosen is None),
            *(Choice(each.value, words(f"advice.kind_{each.value}"), each is chosen) for each in AdviserKind),
        ],
        shortlist=shortlist == "yes",
        today=market_date(visit.now),
        soon=SOON_DAYS,
        money=money_of,
    )


@router.get(f"{PATH}/{{organisation_id}}", openapi_extra=needs("advisers:read"))
def show(visit: ReadVisit, organisation_id: AdviserPath) -> Response:
    """One adviser: licences with their ends, regions, fees, rating; for operators the forms of a decision."""
    return _page(visit, organisation_id, None)


def _page(visit: Visit, organisation_id: str, refusal: Refusal | None) -> Response:
    view = AdviserView.of(advisers.adviser_of(visit.tx, visit.actor, organisation_id))
    key = new_id("request")

    def form(name: str) -> FormState:
        if refusal is not None and refusal.form == name:
            return form_state(name, key, refusal.typed, refusal.error, visit.f)
        return form_state(name, key, Typed(), None, visit.f)

    decides = visit.viewer.may("advisers:admit")
    return visit.page(
        "adviser.html",
        status_code=refusal.error.status if refusal else 200,
        message=visit.message(),
        a=view,
        form=form,
        may={
            event.value: decides and (view.state, event) in ADVISER_LIFECYCLE
            for event in (AdviserEvent.ADMIT, AdviserEvent.RENEW, AdviserEvent.SUSPEND)
        },
        today=market_date(visit.now),
        soon=SOON_DAYS,
        money=money_of,
    )


@router.post(f"{PATH}/{{organisation_id}}/admit", openapi_extra=needs("advisers:admit"))
def admit(visit: FormVisit, organisation_id: AdviserPath, typed: TypedForm, idempotency_key: Key = "") -> Response:
    """Admit an applicant, or a suspended adviser anew."""

    def work() -> object:
        listed = typed.is_on("is_state_shortlisted")
        return advisers.admit(
            visit.tx, visit.actor, visit.now, organisation_id=organisation_id, is_state_shortlisted=listed
        )

    return _decide(visit, organisation_id, "admit", typed, idempotency_key, work)


@router.post(f"{PATH}/{{organisation_id}}/renew", openapi_extra=needs("advisers:admit"))
def renew(visit: FormVisit, organisation_id: AdviserPath, typed: TypedForm, idempotency_key: Key = "") -> Response:
    """Admit an adviser for another year."""

    def work() -> object:
        return advisers.renew(visit.tx, visit.actor, visit.now, organisation_id=organisation_id)

    return _decide(visit, organisation_id, "renew", typed, idempotency_key, work)


@router.post(f"{PATH}/{{organisation_id}}/suspend", openapi_extra=needs("advisers:admit"))
def suspend(visit: FormVisit, organisation_id: AdviserPath, typed: TypedForm, idempotency_key: Key = "") -> Response:
    """Take an adviser out of the directory, with the reason."""

    def work() -> object:
        reason = validated(SuspendAdviser, {"reason": typed.one("reason")}).reason
        return advisers.suspend(visit.tx, visit.actor, visit.now, organisation_id=organisation_id, reason=reason)

    return _decide(visit, organisation_id, "suspend", typed, idempotency_key, work)


def _decide(
    visit: Visit, organisation_id: str, name: str, typed: Typed, key: str, work: Callable[[], object]
) -> Response:
    body = {field: list(values) for field, values in typed.values.items() if field != "csrf_token"}
    try:
        with visit.tx.begin_nested():  # a refusal undoes everything, and the page is read in the same transaction
            run_once(visit, f"{name} adviser {organisation_id}", key, body, work)
    except NotFound:
        raise
    except ExchangeError as refusal:
        return _page(visit, organisation_id, Refusal(name, typed, refusal))
    return see_other(f"{PATH}/{organisation_id}", done=f"advice.adviser_{name}_message")
