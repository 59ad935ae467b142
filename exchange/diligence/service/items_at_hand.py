"""Items with what is asked for and who stands around them, locked for a command.

Order of locks: account items, then checklists by listing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.diligence.duty import ACCOUNT_ROLES, Caller, Sides, providing, reviewing, sides_of_account, waiving
from exchange.diligence.errors import ChecklistNotFound
from exchange.diligence.item import ItemScope
from exchange.diligence.service.derivation import ensure_account
from exchange.diligence.service.moves import audience_of
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.service.templates import template
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.diligence.template import ItemSpec
from exchange.infra.database import Tx
from exchange.parties import service as parties


@dataclass(frozen=True, slots=True)
class Item:
    """An item with what is asked for and who stands around it."""

    row: ChecklistItemRow
    spec: ItemSpec
    sides: Sides

    @property
    def audience(self) -> tuple[str, ...]:
        """Who may read what happens to it."""
        return audience_of(self.row, self.spec, self.sides)


def caller_of(actor: Actor) -> Caller:
    """The caller as duties know it."""
    return Caller(actor.organisation_id, is_exchange=Role.OPERATOR in actor.roles)


def is_concerned(row: ChecklistItemRow, spec: ItemSpec, sides: Sides, actor: Actor) -> bool:
    """Whether the item exists for the caller as one that it may have a part in."""
    own = {row.organisation_id} if row.organisation_id else {sides.seller, sides.manager}
    duties = (*providing(spec, sides), *reviewing(spec, sides, None), *waiving(spec, sides))
    return (
        actor.sees_everything
        or actor.organisation_id in own
        or any(duty.organisation_id == actor.organisation_id for duty in duties)
    )


def account_items_of(tx: Tx, actor: Actor, now: datetime, organisation_id: str) -> Mapping[str, Item]:
    """The account items of the caller's organisation (operators: of any), locked, by code."""
    if organisation_id != actor.organisation_id and Role.OPERATOR not in actor.roles:
        raise ChecklistNotFound
    kind = parties.organisation_of(tx, actor, organisation_id).kind
    current = template()
    rows = ensure_account(tx, now, current, organisation_id, ACCOUNT_ROLES[kind], lock="update")
    sides = sides_of_account(organisation_id)
    return {code: Item(row, current.account_items[code], sides) for code, row in rows.items()}


def listing_items_of(tx: Tx, actor: Actor, listing_id: str, organisation_id: str | None) -> Mapping[str, Item]:
    """The items of a listing and, where one is meant, of a bidder, under the checklist\'s lock, by code."""
    if not store.lock_checklists(tx, [listing_id]):
        raise ChecklistNotFound
    position = positions(tx, [listing_id], [])[listing_id]
    is_bidder = _stands_as_bidder(tx, position, actor)
    sides = {position.checklist.seller_organisation_id, position.checklist.manager_organisation_id}
    clients = position.clients_of(actor.organisation_id)
    # A firm at work for a bidder acts for that bidder's items alone.
    own = sorted(clients - sides) + ([actor.organisation_id] if is_bidder else [])
    is_insider = actor.sees_everything or actor.organisation_id in sides or bool(clients & sides)
    if not is_insider and (not own or organisation_id not in {None, *own}):
        raise ChecklistNotFound
    owner = organisation_id or (own[0] if own else None)
    if owner is not None:
        position = positions(tx, [listing_id], [owner])[listing_id]
    rows = {**position.items[None], **(position.items[owner] if owner else {})}
    return {code: Item(row, position.spec(row), position.sides_of(row)) for code, row in rows.items()}


def _stands_as_bidder(tx: Tx, position: Position, actor: Actor) -> bool:
    rows = store.clearances(tx, [position.checklist.listing_id])
    return any(row.organisation_id == actor.organisation_id for row in rows)


def locked_items(tx: Tx, item_ids: Sequence[str]) -> dict[str, Item]:
    """Items by id, under their locks; those that do not exist are absent."""
    known = store.items_by_id(tx, item_ids)
    account_ids = [row.id for row in known if row.scope is ItemScope.ACCOUNT]
    listing_ids = sorted({row.listing_id for row in known if row.listing_id})
    store.items_by_id(tx, account_ids, lock=True)
    store.lock_checklists(tx, listing_ids)
    bidders = sorted({row.organisation_id for row in known if row.organisation_id and row.listing_id})
    found = positions(tx, listing_ids, bidders)
    current = template()
    items = {}
    for row in store.items_by_id(tx, item_ids):
        if row.listing_id is None:
            sides = sides_of_account(str(row.organisation_id))
            items[row.id] = Item(row, current.account_items[row.code], sides)
        else:
            position = found[row.listing_id]
            items[row.id] = Item(row, position.spec(row), position.sides_of(row))
    return items
