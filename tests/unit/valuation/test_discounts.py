"""Lock-up discounts against their published values, QuantLib and a simulation."""

import numpy as np
import pytest
import QuantLib

from exchange.valuation.discount.average_strike import finnerty_variance, ghaidarov_variance
from exchange.valuation.discount.chaffe import BLOCK, chaffe
from exchange.valuation.discount.finnerty import CEILING, aap, finnerty
from exchange.valuation.discount.ghaidarov import ghaidarov
from exchange.valuation.discount.longstaff import longstaff_bound
from exchange.valuation.status import Status

GRID = """
0.30 1   9.8  6.8  6.9  26.3
0.30 2  12.6  9.6  9.8  38.6
0.30 3  14.2 11.7 12.1  48.7
0.45 1  15.6 10.2 10.4  41.3
0.45 2  20.3 14.1 14.8  61.8
0.45 3  23.3 16.9 18.3  78.9
0.60 1  21.2 13.3 14.0  57.6
0.60 2  27.9 18.2 19.9  87.7
0.60 3  32.0 21.5 24.6 113.6
"""
"""volatility, years; percent of Chaffe (r = 4 %), Finnerty, Ghaidarov, Longstaff."""


@pytest.mark.parametrize("line", GRID.strip().splitlines())
def test_the_four_models_give_the_worked_grid(line: str) -> None:
    sigma, years, *expected = map(float, line.split())
    found = [
        chaffe(sigma, years, 0.04).discount,
        finnerty(sigma, years).discount,
        ghaidarov(sigma, years).discount,
        longstaff_bound(sigma, years).bound,
    ]
    assert [100 * float(x) for x in found] == pytest.approx(expected, abs=0.0501)


def test_the_aap_example_of_the_chinese_guideline() -> None:
    discount = aap(0.5, 1, 0.05).discount
    assert round(10 * float(discount), 6) == 1.069002
    assert round(100 * float(discount), 4) == 10.69
    assert aap is finnerty


def test_longstaffs_table_to_the_digits_given() -> None:
    bound = longstaff_bound([0.1, 0.2, 0.3], [[1.0], [2.0], [5.0], [1 / 360]]).bound
    expected = [[8.232, 16.984, 26.276], [11.793, 24.643, 38.605], [19.128, 40.979, 65.772], [0.421, 0.844, 1.268]]
    assert np.round(100 * bound, 3).tolist() == expected


def test_longstaffs_bound_passes_the_whole_price_and_says_so() -> None:
    found = longstaff_bound([0.9412, 0.9414], 1)
    assert found.exceeds_whole.tolist() == [False, True]
    assert found.bound == pytest.approx([1, 1], abs=3e-4)


def test_chaffes_published_ranges_at_five_percent() -> None:
    found = chaffe([0.6, 0.9], [[2], [4]], 0.05).discount
    assert np.round(100 * found, 1).tolist() == [[26.7, 40.6], [32.5, 48.7]]


def test_a_put_agrees_with_quantlib() -> None:
    chance = np.random.default_rng(7)
    sigma, years, rate, dividends = (
        chance.uniform(a, b, 400) for a, b in ((0.01, 2), (0.01, 8), (-0.02, 0.1), (0, 0.1))
    )
    expected = [
        QuantLib.blackFormula(QuantLib.Option.Put, 1.0, np.exp((r - q) * t), s * np.sqrt(t), np.exp(-r * t))
        for s, t, r, q in zip(sigma, years, rate, dividends, strict=True)
    ]
    assert chaffe(sigma, years, rate, dividends).discount == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("sigma", "years"), [(0.1, 1), (0.3, 2), (0.6, 3), (0.2, 5)])
def test_longstaffs_bound_is_a_lookback_put_of_quantlib(sigma: float, years: int) -> None:
    today = QuantLib.Date(1, 1, 2026)
    QuantLib.Settings.instance().evaluationDate = today
    count = QuantLib.Actual365Fixed()
    flat = QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(today, 1e-7, count))
    none = QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(today, 0.0, count))
    spread = QuantLib.BlackConstantVol(today, QuantLib.NullCalendar(), sigma, count)
    share = QuantLib.QuoteHandle(QuantLib.SimpleQuote(1.0))
    process = QuantLib.BlackScholesMertonProcess(share, none, flat, QuantLib.BlackVolTermStructureHandle(spread))
    put = QuantLib.ContinuousFloatingLookbackOption(
        1.0, QuantLib.FloatingTypePayoff(QuantLib.Option.Put), QuantLib.EuropeanExercise(today + 365 * years)
    )
    put.setPricingEngine(QuantLib.AnalyticContinuousFloatingLookbackEngine(process))
    assert float(longstaff_bound(sigma, years).bound) == pytest.approx(put.NPV(), abs=5e-7)


def test_a_simulated_average_strike_put_lies_between_finnerty_and_ghaidarov() -> None:
    chance, sigma, years, steps = np.random.default_rng(2012), 0.6, 2.0, 50
    moves = chance.standard_normal((10_000, steps)) * sigma * np.sqrt(years / steps) - sigma**2 * years / steps / 2
    paths = np.exp(np.concatenate([moves, -moves - sigma**2 * years / steps], axis=0).cumsum(axis=1))
    average = (0.5 + paths[:, :-1].sum(axis=1) + 0.5 * paths[:, -1]) / steps
    simulated = np.maximum(average - paths[:, -1], 0).mean()
    assert float(finnerty(sigma, years).discount) == pytest.approx(0.1820, abs=5e-5)
    assert float(ghaidarov(sigma, years).discount) == pytest.approx(0.1993, abs=5e-5)
    assert simulated == pytest.approx(0.1928, abs=0.006)  # three standard errors of this small sample


def test_small_variances_keep_their_digits() -> None:
    """As printed, the formula gives 0.376 % at s = 1e-6."""
    assert round(100 * float(finnerty(1e-3, 1).discount), 3) == 0.023
    s = np.array([1e-12, 1e-6, 1e-4, 1e-3])
    assert finnerty_variance(s) == pytest.approx(s / 3 - s**2 / 18, rel=1e-8)
    assert ghaidarov_variance(s) == pytest.approx(s / 3 + s**2 / 36, rel=1e-8)
    tiny = 1e-9
    assert float(longstaff_bound(tiny, 1).bound) == pytest.approx(tiny * np.sqrt(2 / np.pi), rel=1e-8)
    assert float(chaffe(tiny, 1).discount) == pytest.approx(tiny / np.sqrt(2 * np.pi), rel=1e-12)


def test_the_two_forms_of_each_variance_meet() -> None:
    below, above = np.nextafter(0.5, 0), np.nextafter(0.5, 1)
    for variance in (finnerty_variance, ghaidarov_variance):
        one, other = variance(np.array([below, above]))
        assert one == pytest.approx(other, rel=1e-14)


def test_large_variances_neither_overflow_nor_pass_their_limits() -> None:
    assert float(finnerty(10, 100).discount) == pytest.approx(CEILING, abs=1e-5)
    assert float(finnerty_variance(np.array(710.0))) == pytest.approx(np.log(2), rel=1e-15)
    assert float(ghaidarov(10, 100).discount) == pytest.approx(1, abs=1e-12)
    assert np.isfinite(longstaff_bound(10, 100).bound)


def test_nothing_that_varies_means_no_discount() -> None:
    for sigma, years in ((0, 3), (0.4, 0), (0, 0)):
        found = (finnerty(sigma, years), ghaidarov(sigma, years), chaffe(sigma, years))
        assert [float(x.discount) for x in found] == [0, 0, 0]
        assert float(longstaff_bound(sigma, years).bound) == 0


def test_a_put_without_volatility_is_its_forward_value() -> None:
    found = chaffe(0, 2, [0.01, 0.05, 0.03], [0.05, 0.01, 0.03]).discount
    assert found == pytest.approx([np.exp(-0.02) - np.exp(-0.1), 0, 0], abs=1e-15)


def test_dividends_lower_an_average_strike_put() -> None:
    assert float(ghaidarov(0.4, 2, 0.05).discount) == pytest.approx(
        np.exp(-0.1) * float(ghaidarov(0.4, 2).discount), rel=1e-14
    )


def test_bad_inputs_get_a_status_and_no_number() -> None:
    sigma = [0.3, -0.3, np.nan, np.inf, 45.0, 0.3, 0.3, 0.3]
    years = [1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 365.0, np.nan]
    expected = [
        Status.OK, Status.OUT_OF_RANGE, Status.NOT_A_NUMBER, Status.NOT_A_NUMBER,
        Status.TOO_LARGE, Status.OUT_OF_RANGE, Status.TOO_LARGE, Status.NOT_A_NUMBER,
    ]  # fmt: skip
    for found in (finnerty(sigma, years), ghaidarov(sigma, years), chaffe(sigma, years, 0.04)):
        assert found.status.tolist() == expected
        assert np.isnan(found.discount).tolist() == [status != Status.OK for status in expected]
    assert longstaff_bound(sigma, years).status.tolist() == expected


def test_bad_rates_of_a_put_get_a_status() -> None:
    found = chaffe(0.3, 1, [0.04, 4.0, np.nan, 0.04, 0.04], [0, 0, 0, -0.01, 5])
    assert found.status.tolist() == [0, Status.TOO_LARGE, Status.NOT_A_NUMBER, Status.OUT_OF_RANGE, Status.TOO_LARGE]


def test_blocks_of_a_large_array_give_what_single_puts_give() -> None:
    sigma = np.linspace(0.05, 1.5, 2 * BLOCK + 7)
    sigma[BLOCK + 3] = -1
    found = chaffe(sigma, 2, 0.03, 0.01)
    assert found.discount.shape == sigma.shape
    for index in (0, BLOCK - 1, BLOCK, 2 * BLOCK + 6):
        assert found.discount[index] == pytest.approx(float(chaffe(sigma[index], 2, 0.03, 0.01).discount), abs=1e-16)
    assert np.flatnonzero(found.status).tolist() == [BLOCK + 3]
    assert chaffe([], 1).discount.shape == (0,)
