"""Routes of a deal before the signing: notice and first refusal, consent, approvals, hold, withdrawal, order."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import ApprovalPending
from exchange.core.errors import RulesBroken
from exchange.core.ids import id_pattern
from exchange.core.money import scale_decimal
from exchange.core.quantity import price_text
from exchange.diligence.errors import ChecklistNotFound, GateBlocked
from exchange.infra.clock import business_now
from exchange.ledger.errors import FundsNotCovered
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.numbers import MoneyView
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.settlement.api.closing import WRITES
from exchange.settlement.api.deals import READS, DealPath, view_of
from exchange.settlement.errors import (
    AnswerInvalid,
    AnswerTooLate,
    ConsentReasonMissing,
    DealApprovalNotFound,
    DealNotFound,
    PartnerAnswered,
)
from exchange.settlement.schemas.deals import DealView
from exchange.settlement.schemas.steps import (
    AgreeShares,
    AnswerNotice,
    ApprovalsView,
    AskTermination,
    DealApprovalView,
    DealReason,
    DecideApproval,
    DecideConsent,
    NoticeView,
    OfferView,
    ServeNotice,
    TerminationAskedView,
    TimelineEntryView,
    TimelineView,
)
from exchange.settlement.service import consents, holds, notices, offers
from exchange.settlement.service.consents import DealApprovalRow

router = APIRouter(prefix="/api/v1", tags=["deals"])

ApprovalPath = Annotated[str, Path(pattern=f"^{id_pattern('deal_approval')}$")]


@router.post(
    "/deals/{deal_id}/rofr",
    response_model=DealView,
    openapi_extra=needs("deals:act", "deals:run"),
    responses=responses(*WRITES),
)
def serve_notice(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: ServeNotice, key: IdempotencyKey
) -> Response:
    """Serve the notice of the four equal terms on every other partner; by the fund's manager or an operator."""

    def work() -> DealView:
        now = business_now(tx)
        return view_of(tx, notices.serve(tx, actor, now, deal_id=deal_id, method=body.method, proof=body.proof))

    return once(tx, actor, f"serve_notice {deal_id}", key, body, work).response()


@router.get("/rofr/{deal_id}", openapi_extra=needs("deals:read"), responses=responses(*READS, DealNotFound))
def get_offer(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> OfferView:
    """The four equal terms of a deal and the answers; a partner that was served sees its own notice only."""
    found = offers.offer_seen_by(tx, actor, deal_id=deal_id)
    row, terms = found.row, found.terms
    return OfferView(
        deal_id=row.id,
        fund_id=row.fund_id,
        amount=MoneyView.of(terms.amount_minor, terms.currency),
        price=price_text(terms.price_ppm),
        total=MoneyView.of(terms.price_minor, terms.currency),
        plan=dict(terms.plan),
        closing_by=terms.closing_by,
        terms_hash=found.terms_hash,
        is_open=found.is_open,
        notices=[
            NoticeView(
                partner_organisation_id=notice.partner_organisation_id,
                method=notice.method,
                proof=notice.proof,
                served_at=notice.served_at,
                closes_at=notice.closes_at,
                answer=answer.kind if answer else None,
                asked=MoneyView.of(answer.asked_minor, terms.currency) if answer else None,
            )
            for notice, answer in found.notices
        ],
    )


@router.post(
    "/rofr/{deal_id}/answers",
    response_model=OfferView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES, PartnerAnswered, AnswerTooLate, AnswerInvalid, FundsNotCovered, ChecklistNotFound),
)
def answer_notice(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: AnswerNotice, key: IdempotencyKey
) -> Response:
    """Buy on the same four terms, the deposit held at once, or waive."""

    def work() -> OfferView:
        asked = 0 if body.amount is None else scale_decimal(body.amount, 2)
        notices.answer(tx, actor, business_now(tx), deal_id=deal_id, kind=body.answer, asked_minor=asked)
        return get_offer(tx, actor, deal_id)

    return once(tx, actor, f"answer_notice {deal_id}", key, body, work).response()


@router.post(
    "/rofr/{deal_id}:agree",
    response_model=DealView,
    openapi_extra=needs("deals:act", "deals:run"),
    responses=responses(*WRITES, AnswerInvalid, RulesBroken, FundsNotCovered, ChecklistNotFound),
)
def agree_shares(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: AgreeShares, key: IdempotencyKey
) -> Response:
    """Record how the partners who buy agreed to share; without an agreement it is pro rata when the time is over."""

    def work() -> DealView:
        shares = {share.organisation_id: scale_decimal(share.amount, 2) for share in body.shares}
        return view_of(tx, notices.agree(tx, actor, business_now(tx), deal_id=deal_id, shares=shares))

    return once(tx, actor, f"agree_shares {deal_id}", key, body, work).response()


@router.post(
    "/rofr/{deal_id}:close",
    response_model=DealView,
    openapi_extra=needs("deals:run"),
    responses=responses(*WRITES, AnswerInvalid),
)
def close_first_refusal(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, key: IdempotencyKey) -> Response:
    """Record that the right lapsed, where silence is no waiver by itself."""

    def work() -> DealView:
        return view_of(tx, notices.record_lapse(tx, actor, business_now(tx), deal_id=deal_id))

    return once(tx, actor, f"close_first_refusal {deal_id}", key, {}, work).response()


@router.post(
    "/deals/{deal_id}/consents",
    response_model=DealView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES, GateBlocked, ChecklistNotFound, ConsentReasonMissing),
)
def decide_consent(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: DecideConsent, key: IdempotencyKey
) -> Response:
    """The fund's manager admits the buyer, or refuses for a named reason."""

    def work() -> DealView:
        now = business_now(tx)
        if body.decision == "grant":
            return view_of(tx, consents.consent(tx, actor, now, deal_id=deal_id, note=body.note))
        if body.reason is None:
            raise ConsentReasonMissing
        return view_of(tx, consents.refuse(tx, actor, now, deal_id=deal_id, reason=body.reason, note=body.note))

    return once(tx, actor, f"decide_consent {deal_id}", key, body, work).response()


@router.get("/deals/{deal_id}/approvals", openapi_extra=needs("deals:read"), responses=responses(*READS, DealNotFound))
def list_deal_approvals(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> ApprovalsView:
    """Which approvals the deal needs, and what was decided."""
    return ApprovalsView(items=[_approval(row) for row in consents.approvals_of(tx, actor, deal_id=deal_id)])


@router.post(
    "/deal-approvals/{approval_id}:decide",
    response_model=DealApprovalView,
    openapi_extra=needs("deals:run"),
    responses=responses(*WRITES, DealApprovalNotFound),
)
def decide_deal_approval(
    tx: WriteTx, actor: CurrentActor, approval_id: ApprovalPath, body: DecideApproval, key: IdempotencyKey
) -> Response:
    """Record what the right body decided. With the last grant the deal is approved; a refusal ends it."""

    def work() -> DealApprovalView:
        return _approval(
            consents.decide_approval(
                tx,
                actor,
                business_now(tx),
                approval_id=approval_id,
                event=body.decision,
                body=body.body,
                document_number=body.document_number,
                note=body.note,
            )
        )

    return once(tx, actor, f"decide_deal_approval {approval_id}", key, body, work).response()


@router.post(
    "/deals/{deal_id}:hold",
    response_model=DealView,
    openapi_extra=needs("deals:act", "deals:run"),
    responses=responses(*WRITES),
)
def hold_deal(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: DealReason, key: IdempotencyKey) -> Response:
    """Make a deal read-only; its clock stands still."""

    def work() -> DealView:
        return view_of(tx, holds.hold(tx, actor, business_now(tx), deal_id=deal_id, reason=body.reason))

    return once(tx, actor, f"hold_deal {deal_id}", key, body, work).response()


@router.post(
    "/deals/{deal_id}:resume",
    response_model=DealView,
    openapi_extra=needs("deals:act", "deals:run"),
    responses=responses(*WRITES),
)
def resume_deal(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, key: IdempotencyKey) -> Response:
    """Let a held deal go on where it was."""

    def work() -> DealView:
        return view_of(tx, holds.resume(tx, actor, business_now(tx), deal_id=deal_id))

    return once(tx, actor, f"resume_deal {deal_id}", key, {}, work).response()


@router.post(
    "/deals/{deal_id}:withdraw",
    response_model=DealView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES),
)
def withdraw_deal(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: DealReason, key: IdempotencyKey
) -> Response:
    """Leave a deal before it is signed, at the cost the rules name."""

    def work() -> DealView:
        return view_of(tx, holds.withdraw(tx, actor, business_now(tx), deal_id=deal_id, reason=body.reason))

    return once(tx, actor, f"withdraw_deal {deal_id}", key, body, work).response()


@router.post(
    "/deals/{deal_id}/terminations",
    status_code=201,
    response_model=TerminationAskedView,
    openapi_extra=needs("deals:run"),
    responses=responses(*WRITES, ApprovalPending),
)
def ask_termination(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: AskTermination, key: IdempotencyKey
) -> Response:
    """Ask a second operator to end a deal by order of a court or an authority."""

    def work() -> TerminationAskedView:
        asked = holds.request_termination(
            tx,
            actor,
            business_now(tx),
            deal_id=deal_id,
            order_number=body.order_number,
            authority=body.authority,
        )
        return TerminationAskedView(approval_id=asked.id, deal_id=deal_id)

    return once(tx, actor, f"ask_termination {deal_id}", key, body, work, status_code=201).response()


@router.get("/deals/{deal_id}/timeline", openapi_extra=needs("deals:read"), responses=responses(*READS, DealNotFound))
def get_timeline(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> TimelineView:
    """A deal's steps from the audit trail, oldest first."""
    items = [
        TimelineEntryView(
            event_id=event.id,
            type=event.type,
            at=event.at,
            actor_id=event.actor_id,
            status=str(event.data.get("status", "")),
            reason=str(event.data.get("reason", "")),
        )
        for event in offers.timeline_of(tx, actor, deal_id=deal_id)
    ]
    return TimelineView(items=items)


def _approval(row: DealApprovalRow) -> DealApprovalView:
    return DealApprovalView(**{name: getattr(row, name) for name in DealApprovalView.model_fields})
