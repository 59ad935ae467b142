"""SQL of agreements and signatures."""

from sqlmodel import col, select

from exchange.infra.database import Tx
from exchange.settlement.tables.agreements import AgreementRow, SignatureRow


def add(tx: Tx, row: AgreementRow | SignatureRow) -> None:
    """Write a new version or a signature."""
    tx.add(row)
    tx.flush()


def agreement(tx: Tx, agreement_id: str) -> AgreementRow | None:
    """One version of an agreement."""
    return tx.get(AgreementRow, agreement_id)


def versions(tx: Tx, deal_id: str) -> list[AgreementRow]:
    """All versions of a deal's agreement, oldest first."""
    query = select(AgreementRow).where(AgreementRow.deal_id == deal_id)
    return list(tx.exec(query.order_by(col(AgreementRow.version))))


def signatures(tx: Tx, agreement_id: str) -> list[SignatureRow]:
    """Signatures of a version, oldest first."""
    query = select(SignatureRow).where(SignatureRow.agreement_id == agreement_id)
    return list(tx.exec(query.order_by(col(SignatureRow.id))))
