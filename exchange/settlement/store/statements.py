"""SQL of closing statements."""

from sqlmodel import col, select

from exchange.infra.database import Tx
from exchange.settlement.tables.statements import ClosingStatementRow, StatementAnswerRow


def add(tx: Tx, row: ClosingStatementRow | StatementAnswerRow) -> None:
    """Write a new version or an answer."""
    tx.add(row)
    tx.flush()


def newest(tx: Tx, deal_id: str) -> ClosingStatementRow | None:
    """The newest version of a deal's statement."""
    query = select(ClosingStatementRow).where(ClosingStatementRow.deal_id == deal_id)
    return tx.exec(query.order_by(col(ClosingStatementRow.version).desc()).limit(1)).one_or_none()


def versions(tx: Tx, deal_id: str) -> list[ClosingStatementRow]:
    """All versions of a deal's statement, oldest first."""
    query = select(ClosingStatementRow).where(ClosingStatementRow.deal_id == deal_id)
    return list(tx.exec(query.order_by(col(ClosingStatementRow.version))))


def answers(tx: Tx, statement_id: str) -> list[StatementAnswerRow]:
    """Answers to a version, oldest first."""
    query = select(StatementAnswerRow).where(StatementAnswerRow.statement_id == statement_id)
    return list(tx.exec(query.order_by(col(StatementAnswerRow.answered_at), col(StatementAnswerRow.id))))
