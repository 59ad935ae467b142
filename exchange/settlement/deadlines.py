"""By when a deal has to leave the status it is in: days of the market profile, with the rule they come from.

Working days are counted from the day after the step; a period ends at the end of its last day. A deal that is late is
told to those who wait for it; what lapses by itself says so in its own service.
Example: confirmed on Friday 2026-07-10, three working days for the notice -> end of Wednesday 2026-07-15.
Source: rulebook 4.3, column "time limit"; every number stands in the profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exchange.core.clock import end_of_market_day, market_date
from exchange.rulebook.calendars import Calendar
from exchange.rulebook.profile import MarketProfile
from exchange.settlement.deal import DealStatus

_S = DealStatus

FIELDS: Mapping[DealStatus, str] = {
    _S.CONFIRMED: "notice_service_working_days",
    _S.NOTICED: "partner_notice_days",
    _S.ROFR_CLEARED: "consent_working_days",
    _S.GP_CONSENTED: "approval_first_alert_working_days",
    _S.APPROVED: "signing_working_days",
    _S.SIGNED: "funding_working_days",
    _S.CLOSING: "closing_silence_working_days",
    _S.TRANSFERRED: "filing_days",
}
"""The number of the profile that bounds each status; its last words say which days it counts."""


@dataclass(frozen=True, slots=True)
class DealDeadline:
    """An instant (aware UTC, the end of a market day), the rule behind it and whether its year is unpublished."""

    at: datetime
    rule: str
    is_provisional: bool


def deadline_of(profile: MarketProfile, calendar: Calendar, status: DealStatus, now: datetime) -> DealDeadline | None:
    """By when a deal that reaches a status now has to leave it; None when nothing bounds it."""
    name = FIELDS.get(status)
    if name is None:
        return None
    rule = profile.rules()[name]
    day = last_day(calendar, name, int(rule.value), market_date(now))
    return DealDeadline(end_of_market_day(day), rule.rule_id, calendar.is_provisional(day))


def last_day(calendar: Calendar, name: str, count: int, first: date) -> date:
    """The last day of a period of ``count`` days after ``first``: working days when the rule's name says so."""
    if name.endswith("working_days"):
        return calendar.add_working_days(first, count)
    return first + timedelta(days=count)
