"""Dated facts of funds laid on grids of days for the nowcast.

A fund's grid runs from its first report to the valuation day: regular steps (a week), and every day with a report or a
flow, so that nothing is moved to another day. Flows up to the first report are inside it and left out. The index log
return of a step comes from the last levels at or before its ends. Shorter grids end in repeated days without news.
Worked example: reports on days 0 and 90, a call on day 10, valued on day 100, steps of 7 days: days 0, 7, 10, 14, ...,
84, 90, 91, 98, 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exchange.valuation.nav.checks import Floats, Integers, Statuses, any_entry
from exchange.valuation.nav.index_beta import Index
from exchange.valuation.nav.nowcast import Series
from exchange.valuation.status import Status

STEP_DAYS = 7


@dataclass(frozen=True, slots=True)
class History:
    """Dated facts of one fund: reports and flows in day order, money in minor units; net flow = calls less
    distributions. What lies after `valued_day` is not used."""

    valued_day: int
    report_days: Sequence[int]
    reports: Sequence[float]
    flow_days: Sequence[int] = ()
    net_flows: Sequence[float] = ()


def series_of(histories: Sequence[History], index: Index, step_days: int = STEP_DAYS) -> tuple[Series, Statuses]:
    """Grids of n histories with one index, and a status each (n,); a history that is not OK is a grid of no news.

    Statuses: NAV_MISSING (no report until the valuation day); DATES_OUT_OF_ORDER; PARAMETERS_MISSING (no usable index,
    or it does not cover a day of the grid). Pass the statuses on: `nowcast` says NAV_MISSING for all of these.
    """
    rows = [_grid(history, step_days) for history in histories]
    width = max((len(row[0]) for row in rows), default=2)
    count = len(rows)
    day = np.zeros((count, width), dtype=np.int64)
    report, flow = np.full((count, width), np.nan), np.zeros((count, width))
    status = np.array([row[3] for row in rows], dtype=np.uint8)
    for i, (days, reports, flows, _) in enumerate(rows):
        day[i] = np.concatenate([days, np.full(width - len(days), days[-1])])
        report[i, : len(days)], flow[i, : len(days)] = reports, flows
    levels = index.level_on(day) if index.is_usable() else np.full(day.shape, np.nan)
    uncovered = any_entry(np.isnan(levels))
    status[(status == Status.OK) & uncovered] = Status.PARAMETERS_MISSING
    returns = np.zeros_like(flow)
    covered = ~uncovered
    returns[covered, 1:] = np.diff(np.log(levels[covered]), axis=1)
    report[status != Status.OK] = np.nan
    return Series(day, report, flow, returns), status


def _grid(history: History, step_days: int) -> tuple[Integers, Floats, Floats, Status]:
    """Days, reports, net flows and status of one history; two days without news when there is no grid."""
    nothing = np.full(2, history.valued_day, dtype=np.int64), np.full(2, np.nan), np.zeros(2)
    report_days, flow_days = (np.asarray(days, dtype=np.int64) for days in (history.report_days, history.flow_days))
    reports, net_flows = (np.asarray(money, dtype=np.float64) for money in (history.reports, history.net_flows))
    if (np.diff(report_days) <= 0).any() or (np.diff(flow_days) < 0).any():
        return *nothing, Status.DATES_OUT_OF_ORDER
    known = report_days <= history.valued_day
    report_days, reports = report_days[known], reports[known]
    if len(report_days) == 0:
        return *nothing, Status.NAV_MISSING
    first, last = int(report_days[0]), history.valued_day
    later = (flow_days > first) & (flow_days <= last)
    flow_days, net_flows = flow_days[later], net_flows[later]
    regular = np.arange(first, last + 1, step_days, dtype=np.int64)
    days = np.unique(np.concatenate([regular, report_days, flow_days, np.array([last], dtype=np.int64)]))
    if len(days) == 1:
        days = np.repeat(days, 2)  # valued on the day of the only report
    report, flow = np.full(len(days), np.nan), np.zeros(len(days))
    report[np.searchsorted(days, report_days)] = reports
    np.add.at(flow, np.searchsorted(days, flow_days), net_flows)
    return days, report, flow, Status.OK
