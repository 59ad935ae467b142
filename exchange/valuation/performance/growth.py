"""Flows of funds beside an index: one step a date, gross calls and distributions apart, each with the index's level.

The growth factor of a flow is I_T / I_t, what one unit put into the index at t has become at T. Comparisons use gross
flows: a call and a distribution of one date are both counted. For Gredil, Griffiths and Stucke's example (2014,
Exhibit 5) the ratio of Kaplan and Schoar is 1.667 gross and 1.925 with flows netted by date.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from exchange.valuation.performance.flows import LAST_TIME, Floats, Integers, Statuses
from exchange.valuation.performance.multiples import nav_status
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class IndexedFlows:
    """n funds of k steps in order of time, one step a date, then padding with amounts zero.

    `times` in years, `calls` and `distributions` gross (a negative call restates an earlier one), `levels` of the
    index at the steps, `navs` of the fund after a step's flows (NaN where unknown), all (n, k); `end_times`,
    `end_levels` and the NAV then, `end_navs`, (n,). Where `status` (n,) is not OK nothing can be compared.
    """

    times: Floats
    calls: Floats
    distributions: Floats
    levels: Floats
    navs: Floats
    end_times: Floats
    end_levels: Floats
    end_navs: Floats
    status: Statuses

    @property
    def growth(self) -> Floats:
        """I_T / I_t of every step (n, k)."""
        factors: Floats = self.end_levels[:, None] / self.levels
        return factors

    @property
    def net(self) -> Floats:
        """Distributions less calls (n, k)."""
        difference: Floats = self.distributions - self.calls
        return difference

    def with_value(self, flows: Floats, values: Floats) -> tuple[Floats, Floats]:
        """Times and amounts of the flows (n, k) with a value received at the end, for a rate of return.

        NaN throughout where the status is not OK, so that such a series gets no rate.
        """
        times = np.concatenate((self.times, self.end_times[:, None]), axis=1)
        amounts = np.concatenate((flows, values[:, None]), axis=1)
        is_ok = (self.status == Status.OK)[:, None]
        return np.where(is_ok, times, 0.0), np.where(is_ok, amounts, np.nan)


def indexed_flows(
    times: ArrayLike,
    calls: ArrayLike,
    distributions: ArrayLike,
    levels: ArrayLike,
    *,
    end_times: ArrayLike,
    end_levels: ArrayLike,
    end_navs: ArrayLike,
    navs: ArrayLike | None = None,
) -> IndexedFlows:
    """Flows sorted by time with those of one date added up, call to call and distribution to distribution.

    `times`, `calls`, `distributions`, `levels` and, if known, `navs` after the flows are (n, k), one row for a single
    fund; zeros as padding, with any level. Of several rows of a date the last one's NAV counts. Status: NOT_A_NUMBER
    for NaN or infinite flows, times or levels, OUT_OF_RANGE for a level that is not positive or an absurd time,
    DATES_OUT_OF_ORDER for a flow after the end, NAV_MISSING and NAV_NOT_POSITIVE (below zero) for the end's NAV.
    """
    tables = [np.atleast_2d(np.asarray(table, dtype=np.float64)) for table in (times, calls, distributions, levels)]
    tables.append(np.full(tables[1].shape, np.nan) if navs is None else np.atleast_2d(np.asarray(navs, np.float64)))
    years, paid, received, index, known = np.broadcast_arrays(*tables)
    rows = len(years)
    ends, last_level, last_nav = (
        np.broadcast_to(np.asarray(end, dtype=np.float64), (rows,)) for end in (end_times, end_levels, end_navs)
    )
    is_flow = (paid != 0) | (received != 0)
    status = status_of(years, paid, received, np.where(is_flow, index, 1.0), ends, last_level, last_nav)
    is_ok = (status == Status.OK)[:, None]
    years = np.where(is_flow & is_ok, years, ends[:, None])  # padding goes to the end
    years = np.where(is_ok, years, 0.0)
    index = np.where(is_flow & is_ok, index, np.where(is_ok[:, 0] & (last_level > 0), last_level, 1.0)[:, None])
    paid, received = np.where(is_ok, paid, 0.0), np.where(is_ok, received, 0.0)
    order = np.argsort(years, axis=1, kind="stable")
    years, paid, received, index, known = (
        np.take_along_axis(table, order, axis=1) for table in (years, paid, received, index, known)
    )
    paid, received = merged(years, paid), merged(years, received)
    return IndexedFlows(years, paid, received, index, known, ends, last_level, last_nav, status)


def merged(times: Floats, flows: Floats) -> Floats:
    """Flows of one time added up in the last place of that time, so that what is known after them stands there."""
    if flows.size == 0:
        return flows
    ends_date = np.ones(times.shape, dtype=bool)
    ends_date[:, :-1] = times[:, 1:] != times[:, :-1]
    if ends_date.all():
        return flows
    ends: Integers = np.flatnonzero(ends_date)
    sums = np.zeros(flows.size)
    sums[ends] = np.add.reduceat(flows.ravel(), np.concatenate(([0], ends[:-1] + 1)))
    return sums.reshape(flows.shape)


def status_of(
    times: Floats, calls: Floats, distributions: Floats, levels: Floats, ends: Floats, end_levels: Floats, navs: Floats
) -> Statuses:
    """Why a fund's flows cannot be compared with the index, or OK."""
    is_flow = (calls != 0) | (distributions != 0)
    is_number = np.isfinite(times) & np.isfinite(calls) & np.isfinite(distributions) & np.isfinite(levels)
    status = nav_status(navs)
    status[(is_flow & (times > ends[:, None])).any(axis=1)] = Status.DATES_OUT_OF_ORDER
    is_absurd = (levels <= 0).any(axis=1) | (end_levels <= 0) | (np.abs(ends) > LAST_TIME)
    status[is_absurd | (np.abs(times) > LAST_TIME).any(axis=1)] = Status.OUT_OF_RANGE
    status[~is_number.all(axis=1) | ~np.isfinite(ends) | ~np.isfinite(end_levels)] = Status.NOT_A_NUMBER
    return status
