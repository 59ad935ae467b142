"""SQL of bank messages, payments and payouts."""

from collections.abc import Collection, Sequence

from sqlalchemy import text
from sqlmodel import col, select

from exchange.bank.payment import PaymentStatus, PayoutStatus
from exchange.bank.tables import BankMessageRow, PaymentRow, PayoutBatchRow, PayoutRow
from exchange.infra.database import Tx

Row = BankMessageRow | PaymentRow | PayoutRow | PayoutBatchRow


def add(tx: Tx, row: Row) -> None:
    """Write a new or changed row."""
    tx.add(row)
    tx.flush()


def message_by_id(tx: Tx, message_id: str) -> BankMessageRow | None:
    """The message the bank gave this id."""
    return tx.exec(select(BankMessageRow).where(BankMessageRow.message_id == message_id)).one_or_none()


def messages(tx: Tx, *, before: str | None, limit: int) -> list[BankMessageRow]:
    """Messages, newest first."""
    query = select(BankMessageRow).order_by(col(BankMessageRow.id).desc()).limit(limit)
    return list(tx.exec(query.where(col(BankMessageRow.id) < before) if before else query))


def known_payments(tx: Tx, references: Collection[str]) -> dict[str, PaymentRow]:
    """Payments taken in already, by their bank reference."""
    query = select(PaymentRow).where(col(PaymentRow.bank_reference).in_(list(references)))
    return {row.bank_reference: row for row in tx.exec(query)}


def lock_intake(tx: Tx) -> None:
    """One message of the bank at a time, so that no line is taken twice; the lock ends with the transaction."""
    tx.connection().execute(text("SELECT pg_advisory_xact_lock(hashtextextended('bank intake', 0))"))


def payment(tx: Tx, payment_id: str, *, locked: bool = False) -> PaymentRow | None:
    """One payment, read anew."""
    return tx.get(PaymentRow, payment_id, with_for_update=locked, populate_existing=True)


def payments(
    tx: Tx, *, status: PaymentStatus | None, account_ids: Sequence[str] | None, before: str | None, limit: int
) -> list[PaymentRow]:
    """Payments, newest first; of some accounts, or of all."""
    query = select(PaymentRow).order_by(col(PaymentRow.id).desc()).limit(limit)
    if status is not None:
        query = query.where(PaymentRow.status == status)
    if account_ids is not None:
        query = query.where(col(PaymentRow.account_id).in_(account_ids))
    if before is not None:
        query = query.where(col(PaymentRow.id) < before)
    return list(tx.exec(query, execution_options={"populate_existing": True}))


def payout(tx: Tx, payout_id: str, *, locked: bool = False) -> PayoutRow | None:
    """One payout, read anew."""
    return tx.get(PayoutRow, payout_id, with_for_update=locked, populate_existing=True)


def payouts(
    tx: Tx, *, organisation_id: str | None, status: PayoutStatus | None, before: str | None, limit: int
) -> list[PayoutRow]:
    """Payouts, newest first; of one organisation, or of all."""
    query = select(PayoutRow).order_by(col(PayoutRow.id).desc()).limit(limit)
    if organisation_id is not None:
        query = query.where(PayoutRow.organisation_id == organisation_id)
    if status is not None:
        query = query.where(PayoutRow.status == status)
    if before is not None:
        query = query.where(col(PayoutRow.id) < before)
    return list(tx.exec(query, execution_options={"populate_existing": True}))


def lock_approved(tx: Tx, currency: str) -> list[PayoutRow]:
    """Approved payouts of a currency that are in no batch yet, locked in id order."""
    query = select(PayoutRow).where(PayoutRow.status == PayoutStatus.APPROVED, PayoutRow.currency == currency)
    locked = query.order_by(col(PayoutRow.id)).with_for_update()
    return list(tx.exec(locked, execution_options={"populate_existing": True}))


def batch(tx: Tx, batch_id: str) -> PayoutBatchRow | None:
    """One batch."""
    return tx.get(PayoutBatchRow, batch_id)


def batches(tx: Tx, limit: int) -> list[PayoutBatchRow]:
    """Batches, newest first."""
    return list(tx.exec(select(PayoutBatchRow).order_by(col(PayoutBatchRow.id).desc()).limit(limit)))
