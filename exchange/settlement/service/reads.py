"""Deals as their parties, the manager and the exchange's watchers read them."""

from collections.abc import Collection

from exchange.access.actor import Actor
from exchange.infra.database import Tx
from exchange.settlement.deal import DealStatus
from exchange.settlement.errors import DealNotFound
from exchange.settlement.service.progress import lock_deal, parties_of
from exchange.settlement.store import deals as store
from exchange.settlement.tables.deals import DealRow as DealRow

READ = "deals:read"


def deal_of(tx: Tx, actor: Actor, deal_id: str) -> DealRow:
    """A deal the caller may follow; for others it does not exist."""
    actor.require(READ)
    row = store.deal(tx, deal_id)
    if row is None or not may_follow(actor, row):
        raise DealNotFound
    return row


def locked_deal_of(tx: Tx, actor: Actor, deal_id: str) -> DealRow:
    """A deal the caller may follow, locked with its listing; for others it does not exist."""
    deal_of(tx, actor, deal_id)
    return lock_deal(tx, deal_id)


def may_follow(actor: Actor, row: DealRow) -> bool:
    """Its buyer, its seller, the fund's manager, and whoever watches the market."""
    return actor.sees_everything or actor.organisation_id in parties_of(row)


def deals_of(
    tx: Tx,
    actor: Actor,
    *,
    listing_id: str | None = None,
    statuses: Collection[DealStatus] = (),
    before: str | None = None,
    limit: int = 50,
) -> list[DealRow]:
    """Deals the caller may follow, newest first."""
    actor.require(READ)
    own = None if actor.sees_everything else actor.organisation_id
    return store.deals(tx, organisation_id=own, listing_id=listing_id, statuses=statuses, before=before, limit=limit)
