"""Money at the bank that names a deal: booked to the buyer, and the deal is paid when that covers what it asks."""

from datetime import datetime

from exchange.access.actor import SYSTEM
from exchange.bank.errors import AccountDoesNotFit
from exchange.bank.service import money_in
from exchange.core.errors import ExchangeError
from exchange.infra.database import Tx
from exchange.ledger import service as ledger
from exchange.settlement.deal import DealStatus
from exchange.settlement.errors import DealNotFound
from exchange.settlement.service import funding
from exchange.settlement.service.progress import lock_deal, tell
from exchange.settlement.tables.deals import DealRow


def reconcile(tx: Tx, now: datetime, *, payment_id: str, deal_id: str) -> None:
    """Match a payment with the deal it names; may be repeated.

    Money that named no account goes to the buyer's. A signed deal is then paid, as if the buyer had said so: it named
    the deal. What stands in the way (money short, a paper missing) is told to the parties with its code, and the money
    stays the buyer's. A deal that does not exist, or another currency, leaves the payment in the operators' queue.
    """
    try:
        row = lock_deal(tx, deal_id)
        account_id = ledger.cash_account(tx, row.buyer_organisation_id, row.currency)
        payment = money_in.assign_to_deal(tx, now, payment_id=payment_id, account_id=account_id)
    except (DealNotFound, AccountDoesNotFit):
        return
    if payment.account_id != account_id:
        return
    code = _pay(tx, now, row)
    more: dict[str, object] = {
        "payment_id": payment.id,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "code": code,
    }
    tell(tx, SYSTEM, now, row, "deal.payment_received", more)


def _pay(tx: Tx, now: datetime, row: DealRow) -> str:
    """Pay a signed deal; the code of what stands in the way, or nothing."""
    if row.status is not DealStatus.SIGNED:
        return ""
    try:
        with tx.begin_nested():  # a refusal undoes what the attempt has changed
            funding.pay(tx, SYSTEM, now, row)
    except ExchangeError as error:
        tx.refresh(row)
        return error.code
    return ""
