"""Routes of the bank desk: messages and notices in, queued money, payouts and their batches, the simulated bank."""

from collections.abc import Callable
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, File, Header, Path, Request, Response, UploadFile
from pydantic import BaseModel, ValidationError

from exchange.access.actor import SYSTEM
from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS, SamePerson
from exchange.bank.errors import (
    AccountDoesNotFit,
    BankMessageChanged,
    BankSignatureInvalid,
    NothingToSend,
    PaymentNotFound,
    PayoutNotFound,
)
from exchange.bank.payment import PaymentStatus, PayoutEvent, PayoutStatus
from exchange.bank.schemas import (
    AssignPayment,
    BankMessageView,
    BankReason,
    BatchView,
    Notification,
    PaymentView,
    PayoutView,
    RequestPayout,
    SendPayouts,
    SimulatedView,
    SimulatePayment,
)
from exchange.bank.service import money_in, money_out, simulated
from exchange.bank.service.money_out import PayoutRow
from exchange.bank.signature import is_signed
from exchange.core.clock import system_now
from exchange.core.errors import Busy, ExchangeError, Forbidden, IllegalTransition, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.core.money import MINOR_DIGITS, scale_decimal
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.infra.iso20022 import MESSAGE_MAX_BYTES, BankMessageInvalid
from exchange.infra.sealed import FieldKeyMissing
from exchange.infra.settings import settings
from exchange.ledger.errors import AccountNotFound, FundsNotCovered, SandboxOnly
from exchange.rest.body import BodyTooLarge, MalformedBody
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses, validation_error

router = APIRouter(prefix="/api/v1", tags=["bank"])

PaymentPath = Annotated[str, Path(pattern=f"^{id_pattern('payment')}$")]
PayoutPath = Annotated[str, Path(pattern=f"^{id_pattern('payout')}$")]
BatchPath = Annotated[str, Path(pattern=f"^{id_pattern('payout_batch')}$")]

READS: tuple[type[ExchangeError], ...] = (Unauthenticated, *REFUSALS, Forbidden, Invalid)
WRITES: tuple[type[ExchangeError], ...] = (
    *(*READS, IllegalTransition, Busy, MalformedBody, BodyTooLarge),
    *(IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyMismatch),
)


@router.post(
    "/bank/messages",
    openapi_extra=needs("payments:run"),
    responses=responses(*READS, BankMessageInvalid, BankMessageChanged, BodyTooLarge, Busy),
)
def take_bank_message(
    tx: WriteTx,
    actor: CurrentActor,
    file: Annotated[UploadFile, File(description="camt.053 or camt.054 of ISO 20022, as XML.")],
) -> BankMessageView:
    """Take a statement or notice of the bank in, all of it or nothing; the same file again changes nothing."""
    actor.require(money_in.RUN)
    content = file.file.read(MESSAGE_MAX_BYTES + 1)
    row = money_in.take_message(tx, actor, business_now(tx), money_in.received(content))
    return BankMessageView.of(row)


@router.get("/bank/messages", openapi_extra=needs("payments:run"), responses=responses(*READS, CursorInvalid))
def list_bank_messages(tx: ReadTx, actor: CurrentActor, page: PageQuery) -> Page[BankMessageView]:
    """Messages of the bank, newest first, each with how many debits no sent payout explains."""
    key = page.after("bank_messages")
    rows = money_in.messages_of(tx, actor, before=str(key[0]) if key else None, limit=page.limit + 1)
    return page_of(rows, page, "bank_messages", lambda row: [row.id], BankMessageView.of)


async def _raw_body(request: Request) -> bytes:
    return await request.body()


@router.post(
    "/payments:notify",
    openapi_extra=needs(None),
    responses=responses(
        *(BankSignatureInvalid, BankMessageInvalid, BankMessageChanged, Invalid, MalformedBody, BodyTooLarge, Busy)
    ),
)
def notify_payments(
    tx: WriteTx,
    body: Annotated[bytes, Depends(_raw_body)],
    timestamp: Annotated[str, Header(alias="Bank-Timestamp", max_length=20)] = "",
    signature: Annotated[str, Header(alias="Bank-Signature", max_length=100)] = "",
) -> BankMessageView:
    """A notice of the bank, signed over its instant and its bytes; the same notice again changes nothing."""
    if not is_signed(settings().bank_secret, timestamp, body, signature, system_now()):
        raise BankSignatureInvalid
    try:
        told = Notification.model_validate_json(body)
    except ValidationError as error:
        raise validation_error(error) from error
    entries = [entry.money() for entry in told.entries]
    if len({item.bank_reference for item in entries}) < len(entries):
        raise BankMessageInvalid(why="entries")
    message = money_in.Received(told.message_id, "notice", sha256(body).hexdigest(), entries)
    return BankMessageView.of(money_in.take_message(tx, SYSTEM, business_now(tx), message))


@router.get("/payments", openapi_extra=needs("accounts:read"), responses=responses(*READS, CursorInvalid))
def list_payments(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, status: PaymentStatus | None = None
) -> Page[PaymentView]:
    """Money in, newest first; ``status=queued`` is the operators' queue."""
    scope = f"payments:{status}"
    key = page.after(scope)
    rows = money_in.payments_of(tx, actor, status=status, before=str(key[0]) if key else None, limit=page.limit + 1)
    return page_of(rows, page, scope, lambda row: [row.id], PaymentView.of)


@router.post(
    "/payments/{payment_id}:assign",
    response_model=PaymentView,
    openapi_extra=needs("payments:run"),
    responses=responses(*WRITES, PaymentNotFound, AccountDoesNotFit),
)
def assign_payment(
    tx: WriteTx, actor: CurrentActor, payment_id: PaymentPath, body: AssignPayment, key: IdempotencyKey
) -> Response:
    """Book queued money to the cash account it was meant for."""

    def work() -> PaymentView:
        return PaymentView.of(
            money_in.assign(
                tx,
                actor,
                business_now(tx),
                payment_id=payment_id,
                account_id=body.account_id,
                note=body.note,
            )
        )

    return once(tx, actor, f"assign_payment {payment_id}", key, body, work).response()


@router.post(
    "/payments/{payment_id}:return",
    response_model=PaymentView,
    openapi_extra=needs("payments:run"),
    responses=responses(*WRITES, PaymentNotFound),
)
def return_payment(
    tx: WriteTx, actor: CurrentActor, payment_id: PaymentPath, body: BankReason, key: IdempotencyKey
) -> Response:
    """Send queued money back to where it came from."""

    def work() -> PaymentView:
        return PaymentView.of(money_in.send_back(tx, actor, business_now(tx), payment_id=payment_id, note=body.note))

    return once(tx, actor, f"return_payment {payment_id}", key, body, work).response()


@router.get("/payouts", openapi_extra=needs("accounts:read"), responses=responses(*READS, CursorInvalid))
def list_payouts(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, status: PayoutStatus | None = None
) -> Page[PayoutView]:
    """Money out, newest first."""
    scope = f"payouts:{status}"
    key = page.after(scope)
    rows = money_out.payouts_of(tx, actor, status=status, before=str(key[0]) if key else None, limit=page.limit + 1)
    return page_of(rows, page, scope, lambda row: [row.id], PayoutView.of)


@router.post(
    "/payouts",
    status_code=201,
    response_model=PayoutView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES, AccountNotFound, AccountDoesNotFit, FundsNotCovered, FieldKeyMissing),
)
def request_payout(tx: WriteTx, actor: CurrentActor, body: RequestPayout, key: IdempotencyKey) -> Response:
    """Ask for money from one's cash account; it is set aside at once and leaves after a second person's approval."""

    def work() -> PayoutView:
        row = money_out.request(
            tx,
            actor,
            business_now(tx),
            account_id=body.account_id,
            amount_minor=scale_decimal(body.amount, 2),
            payee=money_out.Payee(body.creditor, body.account_number),
        )
        return PayoutView.of(row)

    return once(tx, actor, "request_payout", key, body, work, status_code=201).response()


@router.post(
    "/payouts/{payout_id}:approve",
    response_model=PayoutView,
    openapi_extra=needs("payments:run"),
    responses=responses(*WRITES, PayoutNotFound, SamePerson),
)
def approve_payout(tx: WriteTx, actor: CurrentActor, payout_id: PayoutPath, key: IdempotencyKey) -> Response:
    """A second person approves a payout."""
    return _payout(tx, actor, f"approve_payout {payout_id}", key, {}, lambda: money_out.decide(
        tx, actor, business_now(tx), payout_id=payout_id, event=PayoutEvent.APPROVE
    ))  # fmt: skip


@router.post(
    "/payouts/{payout_id}:refuse",
    response_model=PayoutView,
    openapi_extra=needs("payments:run"),
    responses=responses(*WRITES, PayoutNotFound, SamePerson),
)
def refuse_payout(
    tx: WriteTx, actor: CurrentActor, payout_id: PayoutPath, body: BankReason, key: IdempotencyKey
) -> Response:
    """Refuse a payout; the money is the participant's again."""
    return _payout(tx, actor, f"refuse_payout {payout_id}", key, body, lambda: money_out.decide(
        tx, actor, business_now(tx), payout_id=payout_id, event=PayoutEvent.REFUSE, note=body.note
    ))  # fmt: skip


@router.post(
    "/payouts/{payout_id}:settle",
    response_model=PayoutView,
    openapi_extra=needs("payments:run"),
    responses=responses(*WRITES, PayoutNotFound),
)
def settle_payout(tx: WriteTx, actor: CurrentActor, payout_id: PayoutPath, key: IdempotencyKey) -> Response:
    """The bank has carried a sent payout out."""
    return _payout(tx, actor, f"settle_payout {payout_id}", key, {}, lambda: money_out.answer(
        tx, actor, business_now(tx), payout_id=payout_id, event=PayoutEvent.SETTLE
    ))  # fmt: skip


@router.post(
    "/payouts/{payout_id}:reject",
    response_model=PayoutView,
    openapi_extra=needs("payments:run"),
    responses=responses(*WRITES, PayoutNotFound),
)
def reject_payout(
    tx: WriteTx, actor: CurrentActor, payout_id: PayoutPath, body: BankReason, key: IdempotencyKey
) -> Response:
    """The bank has rejected a sent payout; the money is the participant's again."""
    return _payout(tx, actor, f"reject_payout {payout_id}", key, body, lambda: money_out.answer(
        tx, actor, business_now(tx), payout_id=payout_id, event=PayoutEvent.REJECT, note=body.note
    ))  # fmt: skip


@router.post(
    "/payout-batches",
    status_code=201,
    response_model=BatchView,
    openapi_extra=needs("payments:run"),
    responses=responses(*WRITES, NothingToSend, FieldKeyMissing),
)
def send_payouts(tx: WriteTx, actor: CurrentActor, body: SendPayouts, key: IdempotencyKey) -> Response:
    """Write every approved payout of a currency into one file of payment orders."""

    def work() -> BatchView:
        return BatchView.of(money_out.send(tx, actor, business_now(tx), currency=body.currency))

    return once(tx, actor, "send_payouts", key, body, work, status_code=201).response()


@router.get(
    "/payout-batches/{batch_id}.xml",
    response_class=Response,
    openapi_extra=needs("payments:run"),
    responses=responses(*READS, PayoutNotFound) | {200: {"content": {"application/xml": {}}}},
)
def get_batch_file(tx: ReadTx, actor: CurrentActor, batch_id: BatchPath) -> Response:
    """The file of a batch (pain.001.001.09) as it goes to the bank."""
    headers = {"Content-Disposition": f'attachment; filename="{batch_id}.xml"', "X-Content-Type-Options": "nosniff"}
    return Response(money_out.batch_file(tx, actor, batch_id=batch_id), media_type="application/xml", headers=headers)


@router.post(
    "/sandbox/bank",
    status_code=202,
    response_model=SimulatedView,
    openapi_extra=needs("sandbox:run"),
    responses=responses(*WRITES, SandboxOnly),
)
def simulate_payment(tx: WriteTx, actor: CurrentActor, body: SimulatePayment, key: IdempotencyKey) -> Response:
    """Let the sandbox's bank pay in full, short or late; the money comes through the same intake as real money."""

    def work() -> SimulatedView:
        digits = MINOR_DIGITS[body.currency]
        message_id = simulated.pay(
            tx,
            actor,
            business_now(tx),
            reference=body.reference,
            amount_minor=scale_decimal(body.amount, digits),
            currency=body.currency,
            short_minor=min(scale_decimal(body.short, digits), scale_decimal(body.amount, digits) - 1),
            late_hours=body.late_hours,
        )
        return SimulatedView(message_id=message_id, is_simulated=True)

    return once(tx, actor, "simulate_payment", key, body, work, status_code=202).response()


def _payout(
    tx: Tx,
    actor: CurrentActor,
    operation: str,
    key: str,
    body: BaseModel | dict[str, str],
    work: Callable[[], PayoutRow],
) -> Response:
    return once(tx, actor, operation, key, body, lambda: PayoutView.of(work())).response()
