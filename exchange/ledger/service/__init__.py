"""Commands and queries of the ledger: cash and its holds, transfers between accounts."""

from exchange.ledger.service.cash import (
    accounts_for,
    accounts_of,
    apply_holds,
    cash_account,
    cash_minor,
    deposit,
    entries_of,
    hold,
    open_cash_account,
    release,
)
from exchange.ledger.service.transfers import (
    bank_side,
    cash_owner,
    house_account,
    post_transfer,
    posted_for,
    reverse_transfer,
    settlement_balance,
    transfers_of,
)

__all__ = [
    "accounts_for",
    "accounts_of",
    "apply_holds",
    "bank_side",
    "cash_account",
    "cash_minor",
    "cash_owner",
    "deposit",
    "entries_of",
    "hold",
    "house_account",
    "open_cash_account",
    "post_transfer",
    "posted_for",
    "release",
    "reverse_transfer",
    "settlement_balance",
    "transfers_of",
]
