"""Mending a book that is set aside because its next command cannot be applied.

One operator may have it tried again, which changes nothing. To step over the command takes two: the journal keeps
the command, a register says who let it be skipped and why, and every replay refuses it as the book did. An order that
was never entered is rejected with its deposit released, a change or a cancel is refused; the consequence of any other
command (an opening, a match taken back) is for the operators to see to.
"""

from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.access.service import approvals
from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.matching.errors import BookNotFound
from exchange.matching.refusals import BookNotSetAside
from exchange.matching.store import books as book_store
from exchange.matching.store import mending as store
from exchange.matching.store.mending import SetAside
from exchange.matching.tables import SkippedCommandRow

RUN = "halts:write"
SEE = "trades:read_all"
SKIP = "skip_command"


@dataclass(frozen=True, slots=True)
class StuckBook:
    """A book that is set aside, and the question about it that waits for a second person."""

    found: SetAside
    asked: Approval | None


def stuck_books(tx: Tx, actor: Actor) -> list[StuckBook]:
    """Every book that is set aside, the longest first."""
    actor.require(SEE)
    return [StuckBook(book, approvals.pending(tx, SKIP, book.book_id)) for book in store.set_aside(tx)]


def retry(tx: Tx, actor: Actor, now: datetime, *, book_id: str) -> SetAside:
    """Have a book tried again at once, as after a repair of what its command needs."""
    actor.require(RUN)
    found = _stuck(tx, book_id)
    data: dict[str, object] = {"sequence": found.sequence}
    emit(tx, now, Event("book.retry_asked", book_id, (), data, book_id, found.listing_id), actor_id=actor.user_id)
    return found


def ask_skip(tx: Tx, actor: Actor, now: datetime, *, book_id: str, sequence: int, reason: str) -> Approval:
    """Ask a second person to let the book step over the command it stands at."""
    actor.require(RUN)
    found = _stuck(tx, book_id)
    if found.sequence != sequence:
        raise BookNotSetAside
    payload = {"sequence": sequence, "reason": reason, "error": found.error, "kind": found.kind}
    return approvals.request(tx, actor, now, SKIP, book_id, payload)


def _skip_decided(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    """Record the skip when the second person said yes and the book still stands there."""
    if not approval.is_approved:
        return
    actor.require(RUN)
    sequence = int(approval.payload["sequence"])
    book_store.lock_book(tx, approval.subject_id)
    found = _stuck(tx, approval.subject_id)
    if found.sequence != sequence:
        raise BookNotSetAside
    row = SkippedCommandRow(
        book_id=found.book_id,
        sequence=sequence,
        reason=str(approval.payload["reason"]),
        error=found.error,
        asked_by=approval.requested_by,
        approved_by=actor.user_id,
        at=now,
    )
    store.add_skip(tx, row)
    data: dict[str, object] = {"sequence": sequence, "reason": row.reason, "asked_by": row.asked_by}
    event = Event("book.command_skipped", found.book_id, (), data, found.book_id, found.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)


approvals.register(SKIP, _skip_decided)


def _stuck(tx: Tx, book_id: str) -> SetAside:
    if book_store.book(tx, book_id) is None:
        raise BookNotFound
    found = store.set_aside(tx, book_id)
    if not found:
        raise BookNotSetAside
    return found[0]
