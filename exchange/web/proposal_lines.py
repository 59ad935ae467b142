"""Proposals as lines: what is put to whom, until when, and what the priority cost or gave the seller."""

from collections.abc import Mapping
from typing import Any

from exchange.core.money import Money
from exchange.funds import service as funds
from exchange.matching.lifecycle import ProposalStatus
from exchange.matching.service import proposals as service
from exchange.matching.service.proposals import ProposalRow
from exchange.rulebook.service import is_provisional
from exchange.web.explain import said_reason
from exchange.web.models import CounterLine, ProposalLine
from exchange.web.names import organisation_names
from exchange.web.visit import Visit

SHOWN_MAX = 20


def proposal_lines(visit: Visit) -> list[ProposalLine]:
    """The viewer's proposals: those that wait first, then the latest decided ones."""
    if visit.actor.sees_everything:
        return []
    rows = service.proposals_of(visit.tx, visit.actor, limit=SHOWN_MAX)
    waiting = service.proposals_of(visit.tx, visit.actor, status=ProposalStatus.PROPOSED, limit=SHOWN_MAX)
    seen = {row.id for row in waiting}
    ordered = sorted(waiting, key=lambda row: row.lapses_at) + [row for row in rows if row.id not in seen]
    parties = {name for row in ordered for name in (row.buyer_organisation_id, row.seller_organisation_id)}
    names = organisation_names(visit.tx, sorted(parties), visit.language)
    known = funds.funds_by_id(visit.tx, sorted({row.fund_id for row in ordered}))
    return [_line(visit, row, known[row.fund_id].name, known[row.fund_id].code, names) for row in ordered]


def _line(visit: Visit, row: ProposalRow, fund_name: str, fund_code: str, names: Mapping[str, str]) -> ProposalLine:
    sells = row.seller_organisation_id == visit.actor.organisation_id
    other = row.buyer_organisation_id if sells else row.seller_organisation_id
    confirmed = row.seller_confirmed_at if sells else row.buyer_confirmed_at
    waits = row.status is ProposalStatus.PROPOSED and confirmed is None
    return ProposalLine(
        proposal_id=row.id,
        listing_id=row.listing_id,
        fund_name=fund_name,
        fund_code=fund_code,
        side="sell" if sells else "buy",
        counterparty=names.get(other, ""),
        rank=row.rank,
        is_backup=row.is_backup,
        price_ppm=row.price_ppm,
        amount=Money(row.amount_minor, row.currency),
        money=Money(row.money_minor, row.currency),
        policy=row.policy.value,
        priority_cost=Money(row.priority_cost_minor, row.currency),
        counterfactual=counter_lines(visit, row) if sells else (),
        status=row.status.value,
        status_reason=said_reason(visit.t, row.status_reason, row.status_note),
        buyer_confirmed_at=row.buyer_confirmed_at,
        seller_confirmed_at=row.seller_confirmed_at,
        lapses_at=row.lapses_at,
        lapse_rule=row.lapse_rule,
        is_simulated=row.is_simulated,
        created_at=row.created_at,
        version=row.version,
        can_decide=waits and visit.viewer.may(service.DECIDE),
        award_id=row.award_id or "",
        is_provisional=row.status is ProposalStatus.PROPOSED and is_provisional(visit.tx, row.lapses_at),
    )


def counter_lines(visit: Visit, row: ProposalRow) -> tuple[CounterLine, ...]:
    """The fills of the same bids under price first, in rank order; bidders stay unnamed but for this one."""
    fills: list[dict[str, Any]] = row.counterfactual.get("fills", [])
    lines = []
    for index, fill in enumerate(fills, start=1):
        order = fill.get("order_id") or fill.get("bid_id")
        same = f" · {visit.t('proposals.this_bid')}" if order == row.buy_order_id else ""
        amount = Money(int(fill["amount_minor"]), row.currency)
        lines.append(CounterLine(f"{index}{same}", int(fill["price_ppm"]), amount))
    return tuple(lines)
