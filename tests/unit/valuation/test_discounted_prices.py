"""Prices at a target return and what a price implies, against the worked figures and pyxirr."""

from datetime import date

import numpy as np
import pytest
import pyxirr
from numpy.typing import NDArray

from exchange.valuation.pricing.dcf import cash_equivalent, headline_price, price_at, to_exposure, to_nav
from exchange.valuation.pricing.implied import implied_by
from exchange.valuation.projection.calendar import years_after
from exchange.valuation.projection.takahashi_alexander import PacingRates, project
from exchange.valuation.status import Status

VENTURE = PacingRates(0.13, 12, 2.5, 0.0, (0.25, 1 / 3, 0.5))
YEARS = np.arange(1, 8)


def after_year_five() -> tuple[float, float, NDArray[np.float64], NDArray[np.float64]]:
    """NAV, unfunded, calls and distributions of the base case from the end of year 5."""
    whole = project(100, 0, 0, VENTURE, periods_per_year=1)
    nav, unfunded = float(whole.nav[0, 4]), 100 - float(whole.calls[0, :5].sum())
    rest = project(unfunded, nav, 5, VENTURE, periods_per_year=1)
    return nav, unfunded, rest.calls[0], rest.distributions[0]


def test_the_base_case_after_year_five_at_two_targets() -> None:
    nav, _, calls, distributions = after_year_five()
    found = price_at(calls, distributions, YEARS, [0.18, 0.25])
    assert np.round(100 * to_nav(found.price, nav).value, 1).tolist() == [87.2, 73.2]
    assert found.pv_distributions - found.pv_calls == pytest.approx(found.price, rel=1e-14)
    assert np.round(found.duration_years, 2).tolist() == [3.05, 2.91]


def test_a_price_of_87_percent_implies_eighteen_percent() -> None:
    nav, _, calls, distributions = after_year_five()
    found = implied_by(0.87 * nav, calls, distributions, YEARS)
    assert round(100 * float(found.rate[0]), 1) == 18.1
    assert found.rate_status.tolist() == [Status.OK]
    assert float(found.multiple[0]) == pytest.approx(distributions.sum() / (0.87 * nav + calls.sum()))


def test_deferring_sixty_percent_for_a_year_lifts_the_headline() -> None:
    nav, _, calls, distributions = after_year_five()
    share = to_nav(price_at(calls, distributions, YEARS, 0.18).price, nav).value
    headline = headline_price(share, 0.18, [0.4, 0.6], [0, 1])
    assert round(100 * float(headline.value[0]), 1) == 96.0
    assert cash_equivalent(headline.value, 0.18, [0.4, 0.6], [0, 1]).value == pytest.approx(share, rel=1e-14)


def test_the_all_cash_equivalent_of_a_bid_with_a_deferred_part() -> None:
    """45,360,000 at closing and 29,040,000 after a year at 12 %, less net flows of 1,800,000: 78.96 % of 88 m."""
    total = 74_400_000.0
    value = cash_equivalent(total, 0.12, [45_360_000 / total, 29_040_000 / total], [0, 1]).value[0]
    assert round(float(value), 2) == 71_288_571.43
    assert round(100 * (float(value) - 1_800_000) / 88_000_000, 2) == 78.96


def test_a_share_with_much_unfunded_has_a_negative_price_which_is_not_clipped() -> None:
    flows = project(90, 20, 2, VENTURE, periods_per_year=1)
    years = np.arange(1, flows.calls.shape[1] + 1)
    found = price_at(flows.calls, flows.distributions, years, [0.13, 0.25, 0.5])
    assert found.price[0] == pytest.approx(20)
    assert (found.price[1:] < 0).all()
    assert np.round(found.price, 2).tolist() == [20.0, -7.53, -23.89]
    assert to_nav(found.price, 20).value[2] < -1
    exposure = to_exposure(found.price, 20, 90)
    assert exposure.value == pytest.approx((found.price + 90) / 110)
    assert (exposure.value > 0).all()
    pure_calls = price_at([45, 45], [0, 0], [1, 2], 0.1)
    assert float(pure_calls.price[0]) == pytest.approx(-45 / 1.1 - 45 / 1.21)
    assert np.isnan(pure_calls.duration_years[0])


def test_a_percentage_of_no_nav_is_not_given() -> None:
    found = to_nav([10.0, 10.0, 10.0, np.nan], [100, 0, -5, 100])
    assert found.status.tolist() == [Status.OK, Status.NAV_NOT_POSITIVE, Status.NAV_NOT_POSITIVE, Status.NOT_A_NUMBER]
    assert np.isnan(found.value).tolist() == [False, True, True, True]
    assert to_exposure(10.0, 0, 0).status.tolist() == [Status.UNDEFINED]


def test_bad_flows_and_returns_get_a_status() -> None:
    rate = [0.1, -1.0, np.nan, 20.0]
    assert price_at([1], [2], [1], rate).status.tolist() == [
        Status.OK, Status.OUT_OF_RANGE, Status.NOT_A_NUMBER, Status.TOO_LARGE
    ]  # fmt: skip
    rows = price_at([[1.0], [-1.0], [1.0], [np.inf], [1.0]], [1], [[1], [1], [-1], [1], [500]], 0.1)
    assert rows.status.tolist() == [
        Status.OK, Status.OUT_OF_RANGE, Status.OUT_OF_RANGE, Status.NOT_A_NUMBER, Status.TOO_LARGE
    ]  # fmt: skip
    assert np.isnan(rows.price).tolist() == [False, True, True, True, True]
    assert price_at([0], [1e300], [190], -0.99).status.tolist() == [Status.TOO_LARGE]


def test_an_instalment_plan_must_sum_to_the_whole() -> None:
    for shares, years in (([0.4, 0.5], [0, 1]), ([1.2, -0.2], [0, 1]), ([0.5, 0.5], [0, -1])):
        assert headline_price(1.0, 0.1, shares, years).status.tolist() == [Status.OUT_OF_RANGE]
    assert headline_price([1.0, 1.0, np.nan], [-1, 99, 0.1], [1], [0]).status.tolist() == [
        Status.OUT_OF_RANGE, Status.TOO_LARGE, Status.NOT_A_NUMBER
    ]  # fmt: skip


def test_no_flows_are_worth_nothing() -> None:
    assert price_at([], [], [], [0.1]).price.tolist() == [0.0]


def test_implied_rates_agree_with_pyxirr() -> None:
    chance = np.random.default_rng(11)
    closing = date(2026, 3, 31)
    days = [date.fromordinal(closing.toordinal() + 91 * k) for k in range(1, 21)]
    years = years_after(closing, days)
    calls = chance.uniform(0, 2, (30, 20)) * (np.arange(20) < 6)
    distributions = chance.uniform(0, 12, (30, 20)) * (np.arange(20) >= 6)
    prices = chance.uniform(20, 120, 30)
    found = implied_by(prices, calls, distributions, years)
    assert (found.rate_status == Status.OK).all()
    for row in range(30):
        expected = pyxirr.xirr([closing, *days], [-prices[row], *(distributions[row] - calls[row])])
        assert float(found.rate[row]) == pytest.approx(expected, abs=1e-8)


def test_implied_rates_have_a_status_for_every_case() -> None:
    price = [0.0, 5.0, -5.0, 100.0, 90.0, 1e-9, np.nan, 0.0]
    calls = [[0, 0], [0, 0], [0, 0], [0, 200], [0, 119], [0, 0], [0, 0], [0, 0]]
    distributions = [[5, 5], [0, 0], [0, 5], [200, 0], [209, 0], [0, 5], [1, 1], [0, 0]]
    found = implied_by(price, calls, distributions, [1, 2])
    assert found.rate_status.tolist() == [
        Status.NO_ROOT, Status.NO_ROOT, Status.NO_ROOT, Status.NO_ROOT, Status.MULTIPLE_ROOTS,
        Status.NOT_FOUND, Status.NOT_A_NUMBER, Status.UNDEFINED,
    ]  # fmt: skip
    assert np.isnan(found.rate).tolist() == [True] * 4 + [False] + [True] * 3
    assert found.multiple_status[[0, 2]].tolist() == [Status.UNDEFINED, Status.UNDEFINED]
    assert found.multiple[3:5].tolist() == pytest.approx([200 / 300, 1.0])


def test_of_two_rates_the_one_at_which_the_price_falls_is_given() -> None:
    """-90, 209, -119 is zero at 0 % and at 32.2 %; only at the second does a higher target mean a lower price."""
    found = implied_by(90, [0, 119], [209, 0], [1, 2])
    assert found.roots.tolist() == [2]
    assert float(found.rate[0]) == pytest.approx(119 / 90 - 1, rel=1e-12)
    around = price_at([0, 119], [209, 0], [1, 2], found.rate[0] + np.array([-1e-3, 1e-3])).price
    assert around[0] > 90 > around[1]


def test_flows_out_of_order_or_negative_are_refused() -> None:
    assert implied_by(1, [0, 0], [1, 1], [2, 1]).rate_status.tolist() == [Status.DATES_OUT_OF_ORDER]
    negative = implied_by(1, [0, -1], [1, 1], [1, 2])
    assert negative.rate_status.tolist() == [Status.OUT_OF_RANGE]
    assert negative.multiple_status.tolist() == [Status.OUT_OF_RANGE]
