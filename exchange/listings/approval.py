"""Written approvals of a seller's body: for a floor under what the profile allows, or for a change of content.

Filed by the seller's side, verified by an operator against the paper; only a verified one that is in force counts. A
change uses its approval up. Example: a floor at 85 % of the appraisal passes with an approval down to 85 % or less.
Source: 企业国有产权交易操作规则 (a change of the announcement needs the approving body's paper and starts the period
anew; below 90 % of the appraised value only with written approval): rules R-44 and R-45.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ApprovalKind(StrEnum):
    """What is approved."""

    PRICE = "price"
    CHANGE = "change"


class ApprovalStatus(StrEnum):
    """Where a filed approval stands."""

    FILED = "filed"
    VERIFIED = "verified"
    REFUSED = "refused"
    USED = "used"


class ApprovalEvent(StrEnum):
    """What may happen to it."""

    VERIFY = "verify"
    REFUSE = "refuse"
    USE = "use"


_S, _E = ApprovalStatus, ApprovalEvent

APPROVAL_LIFECYCLE: Mapping[tuple[ApprovalStatus, ApprovalEvent], ApprovalStatus] = {
    (_S.FILED, _E.VERIFY): _S.VERIFIED,
    (_S.FILED, _E.REFUSE): _S.REFUSED,
    (_S.VERIFIED, _E.USE): _S.USED,
}


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval: ``lowest_price_ppm`` of the pinned NAV for a price, None for a change."""

    kind: ApprovalKind
    status: ApprovalStatus
    lowest_price_ppm: int | None
    valid_until: date

    def counts_on(self, day: date) -> bool:
        """Verified and in force on a day."""
        return self.status is ApprovalStatus.VERIFIED and day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Filing:
    """What the paper says. ``lowest_price_ppm``: of the NAV the listing pins; for a price only."""

    kind: ApprovalKind
    approving_body: str
    document_number: str
    approved_on: date
    valid_until: date
    lowest_price_ppm: int | None = None


def approved_floor_ppm(approvals: Iterable[Approval], day: date) -> int | None:
    """The lowest price that a verified approval in force allows, in ppm of the pinned NAV; None without one."""
    prices = [
        item.lowest_price_ppm
        for item in approvals
        if item.kind is ApprovalKind.PRICE and item.lowest_price_ppm is not None and item.counts_on(day)
    ]
    return min(prices, default=None)
