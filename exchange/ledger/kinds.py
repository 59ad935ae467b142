"""Words of the ledger, stored by these values."""

from enum import StrEnum


class AccountKind(StrEnum):
    """A participant's cash, the bank side that makes every transfer sum to zero, or an account of the house.

    The house has, for each currency: the settlement account (buyers' money for deals), its fees, and a suspense account
    for money that is matched to nothing yet.
    """

    CASH = "cash"
    BANK = "bank"
    SETTLEMENT = "settlement"
    FEES = "fees"
    SUSPENSE = "suspense"


class EntryKind(StrEnum):
    """Why an account changed."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    HOLD = "hold"
    RELEASE = "release"
    PAYMENT_IN = "payment_in"
    PAYMENT_OUT = "payment_out"
    TO_SETTLEMENT = "to_settlement"
    PROCEEDS = "proceeds"
    FEE = "fee"
    INSTALMENT = "instalment"
    REFUND = "refund"
    FORFEIT = "forfeit"
    TRUE_UP = "true_up"
    REVERSAL = "reversal"
