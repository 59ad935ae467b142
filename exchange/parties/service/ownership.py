"""Edges of the ownership graph, entered by operators; every change rewrites the standing of all below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.money import PPM
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import store
from exchange.parties.errors import OrganisationNotFound, OwnItself, RecordDates, ShareTooLarge
from exchange.parties.relations import Behind, beneficial_owners, ultimate_owners
from exchange.parties.service.organisations import PERMISSION, locked, organisation_of
from exchange.parties.service.standings import refresh_downstream, standings_of
from exchange.parties.tables import OwnershipRow
from exchange.rulebook.service import DEFAULT_PROFILE, profile


@dataclass(frozen=True, slots=True)
class OwnershipProof:
    """Who holds how much of the organisation. ``owner_id`` names an organisation or a person known before."""

    owner_id: str | None
    owner_name: str
    share_ppm: int
    as_of: date
    evidence: str


@dataclass(frozen=True, slots=True)
class BeneficialOwner:
    """Somebody at or above the profile's share, through all chains together."""

    owner_id: str
    share_ppm: int


def record_owner(tx: Tx, actor: Actor, now: datetime, organisation_id: str, proof: OwnershipProof) -> OwnershipRow:
    """Record an owner of an organisation. A natural person without an id gets one.

    ShareTooLarge (409) when the direct owners would hold more than the whole.
    """
    actor.require(PERMISSION)
    store.lock_graph(tx)
    locked(tx, actor, organisation_id)
    today = market_date(now)
    if proof.as_of > today:
        raise RecordDates(days=0)
    owner_id = _owner_id(tx, organisation_id, proof)
    held = sum(row.share_ppm for row in store.owners_of(tx, organisation_id, today))
    if held + proof.share_ppm > PPM:
        raise ShareTooLarge
    row = OwnershipRow(
        id=new_id("ownership"),
        owner_id=owner_id,
        owner_name=proof.owner_name,
        owned_id=organisation_id,
        share_ppm=proof.share_ppm,
        as_of=proof.as_of,
        evidence=proof.evidence,
    )
    store.add(tx, row)
    data = {"ownership_id": row.id, "owner_id": owner_id, "share_ppm": row.share_ppm}
    emit(tx, now, Event("ownership.recorded", organisation_id, data=data), actor_id=actor.user_id)
    refresh_downstream(tx, organisation_id)
    return row


def _owner_id(tx: Tx, organisation_id: str, proof: OwnershipProof) -> str:
    if proof.owner_id is None:
        return new_id("person")
    if proof.owner_id == organisation_id:
        raise OwnItself
    if proof.owner_id.startswith("org_") and store.organisation(tx, proof.owner_id) is None:
        raise OrganisationNotFound
    return proof.owner_id


def end_ownership(tx: Tx, actor: Actor, now: datetime, organisation_id: str, ownership_id: str) -> OwnershipRow:
    """An owner holds no longer, from today. Ending it again changes nothing."""
    actor.require(PERMISSION)
    store.lock_graph(tx)
    row = store.ownership(tx, ownership_id)
    if row is None or row.owned_id != organisation_id:
        raise OrganisationNotFound
    if row.ended_on is None:
        row.ended_on = market_date(now)
        tx.flush()
        data = {"ownership_id": row.id, "owner_id": row.owner_id}
        emit(tx, now, Event("ownership.ended", organisation_id, data=data), actor_id=actor.user_id)
        refresh_downstream(tx, organisation_id)
    return row


def owners_of(tx: Tx, actor: Actor, now: datetime, organisation_id: str) -> Sequence[OwnershipRow]:
    """Direct owners of an organisation the caller may see."""
    organisation_of(tx, actor, organisation_id)
    return store.owners_of(tx, organisation_id, market_date(now))


def beneficial_owners_of(tx: Tx, actor: Actor, now: datetime, organisation_id: str) -> list[BeneficialOwner]:
    """Owners at or above the profile's share (25 %), through all chains together."""
    organisation_of(tx, actor, organisation_id)
    today = market_date(now)
    threshold = profile(DEFAULT_PROFILE, today).beneficial_owner_ppm.value
    found = beneficial_owners(store.upstream(tx, organisation_id, today), organisation_id, threshold)
    return [BeneficialOwner(owner, share) for owner, share in found.items()]


def behind_of(tx: Tx, now: datetime, organisation_ids: Sequence[str]) -> dict[str, Behind]:
    """Who ultimately stands behind each organisation as recorded today (R-23, R-24); for other services."""
    edges = store.upstream_of_all(tx, organisation_ids, market_date(now))
    everybody = {*organisation_ids, *(edge.owned_id for edge in edges)}
    today = market_date(now)
    standings = standings_of(tx, sorted(everybody))
    ends = frozenset(each for each, standing in standings.items() if not standing.is_looked_through(today))
    return {organisation_id: ultimate_owners(edges, organisation_id, ends) for organisation_id in organisation_ids}
