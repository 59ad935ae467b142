"""Rates of return: published examples to their digits, pitfalls of irregular flows, libraries as second opinion."""

from datetime import date, timedelta

import numpy as np
import numpy_financial
import pytest
import pyxirr

from exchange.valuation.performance.irr import (
    LARGEST_RATE,
    Irr,
    internal_rates,
    irr_of_dates,
    irr_of_periods,
    periodic_internal_rates,
    years_of,
)
from exchange.valuation.status import Status

# Documentation of XIRR by Microsoft.
MICROSOFT = (
    [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)],
    [-10000.0, 2750.0, 4250.0, 3250.0, 2750.0],
)
# Sample 30-20 of the tests of pyxirr (Anexen/pyxirr, tests/samples/30-20.csv), for which that library finds no rate.
SAMPLE_30_20 = """
2024-09-09 -203.365347602624  2030-12-24 1208.31894521971  2027-01-06 62.911729089493   2037-03-04 23.214035363974
2035-11-13 -1797.01688426533  2041-06-22 -2017.27457461588  2037-12-19 3997.91924991427  2028-04-10 1115.24111568803
2040-09-15 -1915.56819372739  2042-02-02 1484.15862672955  2035-02-27 1247.32460407966  2035-02-04 -42.316649900985
2037-05-15 973.000278031422  2036-08-01 1169.69300353766  2024-12-03 -24.233785734572  2041-12-20 -1130.58496750037
2031-11-01 -265.351566140742  2036-11-28 37.001024894264   2026-01-10 555.940111271138  2030-08-18 -1794.45399928709
2032-07-16 -1953.03088397946  2042-06-06 -171.922891863423  2029-10-09 -1910.9048070744  2033-03-20 343.762478283701
2026-07-30 2453.50647798804  2026-07-13 -2607.11784778847  2038-02-26 2697.77682033517  2042-03-22 -2529.313275386
2033-04-05 606.724921312875  2043-05-27 188.397614961121
"""


def rate_of(irr: Irr) -> float:
    """The rate of a series that must have exactly one."""
    assert irr.status is Status.OK
    assert irr.rate is not None
    assert irr.roots == (irr.rate,)
    return irr.rate


def test_the_documented_example_of_xirr() -> None:
    rate = rate_of(irr_of_dates(*MICROSOFT))
    assert rate == pytest.approx(0.3733625335188315103, abs=1e-13)  # refined with 60 digits
    assert rate == pytest.approx(0.373362535, abs=2e-9)  # as printed


def test_a_leap_day_counts_as_a_day_of_a_365_day_year() -> None:
    rate = rate_of(irr_of_dates([date(2019, 7, 1), date(2020, 7, 1)], [-100, 121]))
    assert rate == pytest.approx(1.21 ** (365 / 366) - 1, abs=1e-14)
    assert rate == pytest.approx(0.20936997108812785258, abs=1e-14)


@pytest.mark.parametrize(
    ("amounts", "published", "digits"),
    [
        ([-12, 0, 0, 40], 0.494, 3),  # INSEAD, Measuring Fund Performance (2019)
        ([-12, -10, -4, 40, 0, 15, 5], 0.324, 3),  # the same
        ([-100, -50, 60, 10, 110], 0.0643, 4),  # Wikipedia, Public Market Equivalent
        ([-100, -50, 60, 100, 20], 0.0777, 4),  # the same, on its talk page
    ],
)
def test_published_rates_of_equally_spaced_flows(amounts: list[float], published: float, digits: int) -> None:
    assert round(rate_of(irr_of_periods(amounts)), digits) == published


def test_order_of_dates_does_not_matter() -> None:
    dates, amounts = MICROSOFT
    shuffled = irr_of_dates([dates[i] for i in (3, 0, 4, 2, 1)], [amounts[i] for i in (3, 0, 4, 2, 1)])
    assert rate_of(shuffled) == pytest.approx(rate_of(irr_of_dates(dates, amounts)), abs=1e-14)


def test_only_calls_or_only_distributions_have_no_rate() -> None:
    for amounts in ([-100.0, -5.0], [100.0, 5.0], [-100.0], [7.0, 0.0]):
        irr = irr_of_periods(amounts)
        assert (irr.status, irr.rate, irr.roots, irr.period_return) == (Status.NO_ROOT, None, (), None)


def test_nothing_but_zeros_is_undefined() -> None:
    assert irr_of_periods([0, 0, 0]).status is Status.UNDEFINED
    assert irr_of_periods([]).status is Status.UNDEFINED
    assert irr_of_dates([], []).status is Status.UNDEFINED


def test_two_rates_are_both_reported_and_the_one_of_an_investment_is_shown() -> None:
    irr = irr_of_periods([-100, 230, -132])
    assert irr.status is Status.MULTIPLE_ROOTS
    assert irr.roots == pytest.approx((0.10, 0.20), abs=1e-13)
    assert irr.rate == irr.roots[1]  # where present value falls as the rate rises


def test_three_rates_are_all_found() -> None:
    irr = irr_of_periods((-1000 * np.poly([1.05, 1.25, 1.45])).tolist())
    assert irr.status is Status.MULTIPLE_ROOTS
    assert irr.roots == pytest.approx((0.05, 0.25, 0.45), abs=1e-10)
    assert irr.rate == irr.roots[0]


def test_rates_closer_than_any_grid_are_told_apart() -> None:
    low, high = 1.1, 1.1 + 1e-5
    irr = irr_of_periods([-1.0, low + high, -low * high])
    assert irr.roots == pytest.approx((low - 1, high - 1), abs=1e-9)
    assert irr.roots[1] - irr.roots[0] == pytest.approx(1e-5, rel=1e-4)


def test_a_rate_where_present_value_only_touches_zero_is_listed_twice() -> None:
    irr = irr_of_periods([-100, 200, -100])
    assert irr.status is Status.MULTIPLE_ROOTS
    assert irr.roots == pytest.approx((0, 0), abs=1e-12)
    tenth = irr_of_periods([-100, 220, -121])
    assert tenth.roots == pytest.approx((0.1, 0.1), abs=1e-7)


def test_an_even_number_of_changes_may_leave_no_rate() -> None:
    irr = irr_of_periods([-100, 100, -100])
    assert (irr.status, irr.rate, irr.roots) == (Status.NO_ROOT, None, ())


def test_several_changes_may_leave_one_rate_which_is_then_certain() -> None:
    assert rate_of(irr_of_periods([-100, 3, -3, 110])) == pytest.approx(0.0325958813, abs=1e-10)
    assert rate_of(irr_of_periods([-1, 3.3, -3.63, 1.331])) == pytest.approx(0.10, abs=1e-4)  # a triple root


def test_a_tiny_last_flow_has_its_own_rate_far_below() -> None:
    """-1, 2 and then a call of 1e-15: nearly 100 %, and the rate so close to -100 % that the call outweighs all."""
    irr = irr_of_periods([-1, 2, -1e-15])
    assert irr.status is Status.MULTIPLE_ROOTS
    assert irr.rate == pytest.approx(1.0, abs=1e-12)
    assert 1 + irr.roots[0] == pytest.approx(5e-16, rel=0.2)  # as exact as -1 + 5e-16 can be held


def test_an_odd_number_of_changes_always_has_a_rate_even_where_a_library_finds_none() -> None:
    words = SAMPLE_30_20.split()
    dates, amounts = [date.fromisoformat(text) for text in words[::2]], [float(text) for text in words[1::2]]
    assert pyxirr.xirr(dates, amounts) is None
    rate = rate_of(irr_of_dates(dates, amounts))
    assert round(rate, 5) == -0.89735
    values = np.array(amounts) * (1 + rate) ** -years_of(dates)
    assert abs(values.sum()) < 1e-13 * np.abs(values).sum()


def test_flows_of_one_date_are_netted_and_alone_have_no_rate() -> None:
    day = date(2024, 1, 1)
    assert irr_of_dates([day, day], [-100, 110]).status is Status.NO_ROOT  # pyxirr: infinite
    assert irr_of_dates([day, day], [-100, 100]).status is Status.UNDEFINED
    later = day + timedelta(days=365)
    split = irr_of_dates([day, day, later, later], [-150, 50, 200, -90])
    assert rate_of(split) == pytest.approx(0.10, abs=1e-14)


def test_rounding_of_netted_cents_is_no_flow() -> None:
    day = date(2024, 1, 1)
    dates = [day, day + timedelta(days=100), *[day + timedelta(days=200)] * 3, day + timedelta(days=365)]
    irr = irr_of_dates(dates, [-100, 1, 300000.30, -100000.10, -200000.20, 109])
    assert irr.status is Status.OK


def test_a_day_is_not_annualised_beyond_the_cap() -> None:
    days = [date(2024, 1, 1), date(2024, 1, 2)]
    irr = irr_of_dates(days, [-100, 160])
    assert (irr.status, irr.rate, irr.roots) == (Status.TOO_LARGE, None, ())
    assert irr.period_return == pytest.approx(0.60, abs=1e-14)
    modest = irr_of_dates(days, [-100, 101])
    assert rate_of(modest) == pytest.approx(1.01**365 - 1, rel=1e-11)
    assert modest.is_below_a_year
    assert modest.period_return == pytest.approx(0.01, abs=1e-15)
    at_cap = internal_rates([0, 1], [[-1, LARGEST_RATE], [-1, LARGEST_RATE + 3]])
    assert at_cap.status.tolist() == [Status.OK, Status.TOO_LARGE]


def test_a_loan_taken_has_a_rate_too() -> None:
    assert rate_of(irr_of_periods([100, -60, -72])) == pytest.approx(0.20, abs=1e-13)


def test_a_huge_gain_within_days_is_not_hidden_by_another_root_of_its_series() -> None:
    days = [date(2024, 1, 1), date(2024, 1, 2), date(2025, 1, 1)]
    irr = irr_of_dates(days, [-100, 160, -1])
    assert (irr.status, irr.rate) == (Status.TOO_LARGE, None)


def test_less_than_a_year_gives_the_return_over_the_period_too() -> None:
    irr = irr_of_dates([date(2024, 1, 1), date(2024, 7, 1)], [-100, 108])
    assert irr.is_below_a_year
    assert irr.period_return == pytest.approx(0.08, abs=1e-15)
    assert rate_of(irr) == pytest.approx(1.08 ** (365 / 182) - 1, abs=1e-13)
    assert not irr_of_dates([date(2023, 1, 1), date(2024, 1, 1)], [-100, 108]).is_below_a_year


@pytest.mark.parametrize("left", [1.0, 1e-6, 1e-12, 1e-15])
def test_near_total_loss_is_exact_in_what_is_left(left: float) -> None:
    rates = internal_rates([0, 1], [[-100, 100 * left]])
    assert rates.status[0] == Status.OK
    assert np.exp(rates.log_rates[0]) == pytest.approx(left, rel=1e-12)


def test_huge_and_tiny_amounts_have_the_rates_of_ordinary_ones() -> None:
    for scale in (1e-300, 1e-12, 1e18, 1e307):
        assert rate_of(irr_of_periods([-scale, 0.3 * scale, scale])) == pytest.approx(
            (0.3 + 4.09**0.5) / 2 - 1, abs=1e-13
        )


def test_what_is_no_number_is_refused_by_status_and_leaves_others_alone() -> None:
    rates = periodic_internal_rates([[-100.0, 110.0], [np.nan, 1.0], [-1.0, np.inf], [-100.0, 120.0]])
    assert rates.status.tolist() == [Status.OK, Status.NOT_A_NUMBER, Status.NOT_A_NUMBER, Status.OK]
    assert rates.rates[[0, 3]] == pytest.approx([0.1, 0.2], abs=1e-14)
    assert np.isnan(rates.rates[1:3]).all()
    times = internal_rates([[0.0, np.nan], [0.0, 1e9]], [[-1.0, 2.0], [-1.0, 2.0]])
    assert times.status.tolist() == [Status.NOT_A_NUMBER, Status.OUT_OF_RANGE]


def test_zeros_pad_series_wherever_they_stand() -> None:
    padded = internal_rates([[0, 1, 2, 0], [5, 0, 1, 2]], [[-100, 60, 72, 0], [0, -100, 60, 72]])
    assert padded.rates == pytest.approx([0.2, 0.2], abs=1e-14)
    assert padded.horizons.tolist() == [2, 2]


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        internal_rates([0, 1, 2], [[-1, 2]])
    with pytest.raises(ValueError, match="2 dates for 1 amounts"):
        irr_of_dates([date(2024, 1, 1), date(2025, 1, 1)], [1.0])


def test_no_series_give_no_rates() -> None:
    assert len(internal_rates(np.zeros((0, 3)), np.zeros((0, 3))).rates) == 0


def irregular(series: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Days and amounts of funds whose distributions begin while calls go on."""
    chance = np.random.default_rng(seed)
    days = np.concatenate((chance.integers(0, 2000, (series, 8)), chance.integers(1200, 3650, (series, 8))), axis=1)
    paid_out = chance.uniform(1, 20, (series, 8)) * chance.lognormal(0.4, 0.6, (series, 1))
    return days, np.round(np.concatenate((-chance.uniform(1, 20, (series, 8)), paid_out), axis=1), 2)


def test_pyxirr_agrees_where_the_rate_is_unique() -> None:
    days, amounts = irregular(300, seed=7)
    ours = internal_rates(days / 365, amounts)
    compared = 0
    for row in np.flatnonzero(ours.status == Status.OK):
        dates = [date(2010, 1, 1) + timedelta(days=int(day)) for day in days[row]]
        theirs = pyxirr.xirr(dates, amounts[row].tolist())
        assert theirs is not None
        assert ours.rates[row] == pytest.approx(theirs, abs=2e-9)  # pyxirr stops at 1e-9
        compared += 1
    assert compared > 250


def test_numpy_financial_and_pyxirr_agree_on_equally_spaced_flows() -> None:
    chance = np.random.default_rng(3)
    amounts = np.concatenate((-chance.uniform(1, 20, (40, 4)), chance.uniform(1, 30, (40, 8))), axis=1)
    ours = periodic_internal_rates(amounts)
    for row in range(len(amounts)):
        assert ours.rates[row] == pytest.approx(numpy_financial.irr(amounts[row]), abs=1e-9)
        assert ours.rates[row] == pytest.approx(pyxirr.irr(amounts[row]), abs=2e-9)


def test_a_series_has_the_same_rate_alone_and_among_others() -> None:
    days, amounts = irregular(1500, seed=11)
    together = internal_rates(days / 365, amounts)
    for row in range(0, 1500, 100):
        alone = internal_rates(days[row] / 365, amounts[row])
        assert alone.status[0] == together.status[row]
        assert alone.rates[0] == pytest.approx(together.rates[row], abs=1e-13, nan_ok=True)
