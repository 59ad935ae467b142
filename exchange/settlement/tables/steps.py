"""Steps of a deal before the signing: notices, answers of partners, approvals."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from exchange.infra.database import check, stored
from exchange.settlement.approval import ApprovalKind, ApprovalStatus
from exchange.settlement.pre_emption import AnswerKind, ServiceMethod


class DealNoticeRow(SQLModel, table=True):
    """A notice of the four equal terms served on one partner, with the proof of its service. Insert-only."""

    __tablename__: ClassVar[str] = "deal_notice"
    __table_args__ = (UniqueConstraint("deal_id", "partner_organisation_id"),)

    id: str = Field(primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", index=True)
    partner_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    contribution_minor: int = Field(sa_type=BigInteger)
    method: ServiceMethod = Field(sa_type=stored(ServiceMethod, "deal_notice_method"))
    proof: str
    terms_hash: str
    closing_by_on: date
    closes_at: datetime
    served_by: str
    served_at: datetime


class PartnerAnswerRow(SQLModel, table=True):
    """A partner's answer; who exercises has its deposit held under the answer's id until the right is resolved."""

    __tablename__: ClassVar[str] = "partner_answer"
    __table_args__ = (
        UniqueConstraint("deal_id", "partner_organisation_id"),
        check("asked_minor >= 0 AND deposit_minor >= 0", "not_negative"),
        check("(kind = 'exercise') = (asked_minor > 0)", "exercise_asks"),
    )

    id: str = Field(primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", index=True)
    partner_organisation_id: str = Field(foreign_key="organisation.id", index=True)
    kind: AnswerKind = Field(sa_type=stored(AnswerKind, "partner_answer_kind"))
    asked_minor: int = Field(default=0, sa_type=BigInteger)
    deposit_account_id: str | None = Field(default=None, foreign_key="account.id")
    deposit_minor: int = Field(default=0, sa_type=BigInteger)
    answered_by: str
    answered_at: datetime


class DealApprovalRow(SQLModel, table=True):
    """An approval a deal needs, and what was decided on which paper."""

    __tablename__: ClassVar[str] = "deal_approval"
    __table_args__ = (UniqueConstraint("deal_id", "kind"),)

    id: str = Field(primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", index=True)
    kind: ApprovalKind = Field(sa_type=stored(ApprovalKind, "deal_approval_kind"))
    status: ApprovalStatus = Field(
        default=ApprovalStatus.PENDING, sa_type=stored(ApprovalStatus, "deal_approval_status")
    )
    body: str = ""
    document_number: str = ""
    note: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = None
    asked_at: datetime
