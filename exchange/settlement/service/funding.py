"""The buyer's money: exactly the closing payment and the fee, from its cash account into the settlement account."""

from datetime import datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.core.errors import Forbidden
from exchange.infra.database import Tx
from exchange.ledger import service as ledger
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.transfer import Leg
from exchange.settlement.deal import DealEvent, DealStatus, step
from exchange.settlement.errors import StatementClosed
from exchange.settlement.service import statements
from exchange.settlement.service.falling import give_back_deposit
from exchange.settlement.service.progress import advance_deal
from exchange.settlement.service.reads import locked_deal_of
from exchange.settlement.statement import StatementState
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.statements import ClosingStatementRow


def fund(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> DealRow:
    """Pay a signed deal: the deposit turns into price, the closing statement is issued with the money.

    A negative closing payment is paid by the seller, whose cash must cover it. MONEY_NOT_COVERED names what lacks, and
    nothing moves; GATE_BLOCKED when a paper of the funding is missing.
    """
    actor.require("deals:act")
    row = locked_deal_of(tx, actor, deal_id)
    if actor.organisation_id != row.buyer_organisation_id:
        raise Forbidden(permission="deals:act")
    return pay(tx, actor, now, row)


def pay(tx: Tx, actor: Actor, now: datetime, row: DealRow) -> DealRow:
    """Pay a locked deal from its buyer's cash account, as ``fund`` does; for callers that have judged who pays."""
    step(row.status, DealEvent.FUND, row.held_from)
    advance_deal(tx, actor, now, row, DealEvent.FUND)
    written = statements.issue(tx, SYSTEM, now, row)
    give_back_deposit(tx, now, row)
    collect(tx, now, row, written)
    return advance_deal(tx, SYSTEM, now, row, DealEvent.ISSUE_STATEMENT, more={"statement": written.version})


def reissue(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> tuple[ClosingStatementRow, StatementState]:
    """Compute a disputed statement anew; what it asks more is collected from the payer, a surplus goes back at once."""
    actor.require("deals:run")
    row = locked_deal_of(tx, actor, deal_id)
    _, state = statements.newest_of(tx, row)
    if row.status is not DealStatus.CLOSING or state is not StatementState.DISPUTED:
        raise StatementClosed(status=row.status.value, state=state.value)
    written = statements.issue(tx, actor, now, row)
    collect(tx, now, row, written)
    return written, StatementState.OPEN


def collect(tx: Tx, now: datetime, row: DealRow, written: ClosingStatementRow) -> None:
    """Bring the settlement account of a locked deal to what a statement needs: collect what lacks, return a surplus.

    The buyer brings the price and its fee; the seller a negative price and, with it, its own fee.
    """
    settlement = ledger.house_account(tx, AccountKind.SETTLEMENT, row.currency)
    buyer = ledger.cash_account(tx, row.buyer_organisation_id, row.currency)
    seller = ledger.cash_account(tx, row.seller_organisation_id, row.currency)
    from_buyer = max(written.to_pay_minor, 0) + written.buyer_fee_minor
    from_seller = -written.to_pay_minor + written.seller_fee_minor if written.to_pay_minor < 0 else 0
    for payer, needed in ((buyer, from_buyer), (seller, from_seller)):
        lacking = needed - paid_by(tx, row, payer)
        if lacking:
            kind = EntryKind.TO_SETTLEMENT if lacking > 0 else EntryKind.REFUND
            legs = [Leg(payer, -lacking), Leg(settlement, lacking)]
            ledger.post_transfer(tx, now, legs=legs, kind=kind, reference_id=row.id)


def paid_by(tx: Tx, row: DealRow, account_id: str) -> int:
    """What an account has brought to a deal so far, less what it got back, in minor units."""
    return -ledger.posted_for(tx, account_id, row.id)
