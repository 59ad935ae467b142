"""Routes of questions and answers of a data room."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.core.errors import IllegalTransition, RulesBroken
from exchange.diligence.api.room_refusals import COMMAND, COMMAND_IN_ROOM, IN_ROOM, QuestionPath, RoomPath
from exchange.diligence.errors import ReasonMissing
from exchange.diligence.room_errors import (
    AnswerOut,
    NdaRequired,
    NotABidder,
    NotRoomSide,
    NotTheAsker,
    OwnAnswer,
    QuestionLimit,
    QuestionNotFound,
    QuestionTargetInvalid,
    RoomShut,
)
from exchange.diligence.schemas.questions import (
    AnswerQuestion,
    AskQuestion,
    AssignQuestion,
    PublishAnswer,
    QuestionsView,
    QuestionView,
    ReopenQuestion,
    StateFaq,
)
from exchange.diligence.schemas.rooms import WithRoomReason
from exchange.diligence.service import question_sheet, question_threads
from exchange.diligence.service import questions as service
from exchange.diligence.tables.rooms import QuestionRow
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.model import StrictModel
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["data rooms"])

OnlyFaq = Annotated[bool, Query(description="Only entries that stand in the FAQ.")]
SheetFormat = Literal["csv", "xlsx"]
OF_A_SIDE = (*COMMAND, QuestionNotFound, NotRoomSide, IllegalTransition)
OF_THE_ASKER = (*COMMAND, QuestionNotFound, NotTheAsker, IllegalTransition)


def _command(
    tx: Tx, actor: CurrentActor, key: str, name: str, body: StrictModel | None, work: Callable[[], QuestionRow]
) -> JSONResponse:
    def viewed() -> QuestionView:
        row = work()
        return QuestionView.of(question_threads.thread_of(tx, actor, business_now(tx), row.id))

    status = 201 if name.startswith(("ask_question", "state_faq")) else 200
    return once(tx, actor, name, key, body or {}, viewed, status_code=status).response()


@router.get(
    "/rooms/{room_id}/questions",
    operation_id="list_questions",
    openapi_extra=needs("rooms:read"),
    responses=responses(*IN_ROOM),
)
def list_questions(tx: ReadTx, actor: CurrentActor, room_id: RoomPath, *, only_faq: OnlyFaq = False) -> QuestionsView:
    """Questions one may see: all for the sides and the exchange; else one's own, and published ones without asker."""
    found = question_threads.threads_of(tx, actor, business_now(tx), room_id, only_faq=only_faq)
    return QuestionsView(items=[QuestionView.of(thread) for thread in found])


@router.post(
    "/rooms/{room_id}/questions",
    operation_id="ask_question",
    status_code=201,
    openapi_extra=needs("questions:write"),
    response_model=QuestionView,
    responses=responses(
        *COMMAND_IN_ROOM, NotABidder, NdaRequired, RoomShut, QuestionLimit, QuestionTargetInvalid, RulesBroken
    ),
)
def ask_question(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath, body: AskQuestion
) -> JSONResponse:
    """Ask, tied to a document and a page where it names them; so many a day."""

    def work() -> QuestionRow:
        return service.ask(tx, actor, business_now(tx), room_id=room_id, question=body.question())

    return _command(tx, actor, key, f"ask_question {room_id}", body, work)


@router.post(
    "/rooms/{room_id}/faq",
    operation_id="state_faq",
    status_code=201,
    openapi_extra=needs("questions:write"),
    response_model=QuestionView,
    responses=responses(*COMMAND_IN_ROOM, NotRoomSide, QuestionTargetInvalid, RulesBroken),
)
def state_faq(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath, body: StateFaq) -> JSONResponse:
    """A side enters a question with its answer; a second person publishes it."""

    def work() -> QuestionRow:
        question, answer = body.question(), body.answer
        return service.state_faq(tx, actor, business_now(tx), room_id=room_id, question=question, answer=answer)

    return _command(tx, actor, key, f"state_faq {room_id}", body, work)


@router.post(
    "/questions/{question_id}:assign",
    operation_id="assign_question",
    openapi_extra=needs("questions:write"),
    response_model=QuestionView,
    responses=responses(*OF_A_SIDE, QuestionTargetInvalid, RulesBroken),
)
def assign_question(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, question_id: QuestionPath, body: AssignQuestion
) -> JSONResponse:
    """Hand a question to the seller or to the manager."""

    def work() -> QuestionRow:
        organisation_id = body.organisation_id
        return service.assign(tx, actor, business_now(tx), question_id=question_id, organisation_id=organisation_id)

    return _command(tx, actor, key, f"assign_question {question_id}", body, work)


@router.post(
    "/questions/{question_id}:answer",
    operation_id="answer_question",
    openapi_extra=needs("questions:write"),
    response_model=QuestionView,
    responses=responses(*OF_A_SIDE, QuestionTargetInvalid, RulesBroken),
)
def answer_question(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, question_id: QuestionPath, body: AnswerQuestion
) -> JSONResponse:
    """Write the answer; nobody outside the sides reads it before it is published."""

    def work() -> QuestionRow:
        text, document_id = body.text, body.document_id
        now = business_now(tx)
        return service.answer(tx, actor, now, question_id=question_id, text=text, document_id=document_id)

    return _command(tx, actor, key, f"answer_question {question_id}", body, work)


@router.post(
    "/questions/{question_id}:publish",
    operation_id="publish_answer",
    openapi_extra=needs("questions:write"),
    response_model=QuestionView,
    responses=responses(*OF_A_SIDE, OwnAnswer, AnswerOut, ReasonMissing),
)
def publish_answer(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, question_id: QuestionPath, body: PublishAnswer
) -> JSONResponse:
    """Let an answer out, by a second person: to every bidder with the asker unnamed, or with a reason to it alone."""

    def work() -> QuestionRow:
        return service.publish(tx, actor, business_now(tx), question_id=question_id, how=body.how())

    return _command(tx, actor, key, f"publish_answer {question_id}", body, work)


@router.post(
    "/questions/{question_id}:reject",
    operation_id="reject_question",
    openapi_extra=needs("questions:write"),
    response_model=QuestionView,
    responses=responses(*OF_A_SIDE, ReasonMissing),
)
def reject_question(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, question_id: QuestionPath, body: WithRoomReason
) -> JSONResponse:
    """Refuse to answer, with the reason."""

    def work() -> QuestionRow:
        return service.reject(tx, actor, business_now(tx), question_id=question_id, reason=body.reason)

    return _command(tx, actor, key, f"reject_question {question_id}", body, work)


@router.post(
    "/questions/{question_id}:reopen",
    operation_id="reopen_question",
    openapi_extra=needs("questions:write"),
    response_model=QuestionView,
    responses=responses(*OF_THE_ASKER, RulesBroken),
)
def reopen_question(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, question_id: QuestionPath, body: ReopenQuestion
) -> JSONResponse:
    """Ask on; the asker."""

    def work() -> QuestionRow:
        return service.reopen(tx, actor, business_now(tx), question_id=question_id, text=body.text)

    return _command(tx, actor, key, f"reopen_question {question_id}", body, work)


@router.post(
    "/questions/{question_id}:close",
    operation_id="close_question",
    openapi_extra=needs("questions:write"),
    response_model=QuestionView,
    responses=responses(*OF_THE_ASKER),
)
def close_question(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, question_id: QuestionPath) -> JSONResponse:
    """The asker has its answer."""

    def work() -> QuestionRow:
        return service.close(tx, actor, business_now(tx), question_id=question_id)

    return _command(tx, actor, key, f"close_question {question_id}", None, work)


@router.get(
    "/rooms/{room_id}/questions/export",
    operation_id="export_questions",
    openapi_extra=needs("rooms:read"),
    response_class=Response,
    responses=responses(*IN_ROOM)
    | {200: {"description": "The sheet.", "content": {"text/csv": {}, "application/octet-stream": {}}}},
)
def export_questions(tx: ReadTx, actor: CurrentActor, room_id: RoomPath, file_format: SheetFormat = "csv") -> Response:
    """Questions and answers one may see, as a sheet."""
    found = question_threads.threads_of(tx, actor, business_now(tx), room_id)
    content, media_type = question_sheet.written(found, file_format)
    headers = {"Content-Disposition": f'attachment; filename="questions.{file_format}"'}
    return Response(content, media_type=media_type, headers=headers)
