"""Until when a paper is good, for every kind of validity."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.diligence.template import CountedFrom, Validity, ValidityKind
from exchange.diligence.validity import (
    Dates,
    Report,
    add_months,
    future_dates,
    good_until,
    missing_dates,
    next_report_due,
)
from exchange.rulebook.service import shipped_calendar

TODAY = date(2026, 7, 15)
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def until(validity: Validity, **dates: date) -> date | None:
    handed_in_on = dates.pop("handed_in_on", TODAY)
    return good_until(validity, Dates(handed_in_on, **dates), working_days=shipped_calendar())


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 31), 12, date(2026, 12, 31)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 11, 30), 1, date(2025, 12, 30)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 3, 31), 0, date(2025, 3, 31)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@given(DAYS, st.integers(0, 240))
def test_months_are_counted_whole(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def test_a_paper_good_until_amended_is_confirmed_after_twelve_months() -> None:
    assert until(Validity(ValidityKind.AMEND), issued_on=date(2011, 1, 1)) == date(2027, 7, 15)


def test_days_count_from_the_issue_and_the_last_one_is_included() -> None:
    validity = Validity(ValidityKind.DAYS, 90)
    assert until(validity, issued_on=date(2026, 7, 1), as_of=date(2026, 1, 1)) == date(2026, 9, 29)


def test_days_count_from_the_query_of_a_register() -> None:
    validity = Validity(ValidityKind.DAYS, 10, CountedFrom.QUERY)
    assert until(validity, issued_on=date(2026, 7, 10), as_of=date(2026, 7, 8)) == date(2026, 7, 18)
    assert until(validity, issued_on=date(2026, 7, 10)) == date(2026, 7, 20)


def test_working_days_count_only_when_the_template_says_so() -> None:
    validity = Validity(ValidityKind.DAYS, 5, in_working_days=True)
    assert until(validity, issued_on=date(2025, 9, 26)) == date(2025, 10, 10)
    assert until(Validity(ValidityKind.DAYS, 5), issued_on=date(2025, 9, 26)) == date(2025, 10, 1)


def test_a_report_is_current_for_days_after_its_date() -> None:
    assert until(Validity(ValidityKind.PERIOD, 180), as_of=date(2026, 3, 31)) == date(2026, 9, 27)


def test_an_appraisal_is_good_for_months_from_its_base_date() -> None:
    assert until(Validity(ValidityKind.BASE, 12), as_of=date(2025, 12, 31)) == date(2026, 12, 31)
    assert until(Validity(ValidityKind.BASE, 6), as_of=date(2025, 8, 31)) == date(2026, 2, 28)


def test_a_deal_ends_no_paper_and_a_term_ends_with_the_date_in_it() -> None:
    assert until(Validity(ValidityKind.DEAL), issued_on=TODAY) is None
    assert until(Validity(ValidityKind.TERM), expires_on=date(2028, 1, 1)) == date(2028, 1, 1)


def test_an_end_in_the_paper_itself_comes_before_a_later_end_by_rule() -> None:
    assert until(Validity(ValidityKind.AMEND), expires_on=date(2026, 8, 1)) == date(2026, 8, 1)


@pytest.mark.parametrize(
    ("as_of", "due"),
    [
        (date(2025, 12, 31), date(2026, 9, 30)),
        (date(2026, 3, 31), date(2026, 9, 30)),
        (date(2026, 6, 30), date(2027, 6, 30)),
        (date(2026, 6, 29), date(2026, 9, 30)),
        (date(2025, 6, 30), date(2026, 6, 30)),
        (date(2025, 9, 30), date(2026, 6, 30)),
    ],
)
def test_a_report_is_the_latest_due_until_the_next_one_falls_due(as_of: date, due: date) -> None:
    assert next_report_due(as_of) == due
    assert until(Validity(ValidityKind.LATEST_DUE), as_of=as_of) == due


def test_a_fund_with_quarterly_reports_has_its_own_calendar() -> None:
    quarters = tuple(
        Report(month, day, due_month, 30, years) for month, day, due_month, years in
        ((3, 31, 5, 0), (6, 30, 8, 0), (9, 30, 11, 0), (12, 31, 4, 1))
    )  # fmt: skip
    dates = Dates(TODAY, as_of=date(2026, 3, 31))
    found = good_until(Validity(ValidityKind.LATEST_DUE), dates, working_days=shipped_calendar(), reports=quarters)
    assert found == date(2026, 8, 30)


@pytest.mark.parametrize(
    ("validity", "name"),
    [
        (Validity(ValidityKind.DAYS, 5), "/issued_on"),
        (Validity(ValidityKind.PERIOD, 5), "/as_of"),
        (Validity(ValidityKind.BASE, 5), "/as_of"),
        (Validity(ValidityKind.LATEST_DUE), "/as_of"),
        (Validity(ValidityKind.TERM), "/expires_on"),
    ],
)
def test_a_paper_without_the_date_that_its_kind_needs_is_named(validity: Validity, name: str) -> None:
    assert [field.pointer for field in missing_dates(validity, Dates(TODAY))] == [name]


def test_kinds_that_need_no_date_ask_for_none() -> None:
    for kind in (ValidityKind.AMEND, ValidityKind.DEAL):
        assert missing_dates(Validity(kind), Dates(TODAY)) == ()


def test_dates_that_have_not_come_are_named() -> None:
    tomorrow = TODAY + timedelta(days=1)
    found = future_dates(Dates(TODAY, issued_on=tomorrow, as_of=tomorrow, expires_on=tomorrow))
    assert [field.pointer for field in found] == ["/issued_on", "/as_of"]


@given(st.sampled_from(list(ValidityKind)), DAYS, st.integers(1, 700))
def test_whatever_the_kind_a_fresh_paper_is_good_today(kind: ValidityKind, today: date, count: int) -> None:
    dates = Dates(today, issued_on=today, as_of=today, expires_on=today)
    found = good_until(Validity(kind, count), dates, working_days=shipped_calendar())
    assert found is not None
    assert found >= today
