"""What an adviser does with a request: declare, decline, quote, deliver a report, answer its rating."""

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import Response

from exchange.access.actor import Actor
from exchange.core.errors import ExchangeError
from exchange.diligence.advice_errors import EngagementNotFound
from exchange.diligence.engagement import DELIVERS
from exchange.diligence.schemas.engagement_commands import DeclareConflicts, ReplyToRating
from exchange.diligence.schemas.engagements import EngagementView
from exchange.diligence.service import documents, engagements
from exchange.diligence.service.receiving import Received, receive
from exchange.infra.database import transaction
from exchange.rest.deps import written
from exchange.rest.permissions import needs
from exchange.web.advice_forms import Typed, TypedForm, quote_body, report_body, validated
from exchange.web.engagement_page import Refusal, act, engagement_page
from exchange.web.routes import PageRoute
from exchange.web.views.engagements import ONE, EngagementPath, Key
from exchange.web.visit import FormActor, FormVisit, visit_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)

WORK = needs("engagements:work")
Report = Annotated[UploadFile, File()]


@router.post(f"{ONE}/declare", openapi_extra=WORK)
def declare(visit: FormVisit, engagement_id: EngagementPath, typed: TypedForm, idempotency_key: Key = "") -> Response:
    """Declare, once, whether the firm is free; names are shown when nothing stands against it."""

    def work() -> object:
        answer = {"yes": True, "no": False}.get(typed.one("has_conflict"))
        body = validated(DeclareConflicts, {"has_conflict": answer, "declaration": typed.one("declaration")})
        return engagements.declare(
            visit.tx,
            visit.actor,
            visit.now,
            engagement_id=engagement_id,
            has_conflict=body.has_conflict,
            declaration=body.declaration,
        )

    return act(visit, engagement_id, "declare", typed, idempotency_key, "declared", work)


@router.post(f"{ONE}/decline", openapi_extra=WORK)
def decline(visit: FormVisit, engagement_id: EngagementPath, typed: TypedForm, idempotency_key: Key = "") -> Response:
    """The firm does not want the work."""

    def work() -> object:
        return engagements.decline(visit.tx, visit.actor, visit.now, engagement_id=engagement_id)

    return act(visit, engagement_id, "decline", typed, idempotency_key, "declined", work)


@router.post(f"{ONE}/quote", openapi_extra=WORK)
def quote(visit: FormVisit, engagement_id: EngagementPath, typed: TypedForm, idempotency_key: Key = "") -> Response:
    """Give a sealed quote, once."""

    def work() -> object:
        currency = engagements.currency_of(visit.tx, visit.actor, engagement_id)
        offered = quote_body(typed).offered(currency)
        return engagements.quote(visit.tx, visit.actor, visit.now, engagement_id=engagement_id, offered=offered)

    return act(visit, engagement_id, "quote", typed, idempotency_key, "quoted", work)


@router.post(f"{ONE}/reply", openapi_extra=WORK)
def reply(visit: FormVisit, engagement_id: EngagementPath, typed: TypedForm, idempotency_key: Key = "") -> Response:
    """The firm's one answer to its rating."""

    def work() -> object:
        words = validated(ReplyToRating, {"reply": typed.one("reply")}).reply
        return engagements.reply(visit.tx, visit.actor, visit.now, engagement_id=engagement_id, words=words)

    return act(visit, engagement_id, "reply", typed, idempotency_key, "replied", work)


@router.post(f"{ONE}/deliver", openapi_extra=WORK)
def deliver(
    request: Request,
    actor: FormActor,
    engagement_id: EngagementPath,
    typed: TypedForm,
    file: Report,
    idempotency_key: Key = "",
) -> Response:
    """Upload a report and deliver it with its structured result; no transaction is held while the file is checked."""
    received, refused = _received(actor, file)
    with written() as tx:
        visit = visit_of(request, tx, actor)
        if received is None:
            return engagement_page(visit, engagement_id, Refusal("deliver", typed, refused or ExchangeError()))
        taken = received
        fields = {**typed.values, "sha256": [taken.sha256]}

        def work() -> object:
            view = EngagementView.of(engagements.engagement_of(tx, actor, engagement_id))
            if view.matter is None or view.anonymous is None:
                raise EngagementNotFound
            added = documents.add_document(
                tx,
                actor,
                visit.now,
                received=taken,
                file_name=file.filename or "",
                title=typed.one("title"),
                listing_id=view.matter.listing_id,
            )
            paper = (added.document_id, added.number)
            body = report_body(typed, DELIVERS[view.kind], view.anonymous.currency, paper)
            return engagements.deliver(tx, actor, visit.now, engagement_id=engagement_id, delivered=body.delivered())

        return act(visit, engagement_id, "deliver", Typed(fields), idempotency_key, "delivered", work)


def _received(actor: Actor, file: UploadFile) -> tuple[Received | None, ExchangeError | None]:
    """The bytes of a report in the store, or why they are not taken."""
    try:
        with transaction() as tx:
            documents.require_upload(tx, actor, file.size or 0)
        return receive(file.file, file.filename or ""), None
    except ExchangeError as refusal:
        return None, refusal
