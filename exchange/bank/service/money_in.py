"""Money that reached the bank: taken in once, booked to the account it names, or queued in suspense for an operator."""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.bank import store
from exchange.bank.errors import AccountDoesNotFit, PaymentNotFound
from exchange.bank.payment import PAYMENT_LIFECYCLE, MoneyIn, PaymentEvent, PaymentStatus, named_account
from exchange.bank.tables import BankMessageRow, PaymentRow
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.ledger import service as ledger
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.transfer import Leg

RUN = "payments:run"


def take_message(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    message_id: str,
    kind: str,
    sha256: str,
    money: Sequence[MoneyIn],
    is_simulated: bool = False,
) -> BankMessageRow:
    """Take a message of the bank in, all of it or nothing; the same message, or a line known already, changes nothing.

    The caller has proved where it comes from: an operator's upload, the bank's signature, or the simulated bank.
    """
    known = store.message_by_id(tx, message_id)
    if known is not None:
        return known
    row = BankMessageRow(
        id=new_id("bank_message"),
        message_id=message_id,
        kind=kind,
        sha256=sha256,
        entries=len(money),
        is_simulated=is_simulated,
        received_by=actor.user_id,
        received_at=now,
    )
    store.add(tx, row)
    taken = store.known_references(tx, [item.bank_reference for item in money])
    for item in money:
        if item.bank_reference not in taken:
            _take(tx, actor, now, row, item)
    event = Event("bank.message_received", row.id, (), {"message_id": message_id, "entries": len(money)})
    emit(tx, now, event, actor_id=actor.user_id)
    return row


def assign(tx: Tx, actor: Actor, now: datetime, *, payment_id: str, account_id: str, note: str) -> PaymentRow:
    """Book queued money to the cash account it was meant for. ACCOUNT_DOES_NOT_FIT for another kind or currency."""
    actor.require(RUN)
    row = _queued(tx, payment_id, PaymentEvent.ASSIGN)
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


def payments_of(
    tx: Tx, actor: Actor, *, status: PaymentStatus | None = None, before: str | None = None, limit: int = 50
) -> list[PaymentRow]:
    """Money in, newest first: a participant's own, all of it for operators and auditors."""
    actor.require("accounts:read")
    own = None
    if not actor.sees_everything:
        own = [row.id for row in ledger.accounts_of(tx, actor)]
    return store.payments(tx, status=status, account_ids=own, before=before, limit=limit)


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
