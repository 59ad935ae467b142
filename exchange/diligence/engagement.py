"""Advisers and their engagements: the life of a request from the first word to the rating.

A conflict check comes before anything is shown; quotes are sealed; access is scoped; what is delivered is a document
and a structured result. Source: 京金融〔2020〕7号, measure 9 (咨询服务体系).
"""

from collections.abc import Mapping
from enum import StrEnum

from exchange.diligence.item import PartyRole


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


class AdviserEvent(StrEnum):
    """What the exchange, or a date, may do to an adviser's entry."""

    ADMIT = "admit"
    RENEW = "renew"
    SUSPEND = "suspend"
    LAPSE = "lapse"


ADVISER_LIFECYCLE: Mapping[tuple[AdviserState, AdviserEvent], AdviserState] = {
    (AdviserState.APPLIED, AdviserEvent.ADMIT): AdviserState.ADMITTED,
    (AdviserState.APPLIED, AdviserEvent.SUSPEND): AdviserState.SUSPENDED,
    (AdviserState.ADMITTED, AdviserEvent.RENEW): AdviserState.ADMITTED,
    (AdviserState.ADMITTED, AdviserEvent.SUSPEND): AdviserState.SUSPENDED,
    (AdviserState.ADMITTED, AdviserEvent.LAPSE): AdviserState.LAPSED,
    (AdviserState.SUSPENDED, AdviserEvent.ADMIT): AdviserState.ADMITTED,
    (AdviserState.LAPSED, AdviserEvent.RENEW): AdviserState.ADMITTED,
    (AdviserState.LAPSED, AdviserEvent.SUSPEND): AdviserState.SUSPENDED,
}
"""Admission is for a time; a suspended adviser is admitted anew, a lapsed one renewed."""


class RelationKind(StrEnum):
    """How an adviser stands to somebody it declares.

    ``affiliate``: ownership, control or common persons; ``client``: it acts or acted for them; ``auditor``: of their
    books; ``counsel``: their standing lawyer; ``valued``: it valued an interest (the subject) for them;
    ``exchange_staff``: a person of the exchange has an interest in the adviser.
    """

    AFFILIATE = "affiliate"
    CLIENT = "client"
    AUDITOR = "auditor"
    COUNSEL = "counsel"
    VALUED = "valued"
    EXCHANGE_STAFF = "exchange_staff"


class FeeBasis(StrEnum):
    """What a fee depends on."""

    FIXED = "fixed"
    HOURLY = "hourly"
    SUCCESS = "success"


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
"""``unseal`` is the deadline of the quotes and nothing earlier; ``decline``: nobody had quoted by then."""

AT_WORK = frozenset({_S.IN_PROGRESS, _S.DELIVERED, _S.DISPUTED, _S.ACCEPTED})
"""While an engagement is in one of these, its adviser stands in its role on the listing."""

ENGAGING = frozenset({_S.ENGAGED, _S.IN_PROGRESS, _S.DELIVERED, _S.DISPUTED, _S.ACCEPTED, _S.CLOSED})
"""An adviser in one of these acts, or has acted, for the client."""


class DeliverableKind(StrEnum):
    """What an adviser delivers: a document and the structured result that goes with its kind."""

    VALUATION_REPORT = "valuation_report"
    LEGAL_REPORT = "legal_report"
    FINANCIAL_REPORT = "financial_report"
    TAX_MEMO = "tax_memo"
    TECHNICAL_REPORT = "technical_report"


DELIVERS: Mapping[AdviserKind, DeliverableKind] = {
    AdviserKind.LAW: DeliverableKind.LEGAL_REPORT,
    AdviserKind.AUDIT: DeliverableKind.FINANCIAL_REPORT,
    AdviserKind.APPRAISAL: DeliverableKind.VALUATION_REPORT,
    AdviserKind.TAX: DeliverableKind.TAX_MEMO,
    AdviserKind.TECHNICAL: DeliverableKind.TECHNICAL_REPORT,
    AdviserKind.FINANCIAL: DeliverableKind.FINANCIAL_REPORT,
}
"""What each kind of adviser delivers."""

ROLES: Mapping[AdviserKind, PartyRole] = {
    AdviserKind.LAW: PartyRole.LAW,
    AdviserKind.AUDIT: PartyRole.AUDIT,
    AdviserKind.APPRAISAL: PartyRole.APPRAISAL,
    AdviserKind.TAX: PartyRole.TAX,
}
"""In which role of the checklist an adviser at work stands; technical and financial ones stand in none."""
