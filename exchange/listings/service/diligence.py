"""The listing's side of its checklist: it is begun with the draft, told what the registers say, and asked at each step.

The gates themselves stand in diligence; a shut one refuses the step with the list of what is missing and from whom.
"""

from collections.abc import Mapping
from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.money import PPM, divide_half_up
from exchange.core.quantity import NavBasis
from exchange.custody import service as custody
from exchange.diligence.gate import Gate
from exchange.diligence.service import checklists, gates
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.listings.evidence import ListingEvidence, register_facts
from exchange.listings.service.facts import filed_value
from exchange.listings.tables import ListingRow
from exchange.parties import service as parties
from exchange.rulebook import service as rulebook

STATE_OWNED_TYPE = "lp_transfer_state_owned"
PRIVATE_TYPE = "lp_transfer"


def begin(tx: Tx, now: datetime, row: ListingRow) -> None:
    """Open the checklist of a new draft: of a state-owned or of a private transfer of an interest."""
    subject = checklists.ListingSubject(
        listing_id=row.id,
        fund_id=row.fund_id,
        profile=row.profile,
        seller_organisation_id=row.seller_organisation_id,
        manager_organisation_id=funds.fund_facts(tx, row.fund_id).manager_organisation_id,
        transaction_type=STATE_OWNED_TYPE if row.seller_is_state_owned else PRIVATE_TYPE,
        is_simulated=row.is_simulated,
    )
    checklists.open_checklist(tx, now, subject, facts_now(tx, row, now))


def restate(tx: Tx, now: datetime, row: ListingRow) -> None:
    """Tell the checklist what the registers say now; it derives its items anew and deletes none."""
    checklists.restate_facts(tx, now, listing_id=row.id, register_facts=facts_now(tx, row, now))


def pass_gate(tx: Tx, actor: Actor, now: datetime, row: ListingRow, gate: Gate) -> None:
    """Take a listing through one of its gates. GATE_BLOCKED names everything that keeps it shut."""
    restate(tx, now, row)
    gates.pass_gate(tx, actor, now, listing_id=row.id, gate=gate)


def facts_now(tx: Tx, row: ListingRow, now: datetime) -> Mapping[str, bool]:
    """The facts of a listing as the registers answer them at this moment."""
    today = market_date(now)
    profile = rulebook.profile(row.profile, today)
    fund = funds.fund_facts(tx, row.fund_id)
    nav = funds.nav_statement_facts(tx, row.nav_statement_id)
    largest, net_assets = _positions(tx, row.fund_id, today)
    seller = parties.standings_of(tx, [row.seller_organisation_id])[row.seller_organisation_id]
    basis = NavBasis(nav.nav_minor, nav.subscribed_minor)
    found = ListingEvidence(
        mode=row.mode,
        seller_is_state_owned=row.seller_is_state_owned,
        seller_class=seller.class_on(today),
        unfunded_minor=custody.holding_facts(tx, row.holding_id).unfunded_minor,
        deposit_ppm=profile.deposit_ppm.value,
        total_minor=basis.value_minor(row.amount_minor, row.price_ppm),
        large_deal_minor=profile.large_deal_minor.value.get(fund.currency),
        filed_value_minor=filed_value(tx, row, now),
        approval_below_ppm=profile.state_owned_relist_floor_ppm.value,
        largest_position_minor=largest,
        net_assets_minor=net_assets,
        concentration_ppm=profile.concentration_ppm.value,
    )
    return register_facts(found)


def _positions(tx: Tx, fund_id: str, today: date) -> tuple[int | None, int | None]:
    """The fund's largest position and its net assets by its newest schedule; nothing when it reported none."""
    found = funds.latest_schedule(tx, fund_id, today)
    if found is None:
        return None, None
    owned = [divide_half_up(line.owned_ppm * line.fair_value_minor, PPM) for line in found.investments]
    balance = found.row.cash_minor + found.row.other_assets_minor - found.row.debt_minor - found.row.fees_payable_minor
    return max(owned, default=None), sum(owned) + balance
