"""Which items of a listing an engagement may feed, and which papers of the room its client may open to an adviser."""

from collections.abc import Mapping, Sequence

from exchange.core.errors import FieldError
from exchange.diligence.conflicts import SELL_SIDE
from exchange.diligence.engagement import ROLES, AdviserKind
from exchange.diligence.item import ItemScope, Visibility
from exchange.diligence.service.engagements.matter import side_of
from exchange.diligence.service.templates import template
from exchange.diligence.store import advice_grants
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.diligence.template import ItemSpec
from exchange.infra.database import Tx

FOR_EVERY_BIDDER = frozenset({Visibility.PUBLIC, Visibility.QUALIFIED, Visibility.NDA})


def item_specs(checklist: ChecklistRow) -> Mapping[str, ItemSpec]:
    """What a deal of the listing's type asks for, by code, as its version of the template says."""
    return template(checklist.template_version).deal_items(checklist.transaction_type)


def feeding_faults(
    checklist: ChecklistRow, kind: AdviserKind, client_id: str, codes: Sequence[str]
) -> list[FieldError]:
    """Items that this kind of adviser does not provide, or not for this client.

    The sellers' adviser feeds the items of the listing, a bidder's adviser those of the bidder.
    """
    specs = item_specs(checklist)
    scope = ItemScope.LISTING if side_of(checklist, client_id) == SELL_SIDE else ItemScope.BIDDER
    return [
        FieldError(f"/item_codes/{place}", "ITEM_CODE_NOT_FED", {"code": code})
        for place, code in enumerate(codes)
        if code in specs and (ROLES.get(kind) not in specs[code].providers or specs[code].scope is not scope)
    ]


def room_faults(tx: Tx, checklist: ChecklistRow, client_id: str, codes: Sequence[str]) -> list[FieldError]:
    """Papers a client cannot open: those for the exchange alone, those of single bidders, and for a bidder what it may
    not see itself. Codes the template does not have are left out."""
    allowed = _visibilities(tx, checklist, client_id)
    specs = item_specs(checklist)
    return [
        FieldError(f"/room_codes/{place}", "ROOM_CODE_NOT_YOURS", {"code": code})
        for place, code in enumerate(codes)
        if code in specs and (specs[code].scope is not ItemScope.LISTING or specs[code].visibility not in allowed)
    ]


def _visibilities(tx: Tx, checklist: ChecklistRow, client_id: str) -> frozenset[Visibility]:
    if side_of(checklist, client_id) == SELL_SIDE:
        return frozenset(Visibility) - {Visibility.EXCHANGE_ONLY}
    room = advice_grants.room_of_listing(tx, checklist.listing_id)
    if room is not None and client_id in room.winners:
        return FOR_EVERY_BIDDER | {Visibility.SHORTLIST, Visibility.PARTIES}
    if room is not None and client_id in room.shortlisted:
        return FOR_EVERY_BIDDER | {Visibility.SHORTLIST}
    return FOR_EVERY_BIDDER
