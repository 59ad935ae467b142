"""One fund on one day: its multiples, its rate, and every comparison with an index, from dates and levels.

Plain values in and out, for a page or a report about one fund; batches use the functions this rests on. What cannot
be said has a status and no value; an index that does not cover a flow's date silences the comparisons only.

Worked example: calls 100 and 50, distributions 60 and 10 a year apart each, then NAV 110, index 100, 105, 115, 117,
120 (Wikipedia): IRR 6.43 %, index comparison 5.30 % with 104.28 in the index at the end, Direct Alpha 1.09 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from exchange.valuation.performance.growth import IndexedFlows, indexed_flows
from exchange.valuation.performance.index_levels import levels_on
from exchange.valuation.performance.irr import DAYS_OF_YEAR, Irr, single
from exchange.valuation.performance.modified_pme import modified_pme, pme_plus
from exchange.valuation.performance.multiples import Ratio, multiples
from exchange.valuation.performance.pme import direct_alpha, fund_rates, kaplan_schoar, long_nickels
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure, or why there is none."""

    status: Status
    value: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every measure of one fund. `first_short_on`: when the index comparison first sells the index short, if ever;
    the spread of PME+ has no meaning while `pme_plus_scale` (lambda) is negative."""

    tvpi: Measure
    dpi: Measure
    rvpi: Measure
    irr: Irr
    kaplan_schoar: Measure
    long_nickels: Irr
    long_nickels_nav: Measure
    first_short_on: date | None
    pme_plus: Irr
    pme_plus_scale: Measure
    modified_pme: Irr
    direct_alpha: Irr
    direct_alpha_continuous: Measure


@dataclass(frozen=True, slots=True)
class DatedFlows:
    """Gross calls and distributions (both positive) of one fund by date, with its NAV at the end of `as_of`.

    `navs` are NAVs on other dates, after that date's flows; the modified PME needs them where money was paid out.
    """

    dates: Sequence[date]
    calls: Sequence[float]
    distributions: Sequence[float]
    as_of: date
    nav: float
    navs: Mapping[date, float]


@dataclass(frozen=True, slots=True)
class DatedLevels:
    """A total-return index: levels on ascending dates, and how many days old a level may be to stand for a date."""

    dates: Sequence[date]
    levels: Sequence[float]
    age_days_max: int


def compare(fund: DatedFlows, index: DatedLevels) -> Comparison:
    """All measures of one fund against an index."""
    levels = levels_on(index.dates, index.levels, (*fund.dates, fund.as_of), age_days_max=index.age_days_max)
    flows = with_levels(fund, levels.values)
    uncovered = next((Status(int(status)) for status in levels.status if status != Status.OK), None)
    money = multiples([list(fund.calls)], [list(fund.distributions)], [fund.nav])
    comparison = long_nickels(flows)
    scaled = pme_plus(flows)
    alpha = direct_alpha(flows)
    return Comparison(
        tvpi=measure(money.tvpi),
        dpi=measure(money.dpi),
        rvpi=measure(money.rvpi),
        irr=own_rate(fund),
        kaplan_schoar=measure(kaplan_schoar(flows), uncovered),
        long_nickels=silenced(single(comparison.rates), uncovered),
        long_nickels_nav=measure(Ratio(comparison.status, comparison.navs), uncovered),
        first_short_on=day_of(fund, float(comparison.first_short_times[0])),
        pme_plus=silenced(single(scaled.rates), uncovered),
        pme_plus_scale=measure(scaled.scale, uncovered),
        modified_pme=silenced(single(modified_pme(flows).rates), uncovered),
        direct_alpha=silenced(single(alpha.rates), uncovered),
        direct_alpha_continuous=measure(Ratio(alpha.status, alpha.continuous), uncovered),
    )


def with_levels(fund: DatedFlows, levels: np.ndarray[tuple[int], np.dtype[np.float64]]) -> IndexedFlows:
    """The fund's flows in years from `as_of`, beside index levels of its dates and, last, of `as_of`."""
    return indexed_flows(
        [years_from(fund, day) for day in fund.dates],
        [list(fund.calls)],
        [list(fund.distributions)],
        levels[:-1],
        end_times=0.0,
        end_levels=levels[-1],
        end_navs=fund.nav,
        navs=[[fund.navs.get(day, np.nan) for day in fund.dates]],
    )


def own_rate(fund: DatedFlows) -> Irr:
    """The fund's IRR with its NAV received on `as_of`; it needs no index."""
    return single(fund_rates(with_levels(fund, np.ones(len(fund.dates) + 1))))


def years_from(fund: DatedFlows, day: date) -> float:
    """Years from `as_of` to the day (before: negative), actual days / 365 fixed."""
    return (day - fund.as_of).days / DAYS_OF_YEAR


def day_of(fund: DatedFlows, years: float) -> date | None:
    """The day so many years from `as_of`; None for NaN."""
    return None if np.isnan(years) else fund.as_of + timedelta(days=round(years * DAYS_OF_YEAR))


def measure(ratio: Ratio, instead: Status | None = None) -> Measure:
    """The first figure of a batch, or none for the reason given instead."""
    status = Status(int(ratio.status[0])) if instead is None else instead
    is_given = status in {Status.OK, Status.MULTIPLE_ROOTS} and bool(np.isfinite(ratio.values[0]))
    return Measure(status, float(ratio.values[0]) if is_given else None)


def silenced(irr: Irr, instead: Status | None) -> Irr:
    """The rate, or none for the reason given instead."""
    return irr if instead is None else Irr(instead, None, (), None, None)
