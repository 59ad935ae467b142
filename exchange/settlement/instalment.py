"""The lifecycle of a later part of the price: due, paid, or void when the transfer was undone.

Source: rulebook 5.2 and R-47; amounts and days come from `exchange.listings.payment_plan`.
"""

from collections.abc import Mapping
from enum import StrEnum


class InstalmentStatus(StrEnum):
    """Where a later part stands."""

    DUE = "due"
    PAID = "paid"
    VOID = "void"


class InstalmentEvent(StrEnum):
    """What may happen to a later part."""

    PAY = "pay"
    VOID = "void"


INSTALMENT_LIFECYCLE: Mapping[tuple[InstalmentStatus, InstalmentEvent], InstalmentStatus] = {
    (InstalmentStatus.DUE, InstalmentEvent.PAY): InstalmentStatus.PAID,
    (InstalmentStatus.DUE, InstalmentEvent.VOID): InstalmentStatus.VOID,
    # What was paid goes back with the rest when the transfer is undone.
    (InstalmentStatus.PAID, InstalmentEvent.VOID): InstalmentStatus.VOID,
}
