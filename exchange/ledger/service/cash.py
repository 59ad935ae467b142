"""Commands and queries of the ledger: deposits, holds, releases, accounts.

``hold``, ``release`` and ``apply_holds`` are called by services that have already judged the command.
"""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.money import Money, unscale_decimal
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.infra.settings import settings
from exchange.ledger import store
from exchange.ledger.cover import HoldChange, HoldOutcome, covered
from exchange.ledger.errors import (
    AccountNotFound,
    AmountNotPositive,
    BankAccountNotOpen,
    FundsNotCovered,
    SandboxOnly,
)
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.tables import AccountRow, LedgerEntryRow
from exchange.parties import service as parties


def open_cash_account(tx: Tx, actor: Actor, *, organisation_id: str, currency: str) -> AccountRow:
    """The organisation's cash account in a currency, opened when missing. Operators only."""
    actor.require("accounts:write")
    parties.organisation_of(tx, actor, organisation_id)
    return store.open_account(tx, organisation_id, currency, AccountKind.CASH)


def cash_account(tx: Tx, organisation_id: str, currency: str) -> str:
    """The id of an organisation's cash account in a currency, opened when missing; for other services."""
    return store.open_account(tx, organisation_id, currency, AccountKind.CASH).id


def deposit(tx: Tx, actor: Actor, now: datetime, *, account_id: str, amount: Money, reference_id: str) -> AccountRow:
    """Book simulated money that arrived: cash leg and bank leg of one transfer, summing to zero.

    Sandbox only, until a bank is connected.
    """
    actor.require("accounts:write")
    if not settings().sandbox:
        raise SandboxOnly
    if amount.minor <= 0:
        raise AmountNotPositive
    found = store.account(tx, account_id)
    if found is None or found.currency != amount.currency:
        raise AccountNotFound
    if found.kind is not AccountKind.CASH:
        raise BankAccountNotOpen
    cash, bank = _locked_pair(tx, found)
    transfer_id = new_id("transfer")
    store.post(tx, [(cash, amount.minor), (bank, -amount.minor)], EntryKind.DEPOSIT, reference_id, transfer_id, now)
    emit(
        tx,
        now,
        Event(
            "money.deposited",
            cash.id,
            audience=(str(cash.organisation_id),),
            data={"amount_minor": amount.minor, "currency": amount.currency, "transfer_id": transfer_id},
        ),
        actor_id=actor.user_id,
    )
    return cash


def hold(tx: Tx, now: datetime, *, account_id: str, amount_minor: int, reference_id: str) -> None:
    """Set money aside for a reference. MONEY_NOT_COVERED when less is free."""
    if amount_minor <= 0:
        raise AmountNotPositive
    change = HoldChange(account_id, amount_minor, reference_id, new_id("transfer"))
    if apply_holds(tx, [change], now).uncovered:
        row = store.account(tx, account_id)
        if row is None:
            raise AccountNotFound
        raise FundsNotCovered(
            amount=f"{unscale_decimal(amount_minor, 2)} {row.currency}",
            free=f"{unscale_decimal(row.posted_minor - row.held_minor, 2)} {row.currency}",
        )


def release(tx: Tx, now: datetime, *, account_id: str, amount_minor: int, reference_id: str) -> None:
    """Give held money back to the free part of its account."""
    if amount_minor <= 0:
        raise AmountNotPositive
    apply_holds(tx, [HoldChange(account_id, -amount_minor, reference_id, new_id("transfer"))], now)


def apply_holds(tx: Tx, changes: Sequence[HoldChange], now: datetime) -> HoldOutcome:
    """Hold and release for many references at once: two statements whatever their number.

    Locks the accounts in id order. Changes are taken in the order given; one that lacks cover (or whose account does
    not exist) is left out and reported by its position, the others are written.
    """
    if not changes:
        return HoldOutcome(frozenset(), frozenset())
    balances = store.lock_balances(tx, [change.account_id for change in changes])
    taken = covered(changes, balances)
    due = [change for position, change in enumerate(changes) if position in taken and change.delta_minor]
    if due:
        store.shift_held(tx, due, now)
    missing = frozenset(range(len(changes))) - taken
    return HoldOutcome(missing, frozenset(changes[position].account_id for position in missing))


def accounts_for(tx: Tx, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Cash account ids by (organisation id, currency); missing ones are absent."""
    return store.accounts_for(tx, wanted) if wanted else {}


def cash_minor(tx: Tx, organisation_id: str, currency: str) -> int:
    """What an organisation has on its cash account, held or free, in minor units; nothing without an account."""
    account_id = accounts_for(tx, [(organisation_id, currency)]).get((organisation_id, currency))
    row = store.account(tx, account_id) if account_id else None
    return row.posted_minor if row else 0


def accounts_of(
    tx: Tx, actor: Actor, *, organisation_id: str | None = None, after: str | None = None, limit: int = 200
) -> list[AccountRow]:
    """Cash accounts of the caller's organisation; operators and auditors may ask for any or all."""
    actor.require("accounts:read")
    if not actor.sees_everything:
        organisation_id = actor.organisation_id
    return store.accounts(tx, organisation_id, after=after, limit=limit)


def entries_of(
    tx: Tx, actor: Actor, *, account_id: str, before: int | None = None, limit: int = 200
) -> tuple[AccountRow, list[LedgerEntryRow]]:
    """An account with its entries, newest first. Another organisation's account does not exist for the caller."""
    actor.require("accounts:read")
    row = store.account(tx, account_id)
    if row is None or not (actor.sees_everything or row.organisation_id == actor.organisation_id):
        raise AccountNotFound
    return row, store.entries(tx, account_id, before=before, limit=limit)


def _locked_pair(tx: Tx, found: AccountRow) -> tuple[AccountRow, AccountRow]:
    """The cash account and its bank side, locked; the bank side is locked second and by deposits alone."""
    cash = store.lock_account(tx, found.id)
    if cash is None:
        raise AccountNotFound
    return cash, store.open_account(tx, found.organisation_id, found.currency, AccountKind.BANK)
