"""Opening checklists of listings and of their bidders, and the facts that decide what is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.core.events import Event
from exchange.diligence.duty import SYSTEM_ID
from exchange.diligence.errors import ChecklistNotFound, TemplateNotFound, TypeFixed
from exchange.diligence.gate import Gate
from exchange.diligence.item import PartyRole
from exchange.diligence.service import facts as fact_service
from exchange.diligence.service.clearances import write_clearances
from exchange.diligence.service.derivation import derive, ensure_account
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.service.templates import CURRENT_VERSION, template
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import BidClearanceRow, ChecklistRow
from exchange.diligence.template import FactScope
from exchange.infra.database import Tx
from exchange.infra.outbox import emit, emit_all

PERMISSION = "facts:write"


@dataclass(frozen=True, slots=True)
class ListingSubject:
    """What a checklist is about: a listing with its fund, its parties and its type of transaction."""

    listing_id: str
    fund_id: str
    profile: str
    seller_organisation_id: str
    manager_organisation_id: str
    transaction_type: str
    is_simulated: bool = False


def open_checklist(tx: Tx, now: datetime, subject: ListingSubject, register_facts: Mapping[str, bool]) -> ChecklistRow:
    """Begin the checklist of a listing under the current template; one that is there gets its register facts anew.

    TEMPLATE_NOT_FOUND (404) for an unknown type, FACT_UNKNOWN (422) for a fact that the registers do not answer.
    """
    current = template()
    if subject.transaction_type not in current.types:
        raise TemplateNotFound
    fact_service.check_register_facts(current, register_facts)
    if store.checklist(tx, subject.listing_id) is not None:
        return restate_facts(tx, now, listing_id=subject.listing_id, register_facts=register_facts)
    ensure_account(tx, now, current, subject.seller_organisation_id, [PartyRole.SELLER])
    ensure_account(tx, now, current, subject.manager_organisation_id, [PartyRole.GP])
    row = ChecklistRow(
        listing_id=subject.listing_id,
        fund_id=subject.fund_id,
        transaction_type=subject.transaction_type,
        template_version=CURRENT_VERSION,
        profile=subject.profile,
        seller_organisation_id=subject.seller_organisation_id,
        manager_organisation_id=subject.manager_organisation_id,
        register_facts=dict(register_facts),
        is_simulated=subject.is_simulated,
        created_at=now,
    )
    store.add(tx, [row])
    codes = derive(tx, now, _locked(tx, subject.listing_id))
    data = {
        "transaction_type": row.transaction_type,
        "template_version": row.template_version,
        "items": ", ".join(codes),
    }
    emit(tx, now, Event("checklist.opened", row.listing_id, _audience(row), data, listing_id=row.listing_id))
    return row


def restate_facts(tx: Tx, now: datetime, *, listing_id: str, register_facts: Mapping[str, bool]) -> ChecklistRow:
    """Keep what the registers say of a listing now, and derive its items anew."""
    position = _locked(tx, listing_id)
    row = position.checklist
    fact_service.check_register_facts(position.template, register_facts)
    changed = {name: value for name, value in register_facts.items() if row.register_facts.get(name) is not value}
    if changed:
        row.register_facts = {**row.register_facts, **register_facts}
        _derive_again(tx, now, position, None, changed, SYSTEM_ID)
    return row


def declare_facts(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    listing_id: str,
    facts: Mapping[str, bool],
    transaction_type: str | None = None,
    organisation_id: str | None = None,
) -> ChecklistRow:
    """Declare facts of the listing (its sides, operators) or of a bidder (itself, operators); maybe change the type.

    FACT_UNKNOWN, FACT_OF_THE_REGISTERS (422); TRANSACTION_TYPE_FIXED (409) once the listing was submitted.
    """
    actor.require(PERMISSION)
    position = _locked(tx, listing_id)
    is_operator = Role.OPERATOR in actor.roles
    is_side = actor.organisation_id in own_sides(position.checklist)
    if organisation_id is None and not (is_operator or is_side):
        organisation_id = actor.organisation_id
    if organisation_id is not None:
        is_own = organisation_id == actor.organisation_id or is_operator
        if not is_own or organisation_id not in position.clearances:
            raise ChecklistNotFound
    scope = FactScope.LISTING if organisation_id is None else FactScope.BIDDER
    fact_service.check_declared_facts(position.template, facts, scope)
    changed: dict[str, bool | str] = dict(fact_service.state(tx, now, position, organisation_id, facts, actor.user_id))
    if transaction_type is not None and transaction_type != position.checklist.transaction_type:
        _change_type(position, transaction_type, organisation_id)
        changed["transaction_type"] = transaction_type
    if changed:
        _derive_again(tx, now, position, organisation_id, changed, actor.user_id)
    return position.checklist


def open_bidder(tx: Tx, now: datetime, listing_id: str, organisation_id: str) -> BidClearanceRow:
    """Begin the items of a bidder, or bring what the registers say of it up to date. Its clearance stands from now on.

    CHECKLIST_NOT_FOUND (404) when the listing has none, or the organisation sells in it.
    """
    return open_bidders(tx, now, listing_id, [organisation_id])[organisation_id]


def open_bidders(tx: Tx, now: datetime, listing_id: str, organisation_ids: Sequence[str]) -> dict[str, BidClearanceRow]:
    """Begin the items of several bidders at once, as ``open_bidder`` does for one; their clearances."""
    known = store.checklist(tx, listing_id)
    if known is None or known.seller_organisation_id in organisation_ids:
        raise ChecklistNotFound
    # Before the checklist's lock, and kept: a decision about these items meanwhile would not see the new clearance.
    for organisation_id in sorted(organisation_ids):
        ensure_account(tx, now, template(known.template_version), organisation_id, [PartyRole.BUYER])
    position = _locked(tx, listing_id)
    new = [each for each in organisation_ids if each not in position.clearances]
    if new:
        store.add(tx, [BidClearanceRow(listing_id=listing_id, organisation_id=each, computed_at=now) for each in new])
        position = positions(tx, [listing_id])[listing_id]
        emit_all(
            tx, now, [Event("checklist.bidder_opened", listing_id, (each,), {}, listing_id=listing_id) for each in new]
        )
    changed = [bool(fact_service.restate_bidder(tx, now, position, each)) for each in organisation_ids]
    if new or any(changed):
        derive(tx, now, position)
    write_clearances(now, [position])
    tx.flush()
    return {each: position.clearances[each] for each in organisation_ids}


def open_own(tx: Tx, actor: Actor, now: datetime, *, listing_id: str) -> BidClearanceRow:
    """Begin the caller's own items as a bidder of a published listing. CHECKLIST_NOT_FOUND (404) for another."""
    actor.require("diligence:submit")
    known = store.checklist(tx, listing_id)
    if known is None or not is_published(positions(tx, [listing_id], [])[listing_id]):
        raise ChecklistNotFound
    if actor.sees_everything or actor.organisation_id in own_sides(known):
        raise ChecklistNotFound
    return open_bidder(tx, now, listing_id, actor.organisation_id)


def stands_as_bidder(tx: Tx, listing_id: str, organisation_id: str) -> bool:
    """Whether an organisation began its items as a bidder of a listing."""
    return any(row.organisation_id == organisation_id for row in store.clearances(tx, [listing_id]))


def is_published(position: Position) -> bool:
    """Whether the listing was published: from then on every participant may learn of its papers."""
    return Gate.LIST_PUBLISH in position.passed(None)


def bidder_changed(tx: Tx, now: datetime, organisation_id: str) -> None:
    """What the registers say of an organisation has changed: bring it up to date wherever it stands as a bidder."""
    listing_ids = store.listing_ids_of(tx, organisation_id)
    store.lock_checklists(tx, listing_ids)
    for position in positions(tx, listing_ids).values():
        if organisation_id in position.clearances:
            if fact_service.restate_bidder(tx, now, position, organisation_id):
                derive(tx, now, position)
            write_clearances(now, [position])
    tx.flush()


def own_sides(checklist: ChecklistRow) -> frozenset[str]:
    """The organisations on the listing's side: who sells and who manages the fund."""
    return frozenset({checklist.seller_organisation_id, checklist.manager_organisation_id})


def _locked(tx: Tx, listing_id: str) -> Position:
    if not store.lock_checklists(tx, [listing_id]):
        raise ChecklistNotFound
    return positions(tx, [listing_id])[listing_id]


def _change_type(position: Position, transaction_type: str, organisation_id: str | None) -> None:
    if transaction_type not in position.template.types:
        raise TemplateNotFound
    if organisation_id is not None or Gate.LIST_SUBMIT in position.passed(None):
        raise TypeFixed
    position.checklist.transaction_type = transaction_type


def _derive_again(
    tx: Tx,
    now: datetime,
    position: Position,
    organisation_id: str | None,
    changed: Mapping[str, bool | str],
    user_id: str,
) -> None:
    row = position.checklist
    row.version += 1
    codes = derive(tx, now, position)
    write_clearances(now, [position])
    tx.flush()
    data = {"changed": ", ".join(f"{name}={str(value).lower()}" for name, value in sorted(changed.items()))}
    audience = _audience(row) if organisation_id is None else (organisation_id,)
    event = Event(
        "checklist.facts_changed",
        row.listing_id,
        audience,
        {**data, "items": ", ".join(codes), "organisation_id": organisation_id or ""},
        listing_id=row.listing_id,
    )
    emit(tx, now, event, actor_id=user_id)


def _audience(row: ChecklistRow) -> tuple[str, ...]:
    return tuple(sorted(own_sides(row)))
