"""The level of an index on a date: the last known, never a later one, and none when too old."""

from datetime import date

import numpy as np
import pytest

from exchange.valuation.performance.index_levels import levels_on
from exchange.valuation.status import Status

DATES = [date(2024, 1, 2), date(2024, 1, 5)]


def test_the_last_level_on_or_before_the_date_counts() -> None:
    wanted = [date(2024, 1, 2), date(2024, 1, 4), date(2024, 1, 5), date(2024, 1, 8)]
    found = levels_on(DATES, [100, 103], wanted, age_days_max=7)
    assert found.values.tolist() == [100, 100, 103, 103]
    assert (found.status == Status.OK).all()


def test_dates_before_the_index_or_long_after_it_are_not_covered() -> None:
    found = levels_on(DATES, [100, 103], [date(2024, 1, 1), date(2024, 1, 12), date(2024, 1, 13)], age_days_max=7)
    assert found.status.tolist() == [Status.PARAMETERS_MISSING, Status.OK, Status.PARAMETERS_MISSING]
    assert np.isnan(found.values[[0, 2]]).all()
    assert levels_on([], [], [date(2024, 1, 1)], age_days_max=7).status.tolist() == [Status.PARAMETERS_MISSING]


def test_an_index_out_of_order_or_with_a_date_twice_says_so() -> None:
    for dates in (DATES[::-1], [DATES[0], DATES[0]]):
        found = levels_on(dates, [100, 103], [DATES[1]], age_days_max=7)
        assert found.status.tolist() == [Status.DATES_OUT_OF_ORDER]


def test_a_level_that_is_no_level_is_refused() -> None:
    dates = [date(2024, 1, day) for day in (1, 2, 3)]
    found = levels_on(dates, [np.nan, 0, -5], dates, age_days_max=0)
    assert found.status.tolist() == [Status.NOT_A_NUMBER, Status.OUT_OF_RANGE, Status.OUT_OF_RANGE]
    assert np.isnan(found.values).all()


def test_every_level_needs_its_date() -> None:
    with pytest.raises(ValueError, match="2 dates"):
        levels_on(DATES, [100], [DATES[0]], age_days_max=7)
