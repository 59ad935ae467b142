"""Users, for operators. New ones are entered under their organisation (``/participants/{id}/users``)."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from exchange.access.api.caller import CurrentActor
from exchange.access.errors import REFUSALS, OwnAccount, PasswordWeak
from exchange.access.schemas import ChangeUser, ResetPassword, UserView
from exchange.access.service import users
from exchange.core.errors import NotFound, PreconditionRequired, Stale
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import IfMatch, etag, require_match
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import Page, PageQuery, page_of
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses

router = APIRouter(tags=["access"])

UserPath = Annotated[str, Path(pattern=f"^{id_pattern('user')}$")]
OrganisationFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('organisation')}$")]


@router.get("/users", operation_id="list_users", openapi_extra=needs("parties:read"), responses=responses(*REFUSALS))
def list_users(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, organisation_id: OrganisationFilter = None
) -> Page[UserView]:
    """Users in the order in which they were entered."""
    scope = f"users:{organisation_id or ''}"
    after = page.after(scope)
    rows = users.users_of(
        tx,
        actor,
        organisation_id=organisation_id,
        after=str(after[0]) if after else "",
        limit=page.limit + 1,
    )
    return page_of(rows, page, scope, lambda row: [row.id], UserView.of)


@router.get(
    "/users/{user_id}",
    operation_id="get_user",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, NotFound),
)
def get_user(tx: ReadTx, actor: CurrentActor, user_id: UserPath, response: Response) -> UserView:
    """One user: oneself, or anyone for those who watch."""
    row = users.user_of(tx, actor, user_id)
    response.headers["ETag"] = etag(row.version)
    return UserView.of(row)


@router.patch(
    "/users/{user_id}",
    operation_id="change_user",
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, NotFound, OwnAccount, Stale, PreconditionRequired),
)
def change_user(
    tx: WriteTx,
    actor: CurrentActor,
    user_id: UserPath,
    body: ChangeUser,
    response: Response,
    if_match: IfMatch = None,
) -> UserView:
    """Change name, roles or activity; roles and activity end the user's sessions at once."""
    row = users.locked_user(tx, actor, user_id)
    require_match(if_match, row.version)
    users.change_user(tx, actor, business_now(tx), row, name=body.name, roles=body.roles, is_active=body.is_active)
    response.headers["ETag"] = etag(row.version)
    return UserView.of(row)


@router.post(
    "/users/{user_id}:reset-password",
    operation_id="reset_password",
    response_model=UserView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, NotFound, PasswordWeak),
)
def reset_password(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, user_id: UserPath, body: ResetPassword
) -> Response:
    """Give a user a new password; all sessions of the user end."""

    def work() -> UserView:
        row = users.locked_user(tx, actor, user_id)
        return UserView.of(users.reset_password(tx, actor, business_now(tx), row, password=body.password))

    # The password stays out of the kept hash: a plain hash of it would be a gift to whoever reads the table.
    return once(tx, actor, f"reset_password {user_id}", key, {}, work).response()
