"""Papers an operator verifies for a listing: written approvals of a seller's body for a lower floor or a change of
content, the order of a court that sells (R-37), and the clause of a favourable exit (R-4D).

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
    COURT_ORDER = "court_order"
    EXIT_CLAUSE = "exit_clause"


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
    """One paper: ``lowest_price_ppm`` of the pinned NAV for a price, ``invested_on`` for an exit clause, else None."""

    kind: ApprovalKind
    status: ApprovalStatus
    lowest_price_ppm: int | None
    valid_until: date
    invested_on: date | None = None

    def counts_on(self, day: date) -> bool:
        """Verified and in force on a day."""
        return self.status is ApprovalStatus.VERIFIED and day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Filing:
    """What the paper says. ``lowest_price_ppm``: of the NAV the listing pins; for a price only; ``invested_on``: for
    the clause of a favourable exit only.
    """

    kind: ApprovalKind
    approving_body: str
    document_number: str
    approved_on: date
    valid_until: date
    lowest_price_ppm: int | None = None
    invested_on: date | None = None


def approved_floor_ppm(approvals: Iterable[Approval], day: date) -> int | None:
    """The lowest price that a verified approval in force allows, in ppm of the pinned NAV; None without one."""
    prices = [
        item.lowest_price_ppm
        for item in approvals
        if item.kind is ApprovalKind.PRICE and item.lowest_price_ppm is not None and item.counts_on(day)
    ]
    return min(prices, default=None)


def has_court_order(approvals: Iterable[Approval], day: date) -> bool:
    """Whether a verified order of a court is in force on a day (R-37)."""
    return any(item.kind is ApprovalKind.COURT_ORDER and item.counts_on(day) for item in approvals)


def exit_since(approvals: Iterable[Approval], day: date) -> date | None:
    """When the guidance fund invested, by its latest verified clause for a favourable exit; None without one (R-4D)."""
    found = [item.invested_on for item in approvals if item.kind is ApprovalKind.EXIT_CLAUSE and item.counts_on(day)]
    return found[-1] if found else None
