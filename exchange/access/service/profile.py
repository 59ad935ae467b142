"""Who am I: the signed-in person's own data."""

from dataclasses import dataclass
from datetime import datetime

from exchange.access import store
from exchange.access.actor import Actor
from exchange.core.errors import Unauthenticated
from exchange.infra.database import Tx


@dataclass(frozen=True, slots=True)
class Profile:
    """The caller with the names of its rights; ``session_ends_at`` only for a session."""

    user_id: str
    organisation_id: str
    login: str
    name: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    session_ends_at: datetime | None


def profile_of(tx: Tx, actor: Actor) -> Profile:
    """The caller's own data."""
    user = store.user(tx, actor.user_id)
    if user is None:
        raise Unauthenticated
    session = store.read_session(tx, actor.session_id) if actor.session_id else None
    return Profile(
        user_id=user.id,
        organisation_id=user.organisation_id,
        login=user.login,
        name=user.name,
        roles=tuple(user.roles),
        permissions=tuple(sorted(actor.permissions)),
        session_ends_at=session.ends_at if session else None,
    )
