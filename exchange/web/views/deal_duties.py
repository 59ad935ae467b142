"""What is due after a transfer, on the page of its deal: evidence of a filing, a later part of the price."""

from typing import Annotated

from fastapi import APIRouter, File, Path, Request, UploadFile
from starlette.responses import Response

from exchange.core.errors import ExchangeError
from exchange.core.ids import id_pattern
from exchange.diligence.service import documents
from exchange.infra.database import transaction
from exchange.listings.errors import PlanInvalid
from exchange.rest.deps import written
from exchange.rest.permissions import needs
from exchange.settlement.service import obligations, plans
from exchange.settlement.service.reads import deal_of
from exchange.web.commands import refusal_of
from exchange.web.deal_page import act, deal_page
from exchange.web.diligence_page import refusal_texts
from exchange.web.paper_form import received_from
from exchange.web.plan_form import TypedPlan, parse_plan
from exchange.web.routes import PageRoute
from exchange.web.views.deals import DealPath, Key
from exchange.web.visit import FormActor, FormVisit, see_other, visit_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ObligationPath = Annotated[str, Path(pattern=f"^{id_pattern('obligation')}$")]
InstalmentPath = Annotated[str, Path(pattern=f"^{id_pattern('instalment')}$")]
ACT = needs("deals:act")


@router.post("/deals/{deal_id}/obligations/{obligation_id}/fulfil", openapi_extra=ACT)
def fulfil(
    request: Request,
    actor: FormActor,
    deal_id: DealPath,
    obligation_id: ObligationPath,
    file: Annotated[UploadFile, File()],
    idempotency_key: Key = "",
) -> Response:
    """Upload the evidence of a filing and hand it in; no transaction is held while the file is checked."""
    try:
        received = received_from(actor, file, None)
    except ExchangeError as refusal:
        with transaction() as tx:
            visit = visit_of(request, tx, actor)
            return deal_page(visit, deal_id, refused=refusal_texts(visit, refusal), action="fulfil")
    with written() as tx:
        visit = visit_of(request, tx, actor)

        def work() -> object:
            deal = deal_of(tx, actor, deal_id)
            name = file.filename or ""
            added = documents.add_document(
                tx, actor, visit.now, received=received, file_name=name, title=name, listing_id=deal.listing_id
            )
            return obligations.fulfil(tx, actor, visit.now, obligation_id=obligation_id, document_id=added.document_id)

        body = {"obligation_id": obligation_id, "sha256": received.sha256}
        return act(visit, deal_id, "fulfil", idempotency_key, body, work)


@router.post("/deals/{deal_id}/instalments/{instalment_id}/pay", openapi_extra=ACT)
def pay(visit: FormVisit, deal_id: DealPath, instalment_id: InstalmentPath, idempotency_key: Key = "") -> Response:
    """Pay a later part of the price with its interest up to today."""

    def work() -> object:
        return plans.pay(visit.tx, visit.actor, visit.now, instalment_id=instalment_id)

    return act(visit, deal_id, "pay", idempotency_key, {"instalment_id": instalment_id}, work)


@router.post("/deals/{deal_id}/plan", openapi_extra=ACT)
def state_plan(visit: FormVisit, deal_id: DealPath, form: TypedPlan, idempotency_key: Key = "") -> Response:
    """Say how the price is to be paid; it is agreed once both sides have said the same."""
    try:
        plan = parse_plan(form)
    except ValueError:
        return deal_page(visit, deal_id, refused=refusal_texts(visit, PlanInvalid()), action="plan", plan=form)

    def work() -> object:
        return plans.state_plan(visit.tx, visit.actor, visit.now, deal_id=deal_id, plan=plan)

    body = {"shares": form.shares, "days": form.days, "interest": form.interest, "security": form.security}
    refused = refusal_of(visit, f"deal plan {deal_id}", idempotency_key, body, work)
    if refused:
        return deal_page(visit, deal_id, refused=refused, action="plan", plan=form)
    return see_other(f"/deals/{deal_id}", done="deals.done_plan_message")
