"""The days on which projected flows fall, and how far they lie from a closing: the bridge from periods to years.

Periods run from the date of the NAV that a projection starts from; a flow falls on the last day of its period. Years
are days / 365 (act/365f, the convention of XIRR), counted from the closing.
Example: periods from 31 December 2025, four a year, end on 31 March, 30 June, 30 September, 31 December 2026.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

DAYS_A_YEAR = 365


def period_ends(start: date, periods: int, periods_per_year: int) -> tuple[date, ...]:
    """Ends of the periods after `start`: as many months on, on the same day or the last of a shorter month; a start
    on the last day of its month gives last days."""
    at_month_end = start.day == monthrange(start.year, start.month)[1]
    ends = []
    for number in range(1, periods + 1):
        months = start.month - 1 + number * (12 // periods_per_year)
        year, month = start.year + months // 12, months % 12 + 1
        last = monthrange(year, month)[1]
        ends.append(date(year, month, last if at_month_end else min(start.day, last)))
    return tuple(ends)


def years_after(closing: date, days: Sequence[date]) -> NDArray[np.float64]:
    """Years from the closing to each day, negative for a day before it."""
    return np.array([(day - closing).days for day in days], float) / DAYS_A_YEAR
