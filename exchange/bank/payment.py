"""A line of money in and what becomes of it; a payout and its way to the bank.

A payment that names a cash account of the exchange (its payment reference, the account's id) goes there; one that
names a deal goes to its buyer; any other waits in suspense until an operator assigns it or sends it back. A payout is
asked for, approved by a second person, sent in a batch, and settled or rejected by the bank.
Example: queued + assign -> assigned; sent + reject -> rejected.
Source: ISO 20022 camt.053/camt.054 (money in), pain.001 (money out), pain.002 (answers).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from exchange.core.ids import id_pattern

_ACCOUNT = re.compile(id_pattern("account"))
_DEAL = re.compile(id_pattern("deal"))


class PaymentStatus(StrEnum):
    """Where money in stands."""

    MATCHED = "matched"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    RETURNED = "returned"


class PaymentEvent(StrEnum):
    """What an operator does with queued money."""

    ASSIGN = "assign"
    RETURN = "return"


class PayoutStatus(StrEnum):
    """Where money out stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    SENT = "sent"
    SETTLED = "settled"
    REJECTED = "rejected"


class PayoutEvent(StrEnum):
    """What may happen to a payout."""

    APPROVE = "approve"
    REFUSE = "refuse"
    SEND = "send"
    SETTLE = "settle"
    REJECT = "reject"


PAYMENT_LIFECYCLE: Mapping[tuple[PaymentStatus, PaymentEvent], PaymentStatus] = {
    (PaymentStatus.QUEUED, PaymentEvent.ASSIGN): PaymentStatus.ASSIGNED,
    (PaymentStatus.QUEUED, PaymentEvent.RETURN): PaymentStatus.RETURNED,
}

PAYOUT_LIFECYCLE: Mapping[tuple[PayoutStatus, PayoutEvent], PayoutStatus] = {
    (PayoutStatus.REQUESTED, PayoutEvent.APPROVE): PayoutStatus.APPROVED,
    (PayoutStatus.REQUESTED, PayoutEvent.REFUSE): PayoutStatus.REFUSED,
    (PayoutStatus.APPROVED, PayoutEvent.SEND): PayoutStatus.SENT,
    (PayoutStatus.SENT, PayoutEvent.SETTLE): PayoutStatus.SETTLED,
    (PayoutStatus.SENT, PayoutEvent.REJECT): PayoutStatus.REJECTED,
}

GIVEN_BACK = frozenset({PayoutStatus.REFUSED, PayoutStatus.REJECTED})
"""The money is the participant's again."""


@dataclass(frozen=True, slots=True)
class MoneyIn:
    """A credit as the bank tells it; ``bank_reference`` is unique at the bank. Minor units of the currency."""

    bank_reference: str
    amount_minor: int
    currency: str
    booked_on: date
    end_to_end_id: str = ""
    remittance: str = ""
    debtor: str = ""


@dataclass(frozen=True, slots=True)
class MoneyOut:
    """A debit as the bank tells it; minor units of the currency."""

    bank_reference: str
    amount_minor: int
    currency: str
    end_to_end_id: str = ""


def named_account(money: MoneyIn) -> str | None:
    """The one cash account a payment names, in its end-to-end id or its remittance text; None for none or several."""
    return _named(_ACCOUNT, money)


def named_deal(money: MoneyIn) -> str | None:
    """The one deal a payment names, the same way."""
    return _named(_DEAL, money)


def _named(pattern: re.Pattern[str], money: MoneyIn) -> str | None:
    found = {match.group() for text in (money.end_to_end_id, money.remittance) for match in pattern.finditer(text)}
    return found.pop() if len(found) == 1 else None
