"""Public market equivalents: published examples to their digits, and cases that can be worked out by hand."""

from math import log, sqrt

import numpy as np
import pytest
import pyxirr
import pyxirr.pe

from exchange.valuation.performance.growth import IndexedFlows, indexed_flows
from exchange.valuation.performance.modified_pme import modified_pme, pme_plus
from exchange.valuation.performance.multiples import multiples
from exchange.valuation.performance.pme import direct_alpha, fund_rates, kaplan_schoar, long_nickels
from exchange.valuation.status import Status


def yearly(
    calls: list[float],
    distributions: list[float],
    levels: list[float],
    nav: float,
    navs: list[float] | None = None,
) -> IndexedFlows:
    """One fund with a step a year, valued at its last step."""
    return indexed_flows(
        np.arange(len(calls)),
        calls,
        distributions,
        levels,
        end_times=len(calls) - 1,
        end_levels=levels[-1],
        end_navs=nav,
        navs=navs,
    )


# Gredil, Griffiths and Stucke, Benchmarking Private Equity: The Direct Alpha Method (draft of 28 February 2014),
# Exhibits 5 and 6, at the end of each year from 2001 to 2010; the index as displayed.
GREDIL_CALLS = [100.0, 0, 100, 0, 50, 0, 0, 0, 0, 0]
GREDIL_DISTRIBUTIONS = [0.0, 0, 25, 0, 150, 0, 150, 0, 100, 0]
GREDIL_INDEX = [100.0, 78, 100, 111, 117, 135, 142, 90, 113, 131]
GREDIL = yearly(GREDIL_CALLS, GREDIL_DISTRIBUTIONS, GREDIL_INDEX, 75)
# Wikipedia, Public Market Equivalent; the figures also stand in the tests of pyxirr.
WIKIPEDIA = yearly([100, 50, 0, 0, 0], [0, 0, 60, 10, 0], [100, 105, 115, 117, 120], 110)
WIKIPEDIA_SHORT = yearly([100, 50, 0, 0, 0], [0, 0, 60, 100, 0], [100, 105, 115, 100, 120], 20, [100, 165, 125, 15, 20])
# INSEAD, Measuring Fund Performance (2019).
INSEAD = yearly([25, 0, 0], [0, 15, 0], [100, 115, 130], 20)


def test_gredil_griffiths_stucke_exhibits() -> None:
    assert round(float(multiples(GREDIL_CALLS, GREDIL_DISTRIBUTIONS, 75).tvpi.values[0]), 2) == 2.00
    assert round(float(kaplan_schoar(GREDIL).values[0]), 2) == 1.67
    assert kaplan_schoar(GREDIL).values[0] == pytest.approx(1990055721 / 1193950768, abs=1e-14)
    assert round(float(fund_rates(GREDIL).rates[0]), 3) == 0.175
    assert round(float(direct_alpha(GREDIL).discrete[0]), 3) == 0.126
    comparison = long_nickels(GREDIL)
    assert comparison.navs[0] == pytest.approx(-514497653 / 3754764, abs=1e-11)
    assert round(float(comparison.navs[0])) == -137
    assert round(float(comparison.rates.rates[0]), 3) == 0.060
    assert comparison.rates.status[0] == Status.MULTIPLE_ROOTS
    assert [round(root, 3) for root in comparison.rates.roots_of(0)] == [-0.273, 0.060]
    assert comparison.is_short[0]
    assert comparison.first_short_times[0] == 6  # the end of 2007
    scale = pme_plus(GREDIL).scale.values[0]
    assert scale == pytest.approx(912343468 / 1708448421, abs=1e-14)


def test_netting_by_date_changes_the_ratio_and_nothing_else() -> None:
    net = np.subtract(GREDIL_DISTRIBUTIONS, GREDIL_CALLS)
    netted = yearly(np.maximum(-net, 0).tolist(), np.maximum(net, 0).tolist(), GREDIL_INDEX, 75)
    assert round(float(kaplan_schoar(GREDIL).values[0]), 3) == 1.667
    assert round(float(kaplan_schoar(netted).values[0]), 3) == 1.925
    assert fund_rates(netted).rates[0] == pytest.approx(fund_rates(GREDIL).rates[0], abs=1e-13)
    assert direct_alpha(netted).discrete[0] == pytest.approx(direct_alpha(GREDIL).discrete[0], abs=1e-13)
    assert long_nickels(netted).navs[0] == pytest.approx(long_nickels(GREDIL).navs[0], abs=1e-11)


def test_wikipedia_examples() -> None:
    assert round(float(fund_rates(WIKIPEDIA).rates[0]), 4) == 0.0643
    assert round(float(long_nickels(WIKIPEDIA).navs[0]), 2) == 104.28
    assert round(float(long_nickels(WIKIPEDIA).rates.rates[0]), 4) == 0.0530
    assert not long_nickels(WIKIPEDIA).is_short[0]
    assert round(float(direct_alpha(WIKIPEDIA).discrete[0]), 4) == 0.0109
    assert round(float(long_nickels(WIKIPEDIA_SHORT).navs[0]), 2) == -5.47
    assert round(float(pme_plus(WIKIPEDIA_SHORT).scale.values[0]), 2) == 0.86
    assert round(float(pme_plus(WIKIPEDIA_SHORT).rates.rates[0]), 4) == 0.0205
    assert round(float(modified_pme(WIKIPEDIA_SHORT).rates.rates[0]), 4) == 0.0202


def test_insead_example() -> None:
    assert round(float(kaplan_schoar(INSEAD).values[0]), 2) == 1.14
    assert round(float(long_nickels(INSEAD).navs[0]), 1) == 15.5
    assert round(float(long_nickels(INSEAD).rates.rates[0]), 3) == 0.144
    assert round(float(pme_plus(INSEAD).scale.values[0]), 1) == 0.7
    assert round(float(pme_plus(INSEAD).rates.rates[0]), 3) == 0.143
    assert direct_alpha(INSEAD).discrete[0] == pytest.approx(0.0875, abs=1e-4)  # printed 8.75 %, computed 8.757 %
    assert direct_alpha(INSEAD).continuous[0] == pytest.approx(log(1 + direct_alpha(INSEAD).discrete[0]), abs=1e-15)


def test_pyxirr_agrees_on_kaplan_schoar_and_direct_alpha() -> None:
    chance = np.random.default_rng(5)
    for _ in range(25):
        calls, distributions = np.zeros(10), np.zeros(10)
        calls[:5], distributions[5:] = chance.uniform(1, 20, 5), chance.uniform(1, 30, 5)
        levels = 100 * np.exp(np.cumsum(chance.normal(0.06, 0.15, 10)))
        nav = float(chance.uniform(0, 40))
        flows = yearly(calls.tolist(), distributions.tolist(), levels.tolist(), nav)
        assert kaplan_schoar(flows).values[0] == pytest.approx(
            pyxirr.pe.ks_pme_2(calls, distributions, levels, nav), abs=1e-12
        )
        theirs = pyxirr.pe.direct_alpha_2(calls, distributions, levels, nav)
        assert direct_alpha(flows).discrete[0] == pytest.approx(theirs, abs=2e-9)
        assert long_nickels(flows).navs[0] == pytest.approx(
            pyxirr.pe.ln_pme_nav_2(calls, distributions, levels), abs=1e-10
        )


def test_a_distribution_on_the_last_date_is_kept_beside_what_is_left() -> None:
    """The rates of -100, 60, 72 on an index that earns 10 % a year: 10 %, as each method's equation confirms."""
    amounts, levels = [-100.0, 60.0, 72.0], [100.0, 110.0, 121.0]
    flows = yearly([100, 0, 0], [0, 60, 72], levels, 0)
    left = 121 - 60 * 1.1 - 72  # in the index at the end: sold short
    assert long_nickels(flows).navs[0] == pytest.approx(left, abs=1e-12)
    assert -100 + 60 / 1.1 + (72 + left) / 1.21 == pytest.approx(0, abs=1e-12)
    assert long_nickels(flows).rates.rates[0] == pytest.approx(0.10, abs=1e-13)
    assert pyxirr.pe.ln_pme(amounts, levels) is None
    scale = 121 / 138
    assert pme_plus(flows).scale.values[0] == pytest.approx(scale, abs=1e-15)
    assert -100 + scale * (60 / 1.1 + 72 / 1.21) == pytest.approx(0, abs=1e-12)
    assert pme_plus(flows).rates.rates[0] == pytest.approx(0.10, abs=1e-13)
    theirs = pyxirr.pe.pme_plus(amounts, levels, 0)
    assert theirs is not None
    assert round(theirs, 3) == -0.474
    assert fund_rates(flows).rates[0] == pytest.approx(0.20, abs=1e-13)
    assert direct_alpha(flows).discrete[0] == pytest.approx(1 / 11, abs=1e-13)


def test_the_modified_pme_sells_and_keeps_on_the_last_date() -> None:
    calls, distributions, levels = [100.0, 40, 0, 0], [0.0, 80, 50, 120], [100.0, 120, 150, 180]
    navs = [np.nan, 80, 150, 60]
    found = modified_pme(yearly(calls, distributions, levels, 60, navs))
    assert found.weights[0] == pytest.approx([0, 1 / 2, 1 / 4, 2 / 3], abs=1e-15)
    assert found.sold[0] == pytest.approx([0, 80, 25, 60], abs=1e-12)
    assert found.end_values[0] == pytest.approx(30, abs=1e-12)
    # The root of -100 q^3 + 40 q^2 + 25 q + 90, refined with 60 digits.
    assert found.rates.rates[0] == pytest.approx(0.21519537406427725665, abs=1e-13)
    theirs = pyxirr.pe.m_pme_2(calls, distributions, levels, [100.0, *navs[1:]])
    assert round(theirs, 3) == -0.027


def test_a_fund_that_follows_the_index_has_the_rate_of_the_index_in_every_method() -> None:
    flows = yearly([100, 10, 0, 0], [0, 60, 22, 24.2], [100, 110, 121, 133.1], 24.2, [np.nan, 60, 44, np.nan])
    assert kaplan_schoar(flows).values[0] == pytest.approx(1, abs=1e-14)
    assert direct_alpha(flows).discrete[0] == pytest.approx(0, abs=1e-14)
    assert pme_plus(flows).scale.values[0] == pytest.approx(1, abs=1e-14)
    assert long_nickels(flows).navs[0] == pytest.approx(24.2, abs=1e-12)
    for rates in (fund_rates(flows), long_nickels(flows).rates, pme_plus(flows).rates, modified_pme(flows).rates):
        assert rates.rates[0] == pytest.approx(0.10, abs=1e-13)


def test_a_flat_index_leaves_multiples_and_rates_as_they_are() -> None:
    flows = yearly([100, 0, 0], [0, 30, 0], [100, 100, 100], 90)
    assert kaplan_schoar(flows).values[0] == pytest.approx(1.2, abs=1e-15)
    assert direct_alpha(flows).discrete[0] == pytest.approx((3 + sqrt(369)) / 20 - 1, abs=1e-14)
    assert pme_plus(flows).scale.values[0] == pytest.approx(1 / 3, abs=1e-15)
    assert long_nickels(flows).navs[0] == 70
    assert long_nickels(flows).rates.rates[0] == pytest.approx(0, abs=1e-14)


def test_selling_the_index_short_is_dated_and_leaves_two_rates() -> None:
    flows = yearly([100, 0, 0], [0, 150, 0], [100, 110, 121], 10, [100, 10, 10])
    comparison = long_nickels(flows)
    assert comparison.is_short[0]
    assert comparison.first_short_times[0] == 1
    assert comparison.navs[0] == pytest.approx(-44, abs=1e-12)
    assert comparison.rates.status[0] == Status.MULTIPLE_ROOTS
    assert comparison.rates.roots_of(0) == pytest.approx((-0.6, 0.1), abs=1e-13)
    modified = modified_pme(flows)  # the same fund, never short
    assert modified.end_values[0] == pytest.approx(7.5625, abs=1e-12)
    assert modified.rates.rates[0] == pytest.approx(0.10, abs=1e-13)
    assert pme_plus(flows).scale.values[0] == pytest.approx(37 / 55, abs=1e-15)


def test_a_scale_below_zero_is_marked_and_without_distributions_there_is_none() -> None:
    beyond = pme_plus(yearly([20, 0, 0], [0, 20, 20], [100, 100, 100], 21))
    assert beyond.scale.values[0] == pytest.approx(-1 / 40, abs=1e-15)
    assert beyond.is_negative[0]
    none = pme_plus(yearly([20, 0], [0, 0], [100, 110], 25))
    assert none.scale.status[0] == none.rates.status[0] == Status.UNDEFINED
    assert np.isnan(none.scale.values[0])
    assert not none.is_negative[0]


def test_a_step_without_flows_and_nav_sells_nothing() -> None:
    """Where pyxirr divides zero by zero."""
    calls, distributions, levels, navs = [20.0, 0, 0, 0], [0.0, 1, 1, 0], [100.0, 100, 100, 100], [20.0, 0, 0, 0]
    found = modified_pme(yearly(calls, distributions, levels, 0, navs))
    assert found.sold[0].tolist() == [0, 20, 0, 0]
    assert found.end_values[0] == 0
    assert found.rates.rates[0] == pytest.approx(0, abs=1e-14)
    assert not np.isfinite(pyxirr.pe.m_pme_2(calls, distributions, levels, navs))


def test_the_modified_pme_says_which_nav_it_lacks() -> None:
    flows = indexed_flows(
        [[0, 1, 2]] * 4,
        [[100, 0, 0]] * 4,
        [[0, 30, 0], [0, 30, 0], [0, -30, 0], [0, 0, 30]],
        [[100, 110, 121]] * 4,
        end_times=[2] * 4,
        end_levels=[121] * 4,
        end_navs=[50] * 4,
        navs=[[np.nan] * 3, [100.0, -5.0, 50.0], [100.0, 80.0, 50.0], [np.nan] * 3],
    )
    expected = [Status.NAV_MISSING, Status.NAV_NOT_POSITIVE, Status.OUT_OF_RANGE, Status.OK]
    assert modified_pme(flows).status.tolist() == expected
    assert modified_pme(flows).rates.status.tolist() == expected
    assert np.isnan(modified_pme(flows).rates.rates[:3]).all()


def test_flows_come_in_any_order_and_several_a_date() -> None:
    shuffled = indexed_flows(
        [4, 2, 8, 0, 2, 4, 6, 9],
        [50, 60, 0, 100, 40, 0, 0, 0],
        [0, 0, 100, 0, 25, 150, 150, 0],
        [117, 100, 113, 100, 100, 117, 142, 1],
        end_times=9,
        end_levels=131,
        end_navs=75,
    )
    assert kaplan_schoar(shuffled).values[0] == pytest.approx(kaplan_schoar(GREDIL).values[0], abs=1e-14)
    assert long_nickels(shuffled).first_short_times[0] == 6
    assert direct_alpha(shuffled).discrete[0] == pytest.approx(direct_alpha(GREDIL).discrete[0], abs=1e-13)


def test_a_call_and_a_distribution_of_one_date_do_not_make_the_index_short_in_between() -> None:
    flows = indexed_flows(
        [0, 1, 1], [100, 0, 50], [0, 140, 0], [100, 100, 100], end_times=2, end_levels=100, end_navs=10
    )
    assert not long_nickels(flows).is_short[0]


def test_funds_that_cannot_be_compared_say_why_in_every_measure() -> None:
    nan = float("nan")
    flows = indexed_flows(
        [[0, 1]] * 7,
        [[100.0, 0.0]] * 6 + [[nan, 0.0]],
        [[0, 50]] * 7,
        [[100.0, 110.0], [100.0, -1.0], [nan, 110.0]] + [[100.0, 110.0]] * 4,
        end_times=[2, 2, 2, 0.5, 2, 2, 2],
        end_levels=[120] * 7,
        end_navs=[60, 60, 60, 60, nan, -1, 60],
    )
    expected = [
        Status.OK,
        Status.OUT_OF_RANGE,
        Status.NOT_A_NUMBER,
        Status.DATES_OUT_OF_ORDER,
        Status.NAV_MISSING,
        Status.NAV_NOT_POSITIVE,
        Status.NOT_A_NUMBER,
    ]
    assert flows.status.tolist() == expected
    comparison = long_nickels(flows)
    for status, values in (
        (kaplan_schoar(flows).status, kaplan_schoar(flows).values),
        (comparison.status, comparison.navs),
        (comparison.rates.status, comparison.rates.rates),
        (direct_alpha(flows).status, direct_alpha(flows).discrete),
        (pme_plus(flows).scale.status, pme_plus(flows).scale.values),
        (pme_plus(flows).rates.status, pme_plus(flows).rates.rates),
        (fund_rates(flows).status, fund_rates(flows).rates),
    ):
        assert status.tolist() == expected
        assert np.isfinite(values).tolist() == [True] + [False] * 6
