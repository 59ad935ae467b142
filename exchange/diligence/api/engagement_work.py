"""Routes of requests for advice, for advisers: declare, quote, deliver, reply."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.core.errors import ExchangeError
from exchange.diligence import advice_errors as refusals
from exchange.diligence import errors
from exchange.diligence.api.engagement_answers import COMMAND, EngagementPath, answer_once
from exchange.diligence.schemas.engagement_commands import DeclareConflicts, DeliverReport, GiveQuote, ReplyToRating
from exchange.diligence.schemas.engagements import EngagementView
from exchange.diligence.service import engagements as service
from exchange.infra.clock import business_now
from exchange.rest.deps import WriteTx
from exchange.rest.idempotency import IdempotencyKey
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter()

PAPER: tuple[type[ExchangeError], ...] = (
    errors.NotItemProvider,
    errors.ItemNotFound,
    errors.DocumentNotOwn,
    errors.DocumentNotClean,
    errors.PaperExpired,
    errors.FileKindNotAccepted,
    errors.PapersInvalid,
)


@router.post(
    "/engagements/{engagement_id}/conflicts",
    operation_id="declare_conflicts",
    openapi_extra=needs("engagements:work"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.QuotesClosed, refusals.AlreadyDeclared, refusals.AdviserNotAdmitted),
)
def declare_conflicts(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: DeclareConflicts
) -> JSONResponse:
    """Declare, once, whether the adviser is free; names are shown when nothing stands against it."""
    now = business_now(tx)

    def work() -> object:
        return service.declare(
            tx,
            actor,
            now,
            engagement_id=engagement_id,
            has_conflict=body.has_conflict,
            declaration=body.declaration,
        )

    return answer_once(tx, actor, "declare_conflicts", engagement_id, key, body, work)


@router.post(
    "/engagements/{engagement_id}:decline",
    operation_id="decline_engagement",
    openapi_extra=needs("engagements:work"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.QuotesClosed, refusals.AlreadyDeclared, refusals.AdviserNotAdmitted),
)
def decline_engagement(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath
) -> JSONResponse:
    """An adviser does not want the work."""
    now = business_now(tx)

    def work() -> object:
        return service.decline(tx, actor, now, engagement_id=engagement_id)

    return answer_once(tx, actor, "decline_engagement", engagement_id, key, None, work)


@router.post(
    "/engagements/{engagement_id}/quotes",
    operation_id="give_quote",
    openapi_extra=needs("engagements:work"),
    response_model=EngagementView,
    responses=responses(
        *COMMAND,
        refusals.NotCleared,
        refusals.QuotesClosed,
        refusals.AdviserNotAdmitted,
        refusals.AlreadyQuoted,
        refusals.QuoteInvalid,
        refusals.ConflictOfInterest,
    ),
)
def give_quote(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: GiveQuote
) -> JSONResponse:
    """Give a sealed quote, once; nobody else reads it before the deadline."""
    now = business_now(tx)

    def work() -> object:
        currency = service.currency_of(tx, actor, engagement_id)
        return service.quote(tx, actor, now, engagement_id=engagement_id, offered=body.offered(currency))

    return answer_once(tx, actor, "give_quote", engagement_id, key, body, work)


@router.post(
    "/engagements/{engagement_id}/deliverables",
    operation_id="deliver_report",
    openapi_extra=needs("engagements:work"),
    response_model=EngagementView,
    responses=responses(*COMMAND, *PAPER, refusals.NotCleared, refusals.DeliverableInvalid),
)
def deliver_report(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: DeliverReport
) -> JSONResponse:
    """Deliver a report with its structured result; it goes to the items of the request, findings onto the listing."""
    now = business_now(tx)

    def work() -> object:
        return service.deliver(tx, actor, now, engagement_id=engagement_id, delivered=body.delivered())

    return answer_once(tx, actor, "deliver_report", engagement_id, key, body, work)


@router.post(
    "/engagements/{engagement_id}/ratings:reply",
    operation_id="reply_to_rating",
    openapi_extra=needs("engagements:work"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.NotCleared, refusals.NotYetRateable, refusals.AlreadyRated),
)
def reply_to_rating(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: ReplyToRating
) -> JSONResponse:
    """The adviser's one answer to its rating."""
    now = business_now(tx)

    def work() -> object:
        return service.reply(tx, actor, now, engagement_id=engagement_id, words=body.reply)

    return answer_once(tx, actor, "reply_to_rating", engagement_id, key, body, work)
