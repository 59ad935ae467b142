"""Where listings stand: everything that a verdict on their gates needs, read set-wise for many listings at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from exchange.diligence.duty import Sides, sides_of_account
from exchange.diligence.finding import FindingState, Severity
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemScope, ItemState, PartyRole
from exchange.diligence.service.templates import template
from exchange.diligence.store import checklists as store
from exchange.diligence.store import findings as finding_store
from exchange.diligence.tables.checklists import (
    BidClearanceRow,
    ChecklistFactRow,
    ChecklistItemRow,
    ChecklistRow,
    FindingRow,
)
from exchange.diligence.template import ItemSpec, Template
from exchange.diligence.verdict import OpenFinding, Standing, clear_until
from exchange.infra.database import Tx

Rows = dict[str, ChecklistItemRow]


@dataclass
class Position:
    """A listing's checklist with its items, facts, passed gates, findings and the parties' account items.

    Rows are kept by organisation; None is the listing itself.
    """

    checklist: ChecklistRow
    template: Template
    items: dict[str | None, Rows] = field(default_factory=lambda: defaultdict(dict))
    accounts: dict[str, Rows] = field(default_factory=lambda: defaultdict(dict))
    stated: dict[str | None, dict[str, ChecklistFactRow]] = field(default_factory=lambda: defaultdict(dict))
    passages: dict[str | None, set[Gate]] = field(default_factory=lambda: defaultdict(set))
    findings: list[FindingRow] = field(default_factory=list)
    clearances: dict[str, BidClearanceRow] = field(default_factory=dict)
    advisers: dict[PartyRole, tuple[str, ...]] = field(default_factory=dict)

    def facts(self, organisation_id: str | None) -> dict[str, bool]:
        """Every fact of the listing and, with an organisation, of this bidder."""
        stated = dict(self.checklist.register_facts)
        for owner in (None, organisation_id):
            stated |= {name: row.value for name, row in self.stated[owner].items()}
        return self.template.facts_with(stated)

    def specs(self) -> Mapping[str, ItemSpec]:
        """What a deal of its type asks for."""
        return self.template.deal_items(self.checklist.transaction_type)

    def spec(self, row: ChecklistItemRow) -> ItemSpec:
        """What an item of it asks for."""
        return self.template.spec(self.checklist.transaction_type, row.code)

    def sides(self, organisation_id: str | None) -> Sides:
        """Who stands around an item of the listing or of one bidder."""
        seller, manager = self.checklist.seller_organisation_id, self.checklist.manager_organisation_id
        return Sides(seller, manager, organisation_id, self.advisers)

    def sides_of(self, row: ChecklistItemRow) -> Sides:
        """Who stands around an item."""
        if row.scope is ItemScope.ACCOUNT:
            return sides_of_account(str(row.organisation_id))
        return self.sides(row.organisation_id)

    def passed(self, organisation_id: str | None) -> frozenset[Gate]:
        """The gates that the listing and this bidder have behind them. Who takes part in a deal was admitted before."""
        return frozenset({Gate.ONBOARD} | self.passages[None] | self.passages[organisation_id])

    def standings(self, organisation_id: str | None) -> list[Standing]:
        """Every item that counts before the listing's gates or, with an organisation, before this bidder's."""
        facts = self.facts(organisation_id)
        found = self._accounts(organisation_id)
        for spec in self.specs().values():
            if spec.scope is ItemScope.LISTING:
                found.append(self._standing(spec, None, is_required=spec.is_required(facts)))
            elif organisation_id is not None:
                found.append(self._standing(spec, organisation_id, is_required=spec.is_required(facts)))
        return found

    def blocking(self, organisation_id: str | None) -> list[OpenFinding]:
        """Open blocking findings about the listing or about this bidder."""
        codes = {row.id: row.code for rows in self.items.values() for row in rows.values()}
        found = []
        for row in self.findings:
            concerns = row.organisation_id is None or row.organisation_id == organisation_id
            if concerns and row.severity is Severity.BLOCK and row.state is FindingState.OPEN:
                code = codes.get(row.item_id or "")
                spec = self.template.spec(self.checklist.transaction_type, code) if code else None
                gate = spec.gate if spec else None
                found.append(OpenFinding(row.id, row.code, row.opened_at, code, gate, row.organisation_id))
        return found

    def clear_until(self, organisation_id: str, today: date) -> date | None:
        """The last day on which a bidder may bid; None when it may not today."""
        return clear_until(
            self.standings(organisation_id),
            passed=self.passed(organisation_id),
            findings=self.blocking(organisation_id),
            today=today,
        )

    def _accounts(self, organisation_id: str | None) -> list[Standing]:
        parties_to_it = [
            (PartyRole.SELLER, self.checklist.seller_organisation_id),
            (PartyRole.GP, self.checklist.manager_organisation_id),
        ]
        if organisation_id is not None:
            parties_to_it.append((PartyRole.BUYER, organisation_id))
        wanted = {
            (organisation, spec.code): spec
            for role, organisation in parties_to_it
            for spec in self.template.account_items.values()
            if role in spec.providers
        }
        return [
            account_standing(spec, organisation, self.accounts[organisation].get(spec.code), is_required=True)
            for (organisation, _), spec in wanted.items()
        ]

    def _standing(self, spec: ItemSpec, organisation_id: str | None, *, is_required: bool) -> Standing:
        row = self.items[organisation_id].get(spec.code)
        return _standing_of(spec, row, self.sides(organisation_id), organisation_id, is_required=is_required)


def account_standing(
    spec: ItemSpec, organisation_id: str, row: ChecklistItemRow | None, *, is_required: bool
) -> Standing:
    """An account item of a participant as it stands; without a row nobody asked for it yet."""
    return _standing_of(spec, row, sides_of_account(organisation_id), organisation_id, is_required=is_required)


def _standing_of(
    spec: ItemSpec, row: ChecklistItemRow | None, sides: Sides, organisation_id: str | None, *, is_required: bool
) -> Standing:
    return Standing(
        spec=spec,
        scope=spec.scope,
        sides=sides,
        state=row.state if row else ItemState.NOT_REQUESTED,
        is_required=is_required,
        organisation_id=organisation_id,
        item_id=row.id if row else None,
        since=row.state_since_at if row else None,
        valid_until=row.valid_until if row else None,
        provider_organisation_id=row.provider_organisation_id if row else None,
    )


def positions(tx: Tx, listing_ids: Sequence[str], organisation_ids: Sequence[str] | None = None) -> dict[str, Position]:
    """Where listings stand; with organisations, only these bidders' items are read. A fixed number of queries."""
    tx.flush()
    found = {row.listing_id: Position(row, template(row.template_version)) for row in store.checklists(tx, listing_ids)}
    if not found:
        return {}
    known = list(found)
    for item in store.items_of_listings(tx, known, organisation_ids):
        found[str(item.listing_id)].items[item.organisation_id][item.code] = item
    for fact in store.facts(tx, known):
        found[fact.listing_id].stated[fact.organisation_id][fact.name] = fact
    for passage in store.passages(tx, known):
        found[passage.listing_id].passages[passage.organisation_id].add(passage.gate)
    for finding in finding_store.findings(tx, known, FindingState.OPEN):
        found[finding.listing_id].findings.append(finding)
    for clearance in store.clearances(tx, known):
        if organisation_ids is None or clearance.organisation_id in organisation_ids:
            found[clearance.listing_id].clearances[clearance.organisation_id] = clearance
    for listing_id, kind, firm in store.engaged_firms(tx, known):
        if kind in set(PartyRole):
            held = found[listing_id].advisers
            held[PartyRole(kind)] = (*held.get(PartyRole(kind), ()), firm)
    _read_accounts(tx, found.values(), organisation_ids or ())
    return found


def _read_accounts(tx: Tx, found: Iterable[Position], organisation_ids: Iterable[str]) -> None:
    known = list(found)
    wanted = set(organisation_ids)
    for position in known:
        wanted |= {position.checklist.seller_organisation_id, position.checklist.manager_organisation_id}
        wanted |= position.clearances.keys()
    rows: dict[str, Rows] = defaultdict(dict)
    for row in store.account_items(tx, wanted):
        rows[str(row.organisation_id)][row.code] = row
    for position in known:
        position.accounts = rows
