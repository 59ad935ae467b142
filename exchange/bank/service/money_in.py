"""Money that reached the bank: taken in once, booked to the account it names, or queued in suspense for an operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from exchange.access.actor import SYSTEM, Actor
from exchange.bank import store
from exchange.bank.errors import AccountDoesNotFit, BankMessageChanged, PaymentNotFound
from exchange.bank.payment import (
    PAYMENT_LIFECYCLE,
    MoneyIn,
    MoneyOut,
    PaymentEvent,
    PaymentStatus,
    named_account,
    named_deal,
)
from exchange.bank.service import money_out
from exchange.bank.tables import BankMessageRow, PaymentRow
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.iso20022 import read_message
from exchange.infra.outbox import emit
from exchange.ledger import service as ledger
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.transfer import Leg

RUN = "payments:run"


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came: the bank's id for it, its kind, the hash of its bytes, and its booked lines."""

    message_id: str
    kind: str
    sha256: str
    money_in: Sequence[MoneyIn] = ()
    money_out: Sequence[MoneyOut] = ()
    is_simulated: bool = False


def received(content: bytes) -> Received:
    """A message of the bank as the desk takes it, from its XML. BankMessageInvalid when it cannot be read."""
    message = read_message(content)
    money = [
        MoneyIn(
            bank_reference=entry.reference,
            amount_minor=entry.amount_minor,
            currency=entry.currency,
            booked_on=entry.booked_on,
            end_to_end_id=entry.end_to_end_id,
            remittance=entry.remittance,
            debtor=entry.debtor,
        )
        for entry in message.entries
        if entry.is_credit
    ]
    debits = [
        MoneyOut(entry.reference, entry.amount_minor, entry.currency, entry.end_to_end_id)
        for entry in message.entries
        if not entry.is_credit
    ]
    return Received(message.message_id, message.kind, sha256(content).hexdigest(), money, debits)


def take_message(tx: Tx, actor: Actor, now: datetime, message: Received) -> BankMessageRow:
    """Take a message of the bank in, all of it or nothing; the same message, or a line known already, changes nothing.

    A debit that carries out a sent payout settles it; other debits are counted for an operator to look at. The caller
    has proved where the message comes from: an operator's upload, the bank's signature, or the simulated bank.
    BANK_MESSAGE_CHANGED when the id or a line came before with other content.
    """
    store.lock_intake(tx)
    known = store.message_by_id(tx, message.message_id)
    if known is not None:
        if known.sha256 != message.sha256:
            raise BankMessageChanged(reference=message.message_id)
        return known
    fresh = _unknown(tx, message.money_in)
    unexplained = sum(not money_out.carried_out(tx, actor, now, item) for item in message.money_out)
    row = BankMessageRow(
        id=new_id("bank_message"),
        message_id=message.message_id,
        kind=message.kind,
        sha256=message.sha256,
        entries=len(message.money_in) + len(message.money_out),
        debits_unexplained=unexplained,
        is_simulated=message.is_simulated,
        received_by=actor.user_id,
        received_at=now,
    )
    store.add(tx, row)
    for item in fresh:
        _take(tx, actor, now, row, item)
    data: dict[str, object] = {
        "message_id": row.message_id,
        "entries": row.entries,
        "debits_unexplained": row.debits_unexplained,
    }
    emit(tx, now, Event("bank.message_received", row.id, (), data), actor_id=actor.user_id)
    return row


def assign(tx: Tx, actor: Actor, now: datetime, *, payment_id: str, account_id: str, note: str) -> PaymentRow:
    """Book queued money to the cash account it was meant for. ACCOUNT_DOES_NOT_FIT for another kind or currency."""
    actor.require(RUN)
    return _assign(tx, actor, now, _queued(tx, payment_id, PaymentEvent.ASSIGN), account_id, note)


def assign_to_deal(tx: Tx, now: datetime, *, payment_id: str, account_id: str) -> PaymentRow:
    """Book queued money that names a deal to its buyer's cash account; what was decided already stays as it is.

    ACCOUNT_DOES_NOT_FIT when the money came in another currency.
    """
    row = store.payment(tx, payment_id, locked=True)
    if row is None:
        raise PaymentNotFound
    if row.status is not PaymentStatus.QUEUED:
        return row
    return _assign(tx, SYSTEM, now, row, account_id, "")


def _assign(tx: Tx, actor: Actor, now: datetime, row: PaymentRow, account_id: str, note: str) -> PaymentRow:
    organisation_id = ledger.cash_owner(tx, account_id, row.currency)
    if organisation_id is None:
        raise AccountDoesNotFit
    suspense = ledger.house_account(tx, AccountKind.SUSPENSE, row.currency)
    house_bank = ledger.bank_side(tx, None, row.currency)
    bank = ledger.bank_side(tx, organisation_id, row.currency)
    # The bank side follows the money: what came in for the house now came in for its owner.
    legs = [
        Leg(suspense, -row.amount_minor),
        Leg(house_bank, row.amount_minor),
        Leg(bank, -row.amount_minor),
        Leg(account_id, row.amount_minor),
    ]
    ledger.post_transfer(tx, now, legs=legs, kind=EntryKind.PAYMENT_IN, reference_id=row.id, once="assign")
    row.account_id = account_id
    return _decided(tx, actor, now, row, PaymentEvent.ASSIGN, note, (organisation_id,))


def send_back(tx: Tx, actor: Actor, now: datetime, *, payment_id: str, note: str) -> PaymentRow:
    """Send queued money back to where it came from."""
    actor.require(RUN)
    row = _queued(tx, payment_id, PaymentEvent.RETURN)
    suspense = ledger.house_account(tx, AccountKind.SUSPENSE, row.currency)
    house_bank = ledger.bank_side(tx, None, row.currency)
    legs = [Leg(suspense, -row.amount_minor), Leg(house_bank, row.amount_minor)]
    ledger.post_transfer(tx, now, legs=legs, kind=EntryKind.PAYMENT_OUT, reference_id=row.id, once="return")
    return _decided(tx, actor, now, row, PaymentEvent.RETURN, note, ())


def messages_of(tx: Tx, actor: Actor, *, before: str | None = None, limit: int = 50) -> list[BankMessageRow]:
    """Messages of the bank, newest first, for operators."""
    actor.require(RUN)
    return store.messages(tx, before=before, limit=limit)


def payments_of(
    tx: Tx, actor: Actor, *, status: PaymentStatus | None = None, before: str | None = None, limit: int = 50
) -> list[PaymentRow]:
    """Money in, newest first: a participant's own, all of it for operators and auditors."""
    actor.require("accounts:read")
    own = None
    if not actor.sees_everything:
        own = [row.id for row in ledger.accounts_of(tx, actor)]
    return store.payments(tx, status=status, account_ids=own, before=before, limit=limit)


def _unknown(tx: Tx, money: Sequence[MoneyIn]) -> list[MoneyIn]:
    """The lines that were not taken in before; a line that came before must be the same."""
    known = store.known_payments(tx, [item.bank_reference for item in money])
    for item in money:
        before = known.get(item.bank_reference)
        if before and (before.amount_minor, before.currency) != (item.amount_minor, item.currency):
            raise BankMessageChanged(reference=item.bank_reference)
    return [item for item in money if item.bank_reference not in known]


def _take(tx: Tx, actor: Actor, now: datetime, message: BankMessageRow, item: MoneyIn) -> None:
    account_id = named_account(item)
    organisation_id = ledger.cash_owner(tx, account_id, item.currency) if account_id else None
    matched = organisation_id is not None
    row = PaymentRow(
        id=new_id("payment"),
        message_id=message.id,
        bank_reference=item.bank_reference,
        currency=item.currency,
        amount_minor=item.amount_minor,
        booked_on=item.booked_on,
        end_to_end_id=item.end_to_end_id,
        remittance=item.remittance,
        debtor=item.debtor,
        status=PaymentStatus.MATCHED if matched else PaymentStatus.QUEUED,
        account_id=account_id if matched else None,
        deal_id=named_deal(item) or "",
        is_simulated=message.is_simulated,
        received_at=now,
    )
    store.add(tx, row)
    target = account_id if matched and account_id else ledger.house_account(tx, AccountKind.SUSPENSE, item.currency)
    bank = ledger.bank_side(tx, organisation_id, item.currency)
    legs = [Leg(bank, -item.amount_minor), Leg(target, item.amount_minor)]
    ledger.post_transfer(tx, now, legs=legs, kind=EntryKind.PAYMENT_IN, reference_id=row.id, once="receive")
    data: dict[str, object] = {
        "status": row.status.value,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "account_id": row.account_id or "",
        "deal_id": row.deal_id,
    }
    audience = (organisation_id,) if organisation_id else ()
    emit(tx, now, Event("payment.received", row.id, audience, data), actor_id=actor.user_id)


def _queued(tx: Tx, payment_id: str, event: PaymentEvent) -> PaymentRow:
    row = store.payment(tx, payment_id, locked=True)
    if row is None:
        raise PaymentNotFound
    advance(PAYMENT_LIFECYCLE, row.status, event)
    return row


def _decided(
    tx: Tx,
    actor: Actor,
    now: datetime,
    row: PaymentRow,
    event: PaymentEvent,
    note: str,
    audience: tuple[str, ...],
) -> PaymentRow:
    row.status = advance(PAYMENT_LIFECYCLE, row.status, event)
    row.note, row.decided_by, row.decided_at = note, actor.user_id, now
    store.add(tx, row)
    data: dict[str, object] = {"status": row.status.value, "account_id": row.account_id or ""}
    emit(tx, now, Event(f"payment.{row.status.value}", row.id, audience, data), actor_id=actor.user_id)
    return row
