"""Working and trading days against the published holidays."""

import tomllib
from datetime import date, timedelta
from importlib import resources

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.rulebook.calendars import LoadedYear, check_year, parse_calendar, with_years, without_year
from exchange.rulebook.command import read_years
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


def loaded_years() -> st.SearchStrategy[LoadedYear]:
    """A year of holidays on weekdays and worked weekend days."""
    days = [date(2027, 1, 1) + timedelta(days=offset) for offset in range(365)]
    weekdays = [day for day in days if day.weekday() < 5]
    weekends = [day for day in days if day.weekday() >= 5]
    return st.builds(
        lambda out, worked: LoadedYear(2027, tuple(sorted(out)), tuple(sorted(worked)), "drawn"),
        st.sets(st.sampled_from(weekdays), min_size=1, max_size=30),
        st.sets(st.sampled_from(weekends), max_size=8),
    )


@given(loaded_years(), st.dates(date(2026, 12, 1), date(2027, 11, 30)), st.integers(0, 40), st.integers(0, 40))
def test_the_later_of_both_counts_has_passed_on_both_calendars(
    year: LoadedYear, day: date, trading: int, working: int
) -> None:
    assert check_year(year) == ()
    calendar = with_years(CALENDAR, [year])
    until = calendar.later_of(day, trading_days=trading, working_days=working)
    passed = [day + timedelta(days=offset) for offset in range(1, (until - day).days + 1)]
    assert sum(map(calendar.is_trading_day, passed)) >= trading
    assert sum(map(calendar.is_working_day, passed)) >= working
    if passed:  # and on the day before, one of the two had not
        before = passed[:-1]
        is_early = sum(map(calendar.is_trading_day, before)) < trading
        assert is_early or sum(map(calendar.is_working_day, before)) < working


@given(loaded_years(), loaded_years())
def test_the_last_version_of_a_year_counts_and_leaves_the_others_alone(first: LoadedYear, last: LoadedYear) -> None:
    loaded = with_years(CALENDAR, [first, last])
    assert loaded == with_years(CALENDAR, [last])
    assert without_year(loaded, 2027) == CALENDAR
    assert not loaded.is_provisional(date(2027, 6, 1))


def test_days_that_cannot_be_are_named_by_their_place() -> None:
    saturday, monday = date(2027, 1, 2), date(2027, 1, 4)
    wrong = LoadedYear(2027, (saturday, monday, monday, date(2028, 1, 3)), (monday,), "drawn")
    assert [(error.pointer, error.code) for error in check_year(wrong)] == [
        ("/holidays/0", "DAY_IN_WRONG_LIST"),
        ("/holidays/2", "DAY_TWICE"),
        ("/holidays/3", "DAY_OF_ANOTHER_YEAR"),
        ("/worked_weekend_days/0", "DAY_IN_WRONG_LIST"),
    ]
    assert check_year(LoadedYear(2027, (), (), "empty"))


def test_a_file_of_years_is_read_strictly() -> None:
    shipped = tomllib.loads(resources.files("exchange.rulebook").joinpath("calendars/cn.toml").read_text("utf-8"))
    assert with_years(without_year(CALENDAR, 2026), read_years(shipped)) == CALENDAR
    year = {"year": 2027, "source": "s", "holidays": [date(2027, 1, 1)], "worked_weekend_days": []}
    for wrong in ({**year, "year": "2027"}, {**year, "more": 1}, {**year, "source": " "}, {**year, "holidays": ["x"]}):
        with pytest.raises(ValueError, match=r"years|days"):
            read_years({"years": [wrong]})
    with pytest.raises(ValueError, match="years"):
        read_years({"years": []})
