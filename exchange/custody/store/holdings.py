"""SQL of custody. Every change of a holding is guarded in the statement itself and leaves an entry."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import TextClause, text
from sqlmodel import col, select

from exchange.core.ids import new_id
from exchange.custody.roll import Change, Holding
from exchange.custody.tables import CustodyEntryKind, CustodyEntryRow, HoldingRow, InterestTransferRow
from exchange.infra.database import Tx

_SHIFT_FROZEN = text(
    "UPDATE holding SET frozen_minor = frozen_minor + :delta, version = version + 1 WHERE id = :id "
    "AND frozen_minor + :delta >= 0 AND frozen_minor + :delta + pledged_minor <= subscribed_minor "
    "RETURNING id, fund_id, holder_organisation_id, subscribed_minor, paid_in_minor, unfunded_minor, "
    "frozen_minor, pledged_minor, version, is_simulated"
)

_SHIFT_PLEDGED = text(
    "UPDATE holding SET pledged_minor = pledged_minor + :delta, version = version + 1 WHERE id = :id "
    "AND pledged_minor + :delta >= 0 AND frozen_minor + pledged_minor + :delta <= subscribed_minor "
    "RETURNING id, fund_id, holder_organisation_id, subscribed_minor, paid_in_minor, unfunded_minor, "
    "frozen_minor, pledged_minor, version, is_simulated"
)

_ENTRIES = text(
    "INSERT INTO custody_entry (id, holding_id, kind, subscribed_delta_minor, paid_in_delta_minor, "
    "unfunded_delta_minor, frozen_delta_minor, pledged_delta_minor, reference_id, actor_id, at) "
    "SELECT e.id, e.holding_id, e.kind, e.subscribed, e.paid_in, e.unfunded, 0, 0, :reference_id, :actor_id, :at "
    "FROM unnest(CAST(:ids AS text[]), CAST(:holding_ids AS text[]), CAST(:kinds AS text[]), "
    "CAST(:subscribed AS bigint[]), CAST(:paid_in AS bigint[]), CAST(:unfunded AS bigint[])) "
    "AS e(id, holding_id, kind, subscribed, paid_in, unfunded)"
)

_INSERT = text(
    "INSERT INTO holding (id, fund_id, holder_organisation_id, subscribed_minor, paid_in_minor, unfunded_minor, "
    "frozen_minor, pledged_minor, version, is_simulated) "
    "SELECT n.id, n.fund_id, n.holder_id, n.subscribed, n.paid_in, n.unfunded, 0, 0, 1, n.is_simulated "
    "FROM unnest(CAST(:ids AS text[]), CAST(:fund_ids AS text[]), CAST(:holder_ids AS text[]), "
    "CAST(:subscribed AS bigint[]), CAST(:paid_in AS bigint[]), CAST(:unfunded AS bigint[]), "
    "CAST(:is_simulated AS boolean[])) AS n(id, fund_id, holder_id, subscribed, paid_in, unfunded, is_simulated)"
)

_CORRECT = text(
    "UPDATE holding h SET subscribed_minor = h.subscribed_minor + d.subscribed, "
    "paid_in_minor = h.paid_in_minor + d.paid_in, unfunded_minor = h.unfunded_minor + d.unfunded, "
    "version = h.version + 1 "
    "FROM unnest(CAST(:ids AS text[]), CAST(:subscribed AS bigint[]), CAST(:paid_in AS bigint[]), "
    "CAST(:unfunded AS bigint[])) AS d(id, subscribed, paid_in, unfunded) WHERE h.id = d.id"
)

_BY_KEYS = (
    "SELECT id, fund_id, holder_organisation_id, subscribed_minor, paid_in_minor, unfunded_minor, "
    "frozen_minor, pledged_minor, version, is_simulated FROM holding WHERE (fund_id, holder_organisation_id) IN "
    "(SELECT * FROM unnest(CAST(:fund_ids AS text[]), CAST(:holder_ids AS text[]))) ORDER BY id"
)


def _holding(row: HoldingRow) -> Holding:
    return Holding(
        id=row.id,
        fund_id=row.fund_id,
        holder_organisation_id=row.holder_organisation_id,
        subscribed_minor=row.subscribed_minor,
        paid_in_minor=row.paid_in_minor,
        unfunded_minor=row.unfunded_minor,
        frozen_minor=row.frozen_minor,
        pledged_minor=row.pledged_minor,
        version=row.version,
        is_simulated=row.is_simulated,
    )


def holding(tx: Tx, holding_id: str) -> Holding | None:
    """One holding as it is committed or changed in this transaction."""
    row = tx.get(HoldingRow, holding_id, populate_existing=True)
    return _holding(row) if row else None


def holdings(
    tx: Tx,
    *,
    fund_ids: Sequence[str] | None = None,
    holder_id: str | None = None,
    visible_to: str | None = None,
    managed_fund_ids: Sequence[str] = (),
    after: str | None = None,
    limit: int | None = None,
) -> list[Holding]:
    """Holdings in id order. ``visible_to`` limits to that holder's own and to the funds it manages."""
    query = select(HoldingRow).order_by(col(HoldingRow.id))
    if fund_ids is not None:
        query = query.where(col(HoldingRow.fund_id).in_(fund_ids))
    if holder_id is not None:
        query = query.where(HoldingRow.holder_organisation_id == holder_id)
    if visible_to is not None:
        own = col(HoldingRow.holder_organisation_id) == visible_to
        query = query.where(own | col(HoldingRow.fund_id).in_(managed_fund_ids))
    if after is not None:
        query = query.where(col(HoldingRow.id) > after)
    if limit is not None:
        query = query.limit(limit)
    rows = tx.exec(query, execution_options={"populate_existing": True}).all()
    return [_holding(row) for row in rows]


def holdings_by_key(tx: Tx, keys: Sequence[tuple[str, str]], *, lock: bool = False) -> dict[tuple[str, str], Holding]:
    """Holdings by (fund, holder); with ``lock`` they are locked in id order."""
    tx.flush()
    statement = text(_BY_KEYS + (" FOR NO KEY UPDATE" if lock else ""))
    parameters = {"fund_ids": [key[0] for key in keys], "holder_ids": [key[1] for key in keys]}
    found = [Holding(*row) for row in tx.connection().execute(statement, parameters)]
    return {row.key: row for row in found}


def shift_frozen(
    tx: Tx, holding_id: str, delta_minor: int, reference_id: str, actor_id: str, now: datetime
) -> Holding | None:
    """Freeze (positive) or release (negative) if the holding allows it, with its entry; None when it does not."""
    entry = CustodyEntryRow(
        id=new_id("custody_entry"),
        holding_id=holding_id,
        kind=CustodyEntryKind.FROZEN if delta_minor > 0 else CustodyEntryKind.RELEASED,
        frozen_delta_minor=delta_minor,
        reference_id=reference_id,
        actor_id=actor_id,
        at=now,
    )
    return _shift(tx, _SHIFT_FROZEN, delta_minor, entry)


def shift_pledged(
    tx: Tx, holding_id: str, delta_minor: int, reference_id: str, actor_id: str, now: datetime
) -> Holding | None:
    """Pledge (positive) or give back (negative) if the holding allows it, with its entry; None when it does not."""
    entry = CustodyEntryRow(
        id=new_id("custody_entry"),
        holding_id=holding_id,
        kind=CustodyEntryKind.PLEDGED if delta_minor > 0 else CustodyEntryKind.UNPLEDGED,
        pledged_delta_minor=delta_minor,
        reference_id=reference_id,
        actor_id=actor_id,
        at=now,
    )
    return _shift(tx, _SHIFT_PLEDGED, delta_minor, entry)


def _shift(tx: Tx, statement: TextClause, delta_minor: int, entry: CustodyEntryRow) -> Holding | None:
    tx.flush()
    row = tx.connection().execute(statement, {"id": entry.holding_id, "delta": delta_minor}).one_or_none()
    if row is None:
        return None
    tx.add(entry)
    tx.flush()
    return Holding(*row)


def frozen_for(tx: Tx, holding_id: str, reference_id: str) -> int:
    """What this reference has frozen of the holding and not released, in minor units."""
    tx.flush()
    statement = text(
        "SELECT coalesce(sum(frozen_delta_minor), 0)::bigint FROM custody_entry "
        "WHERE reference_id = :reference_id AND holding_id = :holding_id"
    )
    parameters = {"reference_id": reference_id, "holding_id": holding_id}
    return int(tx.connection().execute(statement, parameters).scalar_one())


def apply_changes(tx: Tx, changes: Sequence[Change], reference_id: str, actor_id: str, now: datetime) -> list[str]:
    """Write new holdings and corrections with one entry each; returns the holding ids in the order given."""
    tx.flush()
    ids = [change.current.id if change.current else new_id("holding") for change in changes]
    pairs = list(zip(ids, changes, strict=True))
    new = [(holding_id, change.record) for holding_id, change in pairs if change.is_new]
    corrected = [(holding_id, change) for holding_id, change in pairs if not change.is_new]
    connection = tx.connection()
    if new:
        connection.execute(
            _INSERT,
            {
                "ids": [holding_id for holding_id, _ in new],
                "fund_ids": [record.fund_id for _, record in new],
                "holder_ids": [record.holder_organisation_id for _, record in new],
                "subscribed": [record.subscribed_minor for _, record in new],
                "paid_in": [record.paid_in_minor for _, record in new],
                "unfunded": [record.unfunded_minor for _, record in new],
                "is_simulated": [record.is_simulated for _, record in new],
            },
        )
    if corrected:
        connection.execute(
            _CORRECT,
            {
                "ids": [holding_id for holding_id, _ in corrected],
                "subscribed": [change.subscribed_delta_minor for _, change in corrected],
                "paid_in": [change.paid_in_delta_minor for _, change in corrected],
                "unfunded": [change.unfunded_delta_minor for _, change in corrected],
            },
        )
    connection.execute(
        _ENTRIES,
        {
            "ids": [new_id("custody_entry") for _ in pairs],
            "holding_ids": ids,
            "kinds": [
                (CustodyEntryKind.RECORDED if change.is_new else CustodyEntryKind.CORRECTED).value
                for _, change in pairs
            ],
            "subscribed": [change.subscribed_delta_minor for _, change in pairs],
            "paid_in": [change.paid_in_delta_minor for _, change in pairs],
            "unfunded": [change.unfunded_delta_minor for _, change in pairs],
            "reference_id": reference_id,
            "actor_id": actor_id,
            "at": now,
        },
    )
    return ids


_LOCK = (
    "SELECT id, fund_id, holder_organisation_id, subscribed_minor, paid_in_minor, unfunded_minor, frozen_minor, "
    "pledged_minor, version, is_simulated FROM holding WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"
)
_OPEN_HOLDING = (
    "INSERT INTO holding (id, fund_id, holder_organisation_id, subscribed_minor, paid_in_minor, unfunded_minor, "
    "frozen_minor, pledged_minor, version, is_simulated) VALUES (:id, :fund_id, :holder_id, 0, 0, 0, 0, 0, 1, "
    ":is_simulated) ON CONFLICT (fund_id, holder_organisation_id) DO NOTHING"
)
# The condition stands in the statement: what is frozen or pledged for others never goes.
_MOVE = (
    "UPDATE holding SET subscribed_minor = subscribed_minor + :subscribed, paid_in_minor = paid_in_minor + :paid_in, "
    "unfunded_minor = unfunded_minor + :unfunded, frozen_minor = frozen_minor + :frozen, version = version + 1 "
    "WHERE id = :id AND subscribed_minor + :subscribed >= frozen_minor + :frozen + pledged_minor "
    "AND frozen_minor + :frozen >= 0 AND paid_in_minor + :paid_in >= 0 AND unfunded_minor + :unfunded >= 0"
)


def lock_holdings(tx: Tx, holding_ids: Sequence[str]) -> dict[str, Holding]:
    """Holdings by id, locked in id order."""
    tx.flush()
    found = tx.connection().execute(text(_LOCK), {"ids": sorted(set(holding_ids))})
    return {row[0]: Holding(*row) for row in found}


def open_holding(tx: Tx, fund_id: str, holder_id: str, *, is_simulated: bool) -> str:
    """The id of a holder's line on a fund's roll, opened with nothing when missing."""
    tx.flush()
    values = {"id": new_id("holding"), "fund_id": fund_id, "holder_id": holder_id, "is_simulated": is_simulated}
    tx.connection().execute(text(_OPEN_HOLDING), values)
    return holdings_by_key(tx, [(fund_id, holder_id)])[fund_id, holder_id].id


def move(tx: Tx, entry: CustodyEntryRow) -> bool:
    """Change a locked holding by the deltas of an entry and write it; False when the holding does not allow it."""
    tx.flush()
    changed = tx.connection().execute(
        text(_MOVE),
        {
            "id": entry.holding_id,
            "subscribed": entry.subscribed_delta_minor,
            "paid_in": entry.paid_in_delta_minor,
            "unfunded": entry.unfunded_delta_minor,
            "frozen": entry.frozen_delta_minor,
        },
    )
    if changed.rowcount != 1:
        return False
    tx.add(entry)
    tx.flush()
    return True


def add_transfer(tx: Tx, row: InterestTransferRow) -> None:
    """Write a transfer of an interest."""
    tx.add(row)
    tx.flush()


def transfer_by_reference(tx: Tx, reference_id: str) -> InterestTransferRow | None:
    """The transfer that one reference made."""
    return tx.exec(select(InterestTransferRow).where(InterestTransferRow.reference_id == reference_id)).one_or_none()


def last_bought_at(tx: Tx, holding_id: str) -> datetime | None:
    """When something last came to a holding by a transfer that was not undone."""
    undone = select(InterestTransferRow.reverses_id).where(col(InterestTransferRow.reverses_id).is_not(None))
    query = (
        select(InterestTransferRow.at)
        .where(InterestTransferRow.to_holding_id == holding_id)
        .where(col(InterestTransferRow.reverses_id).is_(None), col(InterestTransferRow.id).not_in(undone))
        .order_by(col(InterestTransferRow.at).desc())
    )
    return tx.exec(query.limit(1)).one_or_none()


def reversal_of(tx: Tx, transfer_id: str) -> InterestTransferRow | None:
    """The transfer that undid another one."""
    return tx.exec(select(InterestTransferRow).where(InterestTransferRow.reverses_id == transfer_id)).one_or_none()
