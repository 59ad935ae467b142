"""Advisers and their engagements: the life of a request from the first word to the rating.

A conflict check comes before anything is shown; quotes are sealed; access is scoped; what is delivered is a document
and a structured result. Source: 京金融〔2020〕7号, measure 9 (咨询服务体系).
"""

from collections.abc import Mapping
from enum import StrEnum


class AdviserKind(StrEnum):
    """What an adviser is admitted to do."""

    LAW = "law"
    AUDIT = "audit"
    APPRAISAL = "appraisal"
    TAX = "tax"
    TECHNICAL = "technical"
    FINANCIAL = "financial"


class AdviserState(StrEnum):
    """Where an adviser stands in the directory."""

    APPLIED = "applied"
    ADMITTED = "admitted"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"


class EngagementState(StrEnum):
    """Where a request for advice stands."""

    DRAFT = "draft"
    OPEN = "open"
    QUOTED = "quoted"
    ENGAGED = "engaged"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class EngagementEvent(StrEnum):
    """What may happen to an engagement."""

    OPEN = "open"
    UNSEAL = "unseal"
    DECLINE = "decline"
    ENGAGE = "engage"
    START = "start"
    DELIVER = "deliver"
    ACCEPT = "accept"
    DISPUTE = "dispute"
    CLOSE = "close"
    CANCEL = "cancel"


_S, _E = EngagementState, EngagementEvent

ENGAGEMENT_LIFECYCLE: Mapping[tuple[EngagementState, EngagementEvent], EngagementState] = {
    (_S.DRAFT, _E.OPEN): _S.OPEN,
    (_S.DRAFT, _E.CANCEL): _S.CANCELLED,
    (_S.OPEN, _E.UNSEAL): _S.QUOTED,
    (_S.OPEN, _E.DECLINE): _S.DECLINED,
    (_S.OPEN, _E.CANCEL): _S.CANCELLED,
    (_S.QUOTED, _E.ENGAGE): _S.ENGAGED,
    (_S.QUOTED, _E.CANCEL): _S.CANCELLED,
    (_S.ENGAGED, _E.START): _S.IN_PROGRESS,
    (_S.ENGAGED, _E.CANCEL): _S.CANCELLED,
    (_S.IN_PROGRESS, _E.DELIVER): _S.DELIVERED,
    (_S.IN_PROGRESS, _E.CANCEL): _S.CANCELLED,
    (_S.DELIVERED, _E.ACCEPT): _S.ACCEPTED,
    (_S.DELIVERED, _E.DISPUTE): _S.DISPUTED,
    (_S.DISPUTED, _E.DELIVER): _S.DELIVERED,
    (_S.DISPUTED, _E.ACCEPT): _S.ACCEPTED,
    (_S.DISPUTED, _E.CLOSE): _S.CLOSED,
    (_S.ACCEPTED, _E.CLOSE): _S.CLOSED,
}
"""``unseal`` is the deadline of the quotes, or the last invited adviser's answer; ``decline``: nobody quoted."""


class DeliverableKind(StrEnum):
    """What an adviser delivers: a document and the structured result that goes with its kind."""

    VALUATION_REPORT = "valuation_report"
    LEGAL_REPORT = "legal_report"
    FINANCIAL_REPORT = "financial_report"
    TAX_MEMO = "tax_memo"
    TECHNICAL_REPORT = "technical_report"
