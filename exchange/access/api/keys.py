"""Keys of systems, managed by their owner."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api.caller import CurrentActor
from exchange.access.errors import REFUSALS, KeyRevoked, ScopeNotHeld, TooManyKeys
from exchange.access.schemas import ApiKeyList, ApiKeyView, CreateApiKey, NewApiKeyView
from exchange.access.service import api_keys
from exchange.core.clock import system_now
from exchange.core.errors import NotFound
from exchange.core.ids import id_pattern
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(tags=["access"])

KeyPath = Annotated[str, Path(pattern=f"^{id_pattern('api_key')}$")]
SHOWN_ONCE = frozenset({"key"})


@router.get(
    "/api-keys",
    operation_id="list_api_keys",
    openapi_extra=needs("api_keys:write"),
    responses=responses(*REFUSALS),
)
def list_api_keys(tx: ReadTx, actor: CurrentActor) -> ApiKeyList:
    """The caller's keys with scopes, end and last use; never the secret."""
    return ApiKeyList(items=[ApiKeyView.of(row) for row in api_keys.keys_of(tx, actor)])


@router.post(
    "/api-keys",
    operation_id="create_api_key",
    status_code=201,
    response_model=NewApiKeyView,
    openapi_extra=needs("api_keys:write"),
    responses=responses(*REFUSALS, ScopeNotHeld, TooManyKeys),
)
def create_api_key(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: CreateApiKey) -> Response:
    """Make a key. Its text is in this answer and nowhere else."""

    def work() -> NewApiKeyView:
        made = api_keys.create_key(tx, actor, system_now(), name=body.name, scopes=body.scopes, days=body.days)
        return NewApiKeyView.shown(made.row, made.text)

    answer = once(tx, actor, "create_api_key", key, body, work, status_code=201, never_kept=SHOWN_ONCE)
    return answer.response()


@router.post(
    "/api-keys/{key_id}:rotate",
    operation_id="rotate_api_key",
    status_code=201,
    response_model=NewApiKeyView,
    openapi_extra=needs("api_keys:write"),
    responses=responses(*REFUSALS, NotFound, KeyRevoked, ScopeNotHeld),
)
def rotate_api_key(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, key_id: KeyPath) -> Response:
    """Replace a key; the old one works on for 24 hours at most."""

    def work() -> NewApiKeyView:
        made = api_keys.rotate_key(tx, actor, system_now(), key_id)
        return NewApiKeyView.shown(made.row, made.text)

    answer = once(tx, actor, f"rotate_api_key {key_id}", key, {}, work, status_code=201, never_kept=SHOWN_ONCE)
    return answer.response()


@router.delete(
    "/api-keys/{key_id}",
    operation_id="revoke_api_key",
    openapi_extra=needs("api_keys:write"),
    responses=responses(*REFUSALS, NotFound),
)
def revoke_api_key(tx: WriteTx, actor: CurrentActor, key_id: KeyPath) -> ApiKeyView:
    """End a key at once."""
    return ApiKeyView.of(api_keys.revoke_key(tx, actor, system_now(), key_id))
