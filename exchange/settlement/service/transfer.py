"""Delivery versus payment: the interest and the money move in one transaction, or neither does."""

from datetime import datetime, timedelta

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach, RulesBroken
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.custody import service as custody
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.outbox import emit, has_happened
from exchange.ledger import service as ledger
from exchange.ledger.cover import HoldChange
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.transfer import Leg
from exchange.listings import service as listings
from exchange.rulebook import service as rulebook
from exchange.settlement.bust import bust_until
from exchange.settlement.deal import FALLEN, DealEvent, step
from exchange.settlement.errors import StatementNotAgreed
from exchange.settlement.service import statements
from exchange.settlement.service.partner_time import partners_rule
from exchange.settlement.service.progress import advance_deal, tell
from exchange.settlement.service.reads import deal_of, locked_deal_of
from exchange.settlement.statement import StatementState
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.statements import ClosingStatementRow

FINAL = "deal.became_final"


def register(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> DealRow:
    """Enter the buyer on the roll and pay the seller, both or neither.

    STATEMENT_NOT_AGREED while the closing statement is open or disputed; RULES_BROKEN while the notice to the partners
    runs (R-31) or when the roll would break a cap or a minimum (R-05, R-06, R-24, R-26); GATE_BLOCKED when a paper of
    the registration is missing. The proceeds stay held on the seller's account until the transfer can no longer be
    busted.
    """
    actor.require("deals:run")
    # The fund's lock comes first: two registrations of one fund must not share the last place on its roll.
    funds.lock_funds(tx, [deal_of(tx, actor, deal_id).fund_id])
    row = locked_deal_of(tx, actor, deal_id)
    step(row.status, DealEvent.TRANSFER, row.held_from)
    written, state = statements.newest_of(tx, row)
    if state is not StatementState.AGREED:
        raise StatementNotAgreed(state=state.value)
    _require_lawful(tx, row, now)
    profile = rulebook.profile(row.profile, market_date(now))
    final_at = bust_until(profile, rulebook.calendar(tx), now)
    advance_deal(tx, actor, now, row, DealEvent.TRANSFER, more={"final_at": final_at.isoformat()})
    _pay_out(tx, now, row, written)
    moved = custody.transfer_interest(
        tx,
        actor,
        now,
        from_holding_id=row.holding_id,
        to_organisation_id=row.buyer_organisation_id,
        amount_minor=row.amount_minor,
        frozen_reference_id=row.listing_id,
        reference_id=row.id,
    )
    listings.note_settled(tx, row.listing_id, row.amount_minor)
    _tell_market(tx, actor, now, row)
    event = Event("deal.final_due", row.id, (), {"interest_transfer_id": moved.transfer_id}, row.book_id)
    emit(tx, now, event, due_at=final_at)
    return row


def become_final(tx: Tx, now: datetime, row: DealRow) -> None:
    """The time to bust a locked deal is over: its proceeds are the seller's to use. Repeating it does nothing."""
    if row.proceeds_account_id is None or row.proceeds_held_minor == 0:
        return
    amount, row.proceeds_held_minor = row.proceeds_held_minor, 0
    tx.flush()
    ledger.apply_holds(tx, [HoldChange(row.proceeds_account_id, -amount, row.id, new_id("transfer"))], now)


def end_of_window(tx: Tx, now: datetime, row: DealRow) -> None:
    """The last instant to ask for a bust has passed: a locked deal's transfer is final, and everybody is told, once.

    A window whose last day has moved is looked at on its old day too.
    """
    if row.status in FALLEN or has_happened(tx, row.id, FINAL):
        return
    become_final(tx, now, row)
    tell(tx, SYSTEM, now, row, FINAL)


def _pay_out(tx: Tx, now: datetime, row: DealRow, written: ClosingStatementRow) -> None:
    """Empty the deal's part of the settlement account: proceeds to the seller, both fees to the exchange."""
    settlement = ledger.house_account(tx, AccountKind.SETTLEMENT, row.currency)
    fees = ledger.house_account(tx, AccountKind.FEES, row.currency)
    seller = ledger.cash_account(tx, row.seller_organisation_id, row.currency)
    buyer = ledger.cash_account(tx, row.buyer_organisation_id, row.currency)
    charged = written.buyer_fee_minor + written.seller_fee_minor
    stands = ledger.settlement_balance(tx, row.id, row.currency)
    if written.to_pay_minor >= 0:
        proceeds = written.to_pay_minor - written.seller_fee_minor
        legs = [Leg(settlement, -stands), Leg(seller, proceeds), Leg(fees, charged)]
        receiver = seller
    else:
        proceeds = -written.to_pay_minor
        legs = [Leg(settlement, -stands), Leg(buyer, proceeds), Leg(fees, charged)]
        receiver = buyer
    ledger.post_transfer(tx, now, legs=legs, kind=EntryKind.PROCEEDS, reference_id=row.id, once="proceeds")
    if receiver == seller and proceeds > 0:
        row.proceeds_account_id, row.proceeds_held_minor = seller, proceeds
        tx.flush()
        ledger.apply_holds(tx, [HoldChange(seller, proceeds, row.id, new_id("transfer"))], now)


def _require_lawful(tx: Tx, row: DealRow, now: datetime) -> None:
    """Every rule of the register at once: the notice to the partners, the caps on holders, the minimum holdings."""
    verdict = custody.transfer_verdict(
        tx,
        now,
        profile=row.profile,
        fund_id=row.fund_id,
        from_holding_id=row.holding_id,
        to_organisation_id=row.buyer_organisation_id,
        amount_minor=row.amount_minor,
    )
    broken = (*_notice_breaches(tx, row, now), *verdict.breaches)
    if broken:
        raise RulesBroken(breaches=broken, count=len(broken))


def _notice_breaches(tx: Tx, row: DealRow, now: datetime) -> tuple[Breach, ...]:
    """R-31: no outsider is registered before the notice to the other partners has run its days."""
    if row.buyer_is_partner:
        return ()
    rule = partners_rule(tx, row, now)
    if row.notice_served_at is None:
        return (Breach(rule.rule_id, "NOTICE_NOT_SERVED"),)
    first = market_date(row.notice_served_at) + timedelta(days=rule.value)
    if market_date(now) >= first:
        return ()
    return (Breach(rule.rule_id, "NOTICE_STILL_RUNS", {"n": str(rule.value), "date": first.isoformat()}, first),)


def _tell_market(tx: Tx, actor: Actor, now: datetime, row: DealRow) -> None:
    data: dict[str, object] = {"fund_id": row.fund_id, "amount_minor": row.amount_minor, "trade_id": row.trade_id}
    event = Event("trade.registered", row.trade_id, (MARKET,), data, row.book_id, row.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
