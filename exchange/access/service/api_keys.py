"""Keys of systems: scopes within the owner's permissions, an end, rotation with overlap, revocation."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.access import store
from exchange.access.actor import Actor
from exchange.access.credential import hash_of
from exchange.access.errors import KeyRevoked, ScopeNotHeld, TooManyKeys
from exchange.access.session_rules import API_KEYS_MAX, ROTATION_OVERLAP, TOKEN_BYTES
from exchange.access.tables import ApiKeyRow
from exchange.core.errors import FieldError, NotFound
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

PERMISSION = "api_keys:write"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key and its whole text, which is shown this once."""

    row: ApiKeyRow
    text: str


def create_key(tx: Tx, actor: Actor, now: datetime, *, name: str, scopes: Collection[str], days: int) -> NewKey:
    """A key that can do what ``scopes`` say, never more than its owner (ScopeNotHeld, 422), for some days."""
    actor.require(PERMISSION)
    beyond = sorted(set(scopes) - actor.permissions)
    if beyond:
        listed = ", ".join(beyond)
        raise ScopeNotHeld(scopes=listed, fields=(FieldError("/scopes", "SCOPE_NOT_HELD", {"scopes": listed}),))
    # The owner's row is the lock under which his keys are counted.
    store.lock_user(tx, actor.user_id)
    live = [row for row in store.live_keys(tx, actor.user_id) if row.expires_at > now]
    if len(live) >= API_KEYS_MAX:
        raise TooManyKeys(maximum=API_KEYS_MAX)
    return _create(tx, actor, now, name=name, scopes=scopes, expires_at=now + timedelta(days=days), rotated_from=None)


def _create(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    name: str,
    scopes: Collection[str],
    expires_at: datetime,
    rotated_from: str | None,
) -> NewKey:
    secret = secrets.token_hex(TOKEN_BYTES)
    row = ApiKeyRow(
        id=new_id("api_key"),
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        name=name,
        secret_hash=hash_of(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
        rotated_from=rotated_from,
    )
    store.add(tx, row)
    data = {"user_id": actor.user_id, "scopes": row.scopes, "rotated_from": rotated_from}
    emit(tx, now, Event("api_key.created", row.id, data=data), actor_id=actor.user_id)
    return NewKey(row, f"fx_{row.id}_{secret}")


def keys_of(tx: Tx, actor: Actor) -> Sequence[ApiKeyRow]:
    """The caller's own keys, newest first, dead ones included."""
    return store.keys_of(tx, actor.user_id)


def rotate_key(tx: Tx, actor: Actor, now: datetime, key_id: str) -> NewKey:
    """A new key of the same scopes and lifetime; the old one works on for the overlap, at most 24 hours."""
    row = _own_live_key(tx, actor, now, key_id)
    beyond = set(row.scopes) - actor.permissions
    if beyond:
        raise ScopeNotHeld(scopes=", ".join(sorted(beyond)))
    lifetime = row.expires_at - row.created_at
    new = _create(tx, actor, now, name=row.name, scopes=row.scopes, expires_at=now + lifetime, rotated_from=row.id)
    row.expires_at = min(row.expires_at, now + ROTATION_OVERLAP)
    return new


def revoke_key(tx: Tx, actor: Actor, now: datetime, key_id: str) -> ApiKeyRow:
    """End a key at once: the owner his own, an operator anyone's. Ending it again changes nothing."""
    actor.require(PERMISSION)
    row = store.lock_key(tx, key_id)
    if row is None or (row.user_id != actor.user_id and "parties:write" not in actor.permissions):
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = now
        emit(tx, now, Event("api_key.revoked", row.id), actor_id=actor.user_id)
    return row


def _own_live_key(tx: Tx, actor: Actor, now: datetime, key_id: str) -> ApiKeyRow:
    actor.require(PERMISSION)
    row = store.lock_key(tx, key_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    if row.revoked_at is not None or row.expires_at <= now:
        raise KeyRevoked
    return row
