"""The batched maximum likelihood: its derivatives, scipy's optimiser as oracle, and that no fund hangs on others."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from exchange.core.money import PPM
from exchange.valuation.nav.likelihood_search import Bounds, maximise, solve_symmetric
from exchange.valuation.nav.nowcast import Parameters, Series, flow_steps, nowcast, parameters
from exchange.valuation.nav.nowcast_fit import BOUNDS, STARTS, fit_parameters
from exchange.valuation.nav.report_likelihood import Reports, log_likelihood, reports_of, scored

Floats = NDArray[np.float64]
START = np.array([1.0, np.log(0.2), np.log(0.05), 0.0])


def simulated(count: int, seed: int, lag: float = 0.0, flow: float = 0.0) -> Series:
    """Funds that report every 13 weeks, 13 to 40 times after the first, with a flow every four weeks."""
    chance = np.random.default_rng(seed)
    reports = chance.integers(13, 41, count)
    weeks = int(reports.max()) * 13 + 1
    returns = np.tile(chance.normal(0.0015, 0.022, weeks), (count, 1))
    state, noise = chance.choice([0.005, 0.1, 0.3], (count, 1)), chance.choice([0.001, 0.02, 0.08], (count, 1))
    own = state * chance.normal(0, np.sqrt(7 / 365), (count, weeks))
    seen = np.cumsum(chance.uniform(0.3, 2.0, (count, 1)) * returns + own, axis=1)[:, ::13]
    seen = seen + noise * chance.normal(0, 1, seen.shape)
    for k in range(1, seen.shape[1]):
        seen[:, k] = lag * seen[:, k - 1] + (1 - lag) * seen[:, k]
    report, flows = np.full((count, weeks), np.nan), np.zeros((count, weeks))
    report[:, ::13] = 1e10 * np.exp(seen)
    report[np.arange(weeks) > reports[:, None] * 13] = np.nan
    flows[:, 4::4] = 1e10 * flow * chance.normal(0, 1, flows[:, 4::4].shape)
    return Series(np.tile(np.arange(weeks, dtype=np.int64) * 7, (count, 1)), report, flows, returns)


def rows_of(series: Series, rows: slice, weeks: int) -> Series:
    """Some histories, cut after so many weeks."""
    part = rows, slice(weeks)
    return Series(series.day[part], series.report[part], series.net_flow[part], series.index_return[part])


def by_scipy(reports: Reports, fund: int, size: int) -> float:
    """The log likelihood of one fund that L-BFGS-B reaches from the best of the same three starts."""
    alone = reports.of(np.array([fund]))
    low, high = np.array(BOUNDS[:size]).T

    def cost(point: Floats) -> tuple[float, Floats]:
        found = scored(alone, point[:, None], np.zeros(1), with_information=False)
        return -float(found.log_likelihood[0]), -found.score[:, 0]

    starts = [np.clip(START[:size] + shift[:size], low, high) for shift in STARTS]
    runs = [minimize(cost, start, jac=True, method="L-BFGS-B", bounds=BOUNDS[:size]) for start in starts]
    return -min(float(run.fun) for run in runs)


def test_the_worked_example_of_two_reports() -> None:
    series = Series(np.array([[0, 365]]), np.exp([[0.0, 0.1]]), np.zeros((1, 2)), np.zeros((1, 2)))
    reports = reports_of(series, np.zeros((1, 2)))
    found = scored(reports, np.array([[1.0], [np.log(0.2)], [np.log(0.1)]]), np.zeros(1))
    assert found.log_likelihood[0] == pytest.approx(-0.5 * (np.log(2 * np.pi * 0.06) + 1 / 6))
    assert found.log_likelihood[0] == pytest.approx(0.4044, abs=5e-5)
    assert found.score[1, 0] == pytest.approx(-0.5556, abs=5e-5)


@pytest.mark.parametrize("lag", [0.0, 0.4])
def test_one_step_a_report_has_the_likelihood_of_the_weekly_filter(lag: float) -> None:
    series = simulated(5, 1, lag, flow=0.02)
    given = parameters(5, 1.1, 0.15, 0.03, lag)
    points = np.tile([[1.1], [np.log(0.15)], [np.log(0.03)]], 5)
    reports = reports_of(series, flow_steps(series, given.beta))
    weekly = nowcast(series, given).log_likelihood
    np.testing.assert_allclose(log_likelihood(reports, points, np.full(5, lag)), weekly, rtol=1e-10)


@pytest.mark.parametrize("size", [3, 4])
def test_the_score_is_the_slope_of_the_likelihood(size: int) -> None:
    series = simulated(4, 2, 0.3, flow=0.02)
    reports, weight = reports_of(series, flow_steps(series, np.ones(4))), np.full(4, 0.2)
    points = np.tile(np.array([1.2, np.log(0.1), np.log(0.02), 0.3])[:size, None], 4)
    found = scored(reports, points, weight)
    nudged = points[:, None] + 1e-6 * np.concatenate([np.eye(size), -np.eye(size)], axis=1)[:, :, None]
    values = log_likelihood(reports, nudged, weight)
    np.testing.assert_allclose(found.score, (values[:size] - values[size:]) / 2e-6, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(found.log_likelihood, log_likelihood(reports, points, weight))
    assert (np.linalg.eigvalsh(found.information.transpose(2, 0, 1)) > 0).all()


def test_the_information_is_what_the_squared_score_comes_to_on_average() -> None:
    count = 4000
    errors = np.random.default_rng(3).normal(0, 1, (3, count))
    seen = np.column_stack([np.zeros(count), 0.1 + 0.1 * errors[0] + 0.2 * errors[1] + 0.1 * errors[2]])
    returns = np.tile([0.0, 0.1], (count, 1))
    series = Series(np.tile(np.array([0, 365]), (count, 1)), np.exp(seen), np.zeros((count, 2)), returns)
    reports = reports_of(series, np.zeros((count, 2)))
    found = scored(reports, np.tile([[1.0], [np.log(0.2)], [np.log(0.1)]], count), np.zeros(count))
    squared = (found.score[:, None] * found.score).mean(axis=2)
    np.testing.assert_allclose(squared, found.information.mean(axis=2), atol=0.06)


@pytest.mark.parametrize(("size", "lag", "count"), [(3, 0.0, 4), (4, 0.5, 2)])
def test_no_fund_ends_below_what_scipy_finds(size: int, lag: float, count: int) -> None:
    series = simulated(count, 4, lag)
    fit = fit_parameters(series, parameters(count, 1.0, 0.2, 0.05), with_smoothing=size == 4)
    reports = reports_of(series, np.zeros(series.day.shape))
    oracle = np.array([by_scipy(reports, fund, size) for fund in range(count)])
    assert fit.fitted.all()
    assert (fit.log_likelihood >= oracle - 1e-6).all()


def test_a_fund_alone_and_among_others_gets_the_same_to_the_last_bit() -> None:
    series, priors = simulated(24, 5, flow=0.02), parameters(24, 1.0, 0.2, 0.05)
    together = fit_parameters(series, priors)
    for fund in range(0, 24, 6):
        weeks = int(np.flatnonzero(~np.isnan(series.report[fund]))[-1]) + 1
        alone = fit_parameters(rows_of(series, slice(fund, fund + 1), weeks), parameters(1, 1.0, 0.2, 0.05))
        for name in vars(Parameters(*[np.zeros(1)] * 4)):
            ours, theirs = getattr(alone.parameters, name)[0], getattr(together.parameters, name)[fund]
            assert round(ours * PPM) == round(theirs * PPM)
            assert ours == theirs
        assert alone.log_likelihood[0] == together.log_likelihood[fund]


def test_an_index_that_never_moves_leaves_beta_where_it_was() -> None:
    series = replace(simulated(3, 6), index_return=np.zeros(simulated(3, 6).day.shape))
    fit = fit_parameters(series, parameters(3, 1.4, 0.2, 0.05))
    assert fit.fitted.all()
    np.testing.assert_allclose(fit.parameters.beta, 1.4, atol=1e-6)


def test_a_search_ends_inside_its_bounds_or_with_the_score_pointing_out() -> None:
    series = simulated(30, 7)
    reports, low, high = reports_of(series, np.zeros(series.day.shape)), *np.array(BOUNDS[:3]).T
    found = maximise(reports, np.tile(START[:3, None], 30), np.zeros(30), Bounds(low, high), scoring_rounds=6)
    score = scored(reports, found.point, np.zeros(30)).score
    on_low, on_high = found.point <= low[:, None], found.point >= high[:, None]
    assert found.converged.all()
    assert on_low.any()
    assert (np.abs(np.where(on_low | on_high, 0.0, score)) < 1e-3).all()
    assert (score[on_low] <= 0).all()
    assert (score[on_high] >= 0).all()


def test_symmetric_systems_are_solved_with_rows_held_and_refused_when_not_positive() -> None:
    chance = np.random.default_rng(8)
    root = chance.normal(0, 1, (20, 4, 4))
    matrix, right = root @ root.transpose(0, 2, 1), chance.normal(0, 1, (20, 4))
    held = chance.random((20, 4)) < 0.3
    matrix[0] -= 100 * np.eye(4)
    x, positive = solve_symmetric(matrix.transpose(1, 2, 0), right.T, held.T)
    assert (x.T[held] == 0).all()
    assert positive.tolist() == [False] + [True] * 19
    assert (x[:, 0] == 0).all()
    for fund in range(1, 20):
        free = ~held[fund]
        expected = np.linalg.solve(matrix[fund][np.ix_(free, free)], right[fund][free])
        np.testing.assert_allclose(x[free, fund], expected, rtol=1e-6)


def test_a_nowcast_without_paths_has_the_same_figures() -> None:
    series, given = simulated(3, 9, flow=0.02), parameters(3, 1.0, 0.2, 0.05)
    with_paths, without = nowcast(series, given), nowcast(series, given, with_paths=False)
    np.testing.assert_array_equal(without.low, with_paths.low)
    np.testing.assert_array_equal(without.log_likelihood, with_paths.log_likelihood)
    assert without.smoothed.median.shape == (3, 0)
