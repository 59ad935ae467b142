"""Why the bank desk refuses."""

from typing import ClassVar

from exchange.core.errors import Invalid, NotFound, Refused, Unauthenticated


class PaymentNotFound(NotFound):
    """No such payment, or not the caller's to see."""

    code: ClassVar[str] = "PAYMENT_NOT_FOUND"


class PayoutNotFound(NotFound):
    """No such payout or batch, or not the caller's to see."""

    code: ClassVar[str] = "PAYOUT_NOT_FOUND"


class AccountDoesNotFit(Invalid):
    """The account is no cash account of the payment's currency."""

    code: ClassVar[str] = "ACCOUNT_DOES_NOT_FIT"


class NothingToSend(Refused):
    """No approved payout of this currency waits."""

    code: ClassVar[str] = "NOTHING_TO_SEND"


class BankSignatureInvalid(Unauthenticated):
    """A notice that is not signed with the bank's secret, or is too old (401)."""

    code: ClassVar[str] = "BANK_SIGNATURE_INVALID"


class BankMessageChanged(Refused):
    """A message id or a line of the bank that is known already came again with other content (409)."""

    code: ClassVar[str] = "BANK_MESSAGE_CHANGED"
