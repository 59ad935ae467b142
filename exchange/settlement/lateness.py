"""A payment that does not come: overdue, then a first notice, then default; until then paying cures.

Days count from the due day on. Example: due Friday 2026-07-17, notice at the end of 2026-07-22 (3 working days),
default at the end of 2026-07-31 (10 working days).
Source: rulebook 4.3, SIGNED to FUNDED; both numbers stand in the profile.
"""

from datetime import date
from enum import StrEnum

from exchange.rulebook.calendars import Calendar
from exchange.rulebook.profile import MarketProfile


class Lateness(StrEnum):
    """How late a payment is."""

    IN_TIME = "in_time"
    OVERDUE = "overdue"
    NOTICE = "notice"
    DEFAULT = "default"


_NEXT = {
    Lateness.IN_TIME: Lateness.OVERDUE,
    Lateness.OVERDUE: Lateness.NOTICE,
    Lateness.NOTICE: Lateness.DEFAULT,
}


def later(stage: Lateness) -> Lateness | None:
    """What a payment becomes when the day set for its stage has passed; None once it is in default."""
    return _NEXT.get(stage)


def last_day_of(profile: MarketProfile, calendar: Calendar, stage: Lateness, reached_on: date) -> date | None:
    """The last day before the next stage, for a payment that reached this one at the end of ``reached_on``.

    None for a payment in time (its own due day bounds it) and for one in default.
    """
    notice, default = profile.funding_notice_working_days.value, profile.funding_default_working_days.value
    if stage is Lateness.OVERDUE:
        return calendar.add_working_days(reached_on, notice)
    if stage is Lateness.NOTICE:
        return calendar.add_working_days(reached_on, max(0, default - notice))
    return None
