"""Two calendars: working days (holidays out, worked weekend days in) and trading days (weekdays, holidays out).

A period counts from the day after its first day: two working days from a Friday end on Tuesday. Beyond the years
whose holidays are published the count uses plain weekdays and is provisional.
Example: T = 2025-09-26 (Friday): five working days on is 2025-10-10, five trading days on is 2025-10-13 (Sunday
28 September is worked, but no exchange is open).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import FieldError

SATURDAY = 5
COUNT_MAX = 1000


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The published years, their holidays on weekdays and their worked weekend days."""

    years: frozenset[int]
    holidays: frozenset[date]
    worked_weekend_days: frozenset[date]

    def is_working_day(self, day: date) -> bool:
        """A day on which offices work."""
        return day in self.worked_weekend_days or self.is_trading_day(day)

    def is_trading_day(self, day: date) -> bool:
        """A day on which exchanges are open."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def is_provisional(self, day: date) -> bool:
        """True when the holidays of the day's year are not published: a date counted into it may move."""
        return day.year not in self.years

    def add_working_days(self, day: date, count: int) -> date:
        """The day on which ``count`` working days after ``day`` have passed."""
        return _add(day, count, self.is_working_day)

    def add_trading_days(self, day: date, count: int) -> date:
        """The day on which ``count`` trading days after ``day`` have passed."""
        return _add(day, count, self.is_trading_day)

    def later_of(self, day: date, *, trading_days: int, working_days: int) -> date:
        """The later of both counts (rule R-04: five trading days and five working days)."""
        return max(self.add_trading_days(day, trading_days), self.add_working_days(day, working_days))

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after ``first`` up to and with ``last``; zero when ``last`` is not later."""
        return sum(self.is_working_day(first + timedelta(days=offset)) for offset in range(1, (last - first).days + 1))


def _add(day: date, count: int, counts: Callable[[date], bool]) -> date:
    if not 0 <= count <= COUNT_MAX:
        raise ValueError("a period has between 0 and 1000 days")
    while count > 0:
        day += timedelta(days=1)
        count -= counts(day)
    return day


@dataclass(frozen=True, slots=True)
class Recounting:
    """The calendar as it stands, and as it stood before each load: what was counted before was counted on one of them.

    Something stored is moved only when an earlier state gives it and the calendar of today does not; so a second look
    changes nothing, and what a person has set stands.
    """

    calendar: Calendar
    former: tuple[Calendar, ...]

    def moved(self, stored: T, count: Callable[[Calendar], T | None]) -> T | None:
        """What counts today in place of something stored; None when the stored one stands."""
        counted = count(self.calendar)
        return counted if counted != stored and stored in map(count, self.former) else None

    def last_day(self, stored: date, starts: Iterable[date], count: int) -> date | None:
        """The last day of a period of working days as it is counted today; None when the stored one stands.

        ``starts``: the days from which it may have been counted.
        """
        days = sorted(set(starts))
        if any(self.calendar.add_working_days(day, count) == stored for day in days):
            return None
        for day in days:
            if any(known.add_working_days(day, count) == stored for known in self.former):
                return self.calendar.add_working_days(day, count)
        return None

    def end(self, stored_at: datetime, starts: Iterable[date], count: int) -> datetime | None:
        """As ``last_day``, for the instant at which the period ends."""
        day = self.last_day(market_date(stored_at - timedelta(microseconds=1)), starts, count)
        return None if day is None else end_of_market_day(day)


def parse_calendar(document: Mapping[str, Any]) -> Calendar:
    """A calendar from its data. ValueError when a day stands in the wrong list."""
    holidays = [day for year in document["years"] for day in year["holidays"]]
    worked = [day for year in document["years"] for day in year["worked_weekend_days"]]
    if any(day.weekday() >= SATURDAY for day in holidays) or any(day.weekday() < SATURDAY for day in worked):
        raise ValueError("holidays are weekdays, worked days are weekend days")
    return Calendar(
        years=frozenset(year["year"] for year in document["years"]),
        holidays=frozenset(holidays),
        worked_weekend_days=frozenset(worked),
    )


@dataclass(frozen=True, slots=True)
class LoadedYear:
    """The holidays on weekdays and the worked weekend days of one year, with the notice that publishes them."""

    year: int
    holidays: tuple[date, ...]
    worked_weekend_days: tuple[date, ...]
    source: str


def check_year(loaded: LoadedYear) -> tuple[FieldError, ...]:
    """What is wrong with the days of a year: another year, the wrong kind of weekday, twice, or no holiday at all.

    Every year of the mainland has holidays on weekdays (National Day alone takes some), so an empty list is a slip.
    """
    wrong = [] if loaded.holidays else [FieldError("/holidays", "FIELD_LENGTH")]
    lists = (("holidays", loaded.holidays, False), ("worked_weekend_days", loaded.worked_weekend_days, True))
    for name, days, on_weekend in lists:
        seen: set[date] = set()
        for place, day in enumerate(days):
            if day.year != loaded.year:
                wrong.append(FieldError(f"/{name}/{place}", "DAY_OF_ANOTHER_YEAR"))
            elif (day.weekday() >= SATURDAY) is not on_weekend:
                wrong.append(FieldError(f"/{name}/{place}", "DAY_IN_WRONG_LIST"))
            elif day in seen:
                wrong.append(FieldError(f"/{name}/{place}", "DAY_TWICE"))
            seen.add(day)
    return tuple(wrong)


def with_years(calendar: Calendar, loaded: Iterable[LoadedYear]) -> Calendar:
    """A calendar in which each loaded year takes the place of what was known of that year, later ones last."""
    for year in loaded:
        calendar = without_year(calendar, year.year)
        calendar = Calendar(
            years=calendar.years | {year.year},
            holidays=calendar.holidays.union(year.holidays),
            worked_weekend_days=calendar.worked_weekend_days.union(year.worked_weekend_days),
        )
    return calendar


def without_year(calendar: Calendar, year: int) -> Calendar:
    """A calendar as it was before anything of a year was published: plain weekdays there, and provisional."""
    return Calendar(
        years=calendar.years - {year},
        holidays=frozenset(day for day in calendar.holidays if day.year != year),
        worked_weekend_days=frozenset(day for day in calendar.worked_weekend_days if day.year != year),
    )
