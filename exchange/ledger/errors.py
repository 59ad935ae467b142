"""Refusals of the ledger."""

from typing import ClassVar

from exchange.core.errors import Invalid, NotFound, Refused


class AccountNotFound(NotFound):
    """No such account, or not the caller's to see."""

    code: ClassVar[str] = "ACCOUNT_NOT_FOUND"


class FundsNotCovered(Refused):
    """More is to be held than is posted and not held yet."""

    code: ClassVar[str] = "MONEY_NOT_COVERED"


class AmountNotPositive(Invalid):
    """A deposit or hold of nothing."""

    code: ClassVar[str] = "AMOUNT_NOT_POSITIVE"


class BankAccountNotOpen(Refused):
    """The bank side is booked by the exchange alone."""

    code: ClassVar[str] = "BANK_ACCOUNT_NOT_OPEN"


class SandboxOnly(Refused):
    """Simulated money exists in a sandbox only."""

    code: ClassVar[str] = "SANDBOX_ONLY"
