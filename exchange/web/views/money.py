"""Pages of money: a participant's accounts and payouts; for operators the bank desk with its queue."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, UploadFile
from starlette.responses import Response

from exchange.bank.payment import PayoutEvent
from exchange.bank.service import money_in, money_out, simulated
from exchange.bank.service.money_out import Payee
from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern, new_id
from exchange.infra.iso20022 import MESSAGE_MAX_BYTES
from exchange.rest.permissions import needs
from exchange.web.amounts import parse_amount
from exchange.web.commands import reason_or, refusal_of
from exchange.web.money_page import desk_page, own_page
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/money"
RUN = needs("payments:run")
Key = Annotated[str, Form(max_length=128)]
Words = Annotated[str, Form(max_length=500)]
PaymentPath = Annotated[str, Path(pattern=f"^{id_pattern('payment')}$")]
PayoutPath = Annotated[str, Path(pattern=f"^{id_pattern('payout')}$")]
AccountField = Annotated[str, Form(pattern=f"^{id_pattern('account')}$")]
BANK_ANSWERS = frozenset({PayoutEvent.SETTLE, PayoutEvent.REJECT})
DECISIONS = BANK_ANSWERS | {PayoutEvent.APPROVE, PayoutEvent.REFUSE}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form carried, kept beside the key under which its command is done once."""

    key: str
    said: dict[str, object]


@router.get(PATH, openapi_extra=needs("accounts:read"))
def show(visit: ReadVisit) -> Response:
    """Accounts, payments and payouts: one's own, or the bank desk."""
    return _page(visit)


@router.post(f"{PATH}/payouts", openapi_extra=needs("deals:act"))
def request_payout(
    visit: FormVisit,
    account_id: AccountField,
    amount: Words = "",
    creditor: Words = "",
    account_number: Words = "",
    idempotency_key: Key = "",
) -> Response:
    """Ask for money from one's cash account."""

    def work() -> object:
        payee = Payee(reason_or(creditor, Invalid), _number(account_number))
        asked = _amount(amount)
        return money_out.request(
            visit.tx, visit.actor, visit.now, account_id=account_id, amount_minor=asked, payee=payee
        )

    said: dict[str, object] = {"account": account_id, "amount": amount, "creditor": creditor, "number": account_number}
    return _done(visit, "payout", Typed(idempotency_key, said), work)


@router.post(f"{PATH}/messages", openapi_extra=RUN)
def take_message(visit: FormVisit, file: Annotated[UploadFile, File()], idempotency_key: Key = "") -> Response:
    """Take a statement or notice of the bank in."""
    content = file.file.read(MESSAGE_MAX_BYTES + 1)
    said: dict[str, object] = {"sha256": sha256(content).hexdigest()}

    def work() -> object:
        return money_in.take_message(visit.tx, visit.actor, visit.now, money_in.received(content))

    return _done(visit, "message", Typed(idempotency_key, said), work)


@router.post(f"{PATH}/payments/{{payment_id}}/assign", openapi_extra=RUN)
def assign(
    visit: FormVisit, payment_id: PaymentPath, account_id: AccountField, note: Words = "", idempotency_key: Key = ""
) -> Response:
    """Book queued money to the cash account it was meant for."""

    def work() -> object:
        why = reason_or(note, Invalid)
        return money_in.assign(visit.tx, visit.actor, visit.now, payment_id=payment_id, account_id=account_id, note=why)

    said: dict[str, object] = {"payment": payment_id, "account": account_id, "note": note}
    return _done(visit, "assign", Typed(idempotency_key, said), work)


@router.post(f"{PATH}/payments/{{payment_id}}/return", openapi_extra=RUN)
def send_back(visit: FormVisit, payment_id: PaymentPath, note: Words = "", idempotency_key: Key = "") -> Response:
    """Send queued money back to where it came from."""

    def work() -> object:
        why = reason_or(note, Invalid)
        return money_in.send_back(visit.tx, visit.actor, visit.now, payment_id=payment_id, note=why)

    return _done(visit, "return", Typed(idempotency_key, {"payment": payment_id, "note": note}), work)


@router.post(f"{PATH}/payouts/{{payout_id}}/{{event}}", openapi_extra=RUN)
def decide_payout(
    visit: FormVisit, payout_id: PayoutPath, event: PayoutEvent, note: Words = "", idempotency_key: Key = ""
) -> Response:
    """Approve or refuse a payout, or keep what the bank said of it."""

    def work() -> object:
        if event not in DECISIONS:
            raise Invalid
        told = money_out.answer if event in BANK_ANSWERS else money_out.decide
        needs_words = event in {PayoutEvent.REFUSE, PayoutEvent.REJECT}
        why = reason_or(note, Invalid) if needs_words else note.strip()
        return told(visit.tx, visit.actor, visit.now, payout_id=payout_id, event=event, note=why)

    said: dict[str, object] = {"payout": payout_id, "event": event.value, "note": note}
    return _done(visit, event.value, Typed(idempotency_key, said), work)


@router.post(f"{PATH}/batches", openapi_extra=RUN)
def send_payouts(
    visit: FormVisit, currency: Annotated[str, Form(pattern="^[A-Z]{3}$")], idempotency_key: Key = ""
) -> Response:
    """Write every approved payout of a currency into one file of payment orders."""

    def work() -> object:
        return money_out.send(visit.tx, visit.actor, visit.now, currency=currency)

    return _done(visit, "send", Typed(idempotency_key, {"currency": currency}), work)


@router.post(f"{PATH}/simulated", openapi_extra=needs("sandbox:run"))
def simulate(
    visit: FormVisit,
    reference: Words = "",
    amount: Words = "",
    currency: Annotated[str, Form(pattern="^[A-Z]{3}$")] = "CNY",
    short: Words = "",
    late_hours: Annotated[int, Form(ge=0, le=simulated.HOURS_MAX)] = 0,
    idempotency_key: Key = "",
) -> Response:
    """Let the sandbox's bank pay: in full, short or late."""

    def work() -> object:
        whole = _amount(amount)
        less = _amount(short) if short.strip() else 0
        if less >= whole:
            raise Invalid
        return simulated.pay(
            visit.tx,
            visit.actor,
            visit.now,
            reference=reference.strip(),
            amount_minor=whole,
            currency=currency,
            short_minor=less,
            late_hours=late_hours,
        )

    said: dict[str, object] = {"reference": reference, "amount": amount, "short": short, "late": late_hours}
    return _done(visit, "simulate", Typed(idempotency_key, said), work)


def _done(visit: Visit, action: str, typed: Typed, work: Callable[[], object]) -> Response:
    refused = refusal_of(visit, f"money {action}", typed.key, typed.said, work)
    if refused:
        return _page(visit, refused)
    return see_other(PATH, done=f"money.done_{action}_message")


def _page(visit: Visit, refused: tuple[str, ...] = ()) -> Response:
    key = new_id("request")
    if visit.actor.sees_everything:
        return desk_page(visit, refused, key)
    return own_page(visit, refused, key)


def _amount(text: str) -> int:
    try:
        return parse_amount(text)
    except ValueError as error:
        raise Invalid from error


def _number(text: str) -> str:
    number = "".join(text.split()).upper()
    if not (6 <= len(number) <= 34 and number.isascii() and number.isalnum()):
        raise Invalid
    return number
