"""Around a deal: what takes two operators, the appeal against a bust, the answer to an offer as a backup."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from exchange.access.approval import ApprovalStatus
from exchange.access.service import approvals
from exchange.core.errors import Invalid, NotFound
from exchange.core.ids import id_pattern
from exchange.rest.permissions import needs
from exchange.settlement.service import appeals, backups, holds
from exchange.web.commands import reason_or, refusal_of
from exchange.web.deal_page import act, requests_of
from exchange.web.deals_page import deals_page
from exchange.web.routes import PageRoute
from exchange.web.views.deals import DealPath, Key, Words
from exchange.web.visit import FormVisit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

OfferPath = Annotated[str, Path(pattern=f"^{id_pattern('backup_offer')}$")]
Verdict = Literal["approve", "reject"]
Answer = Literal["accept", "decline"]
VERDICTS: dict[Verdict, ApprovalStatus] = {"approve": ApprovalStatus.APPROVED, "reject": ApprovalStatus.REJECTED}


@router.post("/deals/{deal_id}/requests/decide", openapi_extra=needs("approvals:decide"))
def decide(
    visit: FormVisit,
    deal_id: DealPath,
    approval_id: Annotated[str, Form(pattern=f"^{id_pattern('approval')}$")],
    verdict: Annotated[Verdict, Form()],
    reason: Words = "",
    idempotency_key: Key = "",
) -> Response:
    """The second person's yes or no to undoing a transfer or ending a deal by order."""

    def work() -> object:
        if approval_id not in {item.id for item in requests_of(visit, deal_id)}:
            raise NotFound
        why = reason_or(reason, Invalid)
        return approvals.decide(visit.tx, visit.actor, visit.now, approval_id, VERDICTS[verdict], reason=why)

    said = {"approval_id": approval_id, "verdict": verdict, "reason": reason}
    return act(visit, deal_id, f"request_{verdict}", idempotency_key, said, work)


@router.post("/deals/{deal_id}/terminate", openapi_extra=needs("deals:run"))
def ask_termination(
    visit: FormVisit, deal_id: DealPath, order_number: Words = "", authority: Words = "", idempotency_key: Key = ""
) -> Response:
    """Ask a second operator to end the deal by order of a court or an authority."""

    def work() -> object:
        return holds.request_termination(
            visit.tx,
            visit.actor,
            visit.now,
            deal_id=deal_id,
            order_number=reason_or(order_number, Invalid),
            authority=reason_or(authority, Invalid),
        )

    said = {"order_number": order_number, "authority": authority}
    return act(visit, deal_id, "terminate", idempotency_key, said, work)


@router.post("/deals/{deal_id}/appeal", openapi_extra=needs("deals:act"))
def appeal(visit: FormVisit, deal_id: DealPath, grounds: Words = "", idempotency_key: Key = "") -> Response:
    """Say why undoing the transfer was wrong."""

    def work() -> object:
        why = reason_or(grounds, Invalid)
        return appeals.appeal(visit.tx, visit.actor, visit.now, deal_id=deal_id, grounds=why)

    return act(visit, deal_id, "appeal", idempotency_key, {"grounds": grounds}, work)


@router.post("/backup-offers/{offer_id}/answer", openapi_extra=needs("deals:act"))
def answer_backup(
    visit: FormVisit, offer_id: OfferPath, answer: Annotated[Answer, Form()], idempotency_key: Key = ""
) -> Response:
    """Take the place of the buyer who fell away, or leave it to the next in rank."""
    offer = backups.offer_of(visit.tx, visit.actor, offer_id)

    def work() -> object:
        if answer == "accept":
            return backups.accept(visit.tx, visit.actor, visit.now, offer_id=offer_id)
        return backups.decline(visit.tx, visit.actor, visit.now, offer_id=offer_id, note="")

    refused = refusal_of(visit, f"backup {offer_id}", idempotency_key, {"answer": answer}, work)
    if refused:
        return deals_page(visit, refused=refused, listing_id=offer.listing_id)
    return see_other("/deals", done=f"deals.done_backup_{answer}_message")
