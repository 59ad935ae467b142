"""Money a participant takes out: asked for, approved by a second person, sent in a batch, settled or rejected.

The amount leaves the cash account when it is asked for and waits in suspense, so it is never spent twice.
"""

from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.errors import SamePerson
from exchange.bank import store
from exchange.bank.errors import AccountDoesNotFit, NothingToSend, PayoutNotFound
from exchange.bank.payment import GIVEN_BACK, PAYOUT_LIFECYCLE, MoneyOut, PayoutEvent, PayoutStatus
from exchange.bank.tables import PayoutBatchRow
from exchange.bank.tables import PayoutRow as PayoutRow
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.files import file_store
from exchange.infra.iso20022 import PaymentOrder, read_payments, write_payments
from exchange.infra.outbox import emit
from exchange.infra.sealed import masked, seal, unseal
from exchange.ledger import service as ledger
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.transfer import Leg
from exchange.rulebook import service as rulebook

RUN, ACT = "payments:run", "deals:act"
HOUSE_NAME, HOUSE_ACCOUNT = "Exchange settlement account", "SETTLEMENT"


@dataclass(frozen=True, slots=True)
class Payee:
    """A bank account of the participant itself: its holder and number."""

    creditor: str
    number: str


def request(tx: Tx, actor: Actor, now: datetime, *, account_id: str, amount_minor: int, payee: Payee) -> PayoutRow:
    """Ask for money from the free part of one's cash account; it is set aside at once. MONEY_NOT_COVERED for more."""
    actor.require(ACT)
    account, _ = ledger.entries_of(tx, actor, account_id=account_id, limit=1)
    if account.kind is not AccountKind.CASH or account.organisation_id != actor.organisation_id:
        raise AccountDoesNotFit
    payout_id = new_id("payout")
    row = PayoutRow(
        id=payout_id,
        organisation_id=actor.organisation_id,
        account_id=account_id,
        currency=account.currency,
        amount_minor=amount_minor,
        creditor=payee.creditor,
        number_sealed=seal(payee.number, payout_id),
        number_masked=masked(payee.number),
        requested_by=actor.user_id,
        requested_at=now,
    )
    store.add(tx, row)
    suspense = ledger.house_account(tx, AccountKind.SUSPENSE, row.currency)
    legs = [Leg(account_id, -amount_minor), Leg(suspense, amount_minor)]
    ledger.post_transfer(tx, now, legs=legs, kind=EntryKind.PAYMENT_OUT, reference_id=row.id, once="set aside")
    _tell(tx, actor, now, row, "payout.requested")
    return row


def decide(tx: Tx, actor: Actor, now: datetime, *, payout_id: str, event: PayoutEvent, note: str = "") -> PayoutRow:
    """Approve or refuse a payout; a second person. A refusal gives the money back at once."""
    actor.require(RUN)
    row = _locked(tx, payout_id)
    if actor.user_id == row.requested_by:
        raise SamePerson
    row.decided_by, row.decided_at = actor.user_id, now
    return _step(tx, actor, now, row, event, note)


def send(tx: Tx, actor: Actor, now: datetime, *, currency: str) -> PayoutBatchRow:
    """Write all approved payouts of a currency into one file of payment orders and mark them sent.

    NOTHING_TO_SEND when none waits. The file is read back and its sums are compared before anything is kept.
    """
    actor.require(RUN)
    rows = store.lock_approved(tx, currency)
    if not rows:
        raise NothingToSend(currency=currency)
    batch_id = new_id("payout_batch")
    execute_on = rulebook.calendar(tx).add_working_days(market_date(now), 1)
    orders = tuple(_order(row) for row in rows)
    content = write_payments(batch_id, now, execute_on, HOUSE_NAME, HOUSE_ACCOUNT, orders)
    if read_payments(content) != (batch_id, orders):
        raise ArithmeticError("a batch reads otherwise than it was written")
    batch = PayoutBatchRow(
        id=batch_id,
        currency=currency,
        payouts=len(rows),
        total_minor=sum(row.amount_minor for row in rows),
        execute_on=execute_on,
        sha256=file_store().put([content]),
        made_by=actor.user_id,
        made_at=now,
    )
    store.add(tx, batch)
    for row in rows:
        row.batch_id = batch.id
        _step(tx, actor, now, row, PayoutEvent.SEND, "")
    return batch


def answer(tx: Tx, actor: Actor, now: datetime, *, payout_id: str, event: PayoutEvent, note: str = "") -> PayoutRow:
    """What the bank says of a sent payout: settled, or rejected, and then the money is the participant's again."""
    actor.require(RUN)
    return _step(tx, actor, now, _locked(tx, payout_id), event, note)


def carried_out(tx: Tx, actor: Actor, now: datetime, debit: MoneyOut) -> bool:
    """Whether a debit at the bank is a payout that was sent; it is settled then, if it was not yet."""
    row = store.payout(tx, debit.end_to_end_id, locked=True)
    if row is None or (row.amount_minor, row.currency) != (debit.amount_minor, debit.currency):
        return False
    if row.status is PayoutStatus.SENT:
        _step(tx, actor, now, row, PayoutEvent.SETTLE, debit.bank_reference)
    return row.status is PayoutStatus.SETTLED


def payouts_of(
    tx: Tx, actor: Actor, *, status: PayoutStatus | None = None, before: str | None = None, limit: int = 50
) -> list[PayoutRow]:
    """Payouts, newest first: a participant's own, all for operators and auditors."""
    actor.require("accounts:read")
    own = None if actor.sees_everything else actor.organisation_id
    return store.payouts(tx, organisation_id=own, status=status, before=before, limit=limit)


def batches_of(tx: Tx, actor: Actor, *, limit: int = 20) -> list[PayoutBatchRow]:
    """Files of payment orders, newest first, for operators."""
    actor.require(RUN)
    return store.batches(tx, limit)


def batch_file(tx: Tx, actor: Actor, *, batch_id: str) -> bytes:
    """The file of a batch as it went to the bank."""
    actor.require(RUN)
    batch = store.batch(tx, batch_id)
    if batch is None:
        raise PayoutNotFound
    return file_store().read(batch.sha256)


def _step(tx: Tx, actor: Actor, now: datetime, row: PayoutRow, event: PayoutEvent, note: str) -> PayoutRow:
    row.status = advance(PAYOUT_LIFECYCLE, row.status, event)
    row.note = note
    row.version += 1
    store.add(tx, row)
    suspense = ledger.house_account(tx, AccountKind.SUSPENSE, row.currency)
    if row.status in GIVEN_BACK:
        legs = [Leg(suspense, -row.amount_minor), Leg(row.account_id, row.amount_minor)]
        ledger.post_transfer(tx, now, legs=legs, kind=EntryKind.REFUND, reference_id=row.id, once="give back")
    elif row.status is PayoutStatus.SETTLED:
        bank = ledger.bank_side(tx, row.organisation_id, row.currency)
        legs = [Leg(suspense, -row.amount_minor), Leg(bank, row.amount_minor)]
        ledger.post_transfer(tx, now, legs=legs, kind=EntryKind.PAYMENT_OUT, reference_id=row.id, once="settle")
    _tell(tx, actor, now, row, f"payout.{row.status.value}")
    return row


def _order(row: PayoutRow) -> PaymentOrder:
    return PaymentOrder(
        end_to_end_id=row.id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        creditor=row.creditor,
        account_number=unseal(row.number_sealed, row.id),
        remittance=f"payout {row.id}",
    )


def _locked(tx: Tx, payout_id: str) -> PayoutRow:
    row = store.payout(tx, payout_id, locked=True)
    if row is None:
        raise PayoutNotFound
    return row


def _tell(tx: Tx, actor: Actor, now: datetime, row: PayoutRow, kind: str) -> None:
    data: dict[str, object] = {
        "status": row.status.value,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "batch_id": row.batch_id or "",
    }
    emit(tx, now, Event(kind, row.id, (row.organisation_id,), data), actor_id=actor.user_id)
