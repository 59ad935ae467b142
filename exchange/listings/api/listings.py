"""Routes of listings."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from exchange.access.api import CurrentActor
from exchange.core.errors import (
    Busy,
    ExchangeError,
    Forbidden,
    IllegalTransition,
    Invalid,
    PreconditionRequired,
    RulesBroken,
    Stale,
    Unauthenticated,
)
from exchange.core.ids import id_pattern
from exchange.core.terms import MatchingMode
from exchange.custody.errors import HoldingNotFound, InterestNotFree
from exchange.diligence.errors import GateBlocked
from exchange.diligence.schemas.gates import GateVerdictView
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.listings import service
from exchange.listings.errors import (
    ListingNotEditable,
    ListingNotFound,
    ListingNotUnsold,
    NavNotUsable,
    NotHolder,
    NotListingParty,
    PriceInputInvalid,
    ReviewedByOwnSide,
    StepInvalid,
)
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.pricing import PriceInput
from exchange.listings.schemas.listings import (
    CreateListing,
    EditListing,
    GatesView,
    GateView,
    ListingView,
    Relist,
    WithReason,
)
from exchange.listings.service import Gate, ListedInterest, ListingFilter, ListingRow
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import IfMatch, etag, require_match
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.numbers import ratio_ppm
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import breach_view, responses
from exchange.rest.texts import preferred_language
from exchange.rulebook.errors import ProfileUnknown

router = APIRouter(tags=["listings"])

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
BidderFilter = Annotated[
    str | None,
    Query(
        pattern=f"^{id_pattern('organisation')}$",
        description="A bidder whose gates are asked for; operators, and the bidder itself.",
    ),
]
FundFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('fund')}$")]

READ: tuple[type[ExchangeError], ...] = (Unauthenticated, Forbidden, Invalid, ListingNotFound)
COMMAND: tuple[type[ExchangeError], ...] = (
    *READ,
    IllegalTransition,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)
PRICED: tuple[type[ExchangeError], ...] = (PriceInputInvalid, StepInvalid, NavNotUsable)


@router.get(
    "/listings",
    operation_id="list_listings",
    openapi_extra=needs("listings:read"),
    responses=responses(Unauthenticated, Forbidden, CursorInvalid, Invalid),
)
def list_listings(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    *,
    fund_id: FundFilter = None,
    mode: MatchingMode | None = None,
    status: ListingStatus | None = None,
    own: Annotated[bool, Query(description="Only what the caller's side offers.")] = False,
) -> Page[ListingView]:
    """The market list, newest first; unpublished listings only for their own side and operators."""
    scope = f"listings:{fund_id}:{mode}:{status}:{own}"
    key = page.after(scope)
    wanted = ListingFilter(
        fund_id=fund_id, mode=mode, status=status, organisation_id=actor.organisation_id if own else None
    )
    rows = service.listings_of(tx, actor, wanted, before=str(key[0]) if key else None, limit=page.limit + 1)
    listed = {item.row.id: item for item in service.described(tx, actor, rows)}
    return page_of(rows, page, scope, lambda row: [row.id], lambda row: listing_view(listed[row.id]))


@router.post(
    "/listings",
    operation_id="create_listing",
    status_code=201,
    openapi_extra=needs("listings:write"),
    response_model=ListingView,
    responses=responses(*COMMAND, *PRICED, HoldingNotFound, NotHolder, ProfileUnknown),
)
def create_listing(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: CreateListing) -> JSONResponse:
    """Enter a draft for an interest of the caller, or of a holder in a fund the caller manages."""
    now = business_now(tx)
    return _once(
        tx,
        actor,
        "create_listing",
        key,
        body,
        lambda: service.create_draft(tx, actor, now, terms=body.terms()),
        status_code=201,
    )


@router.get(
    "/listings/{listing_id}",
    operation_id="get_listing",
    openapi_extra=needs("listings:read"),
    responses=responses(*READ),
)
def get_listing(tx: ReadTx, actor: CurrentActor, listing_id: ListingPath, response: Response) -> ListingView:
    """One listing; its ETag is needed to change a draft."""
    row = service.listing_of(tx, actor, listing_id)
    response.headers["ETag"] = etag(row.version)
    return _view(tx, actor, row)


@router.patch(
    "/listings/{listing_id}",
    operation_id="edit_listing",
    openapi_extra=needs("listings:write"),
    responses=responses(
        *READ, *PRICED, NotListingParty, ListingNotEditable, InterestNotFree, PreconditionRequired, Stale, Busy
    ),
)
def edit_listing(
    tx: WriteTx,
    actor: CurrentActor,
    listing_id: ListingPath,
    body: EditListing,
    response: Response,
    if_match: IfMatch = None,
) -> ListingView:
    """Change a draft or a returned listing, based on the version read."""
    row = service.edit_draft(
        tx,
        actor,
        business_now(tx),
        listing_id=listing_id,
        check_version=lambda version: require_match(if_match, version),
        changes=body.changes(),
    )
    response.headers["ETag"] = etag(row.version)
    return _view(tx, actor, row)


@router.post(
    "/listings/{listing_id}:submit",
    operation_id="submit_listing",
    openapi_extra=needs("listings:write"),
    response_model=ListingView,
    responses=responses(*COMMAND, NotListingParty, RulesBroken, InterestNotFree, GateBlocked),
)
def submit_listing(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath) -> JSONResponse:
    """Put a draft before the operators; its interest is frozen. Every broken rule or missing paper is named at once."""
    now = business_now(tx)
    return _once(
        tx,
        actor,
        f"submit_listing {listing_id}",
        key,
        {},
        lambda: service.submit(tx, actor, now, listing_id=listing_id),
    )


@router.post(
    "/listings/{listing_id}:withdraw",
    operation_id="withdraw_listing",
    openapi_extra=needs("listings:write"),
    response_model=ListingView,
    responses=responses(*COMMAND, NotListingParty),
)
def withdraw_listing(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: WithReason
) -> JSONResponse:
    """Take a listing back. Bids for it are released by the matching of its book."""
    now = business_now(tx)
    return _once(
        tx,
        actor,
        f"withdraw_listing {listing_id}",
        key,
        body,
        lambda: service.withdraw(tx, actor, now, listing_id=listing_id, reason=body.reason),
    )


@router.post(
    "/listings/{listing_id}:relist",
    operation_id="relist_listing",
    openapi_extra=needs("listings:write"),
    status_code=201,
    response_model=ListingView,
    responses=responses(*COMMAND, NotListingParty, ListingNotUnsold, NavNotUsable, StepInvalid, RulesBroken),
)
def relist_listing(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: Relist
) -> JSONResponse:
    """A new draft on the terms of a listing that ended without a buyer; it is reviewed like any other."""
    now = business_now(tx)
    return _once(
        tx,
        actor,
        f"relist_listing {listing_id}",
        key,
        body,
        lambda: service.relist(
            tx,
            actor,
            now,
            listing_id=listing_id,
            opens_at=body.opens_at,
            closes_at=body.closes_at,
            price=None if body.price is None else PriceInput(ratio=body.price),
            floor_price_ppm=None if body.floor_price is None else ratio_ppm(body.floor_price),
        ),
        status_code=201,
    )


@router.post(
    "/listings/{listing_id}:publish",
    operation_id="publish_listing",
    openapi_extra=needs("listings:review"),
    response_model=ListingView,
    responses=responses(*COMMAND, ReviewedByOwnSide, RulesBroken, GateBlocked),
)
def publish_listing(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath) -> JSONResponse:
    """Approve a submitted listing; an operator who did not enter it."""
    now = business_now(tx)
    return _once(
        tx,
        actor,
        f"publish_listing {listing_id}",
        key,
        {},
        lambda: service.publish(tx, actor, now, listing_id=listing_id),
    )


@router.post(
    "/listings/{listing_id}:return",
    operation_id="return_listing",
    openapi_extra=needs("listings:review"),
    response_model=ListingView,
    responses=responses(*COMMAND, ReviewedByOwnSide),
)
def return_listing(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: WithReason
) -> JSONResponse:
    """Give a submitted listing back for correction."""
    now = business_now(tx)
    return _once(
        tx,
        actor,
        f"return_listing {listing_id}",
        key,
        body,
        lambda: service.return_listing(tx, actor, now, listing_id=listing_id, reason=body.reason),
    )


@router.post(
    "/listings/{listing_id}:reject",
    operation_id="reject_listing",
    openapi_extra=needs("listings:review"),
    response_model=ListingView,
    responses=responses(*COMMAND, ReviewedByOwnSide),
)
def reject_listing(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: WithReason
) -> JSONResponse:
    """Refuse a listing for good; its interest is released."""
    now = business_now(tx)
    return _once(
        tx,
        actor,
        f"reject_listing {listing_id}",
        key,
        body,
        lambda: service.reject(tx, actor, now, listing_id=listing_id, reason=body.reason),
    )


@router.get(
    "/listings/{listing_id}/gates",
    operation_id="listing_gates",
    openapi_extra=needs("listings:read"),
    responses=responses(*READ),
)
def listing_gates(
    tx: ReadTx,
    actor: CurrentActor,
    listing_id: ListingPath,
    organisation_id: BidderFilter = None,
    accept_language: Annotated[str, Header(max_length=200)] = "",
) -> GatesView:
    """Which gates are open and why the others are not; for the listing's own side, operators, and a bidder for itself.

    A bidder sees what the checklist asks of it and of the listing, and only counts of what is not its to see.
    """
    now = business_now(tx)
    found = service.gates_seen_by(tx, actor, now, listing_id=listing_id, organisation_id=organisation_id)
    language = preferred_language(accept_language)
    return GatesView(
        listing_id=listing_id,
        checked_at=now,
        gates=[_gate_view(gate, language) for gate in found.rules],
        checklist=[GateVerdictView.of(verdict) for verdict in found.checklist],
    )


def _gate_view(gate: Gate, language: str) -> GateView:
    return GateView(
        name=gate.name,
        is_open=gate.is_open,
        reasons=[breach_view(breach, language) for breach in gate.breaches],
        warnings=[breach_view(breach, language) for breach in gate.warnings],
    )


def listing_view(listed: ListedInterest) -> ListingView:
    return ListingView.of(
        listed.row,
        listed.fund,
        listed.nav,
        expires_at=listed.expires_at,
        is_own=listed.is_own,
        shows_seller=listed.shows_seller,
    )


def _view(tx: Tx, actor: CurrentActor, row: ListingRow) -> ListingView:
    return listing_view(service.described(tx, actor, [row])[0])


def _once(
    tx: Tx,
    actor: CurrentActor,
    operation: str,
    key: str,
    body: BaseModel | dict[str, str],
    work: Callable[[], ListingRow],
    *,
    status_code: int = 200,
) -> JSONResponse:
    """Do a command on a listing once under its key and answer with the listing."""
    answer = once(tx, actor, operation, key, body, lambda: _view(tx, actor, work()), status_code=status_code)
    return answer.response()
