"""Which approvals a deal needs after the manager's consent, and where each stands.

Money laundering is checked for every buyer; related parties need a resolution of the partners (R-53); a state-owned
seller needs its supervising body. Example: a private seller and an unrelated buyer -> the money-laundering check alone.
Source: 私募投资基金监督管理条例 28; 反洗钱法 (2024); 企业国有资产法.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class ApprovalKind(StrEnum):
    """What is approved."""

    MONEY_LAUNDERING_CHECK = "money_laundering_check"
    RELATED_PARTY_RESOLUTION = "related_party_resolution"
    STATE_OWNER = "state_owner"


class ApprovalStatus(StrEnum):
    """Where an approval stands."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


class ApprovalEvent(StrEnum):
    """What may be decided."""

    GRANT = "grant"
    REFUSE = "refuse"


_S, _E = ApprovalStatus, ApprovalEvent

APPROVAL_LIFECYCLE: Mapping[tuple[ApprovalStatus, ApprovalEvent], ApprovalStatus] = {
    (_S.PENDING, _E.GRANT): _S.GRANTED,
    (_S.PENDING, _E.REFUSE): _S.REFUSED,
}


def needed_approvals(*, is_related: bool, seller_is_state_owned: bool) -> tuple[ApprovalKind, ...]:
    """The approvals of a deal, in the order they are asked for."""
    kinds = [ApprovalKind.MONEY_LAUNDERING_CHECK]
    if is_related:
        kinds.append(ApprovalKind.RELATED_PARTY_RESOLUTION)
    if seller_is_state_owned:
        kinds.append(ApprovalKind.STATE_OWNER)
    return tuple(kinds)


def all_granted(statuses: Iterable[ApprovalStatus]) -> bool:
    """Nothing is pending and nothing refused."""
    return all(status is ApprovalStatus.GRANTED for status in statuses)
