"""SQL of the ledger. Entries are inserted, never changed; an account always equals the sum of its entries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import col, select

from exchange.core.ids import new_id
from exchange.infra.database import Tx, cursor
from exchange.ledger.cover import Balance, HoldChange
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.tables import AccountRow, LedgerEntryRow, LedgerTransferRow
from exchange.ledger.transfer import Leg

_OPEN = text(
    "INSERT INTO account (id, organisation_id, kind, currency, posted_minor, held_minor) "
    "VALUES (:id, :organisation_id, :kind, :currency, 0, 0) "
    "ON CONFLICT (organisation_id, currency, kind) DO NOTHING"
)

_BALANCES = "SELECT id, posted_minor, held_minor FROM account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

# One statement for both tables: the sums of the entries move the accounts, the entries explain them.
_APPLY = """
WITH leg AS (
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[])
    AS l(account_id, delta, reference_id, transfer_id)
), moved AS (
    UPDATE account a SET held_minor = a.held_minor + s.delta
    FROM (SELECT account_id, sum(delta)::bigint AS delta FROM leg GROUP BY account_id) s
    WHERE a.id = s.account_id
)
INSERT INTO ledger_entry (transfer_id, account_id, kind, posted_delta_minor, held_delta_minor, reference_id, at)
SELECT transfer_id, account_id, CASE WHEN delta > 0 THEN 'hold' ELSE 'release' END, 0, delta, reference_id, %s FROM leg
"""

_ACCOUNTS_FOR = """
SELECT a.organisation_id, a.currency, a.id FROM account a
JOIN unnest(%s::text[], %s::text[]) AS w(organisation_id, currency)
ON a.organisation_id = w.organisation_id AND a.currency = w.currency WHERE a.kind = 'cash'
"""


def account(tx: Tx, account_id: str) -> AccountRow | None:
    """One account, read anew."""
    return tx.get(AccountRow, account_id, populate_existing=True)


def accounts(tx: Tx, organisation_id: str | None, *, after: str | None, limit: int) -> list[AccountRow]:
    """Cash accounts in id order, of one organisation or of all."""
    query = select(AccountRow).where(AccountRow.kind == AccountKind.CASH).order_by(col(AccountRow.id)).limit(limit)
    if organisation_id is not None:
        query = query.where(AccountRow.organisation_id == organisation_id)
    if after is not None:
        query = query.where(col(AccountRow.id) > after)
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def entries(tx: Tx, account_id: str, *, before: int | None, limit: int) -> list[LedgerEntryRow]:
    """Entries of an account, newest first."""
    query = select(LedgerEntryRow).where(LedgerEntryRow.account_id == account_id)
    if before is not None:
        query = query.where(col(LedgerEntryRow.id) < before)
    return list(tx.exec(query.order_by(col(LedgerEntryRow.id).desc()).limit(limit)).all())


def open_account(tx: Tx, organisation_id: str | None, currency: str, kind: AccountKind) -> AccountRow:
    """The account of an organisation (None: of the house) of this kind and currency, made when missing, locked."""
    tx.flush()
    tx.connection().execute(
        _OPEN,
        {"id": new_id("account"), "organisation_id": organisation_id, "kind": kind.value, "currency": currency},
    )
    query = select(AccountRow).where(
        col(AccountRow.organisation_id).is_not_distinct_from(organisation_id),
        AccountRow.currency == currency,
        AccountRow.kind == kind,
    )
    locked = query.with_for_update(key_share=True)
    return tx.exec(locked, execution_options={"populate_existing": True}).one()


def lock_account(tx: Tx, account_id: str) -> AccountRow | None:
    """One account, locked until the end of the transaction."""
    return tx.get(AccountRow, account_id, with_for_update={"key_share": True}, populate_existing=True)


def post(
    tx: Tx, legs: Sequence[tuple[AccountRow, int]], kind: EntryKind, reference_id: str, transfer_id: str, now: datetime
) -> None:
    """Write the legs of one transfer; the accounts are locked and the legs sum to zero."""
    for row, delta_minor in legs:
        row.posted_minor += delta_minor
        tx.add(
            LedgerEntryRow(
                transfer_id=transfer_id,
                account_id=row.id,
                kind=kind,
                posted_delta_minor=delta_minor,
                reference_id=reference_id,
                at=now,
            )
        )
    tx.flush()


def lock_balances(tx: Tx, account_ids: Sequence[str]) -> dict[str, Balance]:
    """Lock accounts in id order and read what they have."""
    with cursor(tx) as sql:
        sql.execute(_BALANCES, (sorted(set(account_ids)),))
        return {str(row[0]): Balance(_integer(row[1]), _integer(row[2])) for row in sql.fetchall()}


def shift_held(tx: Tx, changes: Sequence[HoldChange], now: datetime) -> None:
    """Move what is held on locked accounts and write one entry a change."""
    with cursor(tx) as sql:
        sql.execute(
            _APPLY,
            (
                [change.account_id for change in changes],
                [change.delta_minor for change in changes],
                [change.reference_id for change in changes],
                [change.transfer_id for change in changes],
                now,
            ),
        )


_POST = """
WITH leg AS (SELECT * FROM unnest(%s::text[], %s::bigint[]) AS l(account_id, delta)), moved AS (
    UPDATE account a SET posted_minor = a.posted_minor + leg.delta FROM leg WHERE a.id = leg.account_id
)
INSERT INTO ledger_entry (transfer_id, account_id, kind, posted_delta_minor, held_delta_minor, reference_id, at)
SELECT %s, account_id, %s, delta, 0, %s, %s FROM leg ORDER BY account_id
"""


def accounts_by_id(tx: Tx, account_ids: Sequence[str]) -> dict[str, AccountRow]:
    """Accounts by id, locked in id order and read after the lock."""
    tx.flush()
    query = select(AccountRow).where(col(AccountRow.id).in_(sorted(set(account_ids)))).order_by(col(AccountRow.id))
    locked = query.with_for_update(key_share=True)
    return {row.id: row for row in tx.exec(locked, execution_options={"populate_existing": True})}


def post_legs(tx: Tx, transfer: LedgerTransferRow, legs: Sequence[Leg]) -> None:
    """Write a transfer and its legs on locked accounts, in two statements whatever their number."""
    tx.add(transfer)
    tx.flush()
    with cursor(tx) as sql:
        sql.execute(
            _POST,
            (
                [leg.account_id for leg in legs],
                [leg.delta_minor for leg in legs],
                transfer.id,
                transfer.kind.value,
                transfer.reference_id,
                transfer.at,
            ),
        )


def transfer(tx: Tx, transfer_id: str) -> LedgerTransferRow | None:
    """One group of legs."""
    return tx.get(LedgerTransferRow, transfer_id)


def transfer_by_once_key(tx: Tx, once_key: str) -> LedgerTransferRow | None:
    """The transfer that was posted once for a cause."""
    return tx.exec(select(LedgerTransferRow).where(LedgerTransferRow.once_key == once_key)).one_or_none()


def transfers_of(tx: Tx, reference_id: str) -> list[LedgerTransferRow]:
    """Transfers of one reference that are no reversals and were not reversed, oldest first."""
    reversed_ids = select(LedgerTransferRow.reverses_transfer_id).where(
        col(LedgerTransferRow.reverses_transfer_id).is_not(None)
    )
    query = select(LedgerTransferRow).where(
        LedgerTransferRow.reference_id == reference_id,
        col(LedgerTransferRow.reverses_transfer_id).is_(None),
        col(LedgerTransferRow.id).not_in(reversed_ids),
    )
    return list(tx.exec(query.order_by(col(LedgerTransferRow.at), col(LedgerTransferRow.id))))


def legs_of(tx: Tx, transfer_id: str) -> list[Leg]:
    """The posted legs of a transfer."""
    query = select(LedgerEntryRow).where(LedgerEntryRow.transfer_id == transfer_id).order_by(col(LedgerEntryRow.id))
    return [Leg(row.account_id, row.posted_delta_minor) for row in tx.exec(query)]


def posted_for(tx: Tx, account_id: str, reference_id: str) -> int:
    """What one reference has on an account: the sum of its posted legs there, in minor units."""
    query = select(func.coalesce(func.sum(col(LedgerEntryRow.posted_delta_minor)), 0)).where(
        LedgerEntryRow.account_id == account_id, LedgerEntryRow.reference_id == reference_id
    )
    return int(tx.exec(query).one())


def accounts_for(tx: Tx, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Cash account ids by (organisation, currency)."""
    with cursor(tx) as sql:
        sql.execute(_ACCOUNTS_FOR, ([pair[0] for pair in wanted], [pair[1] for pair in wanted]))
        return {(str(row[0]), str(row[1])): str(row[2]) for row in sql.fetchall()}


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a BIGINT column gave no integer")
    return value
