"""Users of organisations: entered and changed by operators, with every change in the event log."""

from collections.abc import Collection
from datetime import datetime

from exchange.access import store
from exchange.access.actor import Actor
from exchange.access.errors import LoginTaken, OwnAccount
from exchange.access.roles import Role
from exchange.access.service.passwords import demand_strength, hash_password
from exchange.access.service.sign_in import end_sessions, normal_login
from exchange.access.tables import UserRow
from exchange.core.errors import NotFound
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

PERMISSION = "parties:write"


def enrol(
    tx: Tx,
    now: datetime,
    *,
    organisation_id: str,
    login: str,
    name: str,
    password_hash: str,
    roles: Collection[Role],
    entered_by: str,
) -> UserRow:
    """Enter a user. Asks for no permission: callers are ``create_user`` and the founding of the exchange."""
    login = normal_login(login)
    if store.user_by_login(tx, login) is not None:
        raise LoginTaken(login=login)
    row = UserRow(
        id=new_id("user"),
        organisation_id=organisation_id,
        login=login,
        name=name,
        password_hash=password_hash,
        roles=sorted(role.value for role in roles),
        created_at=now,
    )
    store.add(tx, row)
    data = {"organisation_id": organisation_id, "roles": row.roles}
    emit(tx, now, Event("user.created", row.id, data=data), actor_id=entered_by)
    return row


def create_user(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    organisation_id: str,
    login: str,
    name: str,
    password: str,
    roles: Collection[Role],
) -> UserRow:
    """An operator enters a user of an organisation. LoginTaken (409), PasswordWeak (422)."""
    actor.require(PERMISSION)
    demand_strength(password, normal_login(login))
    return enrol(
        tx,
        now,
        organisation_id=organisation_id,
        login=login,
        name=name,
        password_hash=hash_password(password),
        roles=roles,
        entered_by=actor.user_id,
    )


def user_of(tx: Tx, actor: Actor, user_id: str) -> UserRow:
    """A user: oneself, or any for those who may read parties. NotFound (404) otherwise."""
    row = store.user(tx, user_id)
    if row is None or (row.id != actor.user_id and "parties:read" not in actor.permissions):
        raise NotFound
    return row


def name_of(tx: Tx, user_id: str) -> str:
    """The name of a user, to stand beside what he entered; his id when he is none of ours."""
    row = store.user(tx, user_id)
    return user_id if row is None else row.name


def users_of(tx: Tx, actor: Actor, *, organisation_id: str | None, after: str, limit: int) -> list[UserRow]:
    """Users in the order of their ids, of one organisation or of all."""
    actor.require("parties:read")
    return list(store.users(tx, organisation_id, after, limit))


def locked_user(tx: Tx, actor: Actor, user_id: str) -> UserRow:
    """A user an operator is about to change, locked."""
    actor.require(PERMISSION)
    row = store.lock_user(tx, user_id)
    if row is None:
        raise NotFound
    return row


def change_user(
    tx: Tx,
    actor: Actor,
    now: datetime,
    row: UserRow,
    *,
    name: str | None = None,
    roles: Collection[Role] | None = None,
    is_active: bool | None = None,
) -> UserRow:
    """Change name, roles or activity of a locked user. Roles and activity end all its sessions at once."""
    if actor.user_id == row.id and (roles is not None or is_active is not None):
        raise OwnAccount
    if name is not None:
        row.name = name
    if roles is not None:
        row.roles = sorted(role.value for role in roles)
    if is_active is not None:
        row.is_active = is_active
    if roles is not None or is_active is not None:
        end_sessions(tx, now, row.id)
    row.version += 1
    data = {"roles": row.roles, "is_active": row.is_active}
    emit(tx, now, Event("user.changed", row.id, data=data), actor_id=actor.user_id)
    return row


def reset_password(tx: Tx, actor: Actor, now: datetime, row: UserRow, *, password: str) -> UserRow:
    """An operator gives a locked user a new password; all its sessions end."""
    demand_strength(password, row.login)
    return _set_password(tx, actor, now, row, hash_password(password))


def change_own_password(tx: Tx, actor: Actor, now: datetime, *, password_hash: str) -> UserRow:
    """The person's own new password (the old one was proved before); all sessions end."""
    row = store.lock_user(tx, actor.user_id)
    if row is None:
        raise NotFound
    return _set_password(tx, actor, now, row, password_hash)


def _set_password(tx: Tx, actor: Actor, now: datetime, row: UserRow, password_hash: str) -> UserRow:
    row.password_hash = password_hash
    row.version += 1
    end_sessions(tx, now, row.id)
    emit(tx, now, Event("user.password_changed", row.id), actor_id=actor.user_id)
    return row
