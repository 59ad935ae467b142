"""The tap where time enters. Services and pure files receive ``now``; only edges read it.

Business time = system time + the sandbox offset (zero outside a sandbox). Instants are aware UTC datetimes;
dates of the market are dates in Asia/Shanghai.
"""

from datetime import UTC, date, datetime, timedelta, timezone

MARKET_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


def system_now() -> datetime:
    """The machine's time as an aware UTC datetime."""
    return datetime.now(UTC)


def market_date(now: datetime) -> date:
    """The calendar date in the market's zone at an instant."""
    return now.astimezone(MARKET_ZONE).date()


def end_of_market_day(day: date) -> datetime:
    """The last instant of a date in the market's zone (its 24:00), as aware UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=MARKET_ZONE) + timedelta(days=1)
    return midnight.astimezone(UTC)
