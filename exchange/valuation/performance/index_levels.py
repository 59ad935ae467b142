"""The level of a total-return index on a date: the last one published on or before it, never one from later.

No interpolation: a level between two published ones would use the later, which nobody knew on the date. How old the
level may be is the caller's to say, since holidays differ by market; beyond that the index does not cover the date.

Worked example: levels 100 on 2024-01-02 and 103 on 2024-01-05, age at most 7 days: 2024-01-04 has 100, 2024-01-08
has 103, 2024-01-01 and 2024-01-20 have none.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from exchange.valuation.performance.multiples import Ratio
from exchange.valuation.status import Status


def levels_on(dates: Sequence[date], levels: ArrayLike, on: Sequence[date], *, age_days_max: int) -> Ratio:
    """Levels on the wanted dates; `dates` of the index ascending without repetition, `levels` of the same length.

    Status of each wanted date: PARAMETERS_MISSING when no level is recent enough, DATES_OUT_OF_ORDER for all when the
    index is not ascending, NOT_A_NUMBER or OUT_OF_RANGE (not positive) when its level is no level.
    """
    known = np.asarray(levels, dtype=np.float64)
    days = np.array([day.toordinal() for day in dates], dtype=np.int64)
    wanted = np.array([day.toordinal() for day in on], dtype=np.int64)
    if days.shape != known.shape:
        message = f"{len(days)} dates for levels of shape {known.shape}"
        raise ValueError(message)
    values = np.full(wanted.shape, np.nan)
    status = np.full(wanted.shape, Status.PARAMETERS_MISSING, dtype=np.uint8)
    if (np.diff(days) <= 0).any():
        status[:] = Status.DATES_OUT_OF_ORDER
        return Ratio(status, values)
    place = np.searchsorted(days, wanted, side="right") - 1
    has_level = place >= 0
    has_level[has_level] = wanted[has_level] - days[place[has_level]] <= age_days_max
    found = known[place[has_level]]
    status[has_level] = np.where(
        np.isfinite(found), np.where(found > 0, Status.OK, Status.OUT_OF_RANGE), Status.NOT_A_NUMBER
    )
    values[has_level] = np.where(np.isfinite(found) & (found > 0), found, np.nan)
    return Ratio(status, values)
