"""Working and trading days against the published holidays."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from exchange.rulebook.calendars import parse_calendar
from exchange.rulebook.service import shipped_calendar

CALENDAR = shipped_calendar()
DAYS = [date(2025, 1, 1) + timedelta(days=offset) for offset in range(730)]


def test_working_days_are_those_of_an_independent_calendar() -> None:
    assert DAYS[-1] == date(2026, 12, 31)
    wrong = [day for day in DAYS if CALENDAR.is_working_day(day) != chinese_calendar.is_workday(day)]
    assert wrong == []


def test_a_worked_weekend_day_is_no_trading_day() -> None:
    made_up = [day for day in DAYS if CALENDAR.is_working_day(day) and not CALENDAR.is_trading_day(day)]
    assert len(made_up) == 11
    assert all(day.weekday() >= 5 for day in made_up)


def test_a_period_counts_from_the_day_after() -> None:
    friday = date(2025, 9, 26)
    assert CALENDAR.add_working_days(friday, 0) == friday
    assert CALENDAR.add_working_days(friday, 1) == date(2025, 9, 28)
    assert CALENDAR.add_working_days(friday, 5) == date(2025, 10, 10)
    assert CALENDAR.add_trading_days(friday, 5) == date(2025, 10, 13)
    assert CALENDAR.later_of(friday, trading_days=5, working_days=5) == date(2025, 10, 13)


def test_adding_and_counting_agree() -> None:
    for day in DAYS[::7]:
        for count in (1, 2, 5, 20):
            assert CALENDAR.working_days_between(day, CALENDAR.add_working_days(day, count)) == count
    assert CALENDAR.working_days_between(DAYS[5], DAYS[5]) == 0


def test_beyond_the_published_years_a_date_is_provisional() -> None:
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert CALENDAR.is_working_day(date(2027, 1, 4))


@pytest.mark.parametrize("count", [-1, 1001])
def test_a_period_has_a_sane_length(count: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 1000"):
        CALENDAR.add_working_days(DAYS[0], count)


@pytest.mark.parametrize(("holidays", "worked"), [([date(2025, 1, 4)], []), ([], [date(2025, 1, 6)])])
def test_a_day_in_the_wrong_list_is_noticed(holidays: list[date], worked: list[date]) -> None:
    year = {"year": 2025, "holidays": holidays, "worked_weekend_days": worked}
    with pytest.raises(ValueError, match="weekdays"):
        parse_calendar({"years": [year]})
