"""Routes for operators to mend a book whose next command cannot be applied."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS, ApprovalPending
from exchange.access.schemas import ApprovalView
from exchange.core.errors import Forbidden, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.matching.api.halts import WRITES
from exchange.matching.errors import BookNotFound
from exchange.matching.refusals import BookNotSetAside
from exchange.matching.schemas.matching import SetAsideView, SkipCommand
from exchange.matching.service import mending as service
from exchange.matching.service.mending import StuckBook
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["books"])

BookPath = Annotated[str, Path(pattern=f"^{id_pattern('book')}$")]


@router.get(
    "/set-aside-books",
    openapi_extra=needs("trades:read_all"),
    responses=responses(Unauthenticated, *REFUSALS, Forbidden),
)
def list_set_aside_books(tx: ReadTx, actor: CurrentActor) -> list[SetAsideView]:
    """Books whose next command cannot be applied, the longest first, each with the command and the fault."""
    return [view_of(book) for book in service.stuck_books(tx, actor)]


@router.post(
    "/books/{book_id}:retry",
    response_model=SetAsideView,
    openapi_extra=needs("halts:write"),
    responses=responses(*WRITES, BookNotFound, BookNotSetAside),
)
def retry_book(tx: WriteTx, actor: CurrentActor, book_id: BookPath, key: IdempotencyKey) -> Response:
    """Have the book tried again at once; nothing else changes."""

    def work() -> SetAsideView:
        return view_of(StuckBook(service.retry(tx, actor, business_now(tx), book_id=book_id), None))

    return once(tx, actor, f"retry_book {book_id}", key, {}, work).response()


@router.post(
    "/books/{book_id}:skip",
    status_code=202,
    response_model=ApprovalView,
    openapi_extra=needs("halts:write"),
    responses=responses(*WRITES, BookNotFound, BookNotSetAside, ApprovalPending),
)
def skip_command(
    tx: WriteTx, actor: CurrentActor, book_id: BookPath, body: SkipCommand, key: IdempotencyKey
) -> Response:
    """Ask that the book steps over its next command; a second person decides (`/approvals/{id}:approve`)."""

    def work() -> ApprovalView:
        now = business_now(tx)
        asked = service.ask_skip(tx, actor, now, book_id=book_id, sequence=body.sequence, reason=body.reason)
        return ApprovalView.of(asked)

    return once(tx, actor, f"skip_command {book_id}", key, body, work, status_code=202).response()


def view_of(book: StuckBook) -> SetAsideView:
    """A set-aside book for the wire."""
    found = book.found
    return SetAsideView(
        book_id=found.book_id,
        listing_id=found.listing_id,
        fund_id=found.fund_id,
        sequence=found.sequence,
        kind=found.kind,
        order_id=found.order_id,
        error=found.error,
        since=found.since,
        waiting=found.waiting,
        approval_id=book.asked.id if book.asked else None,
    )
