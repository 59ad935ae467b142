"""Pages of deals: the list, one deal with the forms of its next step, and the offer a partner was served."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern, new_id
from exchange.core.money import Money
from exchange.funds import service as funds
from exchange.rest.permissions import needs
from exchange.settlement.approval import ApprovalEvent
from exchange.settlement.bust import BustReason
from exchange.settlement.pre_emption import AnswerKind, ServiceMethod
from exchange.settlement.service import (
    agreements,
    busting,
    consents,
    funding,
    holds,
    notices,
    offers,
    statements,
    transfer,
)
from exchange.settlement.statement import StatementAnswer
from exchange.settlement.withdrawal import ConsentRefusal
from exchange.web.amounts import parse_amount
from exchange.web.commands import reason_or, refusal_of
from exchange.web.deal_page import act, deal_page
from exchange.web.deals_page import deals_page
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DealPath = Annotated[str, Path(pattern=f"^{id_pattern('deal')}$")]
Key = Annotated[str, Form(max_length=128)]
Words = Annotated[str, Form(max_length=1000)]
READ = needs("deals:read")
ACT = needs("deals:act")
RUN = needs("deals:run")
BOTH = needs("deals:act", "deals:run")


@router.get("/deals", openapi_extra=READ)
def show_all(visit: ReadVisit) -> Response:
    """The deals the viewer may follow, newest first."""
    return deals_page(visit)


@router.get("/deals/{deal_id}", openapi_extra=READ)
def show(visit: ReadVisit, deal_id: DealPath) -> Response:
    """One deal."""
    return deal_page(visit, deal_id)


@router.post("/deals/{deal_id}/notice", openapi_extra=BOTH)
def serve_notice(
    visit: FormVisit,
    deal_id: DealPath,
    proof: Words = "",
    method: Annotated[ServiceMethod, Form()] = ServiceMethod.EXCHANGE_INBOX,
    idempotency_key: Key = "",
) -> Response:
    """Serve the notice on every other partner, by the exchange's inbox or another way with its proof."""

    def work() -> object:
        return notices.serve(
            visit.tx,
            visit.actor,
            visit.now,
            deal_id=deal_id,
            method=method,
            proof=reason_or(proof, Invalid),
        )

    return act(visit, deal_id, "notice", idempotency_key, {"proof": proof, "method": method.value}, work)


@router.post("/deals/{deal_id}/lapse", openapi_extra=RUN)
def record_lapse(visit: FormVisit, deal_id: DealPath, idempotency_key: Key = "") -> Response:
    """Record that the right of first refusal lapsed."""

    def work() -> object:
        return notices.record_lapse(visit.tx, visit.actor, visit.now, deal_id=deal_id)

    return act(visit, deal_id, "lapse", idempotency_key, {}, work)


@router.post("/deals/{deal_id}/consent", openapi_extra=ACT)
def decide_consent(
    visit: FormVisit, deal_id: DealPath, reason: Words = "", note: Words = "", idempotency_key: Key = ""
) -> Response:
    """The manager admits the buyer, or refuses for a named reason."""

    def work() -> object:
        if not reason:
            return consents.consent(visit.tx, visit.actor, visit.now, deal_id=deal_id, note=note)
        if reason not in {item.value for item in ConsentRefusal}:
            raise Invalid
        chosen = ConsentRefusal(reason)
        return consents.refuse(visit.tx, visit.actor, visit.now, deal_id=deal_id, reason=chosen, note=note)

    return act(visit, deal_id, "consent", idempotency_key, {"reason": reason, "note": note}, work)


@router.post("/deals/{deal_id}/approval", openapi_extra=RUN)
def decide_approval(
    visit: FormVisit,
    deal_id: DealPath,
    approval_id: Annotated[str, Form(pattern=f"^{id_pattern('deal_approval')}$")],
    decision: Annotated[ApprovalEvent, Form()],
    body: Words = "",
    document_number: Words = "",
    idempotency_key: Key = "",
) -> Response:
    """Record what the right body decided, on which paper."""

    def work() -> object:
        return consents.decide_approval(
            visit.tx,
            visit.actor,
            visit.now,
            approval_id=approval_id,
            event=decision,
            body=reason_or(body, Invalid),
            document_number=reason_or(document_number, Invalid),
        )

    said = {"approval_id": approval_id, "decision": decision.value, "body": body, "document": document_number}
    return act(visit, deal_id, "approval", idempotency_key, said, work)


@router.post("/deals/{deal_id}/agreement", openapi_extra=BOTH)
def generate_agreement(visit: FormVisit, deal_id: DealPath, idempotency_key: Key = "") -> Response:
    """Make the next version of the agreement from the registers."""

    def work() -> object:
        return agreements.generate(visit.tx, visit.actor, visit.now, deal_id=deal_id)

    return act(visit, deal_id, "agreement", idempotency_key, {}, work)


@router.post("/deals/{deal_id}/sign", openapi_extra=ACT)
def sign(
    visit: FormVisit,
    deal_id: DealPath,
    agreement_id: Annotated[str, Form(pattern=f"^{id_pattern('agreement')}$")],
    idempotency_key: Key = "",
) -> Response:
    """Sign the version that is shown for one's own side."""

    def work() -> object:
        return agreements.sign(visit.tx, visit.actor, visit.now, agreement_id=agreement_id)

    return act(visit, deal_id, "sign", idempotency_key, {"agreement_id": agreement_id}, work)


@router.post("/deals/{deal_id}/fund", openapi_extra=ACT)
def fund(visit: FormVisit, deal_id: DealPath, idempotency_key: Key = "") -> Response:
    """Pay the closing payment and the fee."""

    def work() -> object:
        return funding.fund(visit.tx, visit.actor, visit.now, deal_id=deal_id)

    return act(visit, deal_id, "fund", idempotency_key, {}, work)


@router.post("/deals/{deal_id}/statement", openapi_extra=ACT)
def answer_statement(visit: FormVisit, deal_id: DealPath, note: Words = "", idempotency_key: Key = "") -> Response:
    """Confirm the closing statement, or say what is wrong with it."""
    said = StatementAnswer.DISPUTED if note.strip() else StatementAnswer.CONFIRMED

    def work() -> object:
        return statements.answer(visit.tx, visit.actor, visit.now, deal_id=deal_id, said=said, note=note)

    return act(visit, deal_id, "statement", idempotency_key, {"note": note}, work)


@router.post("/deals/{deal_id}/decide", openapi_extra=RUN)
def decide_statement(visit: FormVisit, deal_id: DealPath, note: Words = "", idempotency_key: Key = "") -> Response:
    """Uphold a disputed statement with the reason, or compute it anew when none is given."""

    def work() -> object:
        if not note.strip():
            return funding.reissue(visit.tx, visit.actor, visit.now, deal_id=deal_id)
        upheld = StatementAnswer.UPHELD
        return statements.answer(visit.tx, visit.actor, visit.now, deal_id=deal_id, said=upheld, note=note)

    return act(visit, deal_id, "decide", idempotency_key, {"note": note}, work)


@router.post("/deals/{deal_id}/register", openapi_extra=RUN)
def register(visit: FormVisit, deal_id: DealPath, idempotency_key: Key = "") -> Response:
    """Interest and money move in one transaction."""

    def work() -> object:
        return transfer.register(visit.tx, visit.actor, visit.now, deal_id=deal_id)

    return act(visit, deal_id, "register", idempotency_key, {}, work)


@router.post("/deals/{deal_id}/bust", openapi_extra=RUN)
def ask_bust(
    visit: FormVisit,
    deal_id: DealPath,
    reason: Annotated[BustReason, Form()],
    statement: Words = "",
    document_number: Words = "",
    idempotency_key: Key = "",
) -> Response:
    """Ask a second operator to undo the transfer."""

    def work() -> object:
        return busting.request_bust(
            visit.tx,
            visit.actor,
            visit.now,
            deal_id=deal_id,
            reason=reason,
            statement=reason_or(statement, Invalid),
            document_number=reason_or(document_number, Invalid),
        )

    said = {"reason": reason.value, "statement": statement, "document": document_number}
    return act(visit, deal_id, "bust", idempotency_key, said, work)


@router.post("/deals/{deal_id}/hold", openapi_extra=BOTH)
def hold(visit: FormVisit, deal_id: DealPath, reason: Words = "", idempotency_key: Key = "") -> Response:
    """Make the deal read-only for a while."""

    def work() -> object:
        why = reason_or(reason, Invalid)
        return holds.hold(visit.tx, visit.actor, visit.now, deal_id=deal_id, reason=why)

    return act(visit, deal_id, "hold", idempotency_key, {"reason": reason}, work)


@router.post("/deals/{deal_id}/resume", openapi_extra=BOTH)
def resume(visit: FormVisit, deal_id: DealPath, idempotency_key: Key = "") -> Response:
    """Let a held deal go on."""

    def work() -> object:
        return holds.resume(visit.tx, visit.actor, visit.now, deal_id=deal_id)

    return act(visit, deal_id, "resume", idempotency_key, {}, work)


@router.post("/deals/{deal_id}/withdraw", openapi_extra=ACT)
def withdraw(visit: FormVisit, deal_id: DealPath, reason: Words = "", idempotency_key: Key = "") -> Response:
    """Leave the deal before it is signed, at its cost."""

    def work() -> object:
        why = reason_or(reason, Invalid)
        return holds.withdraw(visit.tx, visit.actor, visit.now, deal_id=deal_id, reason=why)

    return act(visit, deal_id, "withdraw", idempotency_key, {"reason": reason}, work)


@router.get("/rofr/{deal_id}", openapi_extra=READ)
def show_offer(visit: ReadVisit, deal_id: DealPath) -> Response:
    """The four equal terms a partner was served, and its answer."""
    return _offer(visit, deal_id)


@router.post("/rofr/{deal_id}/answer", openapi_extra=ACT)
def answer_offer(
    visit: FormVisit,
    deal_id: DealPath,
    answer: Annotated[AnswerKind, Form()],
    amount: Words = "",
    idempotency_key: Key = "",
) -> Response:
    """Buy on the same four terms, or waive."""

    def work() -> object:
        asked = _amount(amount) if answer is AnswerKind.EXERCISE else 0
        return notices.answer(visit.tx, visit.actor, visit.now, deal_id=deal_id, kind=answer, asked_minor=asked)

    said = {"answer": answer.value, "amount": amount}
    refused = refusal_of(visit, f"rofr {deal_id}", idempotency_key, said, work)
    if refused:
        return _offer(visit, deal_id, refused, amount)
    return see_other(f"/rofr/{deal_id}", done="deals.done_answer_message")


def _offer(visit: Visit, deal_id: str, refused: tuple[str, ...] = (), typed: str = "") -> Response:
    found = offers.offer_seen_by(visit.tx, visit.actor, deal_id=deal_id)
    own = next(
        ((notice, said) for notice, said in found.notices
         if notice.partner_organisation_id == visit.actor.organisation_id),
        None,
    )  # fmt: skip
    return visit.page(
        "offer.html",
        status_code=409 if refused else 200,
        offer=found,
        fund=funds.fund_facts(visit.tx, found.row.fund_id),
        own=own,
        amount=Money(found.terms.amount_minor, found.terms.currency),
        total=Money(found.terms.price_minor, found.terms.currency),
        refused=refused,
        typed=typed,
        message=visit.message(),
        idempotency_key=new_id("request"),
    )


def _amount(text: str) -> int:
    try:
        return parse_amount(text)
    except ValueError as error:
        raise Invalid from error
