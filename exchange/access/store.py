"""SQL of users, sessions, keys, sign-in windows and approvals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from exchange.access.approval import ApprovalStatus
from exchange.access.tables import ApiKeyRow, ApprovalRow, SessionRow, UserRow
from exchange.infra.database import Tx, cursor, id_array

SESSIONS = """
SELECT s.token_hash, s.id, u.id, u.organisation_id, u.roles, s.last_seen_at, s.ends_at
FROM user_session s JOIN user_account u ON u.id = s.user_id
WHERE s.token_hash = ANY(%s::text[]) AND s.revoked_at IS NULL AND u.is_active
"""
KEYS = """
SELECT k.id, k.secret_hash, u.id, u.organisation_id, u.roles, k.scopes, k.last_used_at, k.expires_at
FROM api_key k JOIN user_account u ON u.id = k.user_id
WHERE k.id = ANY(%s::text[]) AND k.revoked_at IS NULL AND u.is_active
"""
# Skipping locked rows: two processes that serve the same callers never wait for each other here.
TOUCH_SESSIONS = """
UPDATE user_session SET last_seen_at = %s
WHERE id IN (SELECT id FROM user_session WHERE id = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED)
"""
TOUCH_KEYS = """
UPDATE api_key SET last_used_at = %s
WHERE id IN (SELECT id FROM api_key WHERE id = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED)
"""
COUNT_FAILURE = """
INSERT INTO sign_in_window AS w (key, started_at, failures) VALUES (%(key)s, %(now)s, 1)
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN w.started_at < %(since)s THEN 1 ELSE w.failures + 1 END,
  started_at = CASE WHEN w.started_at < %(since)s THEN %(now)s ELSE w.started_at END
RETURNING failures, started_at
"""
FORGIVE = "UPDATE sign_in_window SET failures = greatest(failures - %s, 0) WHERE key = %s"


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A live session with its user, as the order path reads it."""

    token_hash: str
    session_id: str
    user_id: str
    organisation_id: str
    roles: tuple[str, ...]
    last_seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key that is not revoked with its user, as the order path reads it."""

    key_id: str
    secret_hash: str
    user_id: str
    organisation_id: str
    roles: tuple[str, ...]
    scopes: frozenset[str]
    last_used_at: datetime | None
    expires_at: datetime


def ask_sessions(tx: Tx, hashes: Sequence[str]) -> Callable[[], dict[str, FoundSession]]:
    """Ask for live sessions of active users by token hash, in one statement; the call that comes back reads them.

    Where statements are pipelined nothing waits before that call.
    """
    asked = _asked(tx, SESSIONS, hashes)

    def found() -> dict[str, FoundSession]:
        return {
            token: FoundSession(token, session, user, organisation, tuple(roles), seen, ends)
            for token, session, user, organisation, roles, seen, ends in asked()
        }

    return found


def ask_keys(tx: Tx, ids: Sequence[str]) -> Callable[[], dict[str, FoundKey]]:
    """Ask for keys of active users by id, in one statement; the call that comes back reads them."""
    asked = _asked(tx, KEYS, ids)

    def found() -> dict[str, FoundKey]:
        return {
            key: FoundKey(key, secret, user, organisation, tuple(roles), frozenset(scopes), used, expires)
            for key, secret, user, organisation, roles, scopes, used, expires in asked()
        }

    return found


def _asked(tx: Tx, statement: str, ids: Sequence[str]) -> Callable[[], list[Any]]:
    if not ids:
        return list
    with cursor(tx) as raw:
        sent = raw.connection.execute(statement.encode(), (id_array(ids),))
    return sent.fetchall


def touch(tx: Tx, now: datetime, *, session_ids: Sequence[str], key_ids: Sequence[str]) -> None:
    """Write down that these were used just now."""
    with cursor(tx) as raw:
        if session_ids:
            raw.execute(TOUCH_SESSIONS, (now, list(session_ids)))
        if key_ids:
            raw.execute(TOUCH_KEYS, (now, list(key_ids)))


def count_failure(tx: Tx, key: str, now: datetime, since: datetime) -> tuple[int, datetime]:
    """Count one failure under a key; the figure and the start of its window."""
    with cursor(tx) as raw:
        row: Any = raw.execute(COUNT_FAILURE, {"key": key, "now": now, "since": since}).fetchone()
    if row is None:
        raise RuntimeError("an upsert returns its row")
    failures, started_at = row
    return failures, started_at


def forgive(tx: Tx, key: str, failures: int) -> None:
    """Take back failures under a key."""
    with cursor(tx) as raw:
        raw.execute(FORGIVE, (failures, key))


def user_by_login(tx: Tx, login: str) -> UserRow | None:
    """The user who signs in under this login."""
    return tx.exec(select(UserRow).where(col(UserRow.login) == login)).first()


def user(tx: Tx, user_id: str) -> UserRow | None:
    """A user by id."""
    return tx.get(UserRow, user_id)


def lock_user(tx: Tx, user_id: str) -> UserRow | None:
    """A user by id, locked until the end of the transaction."""
    return tx.get(UserRow, user_id, with_for_update=True, populate_existing=True)


def users(tx: Tx, organisation_id: str | None, after: str, limit: int) -> Sequence[UserRow]:
    """Users in the order of their ids."""
    query = select(UserRow).where(col(UserRow.id) > after).order_by(col(UserRow.id)).limit(limit)
    if organisation_id is not None:
        query = query.where(col(UserRow.organisation_id) == organisation_id)
    return tx.exec(query).all()


def live_sessions(tx: Tx, user_id: str) -> Sequence[SessionRow]:
    """Sessions of a user that are not revoked, newest first."""
    return tx.exec(
        select(SessionRow)
        .where(col(SessionRow.user_id) == user_id, col(SessionRow.revoked_at).is_(None))
        .order_by(col(SessionRow.id).desc())
        .with_for_update()
    ).all()


def session(tx: Tx, session_id: str) -> SessionRow | None:
    """A session by id, locked."""
    return tx.get(SessionRow, session_id, with_for_update=True, populate_existing=True)


def keys_of(tx: Tx, user_id: str) -> Sequence[ApiKeyRow]:
    """All keys of a user, newest first."""
    return tx.exec(select(ApiKeyRow).where(col(ApiKeyRow.user_id) == user_id).order_by(col(ApiKeyRow.id).desc())).all()


def live_keys(tx: Tx, user_id: str) -> Sequence[ApiKeyRow]:
    """Keys of a user that are not revoked, locked."""
    return tx.exec(
        select(ApiKeyRow)
        .where(col(ApiKeyRow.user_id) == user_id, col(ApiKeyRow.revoked_at).is_(None))
        .order_by(col(ApiKeyRow.id))
        .with_for_update()
    ).all()


def lock_key(tx: Tx, key_id: str) -> ApiKeyRow | None:
    """A key by id, locked."""
    return tx.get(ApiKeyRow, key_id, with_for_update=True, populate_existing=True)


def lock_approval(tx: Tx, approval_id: str) -> ApprovalRow | None:
    """An approval by id, locked."""
    return tx.get(ApprovalRow, approval_id, with_for_update=True, populate_existing=True)


def approval(tx: Tx, approval_id: str) -> ApprovalRow | None:
    """An approval by id."""
    return tx.get(ApprovalRow, approval_id)


def pending_approval(tx: Tx, kind: str, subject_id: str) -> ApprovalRow | None:
    """The waiting approval of a kind for a subject."""
    return tx.exec(
        select(ApprovalRow).where(
            col(ApprovalRow.kind) == kind,
            col(ApprovalRow.subject_id) == subject_id,
            col(ApprovalRow.status) == ApprovalStatus.PENDING,
        )
    ).first()


def approvals(tx: Tx, status: ApprovalStatus | None, before: str | None, limit: int) -> Sequence[ApprovalRow]:
    """Approvals, newest first."""
    query = select(ApprovalRow).order_by(col(ApprovalRow.id).desc()).limit(limit)
    if status is not None:
        query = query.where(col(ApprovalRow.status) == status)
    if before is not None:
        query = query.where(col(ApprovalRow.id) < before)
    return tx.exec(query).all()


def add(tx: Tx, row: UserRow | SessionRow | ApiKeyRow | ApprovalRow) -> None:
    """Add a row and send it, so that constraints speak at once."""
    tx.add(row)
    tx.flush()


def read_session(tx: Tx, session_id: str) -> SessionRow | None:
    """A session by id, not locked."""
    return tx.get(SessionRow, session_id)
