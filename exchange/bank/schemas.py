"""Bank messages, payments and payouts on the wire."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from exchange.bank.payment import MoneyIn, PaymentStatus, PayoutStatus
from exchange.bank.tables import BankMessageRow, PaymentRow, PayoutBatchRow, PayoutRow
from exchange.core.ids import id_pattern
from exchange.core.money import MINOR_DIGITS, scale_decimal
from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import AmountText, DateText, MoneyView, PositiveAmountText, Whole

CurrencyText = Annotated[str, StringConstraints(strict=True, pattern=f"^({'|'.join(MINOR_DIGITS)})$")]
AccountId = Annotated[str, Field(pattern=f"^{id_pattern('account')}$")]
Reference = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_.:/-]{1,80}$")]
Number = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z0-9]{6,34}$")]
Words = Annotated[str, StringConstraints(strict=True, max_length=500)]


class NotifiedEntry(StrictModel):
    """A credit the bank tells of."""

    reference: Reference
    amount: PositiveAmountText
    currency: CurrencyText
    booked_on: DateText
    end_to_end_id: Words = ""
    remittance: Words = ""
    debtor: Words = ""

    def money(self) -> MoneyIn:
        """As a value."""
        return MoneyIn(
            bank_reference=self.reference,
            amount_minor=scale_decimal(self.amount, MINOR_DIGITS[self.currency]),
            currency=self.currency,
            booked_on=self.booked_on,
            end_to_end_id=self.end_to_end_id,
            remittance=self.remittance,
            debtor=self.debtor,
        )


class Notification(StrictModel):
    """What the bank signs: the id of the notice and its credits."""

    message_id: Reference
    entries: Annotated[list[NotifiedEntry], Field(min_length=1, max_length=1000)]


class AssignPayment(StrictModel):
    """The cash account queued money was meant for, and why."""

    account_id: AccountId
    note: ShortText


class BankReason(StrictModel):
    """Why, in a person's words."""

    note: ShortText


class RequestPayout(StrictModel):
    """Money out of a cash account, to a bank account of the participant itself."""

    account_id: AccountId
    amount: PositiveAmountText
    creditor: ShortText
    account_number: Number


class SendPayouts(StrictModel):
    """Which currency's approved payouts go out."""

    currency: CurrencyText


class SimulatePayment(StrictModel):
    """What the sandbox's bank pays: an amount, perhaps less (``short``), perhaps hours later (``late_hours``)."""

    reference: Words
    amount: PositiveAmountText
    currency: CurrencyText
    short: AmountText = "0"
    late_hours: Annotated[Whole, Field(ge=0, le=24 * 90)] = 0


class SimulatedView(ViewModel):
    """The id of the message the simulated money will come with."""

    message_id: str
    is_simulated: bool


class BankMessageView(ViewModel):
    """A message that was taken in."""

    id: str
    message_id: str
    kind: str
    sha256: str
    entries: int
    debits_unexplained: int
    is_simulated: bool
    received_at: Instant

    @classmethod
    def of(cls, row: BankMessageRow) -> "BankMessageView":
        """From the row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class PaymentView(ViewModel):
    """Money in: what the bank told and where it went."""

    id: str
    bank_reference: str
    amount: MoneyView
    booked_on: date
    end_to_end_id: str
    remittance: str
    debtor: str
    status: PaymentStatus
    account_id: str | None
    deal_id: str
    note: str
    is_simulated: bool
    received_at: Instant
    decided_at: Instant | None

    @classmethod
    def of(cls, row: PaymentRow) -> "PaymentView":
        """From the row."""
        values = {name: getattr(row, name) for name in cls.model_fields if name != "amount"}
        return cls(amount=MoneyView.of(row.amount_minor, row.currency), **values)


class PayoutView(ViewModel):
    """Money out; the account number is shown masked."""

    id: str
    organisation_id: str
    account_id: str
    amount: MoneyView
    creditor: str
    account_number: str
    status: PayoutStatus
    note: str
    batch_id: str | None
    requested_at: Instant
    decided_at: Instant | None

    @classmethod
    def of(cls, row: PayoutRow) -> "PayoutView":
        """From the row."""
        made = {"amount", "account_number"}
        values = {name: getattr(row, name) for name in cls.model_fields if name not in made}
        money = MoneyView.of(row.amount_minor, row.currency)
        return cls(amount=money, account_number=row.number_masked, **values)


class BatchView(ViewModel):
    """A file of payment orders as it went to the bank."""

    id: str
    payouts: int
    total: MoneyView
    execute_on: date
    sha256: str
    made_at: Instant

    @classmethod
    def of(cls, row: PayoutBatchRow) -> "BatchView":
        """From the row."""
        values = {name: getattr(row, name) for name in cls.model_fields if name != "total"}
        return cls(total=MoneyView.of(row.total_minor, row.currency), **values)
