"""SQL of what a fund's agreement says of transfers."""

from exchange.funds.tables import TransferTermsRow
from exchange.infra.database import Tx


def transfer_terms(tx: Tx, fund_id: str) -> TransferTermsRow | None:
    """What a fund's agreement says of transfers, if it was recorded."""
    return tx.get(TransferTermsRow, fund_id, populate_existing=True)


def save_transfer_terms(tx: Tx, row: TransferTermsRow) -> None:
    """Write new or changed terms."""
    tx.add(row)
    tx.flush()
