"""Organisations: apply, look, rename; admit, suspend and reinstate with four eyes; enter their users."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from exchange.access.actor import Actor
from exchange.access.api import CurrentActor, actor_from
from exchange.access.api.caller import address_of
from exchange.access.errors import REFUSALS, ApprovalPending, LoginTaken, PasswordWeak
from exchange.access.roles import Role
from exchange.access.schemas import ApprovalView, CreateUser, UserView
from exchange.access.service import limits, users
from exchange.core.clock import market_date, system_now
from exchange.core.errors import (
    ExchangeError,
    IllegalTransition,
    PreconditionRequired,
    Stale,
    TooMany,
    Unauthenticated,
)
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.parties import service
from exchange.parties.errors import (
    CreditCodeInvalid,
    CreditCodeReal,
    CreditCodeTaken,
    KindNotOpen,
    OrganisationNotFound,
    RolesNotOfKind,
    SimulationForbidden,
)
from exchange.parties.lifecycle import OrganisationEvent, OrganisationKind, OrganisationStatus
from exchange.parties.schemas import Apply, OrganisationView, ParticipantView, Rename
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import IfMatch, etag, require_match
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import Page, PageQuery, page_of
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses

router = APIRouter(tags=["participants"])

OrganisationPath = Annotated[str, Path(pattern=f"^{id_pattern('organisation')}$")]
APPLICATIONS_MAX = 30
"""Public applications from one address within a quarter of an hour."""

DECISIONS: tuple[type[ExchangeError], ...] = (OrganisationNotFound, IllegalTransition, ApprovalPending)


class _Public:
    """Whoever applies without signing in: known by the address alone."""

    def __init__(self, address: str) -> None:
        self.user_id = f"public:{address}"


def _perhaps_actor(request: Request) -> Actor | None:
    """The caller if the request shows a credential at all; a wrong one is still refused."""
    try:
        return actor_from(request)
    except Unauthenticated as error:
        if type(error) is Unauthenticated and "authorization" not in request.headers:
            return None
        raise


@router.post(
    "/participants",
    operation_id="apply",
    status_code=201,
    response_model=OrganisationView,
    openapi_extra=needs(None),
    responses=responses(
        *REFUSALS, KindNotOpen, SimulationForbidden, CreditCodeInvalid, CreditCodeReal, CreditCodeTaken, TooMany
    ),
)
def apply(request: Request, tx: WriteTx, key: IdempotencyKey, body: Apply) -> Response:
    """Apply to be admitted; by anybody, or by an operator for somebody. Two operators decide."""
    actor = _perhaps_actor(request)
    address = address_of(request)
    if actor is None:
        limits.demand(tx, system_now(), "apply", address, at_most=APPLICATIONS_MAX)

    def work() -> OrganisationView:
        application = service.Application(**body.model_dump())
        return OrganisationView.of(service.apply(tx, actor, business_now(tx), application))

    return once(tx, actor or _Public(address), "apply", key, body, work, status_code=201).response()


@router.get(
    "/participants",
    operation_id="list_participants",
    openapi_extra=needs("parties:read"),
    responses=responses(*REFUSALS),
)
def list_participants(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    status: OrganisationStatus | None = None,
    kind: OrganisationKind | None = None,
) -> Page[OrganisationView]:
    """Organisations in the order in which they applied."""
    scope = f"participants:{status or ''}:{kind or ''}"
    after = page.after(scope)
    rows = service.organisations_of(
        tx, actor, status=status, kind=kind, after=str(after[0]) if after else "", limit=page.limit + 1
    )
    return page_of(rows, page, scope, lambda row: [row.id], OrganisationView.of)


@router.get(
    "/participants/{organisation_id}",
    operation_id="get_participant",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, OrganisationNotFound),
)
def get_participant(
    tx: ReadTx, actor: CurrentActor, organisation_id: OrganisationPath, response: Response
) -> ParticipantView:
    """One organisation with its standing: one's own, or any for those who watch."""
    row = service.organisation_of(tx, actor, organisation_id)
    standing = service.standings_of(tx, [organisation_id])[organisation_id]
    response.headers["ETag"] = etag(row.version)
    return ParticipantView.with_standing(row, standing, market_date(business_now(tx)))


@router.patch(
    "/participants/{organisation_id}",
    operation_id="rename_participant",
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, OrganisationNotFound, Stale, PreconditionRequired),
)
def rename_participant(
    tx: WriteTx,
    actor: CurrentActor,
    organisation_id: OrganisationPath,
    body: Rename,
    response: Response,
    if_match: IfMatch = None,
) -> OrganisationView:
    """Change the names. Whether an organisation is state-owned or simulated never changes."""
    row = service.locked(tx, actor, organisation_id)
    require_match(if_match, row.version)
    service.rename(tx, actor, business_now(tx), row, name_zh=body.name_zh, name_en=body.name_en)
    response.headers["ETag"] = etag(row.version)
    return OrganisationView.of(row)


def _ask(tx: Tx, actor: Actor, key: str, organisation_id: str, event: OrganisationEvent) -> Response:
    def work() -> ApprovalView:
        return ApprovalView.of(service.ask(tx, actor, business_now(tx), organisation_id, event))

    operation = f"{event.value}_participant {organisation_id}"
    return once(tx, actor, operation, key, {}, work, status_code=202).response()


@router.post(
    "/participants/{organisation_id}:approve",
    operation_id="approve_participant",
    status_code=202,
    response_model=ApprovalView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, *DECISIONS),
)
def approve_participant(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: OrganisationPath
) -> Response:
    """Ask a second operator to admit an organisation."""
    return _ask(tx, actor, key, organisation_id, OrganisationEvent.APPROVE)


@router.post(
    "/participants/{organisation_id}:suspend",
    operation_id="suspend_participant",
    status_code=202,
    response_model=ApprovalView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, *DECISIONS),
)
def suspend_participant(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: OrganisationPath
) -> Response:
    """Ask a second operator to suspend an organisation."""
    return _ask(tx, actor, key, organisation_id, OrganisationEvent.SUSPEND)


@router.post(
    "/participants/{organisation_id}:reinstate",
    operation_id="reinstate_participant",
    status_code=202,
    response_model=ApprovalView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, *DECISIONS),
)
def reinstate_participant(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: OrganisationPath
) -> Response:
    """Ask a second operator to end a suspension."""
    return _ask(tx, actor, key, organisation_id, OrganisationEvent.REINSTATE)


@router.post(
    "/participants/{organisation_id}/users",
    operation_id="create_user",
    status_code=201,
    response_model=UserView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, OrganisationNotFound, RolesNotOfKind, LoginTaken, PasswordWeak),
)
def create_user(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: OrganisationPath, body: CreateUser
) -> Response:
    """Enter a user of an organisation with the roles its kind allows."""

    def work() -> UserView:
        organisation = service.organisation_of(tx, actor, organisation_id)
        _demand_roles(body.roles, organisation.kind)
        made = users.create_user(tx, actor, business_now(tx), organisation_id=organisation_id, **body.model_dump())
        return UserView.of(made)

    # The password stays out of the kept hash of the request.
    kept = body.model_dump(mode="json", exclude={"password"})
    return once(tx, actor, f"create_user {organisation_id}", key, kept, work, status_code=201).response()


def _demand_roles(roles: list[Role], kind: OrganisationKind) -> None:
    beyond = sorted(role.value for role in set(roles) - service.ROLES[kind])
    if beyond:
        raise RolesNotOfKind(roles=", ".join(beyond), kind=kind.value)
