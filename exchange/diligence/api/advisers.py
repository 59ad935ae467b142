"""Routes of the directory of advisers."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.access.errors import SamePerson
from exchange.core.errors import (
    Busy,
    ExchangeError,
    Forbidden,
    IllegalTransition,
    Invalid,
    PreconditionRequired,
    Stale,
    Unauthenticated,
)
from exchange.core.ids import id_pattern
from exchange.diligence.advice_errors import (
    AdviserEntryInvalid,
    AdviserNotFound,
    ApplicationMissing,
    NotAdviserOrganisation,
)
from exchange.diligence.engagement import AdviserKind, AdviserState
from exchange.diligence.schemas.advisers import (
    AdmitAdviser,
    AdviserView,
    ApplyAsAdviser,
    DeclareRelations,
    RelationsView,
    RelationView,
    SuspendAdviser,
)
from exchange.diligence.service import adviser_relations, advisers
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import IfMatch, etag, require_match
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

router = APIRouter(prefix="/api/v1", tags=["advice"])

AdviserPath = Annotated[str, Path(pattern=f"^{id_pattern('organisation')}$")]

READ: tuple[type[ExchangeError], ...] = (Unauthenticated, Forbidden, Invalid)
KEYED: tuple[type[ExchangeError], ...] = (
    *READ,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)
DECISION: tuple[type[ExchangeError], ...] = (*KEYED, IllegalTransition, AdviserNotFound)


@router.get(
    "/advisers",
    operation_id="list_advisers",
    openapi_extra=needs("advisers:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_advisers(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    *,
    kind: AdviserKind | None = None,
    state: AdviserState | None = None,
    is_state_shortlisted: Annotated[
        bool | None, Query(description="On the list for state-owned clients, or not.")
    ] = None,
) -> Page[AdviserView]:
    """The directory; advisers that are not admitted are shown to themselves and to those who watch."""
    scope = f"advisers:{kind}:{state}:{is_state_shortlisted}"
    key = page.after(scope)
    found = advisers.advisers_of(
        tx,
        actor,
        kind=kind,
        state=state,
        is_state_shortlisted=is_state_shortlisted,
        after=str(key[0]) if key else "",
        limit=page.limit + 1,
    )
    return page_of(found, page, scope, lambda seen: [seen.row.organisation_id], AdviserView.of)


@router.post(
    "/advisers",
    operation_id="apply_as_adviser",
    status_code=201,
    openapi_extra=needs("engagements:work"),
    response_model=AdviserView,
    responses=responses(*KEYED, NotAdviserOrganisation, AdviserEntryInvalid),
)
def apply_as_adviser(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: ApplyAsAdviser) -> JSONResponse:
    """Apply for the directory, or with what is to stand there from the next admission or renewal on."""
    now = business_now(tx)
    return once(
        tx,
        actor,
        "apply_as_adviser",
        key,
        body,
        lambda: AdviserView.of(advisers.apply(tx, actor, now, entry=body.entry())),
        status_code=201,
    ).response()


@router.get(
    "/advisers/{organisation_id}",
    operation_id="get_adviser",
    openapi_extra=needs("advisers:read"),
    responses=responses(*READ, AdviserNotFound),
)
def get_adviser(tx: ReadTx, actor: CurrentActor, organisation_id: AdviserPath, response: Response) -> AdviserView:
    """One adviser."""
    seen = advisers.adviser_of(tx, actor, organisation_id)
    response.headers["ETag"] = etag(seen.row.version)
    return AdviserView.of(seen)


@router.post(
    "/advisers/{organisation_id}:admit",
    operation_id="admit_adviser",
    openapi_extra=needs("advisers:admit"),
    response_model=AdviserView,
    responses=responses(*DECISION, AdviserEntryInvalid, ApplicationMissing, SamePerson),
)
def admit_adviser(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: AdviserPath, body: AdmitAdviser
) -> JSONResponse:
    """Admit an applicant, or a suspended adviser anew, for a year at most."""
    now = business_now(tx)

    def work() -> AdviserView:
        listed = body.is_state_shortlisted
        return AdviserView.of(
            advisers.admit(tx, actor, now, organisation_id=organisation_id, is_state_shortlisted=listed)
        )

    return once(tx, actor, f"admit_adviser {organisation_id}", key, body, work).response()


@router.post(
    "/advisers/{organisation_id}:renew",
    operation_id="renew_adviser",
    openapi_extra=needs("advisers:admit"),
    response_model=AdviserView,
    responses=responses(*DECISION, AdviserEntryInvalid, ApplicationMissing, SamePerson),
)
def renew_adviser(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: AdviserPath) -> JSONResponse:
    """Admit an adviser for another year, with what it has applied with since."""
    now = business_now(tx)

    def work() -> AdviserView:
        return AdviserView.of(advisers.renew(tx, actor, now, organisation_id=organisation_id))

    return once(tx, actor, f"renew_adviser {organisation_id}", key, {}, work).response()


@router.post(
    "/advisers/{organisation_id}:suspend",
    operation_id="suspend_adviser",
    openapi_extra=needs("advisers:admit"),
    response_model=AdviserView,
    responses=responses(*DECISION),
)
def suspend_adviser(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: AdviserPath, body: SuspendAdviser
) -> JSONResponse:
    """Take an adviser out of the directory, with the reason."""
    now = business_now(tx)

    def work() -> AdviserView:
        return AdviserView.of(advisers.suspend(tx, actor, now, organisation_id=organisation_id, reason=body.reason))

    return once(tx, actor, f"suspend_adviser {organisation_id}", key, body, work).response()


@router.get(
    "/advisers/{organisation_id}/relations",
    operation_id="get_adviser_relations",
    openapi_extra=needs("advisers:read"),
    responses=responses(*READ, AdviserNotFound),
)
def get_adviser_relations(
    tx: ReadTx, actor: CurrentActor, organisation_id: AdviserPath, response: Response
) -> RelationsView:
    """What an adviser declared of its clients and affiliates; for itself and those who watch."""
    row, relations = adviser_relations.relations_of(tx, actor, organisation_id=organisation_id)
    response.headers["ETag"] = etag(row.version)
    return _relations(organisation_id, row.version, [RelationView.of(each) for each in relations])


@router.put(
    "/advisers/{organisation_id}/relations",
    operation_id="declare_adviser_relations",
    openapi_extra=needs("engagements:work"),
    responses=responses(*READ, AdviserNotFound, AdviserEntryInvalid, PreconditionRequired, Stale, Busy),
)
def declare_adviser_relations(
    tx: WriteTx,
    actor: CurrentActor,
    organisation_id: AdviserPath,
    body: DeclareRelations,
    response: Response,
    if_match: IfMatch = None,
) -> RelationsView:
    """Put the whole list of relations in the place of the one read; what is left out has ended."""
    row, relations = adviser_relations.declare_relations(
        tx,
        actor,
        business_now(tx),
        organisation_id=organisation_id,
        relations=body.values(),
        check_version=lambda version: require_match(if_match, version),
    )
    response.headers["ETag"] = etag(row.version)
    return _relations(organisation_id, row.version, [RelationView.of(each) for each in relations])


def _relations(organisation_id: str, version: int, relations: list[RelationView]) -> RelationsView:
    return RelationsView(organisation_id=organisation_id, relations=relations, version=version)
