"""Routes of requests for advice. Every answer is the engagement as the caller may see it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from exchange.access.actor import Actor
from exchange.access.api import CurrentActor
from exchange.core.errors import (
    Busy,
    ExchangeError,
    Forbidden,
    IllegalTransition,
    Invalid,
    RulesBroken,
    Unauthenticated,
)
from exchange.core.ids import id_pattern
from exchange.diligence import advice_errors as refusals
from exchange.diligence import errors
from exchange.diligence.engagement import AdviserKind, EngagementState
from exchange.diligence.schemas.engagements import (
    AwardQuote,
    ConsentToAdviser,
    DeclareConflicts,
    DeliverReport,
    EngagementView,
    GiveQuote,
    RateEngagement,
    ReplyToRating,
    RequestAdvice,
    WithWords,
)
from exchange.diligence.service import engagements as service
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.rulebook.errors import ProfileUnknown

router = APIRouter(prefix="/api/v1", tags=["advice"])

EngagementPath = Annotated[str, Path(pattern=f"^{id_pattern('engagement')}$")]
ListingFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('listing')}$")]

READ: tuple[type[ExchangeError], ...] = (Unauthenticated, Forbidden, Invalid)
KEYED: tuple[type[ExchangeError], ...] = (
    *READ,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)
COMMAND: tuple[type[ExchangeError], ...] = (*KEYED, refusals.EngagementNotFound, IllegalTransition)
PAPER: tuple[type[ExchangeError], ...] = (
    errors.NotItemProvider,
    errors.ItemNotFound,
    errors.DocumentNotOwn,
    errors.DocumentNotClean,
    errors.PaperExpired,
    errors.FileKindNotAccepted,
    errors.PapersInvalid,
)


@router.get(
    "/engagements",
    operation_id="list_engagements",
    openapi_extra=needs("engagements:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_engagements(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    *,
    state: EngagementState | None = None,
    kind: AdviserKind | None = None,
    listing_id: ListingFilter = None,
) -> Page[EngagementView]:
    """The engagements the caller takes part in, and open calls for its work, newest first."""
    scope = f"engagements:{state}:{kind}:{listing_id}"
    key = page.after(scope)
    found = service.engagements_of(
        tx,
        actor,
        state=state,
        kind=kind,
        listing_id=listing_id,
        before=str(key[0]) if key else None,
        limit=page.limit + 1,
    )
    return page_of(found, page, scope, lambda seen: [seen.row.id], EngagementView.of)


@router.post(
    "/engagements",
    operation_id="request_advice",
    status_code=201,
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(
        *KEYED, refusals.NotAClientOfTheListing, refusals.EngagementInvalid, RulesBroken, ProfileUnknown
    ),
)
def request_advice(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: RequestAdvice) -> JSONResponse:
    """Write a request down; the listing's seller, its manager, or a bidder that has a checklist on it."""
    now = business_now(tx)

    def work() -> EngagementView:
        return _view(tx, actor, service.request(tx, actor, now, wanted=body.wanted()).id)

    return once(tx, actor, "request_advice", key, body, work, status_code=201).response()


@router.get(
    "/engagements/{engagement_id}",
    operation_id="get_engagement",
    openapi_extra=needs("engagements:read"),
    responses=responses(*READ, refusals.EngagementNotFound),
)
def get_engagement(tx: ReadTx, actor: CurrentActor, engagement_id: EngagementPath) -> EngagementView:
    """One engagement; an adviser sees anonymous facts until it has passed the conflict check."""
    return _view(tx, actor, engagement_id)


@router.post(
    "/engagements/{engagement_id}:open",
    operation_id="open_engagement",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.NotAClientOfTheListing, refusals.EngagementInvalid, RulesBroken),
)
def open_engagement(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath) -> JSONResponse:
    """Put a request before the advisers."""
    now = business_now(tx)

    def work() -> object:
        return service.open_request(tx, actor, now, engagement_id=engagement_id)

    return _once(tx, actor, "open_engagement", engagement_id, key, None, work)


@router.post(
    "/engagements/{engagement_id}:cancel",
    operation_id="cancel_engagement",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(*COMMAND),
)
def cancel_engagement(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: WithWords
) -> JSONResponse:
    """End a request, or an engagement that has delivered nothing."""
    now = business_now(tx)

    def work() -> object:
        return service.cancel(tx, actor, now, engagement_id=engagement_id, reason=body.reason)

    return _once(tx, actor, "cancel_engagement", engagement_id, key, body, work)


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

    return _once(tx, actor, "declare_conflicts", engagement_id, key, body, work)


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

    return _once(tx, actor, "decline_engagement", engagement_id, key, None, work)


@router.post(
    "/engagements/{engagement_id}/consents",
    operation_id="consent_to_adviser",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.ConsentNotAsked),
)
def consent_to_adviser(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: ConsentToAdviser
) -> JSONResponse:
    """Consent in writing to an adviser that has disclosed a conflict; the client and whom the conflict concerns."""
    now = business_now(tx)

    def work() -> object:
        adviser_id = body.adviser_organisation_id
        return service.consent(tx, actor, now, engagement_id=engagement_id, adviser_organisation_id=adviser_id)

    return _once(tx, actor, "consent_to_adviser", engagement_id, key, body, work)


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

    return _once(tx, actor, "give_quote", engagement_id, key, body, work)


@router.post(
    "/engagements/{engagement_id}:award",
    operation_id="award_engagement",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(
        *COMMAND,
        refusals.QuoteNotFound,
        refusals.QuoteOverBudget,
        refusals.AdviserNotAdmitted,
        refusals.ConflictOfInterest,
        refusals.ConsentsMissing,
    ),
)
def award_engagement(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: AwardQuote
) -> JSONResponse:
    """Engage the adviser of an unsealed quote."""
    now = business_now(tx)

    def work() -> object:
        return service.award(tx, actor, now, engagement_id=engagement_id, quote_id=body.quote_id)

    return _once(tx, actor, "award_engagement", engagement_id, key, body, work)


@router.post(
    "/engagements/{engagement_id}:start",
    operation_id="start_engagement",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.RoomScopeTooWide),
)
def start_engagement(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath
) -> JSONResponse:
    """Let the work begin; the adviser gets its part of the data room and its role on the listing."""
    now = business_now(tx)

    def work() -> object:
        return service.start(tx, actor, now, engagement_id=engagement_id)

    return _once(tx, actor, "start_engagement", engagement_id, key, None, work)


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

    return _once(tx, actor, "deliver_report", engagement_id, key, body, work)


@router.post(
    "/engagements/{engagement_id}:accept",
    operation_id="accept_deliverable",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.DeliverableMissing),
)
def accept_deliverable(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath
) -> JSONResponse:
    """Take the newest delivery."""
    now = business_now(tx)

    def work() -> object:
        return service.accept(tx, actor, now, engagement_id=engagement_id)

    return _once(tx, actor, "accept_deliverable", engagement_id, key, None, work)


@router.post(
    "/engagements/{engagement_id}:dispute",
    operation_id="dispute_deliverable",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.DeliverableMissing),
)
def dispute_deliverable(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: WithWords
) -> JSONResponse:
    """Refuse the newest delivery with the reason; the adviser may deliver another one."""
    now = business_now(tx)

    def work() -> object:
        return service.dispute(tx, actor, now, engagement_id=engagement_id, reason=body.reason)

    return _once(tx, actor, "dispute_deliverable", engagement_id, key, body, work)


@router.post(
    "/engagements/{engagement_id}:close",
    operation_id="close_engagement",
    openapi_extra=needs("engagements:write", "advisers:admit"),
    response_model=EngagementView,
    responses=responses(*COMMAND),
)
def close_engagement(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath
) -> JSONResponse:
    """End an accepted or disputed engagement and the adviser's access; the client, or an operator."""
    now = business_now(tx)

    def work() -> object:
        return service.close(tx, actor, now, engagement_id=engagement_id)

    return _once(tx, actor, "close_engagement", engagement_id, key, None, work)


@router.post(
    "/engagements/{engagement_id}/ratings",
    operation_id="rate_engagement",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.NotYetRateable, refusals.AlreadyRated),
)
def rate_engagement(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath, body: RateEngagement
) -> JSONResponse:
    """Rate a closed engagement, once."""
    now = business_now(tx)

    def work() -> object:
        return service.rate(
            tx, actor, now, engagement_id=engagement_id, stars=body.stars, comment=body.comment
        )

    return _once(tx, actor, "rate_engagement", engagement_id, key, body, work)


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

    return _once(tx, actor, "reply_to_rating", engagement_id, key, body, work)


def _view(tx: Tx, actor: Actor, engagement_id: str) -> EngagementView:
    return EngagementView.of(service.engagement_of(tx, actor, engagement_id))


def _once(
    tx: Tx, actor: Actor, operation: str, engagement_id: str, key: str, body: BaseModel | None, work: Callable[[], object]
) -> JSONResponse:
    """Do the work once, and answer with the engagement as the caller sees it then."""

    def done() -> EngagementView:
        work()
        return _view(tx, actor, engagement_id)

    return once(tx, actor, f"{operation} {engagement_id}", key, {} if body is None else body, done).response()
