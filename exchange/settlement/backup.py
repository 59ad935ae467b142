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

CALLS_BACKUPS = frozenset({DealStatus.DEFAULTED, DealStatus.WITHDRAWN, DealStatus.GP_REFUSED})
"""Ends of a deal after which the next in rank is asked; an order of a court or a bust ends the sale itself."""

BY_SELLER = "by_seller"
"""Last words of the reason of a withdrawal by the seller: nobody else is asked then."""
