"""A reported NAV moved by an index: every part of it earns beta times the index return from its own date.

Linear: N_T = N_0 (1 + beta R(0,T)) + sum C_i (1 + beta R(i,T)) - sum D_i (1 + beta R(i,T)), R simple returns.
Exponential: the same with exp(beta x log return) for 1 + beta R; it composes over time and cannot turn negative.
The level of a day is the last one published at or before it, at most `gap_days_max` old (weekends, holidays).
beta = 0 is the cash-only roll; beta = 1 buys and sells the index itself, and both forms agree.
Source: the common adjustment for stale NAVs; betas to start from in Brown, Ghysels and Gredil, RFS 36(3), 2023.

Worked example: NAV 100, index 100 -> 110 at a call of 20 -> 121, beta 1: 100 x 1.21 + 20 x 1.10 = 143.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from exchange.valuation.nav.checks import (
    Bools,
    Floats,
    Integers,
    Statuses,
    any_entry,
    first_status,
    not_numbers,
    only_where_ok,
    too_large,
)
from exchange.valuation.nav.roll_forward import Flows, counted
from exchange.valuation.status import Status


class Form(StrEnum):
    """How beta multiplies the index return."""

    LINEAR = "linear"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, eq=False)
class Index:
    """Total-return levels (m,) on ascending days (m,), common to the funds of one call."""

    day: Integers
    level: Floats
    gap_days_max: int = 10

    def is_usable(self) -> bool:
        """At least one level, days ascending, every level a positive number."""
        in_order = bool((np.diff(self.day) > 0).all())
        positive = bool((np.isfinite(self.level) & (self.level > 0)).all())
        return len(self.day) > 0 and len(self.day) == len(self.level) and in_order and positive

    def level_on(self, day: Integers) -> Floats:
        """Levels on days of any shape; NaN where no level is at or at most `gap_days_max` before the day."""
        place = np.searchsorted(self.day, day, side="right") - 1
        known = self.day[np.maximum(place, 0)]
        covered = (place >= 0) & (day - known <= self.gap_days_max)
        return np.where(covered, self.level[np.maximum(place, 0)], np.nan)


@dataclass(frozen=True, eq=False)
class IndexAdjusted:
    """`nav` (n,) minor units, NaN unless OK; `index_return` (n,) simple, from the NAV date to the valuation day;
    `factor` (n,) on the NAV and `flow_factor` (n, k) on each flow (1 for those that do not count)."""

    nav: Floats
    index_return: Floats
    factor: Floats
    flow_factor: Floats
    stale_days: Integers
    status: Statuses


def _factor(ratio: Floats, beta: Floats, form: Form) -> Floats:
    return np.exp(beta * np.log(ratio)) if form is Form.EXPONENTIAL else 1 + beta * (ratio - 1)


def index_adjusted_nav(
    nav: Floats,
    nav_day: Integers,
    valued_day: Integers,
    flows: Flows,
    beta: Floats,
    index: Index,
    form: Form = Form.EXPONENTIAL,
    end_of_day: Bools | None = None,
) -> IndexAdjusted:
    """Move n reported NAVs and their later flows with the index; see the module. Shapes (n,), flows (n, k).

    Statuses: NOT_A_NUMBER; TOO_LARGE; DATES_OUT_OF_ORDER; NAV_NOT_POSITIVE (reported NAV <= 0); PARAMETERS_MISSING (no
    usable index, or it does not cover the NAV date, the valuation day or the day of a flow); OUT_OF_RANGE (beta outside
    [-5, 5], or a linear factor <= 0); DATA_INCONSISTENT (the moved NAV is negative).
    """
    count = len(nav)
    ends = np.ones(count, dtype=np.bool_) if end_of_day is None else end_of_day
    counts = counted(flows.day, nav_day, valued_day, ends)
    counts &= (flows.called != 0) | (flows.distributed != 0)
    money = (nav, flows.called, flows.distributed)
    usable = index.is_usable()
    nothing = Index(np.zeros(1, dtype=np.int64), np.full(1, np.nan))
    levels = index if usable else nothing
    with np.errstate(all="ignore"):  # funds with a status other than OK may carry NaN or infinities
        last = levels.level_on(valued_day)
        ratio = last / levels.level_on(nav_day)
        flow_ratio = np.where(counts, last[:, None] / levels.level_on(flows.day), 1.0)
        factor = _factor(ratio, beta, form)
        flow_factor = np.where(counts, _factor(flow_ratio, beta[:, None], form), 1.0)
        net = np.where(counts, flows.called - flows.distributed, 0.0)
        moved = nav * factor + (net * flow_factor).sum(axis=1)
    uncovered = ~np.isfinite(ratio) | any_entry(~np.isfinite(flow_ratio))
    status = first_status(
        count,
        (not_numbers(count, *money, beta), Status.NOT_A_NUMBER),
        (too_large(count, *money), Status.TOO_LARGE),
        (valued_day < nav_day, Status.DATES_OUT_OF_ORDER),
        (nav <= 0, Status.NAV_NOT_POSITIVE),
        (uncovered, Status.PARAMETERS_MISSING),
        ((np.abs(beta) > 5) | (factor <= 0) | any_entry(flow_factor <= 0), Status.OUT_OF_RANGE),
        (moved < 0, Status.DATA_INCONSISTENT),
        (too_large(count, moved), Status.TOO_LARGE),
    )
    return IndexAdjusted(only_where_ok(moved, status), ratio - 1, factor, flow_factor, valued_day - nav_day, status)
