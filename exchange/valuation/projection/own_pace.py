"""How fast a fund has really been paying out, and the life at which the pacing model would pay out as fast.

A strategy's pacing set describes an average fund in average years. Exits come in waves: a fund of the same age pays
out half its NAV in one year and a tenth in another, and what it is worth at a target return above its growth hangs on
that more than on anything else. The pace is what was distributed over the last two years of reports, a year, as a part
of the average NAV; the life that fits it solves (t / L)^B = pace at the fund's age t: L = t / pace^(1/B), in whole
years, between the fund's age plus what it must still be given and `LIFE_YEARS_MAX`.

This is our own reading of the Takahashi-Alexander distribution rate, not part of the paper; two years is the span of
the reports that buyers usually ask for, and nothing in it was fitted to prices.
Example: age 9.25, bow 2.5, 12 % of NAV paid out a year -> 9.25 / 0.12^0.4 = 21.6 -> 22 years.
"""

from collections.abc import Sequence
from datetime import date, timedelta

SPAN_DAYS = 730
SPAN_TOLERANCE_DAYS = 100  # a report of about two years ago will do
DAYS_A_YEAR = 365
LIFE_YEARS_MAX = 30


def own_pace(
    reports: Sequence[tuple[date, int]], distributions: Sequence[tuple[date, int]], until: date
) -> float | None:
    """Distributed a year over the average NAV of the last two years up to a day; None without such a history.

    `reports` (date, NAV) in date order and `distributions` (date, amount), in one unit of money. The average weighs
    each NAV by the days until the next report. None when no report lies about two years back or the average is not
    positive.
    """
    since = until - timedelta(days=SPAN_DAYS)
    known = [(day, nav) for day, nav in reports if day <= until]
    earlier = [day for day, _ in known if day <= since + timedelta(days=SPAN_TOLERANCE_DAYS)]
    if not earlier:
        return None
    start = max(earlier[-1], since - timedelta(days=SPAN_TOLERANCE_DAYS))
    span = [(max(day, start), nav) for day, nav in known if day >= earlier[-1]]
    ends = [day for day, _ in span[1:]] + [until]
    weighted = sum(nav * (end - day).days for (day, nav), end in zip(span, ends, strict=True))
    if weighted <= 0:
        return None
    paid = sum(amount for day, amount in distributions if start < day <= until)
    return max(0.0, paid * DAYS_A_YEAR / weighted)


def life_at_pace(age_years: float, pace: float, bow: float, least_years: float) -> int:
    """The life in whole years at which the model pays out at this pace now; at least `least_years`, at most 30 unless
    the least is more."""
    least = max(1, -int(-least_years // 1))
    if pace <= 0 or age_years <= 0:
        return max(least, LIFE_YEARS_MAX)
    fitting = float(age_years / min(pace, 1.0) ** (1 / bow))
    return max(least, min(LIFE_YEARS_MAX, round(fitting)))
