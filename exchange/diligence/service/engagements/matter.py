"""What an engagement is about, read from the registers: the client's side, the parties, the fund and its positions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange.core.clock import market_date
from exchange.diligence.advice_errors import NotAClientOfTheListing
from exchange.diligence.conflicts import (
    SELL_SIDE,
    EarlierValuation,
    Facts,
    Matter,
    OtherMandate,
    Party,
)
from exchange.diligence.engagement import ENGAGING, FeeBasis
from exchange.diligence.service.adviser_relations import known_relations
from exchange.diligence.store import engagements as store
from exchange.diligence.tables.advice import EngagementInvitationRow, EngagementRow
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.parties import service as parties
from exchange.rulebook.service import profile

POSITIONS = 10
"""So many of the largest positions of a fund count as those it is about."""


@dataclass(frozen=True, slots=True)
class ClientSide:
    """A listing's checklist and the side a client stands on: the sellers', or a bidder's own."""

    checklist: ChecklistRow
    side: str


def client_side(tx: Tx, listing_id: str, organisation_id: str) -> ClientSide:
    """Where an organisation stands in a listing. LISTING_NOT_FOUND when it has nothing to do with it."""
    checklist = store.checklist(tx, listing_id)
    if checklist is None:
        raise NotAClientOfTheListing
    side = side_of(checklist, organisation_id)
    if side != SELL_SIDE and organisation_id not in store.bidders(tx, listing_id):
        raise NotAClientOfTheListing
    return ClientSide(checklist, side)


def side_of(checklist: ChecklistRow, organisation_id: str) -> str:
    """Seller and manager are one side, every other organisation is its own."""
    sellers = {checklist.seller_organisation_id, checklist.manager_organisation_id}
    return SELL_SIDE if organisation_id in sellers else organisation_id


def names_of_the_matter(tx: Tx, now: datetime, checklist: ChecklistRow, client_id: str) -> frozenset[str]:
    """Every name that would tell an adviser what a request is about."""
    ids = {checklist.seller_organisation_id, checklist.manager_organisation_id, client_id}
    fund = funds.fund_facts(tx, checklist.fund_id)
    organisations = {name for names in parties.names_of(tx, sorted(ids)).values() for name in names}
    positions = {name for party in _positions(tx, checklist.fund_id, now) for name in party.names}
    return frozenset({fund.name, fund.code, checklist.listing_id, fund.id} | organisations | positions)


def facts_of(
    tx: Tx,
    now: datetime,
    row: EngagementRow,
    invitation: EngagementInvitationRow,
    *,
    fee_basis: FeeBasis | None = None,
) -> Facts:
    """All that the conflict rules ask for, of one adviser in one engagement, today."""
    checklist = store.checklists(tx, [row.listing_id])[row.listing_id]
    adviser_id = invitation.organisation_id
    matter = _matter(tx, now, row, checklist)
    mandates = [each for each in store.at_work(tx, row.listing_id, ENGAGING) if each.id != row.id]
    valuations = store.valuations_delivered(tx, checklist.fund_id, _since(now, matter), but=row.id)
    others = {str(each.adviser_organisation_id) for each in mandates}
    others |= {str(each.adviser_organisation_id) for each, _ in valuations}
    party_ids = _party_ids(tx, row, checklist)
    keys = _group_keys(tx, [adviser_id, *sorted(others), *party_ids])
    group = {each for each in others if keys[each] & keys[adviser_id]}
    names = parties.names_of(tx, sorted({*party_ids, *(each.client_organisation_id for each in mandates)}
                                        | {each.client_organisation_id for each, _ in valuations}))  # fmt: skip
    return Facts(
        matter=matter,
        adviser_id=adviser_id,
        group_keys=keys[adviser_id],
        has_declared_conflict=invitation.has_conflict is True,
        fee_basis=fee_basis,
        parties=frozenset(
            {
                *(Party(side_of(checklist, each), each, frozenset(names[each]), keys[each]) for each in party_ids),
                Party("", None, matter.fund_names),
                *_positions(tx, checklist.fund_id, now),
            }
        ),
        relations=known_relations(tx, adviser_id),
        valuations=frozenset(
            EarlierValuation(
                checklist.fund_id,
                each.client_organisation_id,
                names[each.client_organisation_id][0],
                market_date(report.delivered_at),
            )
            for each, report in valuations
            if each.adviser_organisation_id in group
        ),
        mandates=frozenset(
            OtherMandate(
                side_of(checklist, each.client_organisation_id),
                each.client_organisation_id,
                names[each.client_organisation_id][0],
            )
            for each in mandates
            if each.adviser_organisation_id in group
        ),
    )


def _matter(tx: Tx, now: datetime, row: EngagementRow, checklist: ChecklistRow) -> Matter:
    fund = funds.fund_facts(tx, checklist.fund_id)
    today = market_date(now)
    return Matter(
        kind=row.kind,
        client_id=row.client_organisation_id,
        client_side=side_of(checklist, row.client_organisation_id),
        fund_id=fund.id,
        fund_names=frozenset({fund.name, fund.code}),
        item_codes=frozenset(row.item_codes),
        on=today,
        look_back_days=profile(checklist.profile, today).appraiser_look_back_days.value,
    )


def _since(now: datetime, matter: Matter) -> datetime:
    return now - (matter.on - matter.since)


def _party_ids(tx: Tx, row: EngagementRow, checklist: ChecklistRow) -> list[str]:
    sellers = {checklist.seller_organisation_id, checklist.manager_organisation_id}
    return sorted(sellers | {row.client_organisation_id, *store.bidders(tx, row.listing_id)})


def _group_keys(tx: Tx, ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Owners and controllers by organisation; one without a standing stands for itself."""
    wanted = sorted(set(ids))
    standings = parties.standings_of(tx, wanted)
    return {
        each: frozenset({each, *(standings[each].group_keys if each in standings else ())}) for each in wanted
    }  # fmt: skip


def _positions(tx: Tx, fund_id: str, now: datetime) -> list[Party]:
    """The largest companies of the fund's newest schedule; they take no side."""
    found = funds.histories(tx, [fund_id], market_date(now)).schedules.get(fund_id)
    largest = sorted(found.investments if found else (), key=lambda each: -each.fair_value_minor)[:POSITIONS]
    return [Party("", None, frozenset({each.name})) for each in largest]
