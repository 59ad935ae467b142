"""Sign-in, sign-out and step-up.

The attempt is counted before the password is looked at and forgiven when it fits, each in its own transaction:
parallel guesses cannot slip under the limit, and a refused sign-in leaves its count behind.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.access import store
from exchange.access.actor import Actor
from exchange.access.credential import Credential, CredentialKind, csrf_token_of, hash_of
from exchange.access.errors import SessionEnded, SessionRequired, SignInLimited, SignInRefused
from exchange.access.service.authentication import actor_of
from exchange.access.session_rules import (
    ABSOLUTE,
    ADDRESS_FAILURES_MAX,
    FAILURE_WINDOW,
    LOGIN_FAILURES_MAX,
    TOKEN_BYTES,
)
from exchange.access.tables import SessionRow, UserRow
from exchange.core.errors import ExchangeError
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.infra.database import Tx
from exchange.infra.outbox import emit


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt: whose password to check (None: nobody's), under which keys it was counted."""

    user_id: str | None
    password_hash: str | None
    login_key: str
    address_key: str
    login: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. The token goes into the cookie and is never seen again."""

    token: str
    csrf_token: str
    session_id: str
    user_id: str
    ends_at: datetime


def _window_key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()[:40]}"


def normal_login(login: str) -> str:
    """Logins do not differ by case or outer space."""
    return login.strip().casefold()


def begin(tx: Tx, now: datetime, *, login: str, address: str) -> Attempt | ExchangeError:
    """Count the attempt; SignInLimited (as a value, so that the count is kept) when there were too many."""
    login = normal_login(login)
    keys = {
        _window_key("address", address): ADDRESS_FAILURES_MAX,
        _window_key("login", login): LOGIN_FAILURES_MAX,
    }
    wait = timedelta(0)
    for key, limit in keys.items():
        failures, started_at = store.count_failure(tx, key, now, now - FAILURE_WINDOW)
        if failures > limit:
            wait = max(wait, started_at + FAILURE_WINDOW - now)
    if wait > timedelta(0):
        return SignInLimited(seconds=int(wait.total_seconds()) + 1)
    user = store.user_by_login(tx, login)
    address_key, login_key = keys
    known = user is not None and user.is_active
    return Attempt(
        user_id=user.id if user is not None and known else None,
        password_hash=user.password_hash if user is not None and known else None,
        login_key=login_key,
        address_key=address_key,
        login=login,
    )


def finish(
    tx: Tx, now: datetime, attempt: Attempt, *, fits: bool, renewed_hash: str | None, user_agent: str
) -> SignedIn | ExchangeError:
    """Open a session when the password fitted, else say no (as a value: the event is kept)."""
    user = store.lock_user(tx, attempt.user_id) if attempt.user_id else None
    if user is None or not fits or not user.is_active:
        if user is not None:
            user.failed_sign_ins += 1
            emit(tx, now, Event("user.sign_in_failed", user.id), actor_id=user.id)
        return SignInRefused()
    store.forgive(tx, attempt.address_key, 1)
    store.forgive(tx, attempt.login_key, LOGIN_FAILURES_MAX + 1)
    user.failed_sign_ins = 0
    if renewed_hash:
        user.password_hash = renewed_hash
    signed_in = _open(tx, now, user, user_agent)
    emit(tx, now, Event("user.signed_in", user.id, data={"session_id": signed_in.session_id}), actor_id=user.id)
    return signed_in


def _open(tx: Tx, now: datetime, user: UserRow, user_agent: str) -> SignedIn:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = SessionRow(
        id=new_id("session"),
        token_hash=hash_of(token),
        user_id=user.id,
        created_at=now,
        authenticated_at=now,
        last_seen_at=now,
        ends_at=now + ABSOLUTE,
        user_agent=user_agent[:200],
    )
    store.add(tx, row)
    return SignedIn(token, csrf_token_of(token), row.id, user.id, row.ends_at)


def begin_step_up(tx: Tx, actor: Actor, now: datetime, *, address: str) -> Attempt | ExchangeError:
    """Count an attempt of the signed-in person to prove the password again."""
    user = store.user(tx, actor.user_id)
    if actor.session_id is None or user is None:
        return SessionRequired()
    return begin(tx, now, login=user.login, address=address)


def finish_step_up(
    tx: Tx, actor: Actor, now: datetime, attempt: Attempt, *, fits: bool, renewed_hash: str | None, user_agent: str
) -> SignedIn | ExchangeError:
    """Replace the session by a new one with a new token; the old token is dead."""
    if attempt.user_id != actor.user_id:
        return SessionEnded()
    outcome = finish(tx, now, attempt, fits=fits, renewed_hash=renewed_hash, user_agent=user_agent)
    if isinstance(outcome, SignedIn):
        sign_out(tx, actor, now)
    return outcome


def sign_out(tx: Tx, actor: Actor, now: datetime) -> None:
    """End the caller's session. SessionRequired (403) for a key."""
    if actor.session_id is None:
        raise SessionRequired
    row = store.session(tx, actor.session_id)
    if row is not None and row.revoked_at is None:
        row.revoked_at = now
        emit(tx, now, Event("user.signed_out", actor.user_id, data={"session_id": row.id}), actor_id=actor.user_id)


def end_sessions(tx: Tx, now: datetime, user_id: str) -> int:
    """End all sessions of a user; how many. Password, role and activity changes call this."""
    rows = store.live_sessions(tx, user_id)
    for row in rows:
        row.revoked_at = now
    return len(rows)


def actor_of_session(tx: Tx, signed_in: SignedIn, now: datetime) -> Actor:
    """The actor of a session that was just opened."""
    return actor_of(tx, Credential(CredentialKind.SESSION, hash_of(signed_in.token)), now)
