"""Routes from the money to the register and back: funding, closing statement, registration, bust."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import ApprovalPending
from exchange.core.errors import Busy, ExchangeError, IllegalTransition, RulesBroken
from exchange.custody.errors import InterestNotFree, ReleaseTooLarge
from exchange.diligence.errors import ChecklistNotFound, GateBlocked
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.ledger.errors import FundsNotCovered
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
from exchange.rulebook.errors import FeesUnknown
from exchange.settlement.api.deals import READS, DealPath, view_of
from exchange.settlement.errors import DealNotFound, StatementClosed, StatementNotAgreed, StatementNotIssued
from exchange.settlement.schemas.closing import AskBust, BustAskedView, StatementView, WithNote
from exchange.settlement.schemas.deals import DealView
from exchange.settlement.schemas.taxes import DealTaxesView
from exchange.settlement.service import busting, funding, statements, taxes, transfer
from exchange.settlement.service.reads import DealRow
from exchange.settlement.statement import StatementAnswer

router = APIRouter(prefix="/api/v1", tags=["deals"])

WRITES: tuple[type[ExchangeError], ...] = (
    *(*READS, DealNotFound, IllegalTransition, Busy, MalformedBody, BodyTooLarge),
    *(IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyMismatch),
)
ANSWERS = (*WRITES, StatementNotIssued, StatementClosed)


@router.get(
    "/deals/{deal_id}/closing-statement",
    openapi_extra=needs("deals:read"),
    responses=responses(*READS, DealNotFound, FeesUnknown),
)
def get_closing_statement(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> StatementView:
    """The newest closing statement with every line; before the money came, a forecast for a closing today."""
    found = statements.statement_seen_by(tx, actor, business_now(tx), deal_id=deal_id)
    if found.issued is not None:
        return StatementView.issued(found.issued, found.state)
    return StatementView.forecast(deal_id, found.computed, found.lines)


@router.get(
    "/deals/{deal_id}/tax-estimates",
    openapi_extra=needs("deals:read"),
    responses=responses(*READS, DealNotFound, FeesUnknown),
)
def get_tax_estimates(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> DealTaxesView:
    """What a deal may cost in tax, each figure an estimate with its rule; each side reads its own."""
    return DealTaxesView.of(taxes.taxes_seen_by(tx, actor, business_now(tx), deal_id=deal_id))


@router.post(
    "/deals/{deal_id}:fund",
    response_model=DealView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES, FundsNotCovered, GateBlocked, ChecklistNotFound, FeesUnknown),
)
def fund_deal(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, key: IdempotencyKey) -> Response:
    """Pay the closing payment and the fee from the buyer's cash; the deposit turns into price."""
    return _deal(
        tx, actor, f"fund_deal {deal_id}", key, lambda: funding.fund(tx, actor, business_now(tx), deal_id=deal_id)
    )


@router.post(
    "/deals/{deal_id}/closing-statement:confirm",
    response_model=StatementView,
    openapi_extra=needs("deals:act"),
    responses=responses(*ANSWERS),
)
def confirm_closing_statement(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, key: IdempotencyKey) -> Response:
    """Say that the closing statement is right, for one's own side."""
    return _answer(tx, actor, deal_id, key, StatementAnswer.CONFIRMED, "")


@router.post(
    "/deals/{deal_id}/closing-statement:dispute",
    response_model=StatementView,
    openapi_extra=needs("deals:act"),
    responses=responses(*ANSWERS),
)
def dispute_closing_statement(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: WithNote, key: IdempotencyKey
) -> Response:
    """Say what is wrong with the closing statement; nothing is registered until it is settled."""
    return _answer(tx, actor, deal_id, key, StatementAnswer.DISPUTED, body.note)


@router.post(
    "/deals/{deal_id}/closing-statement:uphold",
    response_model=StatementView,
    openapi_extra=needs("deals:run"),
    responses=responses(*ANSWERS),
)
def uphold_closing_statement(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: WithNote, key: IdempotencyKey
) -> Response:
    """Decide that a disputed statement stands, with the reason."""
    return _answer(tx, actor, deal_id, key, StatementAnswer.UPHELD, body.note)


@router.post(
    "/deals/{deal_id}/closing-statement:reissue",
    response_model=StatementView,
    openapi_extra=needs("deals:run"),
    responses=responses(*ANSWERS, FundsNotCovered, FeesUnknown),
)
def reissue_closing_statement(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, key: IdempotencyKey) -> Response:
    """Compute a disputed statement anew from corrected registers; the difference is collected or returned at once."""

    def work() -> StatementView:
        return StatementView.issued(*funding.reissue(tx, actor, business_now(tx), deal_id=deal_id))

    return once(tx, actor, f"reissue_closing_statement {deal_id}", key, {}, work).response()


@router.post(
    "/deals/{deal_id}:register",
    response_model=DealView,
    openapi_extra=needs("deals:run"),
    responses=responses(
        *WRITES,
        *(StatementNotAgreed, StatementNotIssued, RulesBroken, GateBlocked, ChecklistNotFound),
        *(FundsNotCovered, ReleaseTooLarge, InterestNotFree),
    ),
)
def register_deal(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, key: IdempotencyKey) -> Response:
    """Enter the buyer on the roll and pay the seller, both or neither."""
    return _deal(
        tx,
        actor,
        f"register_deal {deal_id}",
        key,
        lambda: transfer.register(tx, actor, business_now(tx), deal_id=deal_id),
    )


@router.post(
    "/deals/{deal_id}/bust-requests",
    status_code=201,
    response_model=BustAskedView,
    openapi_extra=needs("deals:run"),
    responses=responses(*WRITES, RulesBroken, ApprovalPending),
)
def ask_bust(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: AskBust, key: IdempotencyKey) -> Response:
    """Ask a second operator to undo a transfer, inside the window only; decided under ``/approvals``."""

    def work() -> BustAskedView:
        asked = busting.request_bust(
            tx,
            actor,
            business_now(tx),
            deal_id=deal_id,
            reason=body.reason,
            statement=body.statement,
            document_number=body.document_number,
        )
        return BustAskedView(approval_id=asked.id, deal_id=deal_id, reason=body.reason)

    return once(tx, actor, f"ask_bust {deal_id}", key, body, work, status_code=201).response()


def _deal(tx: Tx, actor: CurrentActor, operation: str, key: str, work: Callable[[], DealRow]) -> Response:
    return once(tx, actor, operation, key, {}, lambda: view_of(tx, work())).response()


def _answer(tx: Tx, actor: CurrentActor, deal_id: str, key: str, said: StatementAnswer, note: str) -> Response:
    def work() -> StatementView:
        row, state = statements.answer(tx, actor, business_now(tx), deal_id=deal_id, said=said, note=note)
        return StatementView.issued(row, state)

    body = {"note": note}
    return once(tx, actor, f"answer_statement {said.value} {deal_id}", key, body, work).response()
