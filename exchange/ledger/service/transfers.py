"""Transfers: groups of legs that sum to zero, posted as a whole or not at all. Called by services that have judged.

Order of locks: accounts by id, after everything else.
"""

from collections.abc import Sequence
from datetime import datetime

from exchange.core.ids import new_id
from exchange.core.money import unscale_decimal
from exchange.infra.database import Tx
from exchange.ledger import store
from exchange.ledger.cover import Balance
from exchange.ledger.errors import AccountNotFound, FundsNotCovered
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.tables import AccountRow, LedgerTransferRow
from exchange.ledger.transfer import Leg, merged, opposite, uncovered

HOUSE = frozenset({AccountKind.SETTLEMENT, AccountKind.FEES, AccountKind.SUSPENSE})


def house_account(tx: Tx, kind: AccountKind, currency: str) -> str:
    """The id of the house's account of a kind in a currency, opened when missing. It belongs to no organisation."""
    if kind not in HOUSE:
        raise ValueError("the house has a settlement, a fees and a suspense account")
    return store.open_account(tx, None, currency, kind).id


def bank_side(tx: Tx, organisation_id: str | None, currency: str) -> str:
    """The id of the bank side of an organisation's money, or of the house's for None, opened when missing."""
    return store.open_account(tx, organisation_id, currency, AccountKind.BANK).id


def cash_owner(tx: Tx, account_id: str, currency: str) -> str | None:
    """Whose cash account this is, if it is one in this currency; for money that names it."""
    row = store.account(tx, account_id)
    fits = row is not None and row.kind is AccountKind.CASH and row.currency == currency
    return row.organisation_id if row is not None and fits else None


def post_transfer(
    tx: Tx,
    now: datetime,
    *,
    legs: Sequence[Leg],
    kind: EntryKind,
    reference_id: str,
    once: str | None = None,
) -> str:
    """Post a group of legs of one currency that sum to zero; returns the transfer's id. All or nothing.

    ``once``: a cause within the reference that is posted a single time; repeating it returns the first transfer's id
    and changes nothing. MONEY_NOT_COVERED when an account has less free than a leg takes; the bank side alone may go
    below zero. ValueError for legs that do not sum to zero or mix currencies.
    """
    once_key = None if once is None else f"{reference_id}/{once}"
    if once_key is not None and (known := store.transfer_by_once_key(tx, once_key)) is not None:
        return known.id
    return _post(tx, now, legs, kind, reference_id, once_key=once_key, reverses=None)


def reverse_transfer(tx: Tx, now: datetime, *, transfer_id: str, reference_id: str) -> str:
    """Post the exact opposite of a transfer, once; repeating it returns the reversal's id.

    MONEY_NOT_COVERED when who received the money has not enough free any more.
    """
    once_key = f"{transfer_id}/reversal"
    known = store.transfer_by_once_key(tx, once_key)
    if known is not None:
        return known.id
    legs = opposite(store.legs_of(tx, transfer_id))
    return _post(tx, now, legs, EntryKind.REVERSAL, reference_id, once_key=once_key, reverses=transfer_id)


def transfers_of(tx: Tx, reference_id: str) -> list[LedgerTransferRow]:
    """Transfers of a reference that stand: neither reversals nor reversed, oldest first."""
    return store.transfers_of(tx, reference_id)


def posted_for(tx: Tx, account_id: str, reference_id: str) -> int:
    """What one reference has posted on an account in all, in minor units; negative when it took more than it gave."""
    return store.posted_for(tx, account_id, reference_id)


def settlement_balance(tx: Tx, reference_id: str, currency: str) -> int:
    """What the settlement account holds for one reference (a deal), in minor units."""
    return store.posted_for(tx, house_account(tx, AccountKind.SETTLEMENT, currency), reference_id)


def _post(
    tx: Tx,
    now: datetime,
    legs: Sequence[Leg],
    kind: EntryKind,
    reference_id: str,
    *,
    once_key: str | None,
    reverses: str | None,
) -> str:
    due = merged(legs)
    rows = store.accounts_by_id(tx, [leg.account_id for leg in due])
    if len(rows) < len(due):
        raise AccountNotFound
    currencies = {row.currency for row in rows.values()}
    if len(currencies) > 1:
        raise ValueError("a transfer has one currency")
    _require_cover(due, rows)
    row = LedgerTransferRow(
        id=new_id("transfer"),
        kind=kind,
        reference_id=reference_id,
        currency=next(iter(currencies), ""),
        once_key=once_key,
        reverses_transfer_id=reverses,
        at=now,
    )
    store.post_legs(tx, row, due)
    return row.id


def _require_cover(legs: Sequence[Leg], rows: dict[str, AccountRow]) -> None:
    balances = {
        row.id: Balance(row.posted_minor, row.held_minor) for row in rows.values() if row.kind is not AccountKind.BANK
    }
    short = uncovered(legs, balances)
    if short is not None:
        row = rows[short.account_id]
        raise FundsNotCovered(
            amount=f"{unscale_decimal(-short.delta_minor, 2)} {row.currency}",
            free=f"{unscale_decimal(balances[row.id].free_minor, 2)} {row.currency}",
        )
