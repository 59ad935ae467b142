"""Until when a question is to be answered, counted again when a year of the calendar is loaded."""

from datetime import datetime

from exchange.access.actor import SYSTEM
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.diligence.room import QuestionState
from exchange.diligence.service.questions import ANSWER_WORKING_DAYS
from exchange.diligence.store import questions as store
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.rulebook import service as rulebook

WAITING = frozenset({QuestionState.ASKED, QuestionState.ASSIGNED})
"""Questions that still wait for their answer."""


def recount(tx: Tx, now: datetime, after: datetime) -> None:
    """Count again until when questions are to be answered that are due after an instant; once moved they stand."""
    known = rulebook.recounting(tx)
    for question_id in store.waiting_after(tx, WAITING, after):
        row = store.lock_question(tx, question_id)
        if row is None or row.state not in WAITING:
            continue
        until = known.end(row.due_at, [market_date(row.asked_at)], ANSWER_WORKING_DAYS)
        if until is None:
            continue
        row.due_at = until
        store.save(tx, row)
        data: dict[str, object] = {"due_at": until.isoformat()}
        event = Event("question.deadline_moved", row.id, (row.asker_organisation_id,), data)
        emit(tx, now, event, actor_id=SYSTEM.user_id)
