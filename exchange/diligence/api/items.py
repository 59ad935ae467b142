"""Routes of papers: handed in, decided about, and what waits for whom."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from exchange.access.actor import Actor
from exchange.access.api import CurrentActor
from exchange.core.errors import ExchangeError, IllegalTransition
from exchange.diligence.api.refusals import COMMAND, READ, ItemPath, ListingPath
from exchange.diligence.api.views import history_view, item_view, task_view
from exchange.diligence.errors import (
    ChecklistNotFound,
    DocumentNotClean,
    DocumentNotOwn,
    FileKindNotAccepted,
    ItemNotFound,
    NotItemProvider,
    NotItemReviewer,
    PaperExpired,
    PapersInvalid,
    ReasonMissing,
    ReviewedByProvider,
    WaiverForbidden,
)
from exchange.diligence.item import ItemEvent
from exchange.diligence.schemas.checklists import ItemHistoryView, ItemsOut, TasksView
from exchange.diligence.schemas.commands import DecideItem, RequestItem, SubmitPaper, SubmitPapers
from exchange.diligence.service import items as service
from exchange.diligence.service.items import Decision
from exchange.diligence.service.reading import item_of, items_seen
from exchange.diligence.service.system_checks import NotKnownToTheRegisters
from exchange.diligence.service.tasks import tasks_of
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter()

SUBMISSION: tuple[type[ExchangeError], ...] = (
    *COMMAND,
    ChecklistNotFound,
    ItemNotFound,
    NotItemProvider,
    DocumentNotOwn,
    DocumentNotClean,
    FileKindNotAccepted,
    PapersInvalid,
    PaperExpired,
    NotKnownToTheRegisters,
    IllegalTransition,
)
DECISION: tuple[type[ExchangeError], ...] = (
    *COMMAND,
    ItemNotFound,
    NotItemReviewer,
    ReviewedByProvider,
    WaiverForbidden,
    PaperExpired,
    ReasonMissing,
    IllegalTransition,
)


@router.get(
    "/checklist-items/{item_id}",
    operation_id="get_checklist_item",
    openapi_extra=needs("diligence:read"),
    responses=responses(*READ, ItemNotFound),
)
def get_checklist_item(tx: ReadTx, actor: CurrentActor, item_id: ItemPath) -> ItemHistoryView:
    """An item with what was handed in and every decision about it, as far as they are the caller's to know."""
    return history_view(item_of(tx, actor, business_now(tx), item_id))


@router.post(
    "/checklist-items/{item_id}/submissions",
    operation_id="submit_paper",
    status_code=201,
    openapi_extra=needs("diligence:submit"),
    response_model=ItemHistoryView,
    responses=responses(*SUBMISSION),
)
def submit_paper(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, item_id: ItemPath, body: SubmitPaper
) -> JSONResponse:
    """Hand in a version of a document for one item; for an accepted item it is a new version, reviewed again."""
    now = business_now(tx)

    def work() -> ItemHistoryView:
        service.submit_paper(tx, actor, now, item_id=item_id, paper=body.paper("A00"))
        return history_view(item_of(tx, actor, now, item_id))

    return once(tx, actor, f"submit_paper {item_id}", key, body, work, status_code=201).response()


@router.post(
    "/listings/{listing_id}/submissions",
    operation_id="submit_papers",
    status_code=201,
    openapi_extra=needs("diligence:submit"),
    response_model=ItemsOut,
    responses=responses(*SUBMISSION),
)
def submit_papers(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, listing_id: ListingPath, body: SubmitPapers
) -> JSONResponse:
    """Hand in many papers of a listing at once, all or none; a refusal names each paper that cannot be taken."""
    return _submit(tx, actor, key, listing_id, body)


@router.post(
    "/account/submissions",
    operation_id="submit_account_papers",
    status_code=201,
    openapi_extra=needs("diligence:submit"),
    response_model=ItemsOut,
    responses=responses(*SUBMISSION),
)
def submit_account_papers(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: SubmitPapers) -> JSONResponse:
    """Hand in papers of the caller's own account."""
    return _submit(tx, actor, key, None, body)


@router.post(
    "/checklist-items/{item_id}:take-up",
    operation_id="take_up_checklist_item",
    openapi_extra=needs("diligence:review"),
    response_model=ItemHistoryView,
    responses=responses(*DECISION),
)
def take_up_checklist_item(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, item_id: ItemPath, body: DecideItem
) -> JSONResponse:
    """Begin to review a paper."""
    return _decide(tx, actor, key, body, Decision(item_id, ItemEvent.TAKE_UP, body.reason))


@router.post(
    "/checklist-items/{item_id}:accept",
    operation_id="accept_checklist_item",
    openapi_extra=needs("diligence:review"),
    response_model=ItemHistoryView,
    responses=responses(*DECISION),
)
def accept_checklist_item(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, item_id: ItemPath, body: DecideItem
) -> JSONResponse:
    """Accept a paper; never by the organisation that handed it in."""
    return _decide(tx, actor, key, body, Decision(item_id, ItemEvent.ACCEPT, body.reason))


@router.post(
    "/checklist-items/{item_id}:return",
    operation_id="return_checklist_item",
    openapi_extra=needs("diligence:review"),
    response_model=ItemHistoryView,
    responses=responses(*DECISION),
)
def return_checklist_item(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, item_id: ItemPath, body: DecideItem
) -> JSONResponse:
    """Give a paper back, with the reason."""
    return _decide(tx, actor, key, body, Decision(item_id, ItemEvent.RETURN, body.reason))


@router.post(
    "/checklist-items/{item_id}:waive",
    operation_id="waive_checklist_item",
    openapi_extra=needs("diligence:review"),
    response_model=ItemHistoryView,
    responses=responses(*DECISION),
)
def waive_checklist_item(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, item_id: ItemPath, body: DecideItem
) -> JSONResponse:
    """Do without a paper, with the reason; only the role that the template names, and the buyer is shown it."""
    return _decide(tx, actor, key, body, Decision(item_id, ItemEvent.WAIVE, body.reason))


@router.post(
    "/checklist-items/{item_id}:request",
    operation_id="request_checklist_item",
    openapi_extra=needs("diligence:review"),
    response_model=ItemHistoryView,
    responses=responses(*DECISION),
)
def request_checklist_item(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, item_id: ItemPath, body: RequestItem
) -> JSONResponse:
    """Ask for a paper, maybe by a day; who is asked is reminded when the day is over."""
    return _decide(tx, actor, key, body, Decision(item_id, ItemEvent.REQUEST, due_on=body.due_on))


@router.get("/tasks", operation_id="list_tasks", openapi_extra=needs("diligence:read"), responses=responses(*READ))
def list_tasks(tx: ReadTx, actor: CurrentActor, limit: Annotated[int, Query(ge=1, le=500)] = 200) -> TasksView:
    """What waits for the caller's organisation: papers to hand in and papers to review, soonest due first."""
    found = tasks_of(tx, actor, business_now(tx))
    return TasksView(items=[task_view(task) for task in found[:limit]])


def _submit(tx: Tx, actor: Actor, key: str, listing_id: str | None, body: SubmitPapers) -> JSONResponse:
    now = business_now(tx)

    def work() -> ItemsOut:
        rows = service.submit_papers(
            tx,
            actor,
            now,
            listing_id=listing_id,
            organisation_id=body.organisation_id,
            papers=[paper.paper(paper.code) for paper in body.papers],
        )
        return ItemsOut(items=[item_view(item) for item in items_seen(tx, actor, now, rows)])

    return once(tx, actor, f"submit_papers {listing_id or 'account'}", key, body, work, status_code=201).response()


def _decide(tx: Tx, actor: Actor, key: str, body: DecideItem | RequestItem, decision: Decision) -> JSONResponse:
    now = business_now(tx)

    def work() -> ItemHistoryView:
        service.decide(tx, actor, now, [decision])
        return history_view(item_of(tx, actor, now, decision.item_id))

    operation = f"{decision.event.value}_checklist_item {decision.item_id}"
    done: Callable[[], ItemHistoryView] = work
    return once(tx, actor, operation, key, body, done).response()
