"""From credentials to actors, for one request or for a whole batch in one or two statements."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from exchange.access import store
from exchange.access.actor import Actor
from exchange.access.credential import Credential, CredentialKind
from exchange.access.errors import ApiKeyInvalid, CsrfRefused, SessionEnded
from exchange.access.roles import Role, permissions_of
from exchange.access.session_rules import IDLE, TOUCH
from exchange.core.errors import ExchangeError
from exchange.infra.database import Tx


def actors_of(tx: Tx, credentials: Sequence[Credential], now: datetime) -> list[Actor | ExchangeError]:
    """The actor behind each credential, or why there is none; same order, at most four statements in all.

    ``now`` is system time: a session does not end because the sandbox moves its business clock.
    """
    return ask_actors(tx, credentials)(now)


def ask_actors(tx: Tx, credentials: Sequence[Credential]) -> Callable[[datetime], list[Actor | ExchangeError]]:
    """``actors_of`` in two steps, so that its statements travel with others where statements are pipelined.

    The answer takes the instant (system time) and must be called in the same transaction.
    """
    hashes = {item.token_hash for item in credentials if item.kind is CredentialKind.SESSION}
    ids = {item.key_id for item in credentials if item.key_id is not None}
    sessions, keys = store.ask_sessions(tx, sorted(hashes)), store.ask_keys(tx, sorted(ids))
    return lambda now: _answers(tx, credentials, sessions(), keys(), now)


def _answers(
    tx: Tx,
    credentials: Sequence[Credential],
    sessions: Mapping[str, store.FoundSession],
    keys: Mapping[str, store.FoundKey],
    now: datetime,
) -> list[Actor | ExchangeError]:
    answers: list[Actor | ExchangeError] = []
    stale_sessions: set[str] = set()
    stale_keys: set[str] = set()
    for credential in credentials:
        if credential.kind is CredentialKind.SESSION:
            session = sessions.get(credential.token_hash)
            answer = _of_session(session, credential, now)
            if session is not None and isinstance(answer, Actor) and now - session.last_seen_at >= TOUCH:
                stale_sessions.add(session.session_id)
        else:
            key = keys.get(credential.key_id or "")
            answer = _of_key(key, credential, now)
            if key is not None and isinstance(answer, Actor) and _is_stale(key.last_used_at, now):
                stale_keys.add(key.key_id)
        answers.append(answer)
    if stale_sessions or stale_keys:
        store.touch(tx, now, session_ids=sorted(stale_sessions), key_ids=sorted(stale_keys))
    return answers


def actor_of(tx: Tx, credential: Credential, now: datetime) -> Actor:
    """The actor behind one credential; raises what ``actors_of`` would name."""
    answer = actors_of(tx, [credential], now)[0]
    if isinstance(answer, ExchangeError):
        raise answer
    return answer


def _is_stale(used_at: datetime | None, now: datetime) -> bool:
    return used_at is None or now - used_at >= TOUCH


def _roles(names: Sequence[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)


def _of_session(session: store.FoundSession | None, credential: Credential, now: datetime) -> Actor | ExchangeError:
    if session is None or now >= session.ends_at or now - session.last_seen_at >= IDLE:
        return SessionEnded()
    if not credential.csrf_ok:
        return CsrfRefused()
    roles = _roles(session.roles)
    return Actor(
        user_id=session.user_id,
        organisation_id=session.organisation_id,
        roles=roles,
        permissions=permissions_of(roles),
        session_id=session.session_id,
    )


def _of_key(key: store.FoundKey | None, credential: Credential, now: datetime) -> Actor | ExchangeError:
    if key is None or now >= key.expires_at or not hmac.compare_digest(key.secret_hash, credential.token_hash):
        return ApiKeyInvalid()
    roles = _roles(key.roles)
    return Actor(
        user_id=key.user_id,
        organisation_id=key.organisation_id,
        roles=roles,
        permissions=permissions_of(roles) & key.scopes,
        api_key_id=key.key_id,
    )
