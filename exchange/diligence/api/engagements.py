"""Routes of requests for advice, for their clients. Every answer is the engagement as the caller may see it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.core.errors import RulesBroken
from exchange.core.ids import id_pattern
from exchange.diligence import advice_errors as refusals
from exchange.diligence.api import engagement_work
from exchange.diligence.api.engagement_answers import COMMAND, KEYED, READ, EngagementPath, answer_once, view
from exchange.diligence.engagement import AdviserKind, EngagementState
from exchange.diligence.schemas.engagement_commands import (
    AwardQuote,
    ConsentToAdviser,
    RateEngagement,
    RequestAdvice,
    WithWords,
)
from exchange.diligence.schemas.engagements import EngagementView
from exchange.diligence.service import engagements as service
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.rulebook.errors import ProfileUnknown

router = APIRouter(prefix="/api/v1", tags=["advice"])
router.include_router(engagement_work.router)

ListingFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('listing')}$")]


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
        return view(tx, actor, service.request(tx, actor, now, wanted=body.wanted()).id)

    return once(tx, actor, "request_advice", key, body, work, status_code=201).response()


@router.get(
    "/engagements/{engagement_id}",
    operation_id="get_engagement",
    openapi_extra=needs("engagements:read"),
    responses=responses(*READ, refusals.EngagementNotFound),
)
def get_engagement(tx: ReadTx, actor: CurrentActor, engagement_id: EngagementPath) -> EngagementView:
    """One engagement; an adviser sees anonymous facts until it has passed the conflict check."""
    return view(tx, actor, engagement_id)


@router.post(
    "/engagements/{engagement_id}:open",
    operation_id="open_engagement",
    openapi_extra=needs("engagements:write"),
    response_model=EngagementView,
    responses=responses(*COMMAND, refusals.NotAClientOfTheListing, refusals.EngagementInvalid, RulesBroken),
)
def open_engagement(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, engagement_id: EngagementPath
) -> JSONResponse:
    """Put a request before the advisers."""
    now = business_now(tx)

    def work() -> object:
        return service.open_request(tx, actor, now, engagement_id=engagement_id)

    return answer_once(tx, actor, "open_engagement", engagement_id, key, None, work)


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

    return answer_once(tx, actor, "cancel_engagement", engagement_id, key, body, work)


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

    return answer_once(tx, actor, "consent_to_adviser", engagement_id, key, body, work)


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

    return answer_once(tx, actor, "award_engagement", engagement_id, key, body, work)


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

    return answer_once(tx, actor, "start_engagement", engagement_id, key, None, work)


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

    return answer_once(tx, actor, "accept_deliverable", engagement_id, key, None, work)


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

    return answer_once(tx, actor, "dispute_deliverable", engagement_id, key, body, work)


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

    return answer_once(tx, actor, "close_engagement", engagement_id, key, None, work)


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
        return service.rate(tx, actor, now, engagement_id=engagement_id, stars=body.stars, comment=body.comment)

    return answer_once(tx, actor, "rate_engagement", engagement_id, key, body, work)
