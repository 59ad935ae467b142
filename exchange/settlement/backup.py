"""A deal fell away: the next in rank is asked, one after the other, until somebody takes what is left.

Source: rulebook 4.3 (backup within 2 working days) and 4.1; a backup takes its own price and at most its own amount.
"""

from collections.abc import Mapping
from enum import StrEnum

from exchange.settlement.deal import DealStatus


class BackupStatus(StrEnum):
    """Where an offer to a backup stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


class BackupEvent(StrEnum):
    """What may happen to an offer to a backup."""

    ACCEPT = "accept"
    DECLINE = "decline"
    LAPSE = "lapse"


BACKUP_LIFECYCLE: Mapping[tuple[BackupStatus, BackupEvent], BackupStatus] = {
    (BackupStatus.OFFERED, BackupEvent.ACCEPT): BackupStatus.ACCEPTED,
    (BackupStatus.OFFERED, BackupEvent.DECLINE): BackupStatus.DECLINED,
    (BackupStatus.OFFERED, BackupEvent.LAPSE): BackupStatus.LAPSED,
}

_OF_THE_BUYER = frozenset({DealStatus.DEFAULTED, DealStatus.GP_REFUSED})
BY_SELLER, APPROVAL_REFUSED = "withdrawn_by_seller", "approval_refused"


def calls_backups(status: DealStatus, reason: str) -> bool:
    """Whether the next in rank is asked after a deal ended so: when it ended for its buyer, not with the sale itself.

    A seller who withdrew sells to nobody else; an order of a court or a bust ends the sale.
    """
    if status is DealStatus.WITHDRAWN:
        return reason != BY_SELLER
    return status in _OF_THE_BUYER or (status is DealStatus.TERMINATED and reason == APPROVAL_REFUSED)
