"""SQL of questions and answers."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import SQLModel, col, select

from exchange.diligence.room import QuestionState
from exchange.diligence.tables.rooms import QuestionMessageRow, QuestionRow
from exchange.infra.database import Tx


def add(tx: Tx, row: SQLModel) -> None:
    """A new row."""
    tx.add(row)
    tx.flush()


def save(tx: Tx, row: QuestionRow) -> None:
    """Write a changed question under its next version."""
    row.version += 1
    tx.flush()


def question(tx: Tx, question_id: str) -> QuestionRow | None:
    """A question, read anew."""
    return tx.get(QuestionRow, question_id, populate_existing=True)


def lock_question(tx: Tx, question_id: str) -> QuestionRow | None:
    """A question, locked until the end of the transaction, read after the lock."""
    return tx.get(QuestionRow, question_id, with_for_update=True, populate_existing=True)


def questions(tx: Tx, room_id: str) -> list[QuestionRow]:
    """Every question of a room, newest first."""
    query = select(QuestionRow).where(QuestionRow.room_id == room_id).order_by(col(QuestionRow.id).desc())
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def waiting_after(tx: Tx, states: Collection[QuestionState], moment: datetime) -> list[str]:
    """Questions in one of some states that are due after an instant, oldest first."""
    query = select(QuestionRow.id).where(col(QuestionRow.state).in_(states), col(QuestionRow.due_at) > moment)
    return list(tx.exec(query.order_by(col(QuestionRow.id))).all())


def messages(tx: Tx, question_ids: Sequence[str]) -> dict[str, list[QuestionMessageRow]]:
    """The turns of each thread, oldest first."""
    found: dict[str, list[QuestionMessageRow]] = {question_id: [] for question_id in question_ids}
    query = select(QuestionMessageRow).where(col(QuestionMessageRow.question_id).in_(question_ids))
    for row in tx.exec(query.order_by(col(QuestionMessageRow.at), col(QuestionMessageRow.id))).all():
        found[row.question_id].append(row)
    return found


def asked_since(tx: Tx, room_id: str, organisation_id: str, since: datetime) -> int:
    """How many questions an organisation asked in a room from an instant on."""
    query = (
        select(func.count())
        .select_from(QuestionRow)
        .where(
            QuestionRow.room_id == room_id,
            QuestionRow.asker_organisation_id == organisation_id,
            col(QuestionRow.asked_at) >= since,
        )
    )
    return tx.exec(query).one()
