"""Routes of halts."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS, ApprovalPending
from exchange.access.schemas import ApprovalView
from exchange.core.errors import Busy, ExchangeError, Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.matching.errors import BookNotFound
from exchange.matching.refusals import AlreadyHalted, AlreadyLifted, HaltClosedBook, HaltNotFound
from exchange.matching.schemas.matching import HaltView, Reason, StartHalt
from exchange.matching.service import halts as service
from exchange.matching.tables import HaltRow
from exchange.rest.body import BodyTooLarge, MalformedBody
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["halts"])

HaltPath = Annotated[str, Path(pattern=f"^{id_pattern('halt')}$")]
WRITES: tuple[type[ExchangeError], ...] = (
    *REFUSALS,
    *(Unauthenticated, Forbidden, Invalid, Busy, MalformedBody, BodyTooLarge),
    *(IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyMismatch),
)


@router.get(
    "/halts",
    openapi_extra=needs("market:read"),
    responses=responses(Unauthenticated, *REFUSALS, Forbidden, Invalid),
)
def list_halts(tx: ReadTx, actor: CurrentActor, active: bool = False) -> list[HaltView]:  # noqa: FBT001, FBT002 - a query parameter
    """Halts, newest first; ``active`` leaves out those that were lifted."""
    actor.require("market:read")
    return [view_of(row) for row in service.halts_of(tx, active_only=active)]


@router.post(
    "/halts",
    status_code=201,
    response_model=HaltView,
    openapi_extra=needs("halts:write"),
    responses=responses(*WRITES, BookNotFound, AlreadyHalted, HaltClosedBook),
)
def start_halt(tx: WriteTx, actor: CurrentActor, body: StartHalt, key: IdempotencyKey) -> Response:
    """Halt a book: cancels stay allowed, its close moves by the halted time."""

    def work() -> HaltView:
        return view_of(service.halt_book(tx, actor, business_now(tx), book_id=body.book_id, reason=body.reason))

    return once(tx, actor, "start_halt", key, body, work, status_code=201).response()


@router.post(
    "/market-halts",
    status_code=201,
    response_model=ApprovalView,
    openapi_extra=needs("halts:write"),
    responses=responses(*WRITES, AlreadyHalted, ApprovalPending),
)
def ask_market_halt(tx: WriteTx, actor: CurrentActor, body: Reason, key: IdempotencyKey) -> Response:
    """Ask for a halt of the whole market; it begins when a second person approves (`/approvals/{id}:approve`)."""

    def work() -> ApprovalView:
        return ApprovalView.of(service.ask_market_halt(tx, actor, business_now(tx), reason=body.reason))

    return once(tx, actor, "ask_market_halt", key, body, work, status_code=201).response()


@router.post(
    "/halts/{halt_id}:lift",
    response_model=HaltView,
    openapi_extra=needs("halts:write"),
    responses=responses(*WRITES, HaltNotFound, AlreadyLifted),
)
def lift_halt(tx: WriteTx, actor: CurrentActor, halt_id: HaltPath, key: IdempotencyKey) -> Response:
    """Lift a halt; matching goes on where it stood."""
    return once(
        tx,
        actor,
        f"lift_halt {halt_id}",
        key,
        {},
        lambda: view_of(service.lift(tx, actor, business_now(tx), halt_id=halt_id)),
    ).response()


def view_of(row: HaltRow) -> HaltView:
    """A halt for the wire."""
    return HaltView(id=row.id, book_id=row.book_id, reason=row.reason, halted_at=row.halted_at, lifted_at=row.lifted_at)
