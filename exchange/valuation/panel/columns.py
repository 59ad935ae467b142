"""Facts of many funds laid out as arrays, and the reason why a fund cannot be valued at all.

Rows are funds; flows are padded to the longest history with amounts of 0. Days are ordinals of the calendar. A fund
whose facts contradict themselves keeps its row, with zeros, and the first reason as its status: NAV_MISSING (no
statement), DATES_OUT_OF_ORDER (statements or flows go back, or lie after the valuation day), TOO_LARGE.
Example: statements of March and June and one call in July, valued in August: nav of June, one flow counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np

from exchange.core.money import MAX_MINOR
from exchange.valuation.nav.checks import Bools, Floats, Integers, Statuses
from exchange.valuation.nav.roll_forward import Flows, roll_cash_minor
from exchange.valuation.panel.facts import FlowFact, FundFacts
from exchange.valuation.projection.own_pace import own_pace
from exchange.valuation.status import Status


@dataclass(frozen=True, eq=False)
class Columns:
    """Reference statement, later flows and rolled figures of n funds; minor units, (n,) and (n, k).

    `rolled_minor`, `called_minor` and `paid_out_minor` are of the cash-only roll from the reference NAV to the
    valuation day, `unfunded_minor` what is open then. `status` says why a fund has no reference NAV, `roll_status`
    why it has no rolled one.
    """

    facts: Sequence[FundFacts]
    nav_minor: Integers
    nav_day: Integers
    valued_day: Integers
    flows: Flows
    rolled_minor: Integers
    called_minor: Integers
    paid_out_minor: Integers
    unfunded_minor: Integers
    status: Statuses
    roll_status: Statuses

    @cached_property
    def good(self) -> Bools:
        """Funds with a rolled NAV."""
        return np.asarray((self.status == Status.OK) & (self.roll_status == Status.OK))

    @cached_property
    def paces(self) -> list[float | None]:
        """What each fund paid out a year over its average NAV of the last two years; None where not known."""
        return [_pace(fund) if good else None for fund, good in zip(self.facts, self.good.tolist(), strict=True)]


def columns_of(facts: Sequence[FundFacts]) -> Columns:
    """The facts of n funds as arrays."""
    count = len(facts)
    status = np.array([obstacle(fund) for fund in facts], dtype=np.uint8)
    later = [
        _later_flows(fund) if reason == Status.OK else () for fund, reason in zip(facts, status.tolist(), strict=True)
    ]
    width = max((len(flows) for flows in later), default=0)
    nav, nav_day, unfunded = (np.zeros(count, np.int64) for _ in range(3))
    valued_day = np.array([fund.valued_on.toordinal() for fund in facts], dtype=np.int64)
    flow_day, called, paid_out = (np.zeros((count, width), np.int64) for _ in range(3))
    for row, (fund, flows) in enumerate(zip(facts, later, strict=True)):
        if status[row] != Status.OK:
            nav_day[row] = valued_day[row]
            continue
        last = fund.statements[-1]
        nav[row], nav_day[row] = last.nav_minor, last.as_of.toordinal()
        effect = sum(flow.effect_on_unfunded_minor for flow in flows)
        unfunded[row] = max(0, last.unfunded_minor + effect)
        for column, flow in enumerate(flows):
            flow_day[row, column] = flow.on.toordinal()
            called[row, column], paid_out[row, column] = flow.called_minor, flow.paid_out_minor
    rolled = roll_cash_minor(nav, nav_day, valued_day, flow_day, called, paid_out)
    floats = Flows(flow_day, called.astype(np.float64), paid_out.astype(np.float64))
    return Columns(
        facts=facts,
        nav_minor=nav,
        nav_day=nav_day,
        valued_day=valued_day,
        flows=floats,
        rolled_minor=rolled.nav_minor,
        called_minor=rolled.called_minor,
        paid_out_minor=rolled.distributed_minor,
        unfunded_minor=unfunded,
        status=status,
        roll_status=np.where(status == Status.OK, rolled.status, status),
    )


def obstacle(fund: FundFacts) -> Status:
    """Why a fund's facts cannot be used, OK when they can."""
    if not fund.statements:
        return Status.NAV_MISSING
    reports = [statement.as_of for statement in fund.statements]
    flows = [flow.on for flow in fund.flows]
    if _go_back(reports, strictly=True) or _go_back(flows, strictly=False) or max([*reports, *flows]) > fund.valued_on:
        return Status.DATES_OUT_OF_ORDER
    amounts = [amount for each in fund.statements for amount in (each.nav_minor, each.unfunded_minor)]
    amounts += [amount for each in fund.flows for amount in (each.called_minor, each.paid_out_minor)]
    return Status.TOO_LARGE if max(map(abs, amounts)) > MAX_MINOR else Status.OK


def net_flows_after(fund: FundFacts, day: date) -> tuple[int, int]:
    """What investors paid and received after the end of a day and up to the valuation day, in minor units."""
    later = [flow for flow in fund.flows if day < flow.on <= fund.valued_on]
    return sum(flow.called_minor for flow in later), sum(flow.paid_out_minor for flow in later)


def fund_age_years(fund: FundFacts) -> float:
    """Age on the valuation day, from the middle of the vintage year: the first closing within it is not known."""
    return max(0, (fund.valued_on - date(fund.vintage, 7, 1)).days) / 365


def as_floats(values: Integers) -> Floats:
    """Whole minor units as floats; exact below 2**53."""
    return np.asarray(values, dtype=np.float64)


def _pace(fund: FundFacts) -> float | None:
    reports = [(statement.as_of, statement.nav_minor) for statement in fund.statements]
    return own_pace(reports, [(flow.on, flow.paid_out_minor) for flow in fund.flows], fund.statements[-1].as_of)


def _later_flows(fund: FundFacts) -> tuple[FlowFact, ...]:
    last = fund.statements[-1].as_of
    return tuple(flow for flow in fund.flows if flow.on > last)


def _go_back(days: Sequence[date], *, strictly: bool) -> bool:
    return any(after < before or (strictly and after == before) for before, after in pairwise(days))
