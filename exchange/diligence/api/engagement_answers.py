"""What the routes of engagements share: paths, what may be refused, and the answer."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from exchange.access.actor import Actor
from exchange.core.errors import Busy, ExchangeError, Forbidden, IllegalTransition, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.diligence.advice_errors import EngagementNotFound
from exchange.diligence.schemas.engagements import EngagementView
from exchange.diligence.service import engagements as service
from exchange.infra.database import Tx
from exchange.rest.idempotency import (
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)

EngagementPath = Annotated[str, Path(pattern=f"^{id_pattern('engagement')}$")]

READ: tuple[type[ExchangeError], ...] = (Unauthenticated, Forbidden, Invalid)
KEYED: tuple[type[ExchangeError], ...] = (
    *READ,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)
COMMAND: tuple[type[ExchangeError], ...] = (*KEYED, EngagementNotFound, IllegalTransition)


def view(tx: Tx, actor: Actor, engagement_id: str) -> EngagementView:
    """The engagement as the caller may see it."""
    return EngagementView.of(service.engagement_of(tx, actor, engagement_id))


def answer_once(
    tx: Tx,
    actor: Actor,
    operation: str,
    engagement_id: str,
    key: str,
    body: BaseModel | None,
    work: Callable[[], object],
) -> JSONResponse:
    """Do the work once, and answer with the engagement as the caller sees it then."""

    def done() -> EngagementView:
        work()
        return view(tx, actor, engagement_id)

    return once(tx, actor, f"{operation} {engagement_id}", key, {} if body is None else body, done).response()
