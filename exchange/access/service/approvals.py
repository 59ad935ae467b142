"""Decisions that take two persons. A package registers what happens when one of its kind is decided."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from exchange.access import store
from exchange.access.actor import Actor
from exchange.access.approval import Approval, ApprovalStatus
from exchange.access.errors import AlreadyDecided, ApprovalPending, SamePerson
from exchange.access.tables import ApprovalRow
from exchange.core.errors import NotFound
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

Handler = Callable[[Tx, Actor, datetime, Approval], None]
"""Carries a decision out, in its transaction; ``is_approved`` says which way it went. May refuse."""

_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Name what carries out decisions of a kind; at import, by the package that owns the kind."""
    if _handlers.get(kind, handler) is not handler:
        raise ValueError(f"{kind} has a handler already")
    _handlers[kind] = handler


def request(tx: Tx, actor: Actor, now: datetime, kind: str, subject_id: str, payload: Mapping[str, Any]) -> Approval:
    """Ask a second person to decide. ApprovalPending (409) while the same question waits.

    The permission to ask is the caller's matter; the payload holds ids, integers and text only.
    """
    if kind not in _handlers:
        raise ValueError(f"nobody carries out {kind}")
    waiting = store.pending_approval(tx, kind, subject_id)
    if waiting is not None:
        raise ApprovalPending(approval=waiting.id)
    row = ApprovalRow(
        id=new_id("approval"),
        kind=kind,
        subject_id=subject_id,
        payload=dict(payload),
        requested_by=actor.user_id,
        requested_at=now,
    )
    store.add(tx, row)
    data = {"kind": kind, "approval_id": row.id, "payload": row.payload}
    emit(tx, now, Event("approval.requested", subject_id, data=data), actor_id=actor.user_id)
    return _value(row)


def decide(tx: Tx, actor: Actor, now: datetime, approval_id: str, status: ApprovalStatus, *, reason: str) -> Approval:
    """A second person approves or rejects, and it is carried out at once.

    SamePerson (403) for whoever asked, AlreadyDecided (409) when it is no longer pending.
    """
    actor.require("approvals:decide")
    row = store.lock_approval(tx, approval_id)
    if row is None:
        raise NotFound
    if row.status is not ApprovalStatus.PENDING:
        raise AlreadyDecided(status=row.status.value)
    if row.requested_by == actor.user_id:
        raise SamePerson
    row.status, row.decided_by, row.decided_at, row.reason = status, actor.user_id, now, reason
    tx.flush()
    approval = _value(row)
    _handlers[row.kind](tx, actor, now, approval)
    data = {"kind": row.kind, "approval_id": row.id, "status": status.value, "reason": reason}
    emit(tx, now, Event("approval.decided", row.subject_id, data=data), actor_id=actor.user_id)
    return approval


def pending(tx: Tx, kind: str, subject_id: str) -> Approval | None:
    """The question of a kind that waits about a subject, if any."""
    row = store.pending_approval(tx, kind, subject_id)
    return None if row is None else _value(row)


def approval_of(tx: Tx, actor: Actor, approval_id: str) -> Approval:
    """One approval, for those who watch or decide."""
    actor.require("parties:read")
    row = store.approval(tx, approval_id)
    if row is None:
        raise NotFound
    return _value(row)


def approvals_of(
    tx: Tx, actor: Actor, *, status: ApprovalStatus | None, before: str | None, limit: int
) -> list[Approval]:
    """Approvals, newest first."""
    actor.require("parties:read")
    return [_value(row) for row in store.approvals(tx, status, before, limit)]


def _value(row: ApprovalRow) -> Approval:
    return Approval(
        id=row.id,
        kind=row.kind,
        subject_id=row.subject_id,
        payload=row.payload,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        status=row.status,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )
