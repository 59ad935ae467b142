"""Which advisers stand in which role on a listing; for the checklists of the listing and its bidders."""

from collections.abc import Mapping, Sequence

from exchange.diligence.engagement import AT_WORK, ROLES
from exchange.diligence.item import PartyRole
from exchange.diligence.store import engagements as store
from exchange.infra.database import Tx


def role_holders(tx: Tx, listing_id: str, organisation_id: str | None = None) -> Mapping[PartyRole, list[str]]:
    """Advisers at work by role (law, audit, appraisal, tax), those engaged first at the front.

    Those of the seller and the manager stand for the listing. With a bidder, those the bidder engaged stand before
    them; a bidder's adviser has no part in the papers of the listing or of anybody else.
    """
    return role_holders_of(tx, listing_id, [organisation_id])[organisation_id]


def role_holders_of(
    tx: Tx, listing_id: str, organisation_ids: Sequence[str | None]
) -> dict[str | None, Mapping[PartyRole, list[str]]]:
    """The same for the listing (None) and many of its bidders, read at once."""
    checklist = store.checklist(tx, listing_id)
    if checklist is None:
        return {each: {} for each in organisation_ids}
    sellers = {checklist.seller_organisation_id, checklist.manager_organisation_id}
    rows = [row for row in store.at_work(tx, listing_id, AT_WORK) if row.kind in ROLES]
    found: dict[str | None, Mapping[PartyRole, list[str]]] = {}
    for organisation_id in organisation_ids:
        own = [row for row in rows if row.client_organisation_id == organisation_id and organisation_id not in sellers]
        holders: dict[PartyRole, list[str]] = {}
        for row in own + [row for row in rows if row.client_organisation_id in sellers]:
            of_role = holders.setdefault(ROLES[row.kind], [])
            if row.adviser_organisation_id is not None and row.adviser_organisation_id not in of_role:
                of_role.append(row.adviser_organisation_id)
        found[organisation_id] = holders
    return found
