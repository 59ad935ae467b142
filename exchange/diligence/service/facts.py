"""Facts of a deal: what the registers answer about a bidder, and what a side declares."""

from collections.abc import Mapping
from datetime import datetime

from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.ids import new_id
from exchange.core.terms import BuyerClass
from exchange.custody import service as custody
from exchange.diligence.duty import SYSTEM_ID
from exchange.diligence.errors import FactOfTheRegisters, FactUnknown
from exchange.diligence.service.positions import Position
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import ChecklistFactRow
from exchange.diligence.template import FactScope, FactSource, Template
from exchange.infra.database import Tx
from exchange.parties import service as parties
from exchange.parties.standing import Standing


def check_register_facts(template: Template, facts: Mapping[str, bool]) -> None:
    """FACT_UNKNOWN (422) for a name that is no fact of the registers about a listing."""
    for name in facts:
        spec = template.facts.get(name)
        if spec is None or spec.source is not FactSource.REGISTER or spec.scope is not FactScope.LISTING:
            raise FactUnknown(fact=name)


def check_declared_facts(template: Template, facts: Mapping[str, bool], scope: FactScope) -> None:
    """FACT_UNKNOWN or FACT_OF_THE_REGISTERS (422) for a name that is not declared for this scope."""
    for name in facts:
        spec = template.facts.get(name)
        field = (FieldError(f"/facts/{name[:60]}", "FACT_UNKNOWN", {"fact": name[:60]}),)
        if spec is None or spec.scope is not scope:
            raise FactUnknown(fact=name[:60], fields=field)
        if spec.source is not FactSource.DECLARED:
            raise FactOfTheRegisters(fact=name, fields=field)


def bidder_facts(tx: Tx, now: datetime, position: Position, organisation_id: str) -> dict[str, bool]:
    """What the registers say of a bidder: its class, who owns it, relations to the other side, its own holding."""
    checklist = position.checklist
    others = [checklist.seller_organisation_id, checklist.manager_organisation_id]
    standings = parties.standings_of(tx, [organisation_id, *others])
    own = standings.get(organisation_id, Standing(organisation_id))
    buyer_class = own.class_on(market_date(now))
    key = (checklist.fund_id, organisation_id)
    held = custody.current_holdings(tx, [key]).get(key)
    return {
        "buyer_product": buyer_class is BuyerClass.EQUITY_FUND,
        "buyer_guidance_fund": buyer_class is BuyerClass.GUIDANCE_FUND,
        "buyer_state_owned": parties.is_state_owned(tx, organisation_id),
        "buyer_related": any(own.is_related_to(standings[other]) for other in others if other in standings),
        "buyer_existing_lp": held is not None and held.subscribed_minor > 0,
    }


def state(
    tx: Tx, now: datetime, position: Position, organisation_id: str | None, facts: Mapping[str, bool], user_id: str
) -> dict[str, bool]:
    """Keep stated facts; those that changed."""
    known = position.stated[organisation_id]
    changed = {name: value for name, value in facts.items() if name not in known or known[name].value != value}
    added = []
    for name, value in changed.items():
        if name in known:
            known[name].value = value
            known[name].declared_by = user_id
            known[name].declared_at = now
        else:
            known[name] = ChecklistFactRow(
                id=new_id("checklist_fact"),
                listing_id=position.checklist.listing_id,
                organisation_id=organisation_id,
                name=name,
                value=value,
                declared_by=user_id,
                declared_at=now,
            )
            added.append(known[name])
    store.add(tx, added)
    return changed


def restate_bidder(tx: Tx, now: datetime, position: Position, organisation_id: str) -> dict[str, bool]:
    """Keep what the registers say of a bidder now; those facts that changed."""
    found = bidder_facts(tx, now, position, organisation_id)
    return state(tx, now, position, organisation_id, found, SYSTEM_ID)
