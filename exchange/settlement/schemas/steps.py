"""Notices, answers, consents, approvals and holds on the wire."""

from datetime import date
from typing import Annotated

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.rest.model import Instant, LongText, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import MoneyView, PositiveAmountText
from exchange.settlement.approval import ApprovalEvent, ApprovalKind, ApprovalStatus
from exchange.settlement.pre_emption import AnswerKind, ServiceMethod
from exchange.settlement.withdrawal import ConsentRefusal

PartnerId = Annotated[str, Field(pattern=f"^{id_pattern('organisation')}$")]


class ServeNotice(StrictModel):
    """How the notice reaches the partners, and what proves it."""

    method: ServiceMethod = ServiceMethod.EXCHANGE_INBOX
    proof: ShortText


class AnswerNotice(StrictModel):
    """A partner's answer; ``amount`` of subscribed capital for who exercises."""

    answer: AnswerKind
    amount: PositiveAmountText | None = None


class Share(StrictModel):
    """What one partner takes."""

    organisation_id: PartnerId
    amount: PositiveAmountText


class AgreeShares(StrictModel):
    """The division the partners agreed on; together the whole that is offered."""

    shares: Annotated[list[Share], Field(min_length=1, max_length=50)]


class NoticeView(ViewModel):
    """A notice served on one partner. Other partners' notices are seen by the manager and the exchange alone."""

    partner_organisation_id: str
    method: ServiceMethod
    proof: str
    served_at: Instant
    closes_at: Instant
    answer: AnswerKind | None
    asked: MoneyView | None


class OfferView(ViewModel):
    """The four equal terms with their hash, and where the right of first refusal stands."""

    deal_id: str
    fund_id: str
    amount: MoneyView
    price: str
    total: MoneyView
    plan: dict[str, object]
    closing_by: date
    terms_hash: str
    is_open: bool
    notices: list[NoticeView]


class DecideConsent(StrictModel):
    """The manager's decision; a refusal names its reason."""

    decision: Annotated[str, Field(pattern="^(grant|refuse)$")]
    reason: ConsentRefusal | None = None
    note: Annotated[str, Field(max_length=4000)] = ""


class DecideApproval(StrictModel):
    """What the right body decided, on which paper."""

    decision: ApprovalEvent
    body: ShortText
    document_number: ShortText
    note: Annotated[str, Field(max_length=4000)] = ""


class DealApprovalView(ViewModel):
    """An approval a deal needs."""

    id: str
    deal_id: str
    kind: ApprovalKind
    status: ApprovalStatus
    body: str
    document_number: str
    note: str
    asked_at: Instant
    decided_at: Instant | None


class ApprovalsView(ViewModel):
    """The approvals of a deal."""

    items: list[DealApprovalView]


class DealReason(StrictModel):
    """Why, in a person's words."""

    reason: LongText


class AskTermination(StrictModel):
    """The order that ends a deal."""

    order_number: ShortText
    authority: ShortText


class TerminationAskedView(ViewModel):
    """The question that waits for a second operator; it is decided under ``/approvals/{id}``."""

    approval_id: str
    deal_id: str


class TimelineEntryView(ViewModel):
    """One step of a deal as the audit trail keeps it."""

    event_id: str
    type: str
    at: Instant
    actor_id: str | None
    status: str
    reason: str


class TimelineView(ViewModel):
    """A deal's steps, oldest first."""

    items: list[TimelineEntryView]
