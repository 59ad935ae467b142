"""SQL of the payment plans of bids."""

from sqlmodel import col, select

from exchange.infra.database import Tx
from exchange.matching.tables import OrderPlanRow


def add(tx: Tx, row: OrderPlanRow) -> None:
    """Write what a bidder said."""
    tx.add(row)
    tx.flush()


def latest(tx: Tx, order_id: str) -> OrderPlanRow | None:
    """What the bidder of an order said last."""
    query = (
        select(OrderPlanRow)
        .where(OrderPlanRow.order_id == order_id)
        .order_by(col(OrderPlanRow.at).desc(), col(OrderPlanRow.id).desc())
    )
    return tx.exec(query.limit(1)).one_or_none()


def of_book(tx: Tx, book_id: str) -> list[OrderPlanRow]:
    """What the bidders of a book said last, one row an order."""
    query = (
        select(OrderPlanRow).where(OrderPlanRow.book_id == book_id).order_by(col(OrderPlanRow.at), col(OrderPlanRow.id))
    )
    return list({row.order_id: row for row in tx.exec(query)}.values())
