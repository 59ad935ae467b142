"""A reported NAV brought to the valuation day by arithmetic: flows, growth, fee accrual, accrued carry, currency.

N_T = N_0 + sum C(0, T] - sum D(0, T] + growth - fee - (carry accrued at T - carry accrued at 0), then one translation
at the exchange rate of T. A NAV is of the end of its day: a distribution paid on that very day is already outside it.
Where a NAV is of the beginning of its day (`end_of_day` False) the flows of that day count. Fee: rate x basis x
days / 365 with the basis followed day by day: commitment (constant), paid-in (grows with calls), or NAV (moved by
flows only). Carry: `waterfall` on a hypothetical liquidation of the value before carry on both days.
Sources: AMAC and IPEV practice of rolling a NAV; CFA curriculum, private equity valuation, for `curriculum_nav`.

Worked example (rule book 5.1): 88,000,000 + call 5,000,000 - distribution 3,200,000 = 89,800,000.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from exchange.core.money import MAX_MINOR
from exchange.valuation.nav.checks import (
    EXACT_MAX,
    YEAR_DAYS,
    Bools,
    Floats,
    Integers,
    Statuses,
    any_entry,
    first_status,
    not_numbers,
    only_where_ok,
    then_status,
    too_large,
)
from exchange.valuation.nav.waterfall import (
    CarryTerms,
    WaterfallPosition,
    advance_position,
    carry_behind,
    liquidation,
    value_before_carry,
)
from exchange.valuation.status import Status

EXCHANGE_RATE_MAX = 1e6  # units of one currency for one of another


class FeeBasis(IntEnum):
    """What the management fee is a rate of."""

    COMMITMENT = 0
    PAID_IN = 1  # also called invested capital, before write-offs
    NAV = 2


@dataclass(frozen=True, eq=False)
class Flows:
    """Dated flows of n funds, each (n, k): day, amount called from and amount distributed to investors, minor units.
    A padded entry has both amounts 0 and any day."""

    day: Integers
    called: Floats
    distributed: Floats


@dataclass(frozen=True, eq=False)
class FeeTerms:
    """Management fee by fund, each (n,): rate a year, basis (`FeeBasis`), commitment, and paid-in at the NAV date."""

    rate: Floats
    basis: NDArray[np.uint8]
    commitment: Floats
    paid_in: Floats


@dataclass(frozen=True, eq=False)
class CarryAtNav:
    """Terms of carry and where the waterfall stood at the end of the NAV date.

    `accrued` (n,): carry accrued at the NAV date as the manager states it; NaN where it follows from the waterfall.
    """

    terms: CarryTerms
    position: WaterfallPosition
    accrued: Floats


@dataclass(frozen=True, eq=False)
class Rolled:
    """A rolled NAV and its parts, each (n,). `nav` is translated; everything else is in the fund's currency.

    NaN in `nav` and `nav_fund_currency` where `status` is not OK; the parts stay, so that a reader sees what made
    a NAV negative (DATA_INCONSISTENT). `stale_days` counts from the NAV date to the valuation day.
    """

    nav: Floats
    nav_fund_currency: Floats
    called: Floats
    distributed: Floats
    growth: Floats
    fee: Floats
    carry_change: Floats
    stale_days: Integers
    status: Statuses


def counted(flow_day: Integers, nav_day: Integers, valued_day: Integers, end_of_day: Bools) -> Bools:
    """Which flows (n, k) move the NAV: after an end-of-day NAV date (on it, for a beginning-of-day NAV), up to and
    including the valuation day."""
    first = nav_day + np.where(end_of_day, 1, 0)
    return (flow_day >= first[:, None]) & (flow_day <= valued_day[:, None])


def fee_accrued(fee: FeeTerms, nav: Floats, flows: Flows, counts: Bools, nav_day: Integers, to: Integers) -> Floats:
    """Fee (n,) from the NAV date to the day `to`: rate x basis x days / 365, the basis followed day by day."""
    days = (to - nav_day).astype(np.float64)
    left = np.where(counts, to[:, None] - flows.day, 0)
    calls = (np.where(counts, flows.called, 0.0) * left).sum(axis=1)
    paid = (np.where(counts, flows.distributed, 0.0) * left).sum(axis=1)
    by_basis = (fee.commitment * days, fee.paid_in * days + calls, nav * days + calls - paid)
    return np.asarray(fee.rate * np.choose(fee.basis, by_basis) / YEAR_DAYS)


def _carry_change(
    carry: CarryAtNav, nav: Floats, moved: Floats, flows: Flows, days: tuple[Integers, Integers, Bools]
) -> Floats:
    """Change (n,) in carry accrued or paid when the value before carry moves by `moved`.

    A distribution of profit to investors goes with the manager's part of it, which leaves the fund the same day.
    """
    nav_day, valued_day, end_of_day = days
    start, terms = carry.position, carry.terms
    accrued = np.where(np.isnan(carry.accrued), value_before_carry(nav, start, terms) - nav, carry.accrued)
    before = nav_day - np.where(end_of_day, 0, 1)
    end = advance_position(start, terms, before, flows.day, flows.called, flows.distributed, valued_day)
    paid_before = carry_behind(start.profit_paid, start.preferred_paid, terms)
    paid = np.maximum(carry_behind(end.profit_paid, end.preferred_paid, terms) - paid_before, 0.0)
    return liquidation(nav + accrued + moved - paid, end, terms).carry + paid - accrued


@dataclass(frozen=True, eq=False)
class RollInputs:
    """What is rolled, all by fund. nav (n,) minor units at the end of nav_day (n,); valued_day (n,).

    `growth` (n,): value change of the portfolio since then, minor units; 0 is the cash-only roll. `exchange_rate`
    (n,): units of the target currency for one of the fund's at the valuation day. `end_of_day` (n,) False where the
    NAV is of the beginning of its day. `fee` and `carry` None: none accrues.
    """

    nav: Floats
    nav_day: Integers
    valued_day: Integers
    flows: Flows
    growth: Floats | None = None
    exchange_rate: Floats | None = None
    end_of_day: Bools | None = None
    fee: FeeTerms | None = field(default=None)
    carry: CarryAtNav | None = field(default=None)


def roll_forward(inputs: RollInputs) -> Rolled:
    """Roll n reported NAVs to their valuation days; see the module.

    Statuses: NOT_A_NUMBER; TOO_LARGE; DATES_OUT_OF_ORDER (valued before the NAV date); NAV_NOT_POSITIVE (a negative
    reported NAV; zero rolls); OUT_OF_RANGE (exchange rate outside (0, 1e6], fee rate outside [0, 1], carry terms); and
    DATA_INCONSISTENT when the rolled NAV is negative.
    """
    count = len(inputs.nav)
    nav, flows = inputs.nav, inputs.flows
    growth = np.zeros(count) if inputs.growth is None else inputs.growth
    rate = np.ones(count) if inputs.exchange_rate is None else inputs.exchange_rate
    end_of_day = np.ones(count, dtype=np.bool_) if inputs.end_of_day is None else inputs.end_of_day
    counts = counted(flows.day, inputs.nav_day, inputs.valued_day, end_of_day)
    status = _input_status(inputs, growth, rate)
    with np.errstate(all="ignore"):  # funds with a status other than OK may carry NaN or infinities
        called = np.where(counts, flows.called, 0.0).sum(axis=1)
        distributed = np.where(counts, flows.distributed, 0.0).sum(axis=1)
        fee = np.zeros(count)
        if inputs.fee is not None:
            fee = fee_accrued(inputs.fee, nav, flows, counts, inputs.nav_day, inputs.valued_day)
        moved = called - distributed + growth - fee
        change = np.zeros(count)
        if inputs.carry is not None:
            change = _carry_change(inputs.carry, nav, moved, flows, (inputs.nav_day, inputs.valued_day, end_of_day))
        rolled = nav + moved - change
    status = then_status(status, ~(np.abs(rolled) <= EXACT_MAX), Status.TOO_LARGE)
    status = then_status(status, rolled < 0, Status.DATA_INCONSISTENT)
    own = only_where_ok(rolled, status)
    stale = inputs.valued_day - inputs.nav_day
    return Rolled(own * rate, own, called, distributed, growth, fee, change, stale, status)


def _input_status(inputs: RollInputs, growth: Floats, rate: Floats) -> Statuses:
    count = len(inputs.nav)
    money = [inputs.nav, growth, inputs.flows.called, inputs.flows.distributed]
    rates = [rate]
    outside = (rate <= 0) | (rate > EXCHANGE_RATE_MAX)
    if inputs.fee is not None:
        money += [inputs.fee.commitment, inputs.fee.paid_in]
        rates.append(inputs.fee.rate)
        outside = outside | (inputs.fee.rate < 0) | (inputs.fee.rate > 1)
    if inputs.carry is not None:
        terms, position = inputs.carry.terms, inputs.carry.position
        rates += [terms.carry_rate, terms.preferred_rate, terms.catch_up_share]
        money += [position.capital_due, position.preferred_due, position.preferred_paid, position.profit_paid]
        outside = outside | terms.are_out_of_range()
    return first_status(
        count,
        (not_numbers(count, *money, *rates), Status.NOT_A_NUMBER),
        (too_large(count, *money), Status.TOO_LARGE),
        (inputs.valued_day < inputs.nav_day, Status.DATES_OUT_OF_ORDER),
        (inputs.nav < 0, Status.NAV_NOT_POSITIVE),
        (outside, Status.OUT_OF_RANGE),
    )


@dataclass(frozen=True, eq=False)
class CashRolled:
    """A cash-only roll in whole minor units, each int64 (n,); 0 with a status other than OK stands for no number."""

    nav_minor: Integers
    called_minor: Integers
    distributed_minor: Integers
    stale_days: Integers
    status: Statuses


def roll_cash_minor(
    nav_minor: Integers,
    nav_day: Integers,
    valued_day: Integers,
    flow_day: Integers,
    called_minor: Integers,
    distributed_minor: Integers,
    end_of_day: Bools | None = None,
) -> CashRolled:
    """The cash-only roll N_0 + calls - distributions in integers, exact: money is paid on it.

    Shapes (n,) and (n, k) int64. Statuses: TOO_LARGE (an amount above `MAX_MINOR`, or sums that could leave 64 bits),
    DATES_OUT_OF_ORDER, NAV_NOT_POSITIVE (negative reported NAV), DATA_INCONSISTENT (negative rolled NAV; the sums of
    flows stay).
    """
    count, width = flow_day.shape
    ends = np.ones(count, dtype=np.bool_) if end_of_day is None else end_of_day
    counts = counted(flow_day, nav_day, valued_day, ends)
    bound = np.int64(min(MAX_MINOR, (2**63 - 1) // (2 * max(1, width) + 1)))
    amounts = np.concatenate([nav_minor[:, None], called_minor, distributed_minor], axis=1)
    large = any_entry((amounts > bound) | (amounts < -bound))
    usable = counts & ~large[:, None]
    called = np.where(usable, called_minor, 0).sum(axis=1, dtype=np.int64)
    distributed = np.where(usable, distributed_minor, 0).sum(axis=1, dtype=np.int64)
    rolled = np.where(large, 0, nav_minor) + called - distributed
    status = first_status(
        count,
        (large, Status.TOO_LARGE),
        (valued_day < nav_day, Status.DATES_OUT_OF_ORDER),
        (nav_minor < 0, Status.NAV_NOT_POSITIVE),
        (rolled < 0, Status.DATA_INCONSISTENT),
    )
    rolled = np.where(status == Status.OK, rolled, 0)
    return CashRolled(rolled, called, distributed, valued_day - nav_day, status)


@dataclass(frozen=True, slots=True)
class CurriculumYear:
    """One year of the CFA curriculum's table: NAV before distributions, carry of the year, NAV after distributions."""

    nav_before: float
    carry: float
    nav_after: float


def curriculum_nav(
    called: list[float],
    fees: list[float],
    results: list[float],
    distributed: list[float],
    *,
    committed: float,
    carry_rate: float,
) -> list[CurriculumYear]:
    """The yearly table of the CFA curriculum (total-return method): a teaching form, not a legal waterfall.

    NAV before = NAV after of last year + called down - fee + operating result; carry = rate x (NAV before -
    committed) in the first year it exceeds committed capital, then rate x its increase over the highest before;
    NAV after = NAV before - carry - distributions. All amounts in one unit, lists by year of equal length.
    """
    after, mark = 0.0, committed
    years = []
    for call, fee, result, paid in zip(called, fees, results, distributed, strict=True):
        before = after + call - fee + result
        carry = carry_rate * max(0.0, before - mark)
        mark = max(mark, before)
        after = before - carry - paid
        years.append(CurriculumYear(before, carry, after))
    return years
