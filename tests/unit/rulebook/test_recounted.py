"""A period of working days counted again: moved once, and only where an earlier calendar gave the stored day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from exchange.rulebook.calendars import Calendar, Recounting

PLAIN = Calendar(frozenset({2026}), frozenset(), frozenset())
HOLIDAYS = frozenset(date(2027, 1, day) for day in (1, 4, 5))
PUBLISHED = Calendar(frozenset({2026, 2027}), HOLIDAYS, frozenset({date(2027, 1, 9)}))
KNOWN = Recounting(PUBLISHED, (PLAIN,))
DAYS = st.integers(0, 400).map(lambda offset: date(2026, 6, 1) + timedelta(days=offset))


def test_the_stored_day_of_plain_weekdays_moves_behind_the_holidays() -> None:
    start = date(2026, 12, 30)
    assert PLAIN.add_working_days(start, 3) == date(2027, 1, 4)
    assert KNOWN.last_day(date(2027, 1, 4), [start], 3) == date(2027, 1, 7)


def test_a_day_that_somebody_set_and_one_in_a_published_year_stand() -> None:
    assert KNOWN.last_day(date(2027, 1, 20), [date(2026, 12, 30)], 3) is None
    assert KNOWN.last_day(date(2026, 7, 3), [date(2026, 6, 30)], 3) is None


@given(st.lists(DAYS, min_size=1, max_size=4), st.integers(0, 30))
def test_a_second_look_changes_nothing(starts: list[date], count: int) -> None:
    stored = PLAIN.add_working_days(starts[0], count)
    moved = KNOWN.last_day(stored, starts, count)
    if moved is not None:
        assert KNOWN.last_day(moved, starts, count) is None
