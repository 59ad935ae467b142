"""An organisation's way onto the exchange: applied for, admitted by two operators, perhaps suspended.

Example: applied + approve -> approved; approved + suspend -> suspended; suspended + reinstate -> approved.
"""

from collections.abc import Mapping
from enum import StrEnum


class OrganisationKind(StrEnum):
    """What an organisation is on the exchange."""

    GP = "gp"
    INVESTOR = "investor"
    ADVISER = "adviser"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class OrganisationStatus(StrEnum):
    """Applied for, admitted by two operators, or suspended."""

    APPLIED = "applied"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class OrganisationEvent(StrEnum):
    """What two operators may decide about an organisation."""

    APPROVE = "approve"
    REJECT = "reject"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"


class RecordStatus(StrEnum):
    """State of a class or suitability record. ``filed``: by the investor, before an operator takes it up."""

    FILED = "filed"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced"


class RecordEvent(StrEnum):
    """What may happen to a record: taken up by one operator, decided by a second, or replaced by a newer one."""

    TAKE_UP = "take_up"
    APPROVE = "approve"
    REJECT = "reject"
    REPLACE = "replace"


ORGANISATION: Mapping[tuple[OrganisationStatus, OrganisationEvent], OrganisationStatus] = {
    (OrganisationStatus.APPLIED, OrganisationEvent.APPROVE): OrganisationStatus.APPROVED,
    (OrganisationStatus.APPLIED, OrganisationEvent.REJECT): OrganisationStatus.REJECTED,
    (OrganisationStatus.APPROVED, OrganisationEvent.SUSPEND): OrganisationStatus.SUSPENDED,
    (OrganisationStatus.SUSPENDED, OrganisationEvent.REINSTATE): OrganisationStatus.APPROVED,
}

RECORD: Mapping[tuple[RecordStatus, RecordEvent], RecordStatus] = {
    (RecordStatus.FILED, RecordEvent.TAKE_UP): RecordStatus.PROPOSED,
    (RecordStatus.FILED, RecordEvent.REJECT): RecordStatus.REJECTED,
    (RecordStatus.FILED, RecordEvent.REPLACE): RecordStatus.REPLACED,
    (RecordStatus.PROPOSED, RecordEvent.APPROVE): RecordStatus.APPROVED,
    (RecordStatus.PROPOSED, RecordEvent.REJECT): RecordStatus.REJECTED,
    (RecordStatus.APPROVED, RecordEvent.REPLACE): RecordStatus.REPLACED,
}
