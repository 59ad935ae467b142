"""SQL of pledges and certificates."""

from collections.abc import Sequence

from sqlmodel import col, select

from exchange.custody.pledge import PledgeStatus
from exchange.custody.tables import CertificateRow, PledgeRow
from exchange.infra.database import Tx


def add(tx: Tx, row: PledgeRow | CertificateRow) -> None:
    """Write a row, or what was changed of it."""
    tx.add(row)
    tx.flush()


def pledge(tx: Tx, pledge_id: str) -> PledgeRow | None:
    """One pledge."""
    return tx.get(PledgeRow, pledge_id, populate_existing=True)


def lock_pledge(tx: Tx, pledge_id: str) -> PledgeRow | None:
    """One pledge, locked."""
    query = select(PledgeRow).where(PledgeRow.id == pledge_id).with_for_update(key_share=True)
    return tx.exec(query, execution_options={"populate_existing": True}).one_or_none()


def pledges(
    tx: Tx,
    *,
    visible_to: str | None,
    managed_fund_ids: Sequence[str],
    holding_id: str | None,
    status: PledgeStatus | None,
    before: str | None,
    limit: int | None,
) -> list[PledgeRow]:
    """Pledges newest first. ``visible_to`` limits to that holder's own and to the funds it manages."""
    query = select(PledgeRow).order_by(col(PledgeRow.id).desc())
    if visible_to is not None:
        own = col(PledgeRow.holder_organisation_id) == visible_to
        query = query.where(own | col(PledgeRow.fund_id).in_(managed_fund_ids))
    if holding_id is not None:
        query = query.where(PledgeRow.holding_id == holding_id)
    if status is not None:
        query = query.where(PledgeRow.status == status)
    if before is not None:
        query = query.where(col(PledgeRow.id) < before)
    if limit is not None:
        query = query.limit(limit)
    return list(tx.exec(query))


def certificate(tx: Tx, certificate_id: str) -> CertificateRow | None:
    """One certificate."""
    return tx.get(CertificateRow, certificate_id)


def certificate_of(tx: Tx, holding_id: str, holding_version: int) -> CertificateRow | None:
    """The certificate of a holding at one version."""
    query = select(CertificateRow).where(
        CertificateRow.holding_id == holding_id, CertificateRow.holding_version == holding_version
    )
    return tx.exec(query).one_or_none()
