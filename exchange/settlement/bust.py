"""Until when a transfer may be busted: the end of the last working day of the profile's period after it.

Afterwards it is final; an appeal against a bust has its own period. Example: transferred on Friday 2026-07-10, one
working day -> until the end of Monday 2026-07-13. Source: 证券法 111, 117 by analogy; rulebook 4.3 (R-55).
"""

from datetime import datetime
from enum import StrEnum

from exchange.core.clock import end_of_market_day, market_date
from exchange.rulebook.calendars import Calendar
from exchange.rulebook.profile import MarketProfile


class BustReason(StrEnum):
    """Why a transfer is undone."""

    MATERIAL_ERROR = "material_error"
    SYSTEM_FAULT = "system_fault"
    UNLAWFUL = "unlawful"
    ORDER_OF_AUTHORITY = "order_of_authority"


def bust_until(profile: MarketProfile, calendar: Calendar, transferred_at: datetime) -> datetime:
    """The last instant at which a bust may be asked for (aware UTC)."""
    days = profile.bust_request_working_days.value
    return end_of_market_day(calendar.add_working_days(market_date(transferred_at), days))


def appeal_until(profile: MarketProfile, calendar: Calendar, busted_at: datetime) -> datetime:
    """The last instant at which a party may appeal against a bust (aware UTC)."""
    days = profile.bust_appeal_working_days.value
    return end_of_market_day(calendar.add_working_days(market_date(busted_at), days))
