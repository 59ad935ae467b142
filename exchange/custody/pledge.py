"""A pledge of an interest: asked for with its papers, entered by an operator, given back when the creditor lets go.

A partner may pledge its share unless the partnership agreement says otherwise, and a pledge of a fund share exists
from its registration (R-40): what is only asked for binds nobody, what is registered is never listed, frozen or sold.
Example: 100 subscribed, 30 listed, 50 asked for -> registered, 20 free; 71 asked for -> refused, 70 are free.
Source: 合伙企业法 72; 证券投资基金法 102; rulebook R-40.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PledgeStatus(StrEnum):
    """Where a pledge stands."""

    REQUESTED = "requested"
    REGISTERED = "registered"
    RELEASE_REQUESTED = "release_requested"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PledgeEvent(StrEnum):
    """What may happen to a pledge."""

    REGISTER = "register"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REQUEST_RELEASE = "request_release"
    RELEASE = "release"
    REFUSE_RELEASE = "refuse_release"


PLEDGE_LIFECYCLE: Mapping[tuple[PledgeStatus, PledgeEvent], PledgeStatus] = {
    (PledgeStatus.REQUESTED, PledgeEvent.REGISTER): PledgeStatus.REGISTERED,
    (PledgeStatus.REQUESTED, PledgeEvent.REFUSE): PledgeStatus.REFUSED,
    (PledgeStatus.REQUESTED, PledgeEvent.WITHDRAW): PledgeStatus.WITHDRAWN,
    (PledgeStatus.REGISTERED, PledgeEvent.REQUEST_RELEASE): PledgeStatus.RELEASE_REQUESTED,
    (PledgeStatus.RELEASE_REQUESTED, PledgeEvent.RELEASE): PledgeStatus.RELEASED,
    (PledgeStatus.RELEASE_REQUESTED, PledgeEvent.REFUSE_RELEASE): PledgeStatus.REGISTERED,
}

BINDING = frozenset({PledgeStatus.REGISTERED, PledgeStatus.RELEASE_REQUESTED})
"""While a pledge stands so, its amount is not free."""


class PledgeReason(StrEnum):
    """Why an operator says no."""

    AGREEMENT_FORBIDS = "agreement_forbids"
    PAPERS_INSUFFICIENT = "papers_insufficient"
    CREDITOR_NOT_CONFIRMED = "creditor_not_confirmed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PledgeTerms:
    """What a holder pledges for what: amounts in minor units of the fund's currency.

    ``secured_minor``: the debt that is secured; ``ends_on``: when it is due; ``permitted_by``: the clause of the
    partnership agreement or the resolution of the partners that allows the pledge.
    """

    amount_minor: int
    creditor_name: str
    creditor_code: str
    secured_minor: int
    ends_on: date
    contract_number: str
    permitted_by: str
