"""The first operators. Two persons must decide, so somebody has to be there before anybody can be admitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import SYSTEM
from exchange.access.roles import Role
from exchange.access.service import users
from exchange.access.service.passwords import demand_strength, hash_password
from exchange.core.events import Event
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import store
from exchange.parties.errors import AlreadyFounded
from exchange.parties.lifecycle import ORGANISATION, OrganisationEvent
from exchange.parties.service.organisations import Application, enter
from exchange.parties.service.standings import refresh_standing


@dataclass(frozen=True, slots=True)
class Founder:
    """A first operator."""

    login: str
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Founded:
    """The operator organisation and the ids of its first users, in the order given."""

    organisation_id: str
    user_ids: tuple[str, ...]


def found(tx: Tx, now: datetime, operator: Application, founders: Sequence[Founder]) -> Founded:
    """Enter the operator organisation with at least two users, once in the life of an exchange.

    AlreadyFounded (409) ever after: from then on two persons admit everybody.
    """
    store.lock_graph(tx)
    if store.has_operator(tx):
        raise AlreadyFounded
    if len({founder.login for founder in founders}) < 2:
        raise ValueError("an exchange begins with at least two operators")
    row = enter(tx, now, operator, entered_by=SYSTEM.user_id)
    row.status = advance(ORGANISATION, row.status, OrganisationEvent.APPROVE)
    tx.flush()
    refresh_standing(tx, row.id)
    emit(tx, now, Event("organisation.approved", row.id, audience=(row.id,)), actor_id=SYSTEM.user_id)
    ids = []
    for founder in founders:
        demand_strength(founder.password, founder.login)
        user = users.enrol(
            tx,
            now,
            organisation_id=row.id,
            login=founder.login,
            name=founder.name,
            password_hash=hash_password(founder.password),
            roles=[Role.OPERATOR],
            entered_by=SYSTEM.user_id,
        )
        ids.append(user.id)
    return Founded(row.id, tuple(ids))
