"""Who counts as a qualified investor by law, whatever its assets, and who of them is not looked through.

Social security funds, annuities and charities, and plans that are filed with the Asset Management Association are
qualified and counted as one holder each; a manager and its staff are qualified in the funds of that manager only, and
are looked through like others. Each kind has its own proof, which two operators see.
Example: an annuity with 100 million invested by 40,000 people is one qualified holder of any fund.
Source: 私募投资基金监督管理暂行办法 (CSRC order 105) article 13; rule R-23.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class DeemedKind(StrEnum):
    """By which line of the article an investor is qualified."""

    SOCIAL_SECURITY_FUND = "social_security_fund"
    ANNUITY = "annuity"
    CHARITY = "charity"
    FILED_PLAN = "filed_plan"
    MANAGER_OR_STAFF = "manager_or_staff"


class DeemedProofKind(StrEnum):
    """What proves it."""

    COUNCIL_MANDATE = "council_mandate"
    PLAN_CONFIRMATION = "plan_confirmation"
    CHARITY_REGISTRATION = "charity_registration"
    ASSOCIATION_FILING = "association_filing"
    MANAGER_REGISTRATION = "manager_registration"


PROOFS: Mapping[DeemedKind, DeemedProofKind] = {
    DeemedKind.SOCIAL_SECURITY_FUND: DeemedProofKind.COUNCIL_MANDATE,
    DeemedKind.ANNUITY: DeemedProofKind.PLAN_CONFIRMATION,
    DeemedKind.CHARITY: DeemedProofKind.CHARITY_REGISTRATION,
    DeemedKind.FILED_PLAN: DeemedProofKind.ASSOCIATION_FILING,
    DeemedKind.MANAGER_OR_STAFF: DeemedProofKind.MANAGER_REGISTRATION,
}
"""The one proof each kind needs: mandate of the social security fund council, confirmation of the annuity plan,
registration as a charity, filing of the plan, registration of the manager (with the employment, for staff)."""

NOT_LOOKED_THROUGH = frozenset(DeemedKind) - {DeemedKind.MANAGER_OR_STAFF}
"""Kinds that are one holder each, however many people stand behind them."""


@dataclass(frozen=True, slots=True)
class Deemed:
    """An investor is qualified by law: the kind and, for a manager or its staff, the manager's organisation id."""

    kind: DeemedKind
    manager_organisation_id: str | None = None

    def holds_for(self, fund_manager_id: str | None) -> bool:
        """Whether it counts in a fund of this manager."""
        if self.kind is not DeemedKind.MANAGER_OR_STAFF:
            return True
        return self.manager_organisation_id is not None and self.manager_organisation_id == fund_manager_id


@dataclass(frozen=True, slots=True)
class DeemedProof:
    """What is filed for it: the kind of the proof and the number of the paper."""

    deemed: Deemed
    proof_kind: DeemedProofKind
    proof_number: str

    def fits(self) -> bool:
        """The right proof for the kind, and a manager named exactly where one is needed."""
        needs_manager = self.deemed.kind is DeemedKind.MANAGER_OR_STAFF
        has_manager = self.deemed.manager_organisation_id is not None
        return PROOFS[self.deemed.kind] is self.proof_kind and needs_manager is has_manager
