"""Until when a paper is good: the last day on which it still counts, that day included.

Kinds: ``amend`` twelve months from the day on which its provider confirms it; ``days`` from issue or from the query of
a register; ``latest_due`` until the next report of the calendar falls due; ``period`` so many days from its as-of
date; ``base`` months from the base date of an appraisal; ``deal`` as long as the deal; ``term`` until the date in the
paper. Calendar days unless the template says working days. A month later is the same day, or the last of the month.
Example: base date 31 August + 6 months is 28 February. Source: checklist template, ``validity_kinds``.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from exchange.core.errors import FieldError
from exchange.diligence.template import CountedFrom, Validity, ValidityKind
from exchange.rulebook.calendars import Calendar

MONTHS_TO_CONFIRM = 12
MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a paper: handed in, issued, the date it speaks of (or asked a register), the end it states."""

    handed_in_on: date
    issued_on: date | None = None
    as_of: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A periodic report: the day a period ends and the last day to hand its report in (maybe of a later year)."""

    ends_month: int
    ends_day: int
    due_month: int
    due_day: int
    due_years_later: int = 0


HALF_YEARLY = (Report(6, 30, 9, 30), Report(12, 31, 6, 30, due_years_later=1))
"""A private fund's calendar: half-year report by the end of September, annual report by the end of June."""


def add_months(day: date, count: int) -> date:
    """The day so many months later; the last of the month where that month has no such day."""
    months = day.year * MONTHS_OF_A_YEAR + day.month - 1 + count
    year, month = divmod(months, MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_report_due(as_of: date, calendar: Sequence[Report] = HALF_YEARLY) -> date:
    """The last day for the first report of a period that ends after ``as_of``. Until then nothing newer is owed."""
    ends = (
        (date(year, report.ends_month, report.ends_day), report) for year in (as_of.year, as_of.year + 1)
        for report in calendar
    )  # fmt: skip
    end, report = min((pair for pair in ends if pair[0] > as_of), key=lambda pair: pair[0])
    return date(end.year + report.due_years_later, report.due_month, report.due_day)


def missing_dates(validity: Validity, dates: Dates) -> tuple[FieldError, ...]:
    """The dates without which nobody can say how long the paper is good."""
    wanted = {
        ValidityKind.LATEST_DUE: (("as_of", dates.as_of),),
        ValidityKind.PERIOD: (("as_of", dates.as_of),),
        ValidityKind.BASE: (("as_of", dates.as_of),),
        ValidityKind.TERM: (("expires_on", dates.expires_on),),
        ValidityKind.DAYS: (("issued_on", _counted_from(validity, dates)),),
    }.get(validity.kind, ())
    return tuple(FieldError(f"/{name}", "PAPER_DATE_MISSING") for name, value in wanted if value is None)


def future_dates(dates: Dates) -> tuple[FieldError, ...]:
    """Dates of issue and of reference that have not come yet."""
    stated = (("issued_on", dates.issued_on), ("as_of", dates.as_of))
    return tuple(
        FieldError(f"/{name}", "PAPER_DATE_IN_FUTURE")
        for name, value in stated
        if value is not None and value > dates.handed_in_on
    )


def good_until(
    validity: Validity, dates: Dates, *, working_days: Calendar, reports: Sequence[Report] = HALF_YEARLY
) -> date | None:
    """The last day on which the paper is good; None when no date ends it. The dates it needs must be there.

    An end that the paper states itself ends it in any case.
    """
    return min(
        (end for end in (_by_rule(validity, dates, working_days, reports), dates.expires_on) if end), default=None
    )


def _by_rule(validity: Validity, dates: Dates, working_days: Calendar, reports: Sequence[Report]) -> date | None:
    if validity.kind is ValidityKind.AMEND:
        return add_months(dates.handed_in_on, MONTHS_TO_CONFIRM)
    if validity.kind is ValidityKind.DAYS:
        return _days_on(validity, _counted_from(validity, dates), working_days)
    if validity.kind is ValidityKind.PERIOD:
        return _days_on(validity, dates.as_of, working_days)
    if validity.kind is ValidityKind.BASE and dates.as_of:
        return add_months(dates.as_of, validity.count)
    if validity.kind is ValidityKind.LATEST_DUE and dates.as_of:
        return next_report_due(dates.as_of, reports)
    return None


def _counted_from(validity: Validity, dates: Dates) -> date | None:
    if validity.counted_from is CountedFrom.QUERY:
        return dates.as_of or dates.issued_on
    return dates.issued_on


def _days_on(validity: Validity, start: date | None, working_days: Calendar) -> date | None:
    if start is None:
        return None
    if validity.in_working_days:
        return working_days.add_working_days(start, validity.count)
    return start + timedelta(days=validity.count)
