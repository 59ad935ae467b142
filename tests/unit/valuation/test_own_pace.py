"""A fund's own pace of distributions and the life that fits it."""

from datetime import date

import pytest

from exchange.valuation.projection.own_pace import LIFE_YEARS_MAX, life_at_pace, own_pace

UNTIL = date(2025, 3, 31)
REPORTS = [(date(2023, 3, 31), 100), (date(2024, 3, 31), 80), (UNTIL, 90)]


def test_the_pace_is_what_was_paid_a_year_over_the_average_nav() -> None:
    paid = [(date(2023, 6, 30), 10), (date(2024, 12, 31), 11)]
    weighted = 100 * 366 + 80 * 365
    assert own_pace(REPORTS, paid, UNTIL) == pytest.approx(21 * 365 / weighted)


def test_distributions_before_the_span_and_after_the_day_do_not_count() -> None:
    paid = [(date(2023, 3, 31), 50), (date(2025, 4, 1), 50)]
    assert own_pace(REPORTS, paid, UNTIL) == 0.0


@pytest.mark.parametrize("reports", [[], [(date(2024, 3, 31), 80), (UNTIL, 90)], [(date(2023, 3, 31), 0), (UNTIL, 90)]])
def test_without_two_years_of_a_positive_nav_there_is_no_pace(reports: list[tuple[date, int]]) -> None:
    assert own_pace(reports, [], UNTIL) is None


def test_the_life_solves_the_rate_of_distribution() -> None:
    assert life_at_pace(9.25, 0.12, 2.5, 10.25) == 22
    assert pytest.approx(0.115, abs=0.001) == (9.25 / 22) ** 2.5


def test_a_fund_that_pays_out_everything_still_gets_its_least_and_one_that_pays_nothing_the_longest() -> None:
    assert life_at_pace(9.25, 5.0, 2.5, 10.25) == 11
    assert life_at_pace(9.25, 0.0, 2.5, 10.25) == LIFE_YEARS_MAX
    assert life_at_pace(33.0, 0.0, 2.5, 34.0) == 34
