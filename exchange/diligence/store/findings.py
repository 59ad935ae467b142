"""SQL of findings."""

from collections.abc import Sequence

from sqlmodel import col, select

from exchange.diligence.finding import FindingState
from exchange.diligence.tables.checklists import FindingRow
from exchange.infra.database import Tx


def finding(tx: Tx, finding_id: str, *, lock: bool = False) -> FindingRow | None:
    """One finding; with ``lock`` until the transaction ends."""
    return tx.get(FindingRow, finding_id, with_for_update={"key_share": True} if lock else None, populate_existing=True)


def findings(tx: Tx, listing_ids: Sequence[str], state: FindingState | None) -> list[FindingRow]:
    """Findings of listings, newest first."""
    query = select(FindingRow).where(col(FindingRow.listing_id).in_(listing_ids))
    if state is not None:
        query = query.where(FindingRow.state == state)
    query = query.order_by(col(FindingRow.id).desc())
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())
