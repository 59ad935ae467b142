"""The true-up of a deal: what reached the wrong side up to its last day is turned over in one payment, once.

Who held the interest got the cash: the seller up to the closing day, and up to the day before the transfer; then the
buyer. The closing statement as it was issued says what the price has taken into account already.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.infra.database import Tx
from exchange.ledger import service as ledger
from exchange.ledger.kinds import EntryKind
from exchange.ledger.transfer import Leg
from exchange.settlement.closing import ClosingStatement, FlowLine
from exchange.settlement.closing_flows import Treatment
from exchange.settlement.deal import DealStatus
from exchange.settlement.service import statements
from exchange.settlement.service.progress import tell
from exchange.settlement.service.reads import deal_of
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.statements import ClosingStatementRow
from exchange.settlement.true_up import MovedCash, Party, TrueUp, true_up


@dataclass(frozen=True, slots=True)
class SeenTrueUp:
    """What a deal's two sides owe each other for cash up to a day, and whether it was paid."""

    row: DealRow
    until: date
    found: TrueUp
    is_paid: bool


def true_up_seen_by(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> SeenTrueUp:
    """The true-up of a deal the caller may follow: up to today, or of the day it was settled.

    STATEMENT_NOT_ISSUED while the deal has no closing statement: there is nothing to compare with.
    """
    row = deal_of(tx, actor, deal_id)
    until = market_date(row.status_at if row.status is DealStatus.SETTLED else now)
    is_paid = any(made.kind is EntryKind.TRUE_UP for made in ledger.transfers_of(tx, row.id))
    return SeenTrueUp(row, until, true_up_until(tx, row, until), is_paid)


def true_up_until(tx: Tx, row: DealRow, until: date) -> TrueUp:
    """What is owed for the flows of a deal's fund up to a day, from the registers. STATEMENT_NOT_ISSUED before it."""
    written, _ = statements.newest_of(tx, row)
    statement = _as_issued(statements.statement_on(tx, row, written.closing_on), written)
    last_of_seller = written.closing_on
    if row.transferred_at is not None:
        last_of_seller = max(last_of_seller, market_date(row.transferred_at) - timedelta(days=1))
    else:
        last_of_seller = max(last_of_seller, until)
    moved = [
        MovedCash(flow, Party.SELLER if flow.cash_on <= last_of_seller else Party.BUYER)
        for flow in statements.flows_until(tx, row, until)
    ]
    return true_up(statements.terms_of(tx, row), statement, row.adjustment, moved)


def turn_over(tx: Tx, actor: Actor, now: datetime, row: DealRow) -> int:
    """Pay the net of a locked deal's true-up from who owes it to whom it is owed, once; how much the buyer got.

    MONEY_NOT_COVERED, and nothing moves, when who owes has not enough free.
    """
    net = true_up_until(tx, row, market_date(now)).net_to_buyer_minor
    if net:
        legs = [
            Leg(ledger.cash_account(tx, row.seller_organisation_id, row.currency), -net),
            Leg(ledger.cash_account(tx, row.buyer_organisation_id, row.currency), net),
        ]
        ledger.post_transfer(tx, now, legs=legs, kind=EntryKind.TRUE_UP, reference_id=row.id, once="true_up")
        tell(tx, actor, now, row, "deal.trued_up", {"to_buyer_minor": net})
    return net


def _as_issued(computed: ClosingStatement, written: ClosingStatementRow) -> ClosingStatement:
    """The statement with the flows it was issued with: what the registers learned since is not in its price."""
    lines = [
        FlowLine(
            reference=line["reference"],
            is_distribution=line["is_distribution"],
            cash_on=date.fromisoformat(line["cash_on"]),
            amount_minor=line["amount_minor"],
            effect_on_unfunded_minor=line["effect_on_unfunded_minor"],
            treatment=Treatment(line["treatment"]),
            price_effect_minor=line["price_effect_minor"],
        )
        for line in written.lines["flows"]
    ]
    return replace(computed, flows=tuple(lines))
