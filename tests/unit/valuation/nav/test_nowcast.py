"""The nowcast: its worked example, its limits that other models give, its fit, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from exchange.valuation.nav.index_beta import Form, Index, index_adjusted_nav
from exchange.valuation.nav.nowcast import Parameters, Series, nowcast, parameters
from exchange.valuation.nav.nowcast_fit import fit_parameters
from exchange.valuation.nav.nowcast_grid import History, series_of
from exchange.valuation.nav.roll_forward import Flows
from exchange.valuation.status import Status

DAYS = np.arange(0, 3001, dtype=np.int64)
FLAT = Index(DAYS, np.full(len(DAYS), 100.0))
GROWING = Index(DAYS, 100 * np.exp(0.0003 * DAYS + 0.05 * np.sin(DAYS / 40)))


def one_year(index_return: float = float(np.log(1.1))) -> Series:
    return Series(np.array([[0, 365]]), np.array([[100.0, np.nan]]), np.zeros((1, 2)), np.array([[0.0, index_return]]))


def reports(
    fund: np.random.Generator, beta: float, state: float, noise: float, quarters: int, lag: float = 0.0
) -> tuple[History, Index]:
    """A simulated fund without flows, reporting every 91 days, and its index."""
    steps = fund.normal(0.001, 0.16 / np.sqrt(52), quarters * 13)
    days = np.arange(quarters * 13 + 1) * 7
    index = Index(days, 100 * np.exp(np.concatenate([[0.0], np.cumsum(steps)])))
    x = np.concatenate([[0.0], np.cumsum(beta * steps + fund.normal(0, state * np.sqrt(7 / 365), len(steps)))])[::13]
    seen = [x[0]]
    for level in x[1:]:
        seen.append(lag * seen[-1] + (1 - lag) * level + fund.normal(0, noise))
    return History(int(days[-1]), [int(day) for day in days[::13]], [float(v) for v in 1e9 * np.exp(seen)]), index


def test_the_worked_example_of_one_year() -> None:
    found = nowcast(one_year(), parameters(1, 1.0, 0.20, 0.03))
    assert found.median[0] == pytest.approx(110.0)
    assert found.log_sd[0] == pytest.approx(np.sqrt(0.0409))
    assert (round(found.low[0], 1), round(found.high[0], 1)) == (78.9, 153.4)
    assert found.mean[0] == pytest.approx(110 * np.exp(0.0409 / 2))
    assert found.sd[0] == pytest.approx(found.mean[0] * np.sqrt(np.expm1(0.0409)))
    assert found.stale_days.tolist() == [365]


def test_without_index_and_flows_the_median_is_the_report_and_the_band_widens_with_age() -> None:
    ages = np.array([1, 30, 90, 365, 1000])
    series = Series(
        np.column_stack([np.zeros(5, dtype=np.int64), ages]),
        np.column_stack([np.full(5, 100.0), np.full(5, np.nan)]),
        np.zeros((5, 2)),
        np.zeros((5, 2)),
    )
    found = nowcast(series, parameters(5, 1.2, 0.25, 0.05))
    np.testing.assert_allclose(found.median, 100.0)
    assert (np.diff(found.high - found.low) > 0).all()
    assert (np.diff(found.log_sd) > 0).all()


def test_beta_zero_is_the_cash_roll() -> None:
    history = History(400, [0], [1000.0], [10, 100, 399], [200.0, -300.0, 50.0])
    series, status = series_of([history], GROWING)
    found = nowcast(series, parameters(1, 0.0, 0.2, 0.03))
    assert status.tolist() == [Status.OK]
    assert found.median[0] == pytest.approx(950.0, rel=1e-12)


def test_a_single_report_moves_as_the_exponential_index_nav() -> None:
    days, net = [10, 100, 399], [200.0, -300.0, 50.0]
    series, _ = series_of([History(400, [0], [1000.0], days, net)], GROWING)
    flows = Flows(np.array([days]), np.maximum([net], 0.0), np.maximum(-np.array([net]), 0.0))
    expected = index_adjusted_nav(
        np.array([1000.0]), np.array([0]), np.array([400]), flows, np.array([1.3]), GROWING, Form.EXPONENTIAL
    )
    found = nowcast(series, parameters(1, 1.3, 0.2, 0.03))
    assert found.median[0] == pytest.approx(expected.nav[0], rel=1e-12)


def test_a_later_report_pulls_the_state_and_narrows_the_band() -> None:
    without, _ = series_of([History(200, [0], [100.0])], FLAT)
    with_report, _ = series_of([History(200, [0, 199], [100.0, 80.0])], FLAT)
    given = parameters(1, 1.0, 0.2, 0.02)
    before, after = nowcast(without, given), nowcast(with_report, given)
    assert 80.0 < after.median[0] < 81.0
    assert after.log_sd[0] < before.log_sd[0] / 4
    assert after.smoothed.median[0, 10] < after.filtered.median[0, 10]


def test_a_manager_who_smooths_is_read_beyond_the_report() -> None:
    series, _ = series_of([History(90, [0, 90], [100.0, 90.0])], FLAT)
    plain = nowcast(series, parameters(1, 1.0, 0.3, 0.01))
    smoothing = nowcast(series, parameters(1, 1.0, 0.3, 0.01, 0.5))
    assert smoothing.median[0] < plain.median[0]
    # half of the fall is still to be reported: ln(90 / 100) / 0.5
    assert smoothing.median[0] == pytest.approx(100 * np.exp(2 * np.log(0.9)), rel=0.01)


def test_longer_grids_of_other_funds_change_nothing() -> None:
    short, long = History(100, [0, 91], [100.0, 104.0], [50], [5.0]), History(900, [0, 91], [50.0, 51.0])
    given = parameters(1, 1.1, 0.2, 0.03)
    alone, _ = series_of([short], GROWING)
    both, _ = series_of([short, long], GROWING)
    together = nowcast(both, parameters(2, 1.1, 0.2, 0.03))
    assert together.median[0] == pytest.approx(nowcast(alone, given).median[0], rel=1e-13)
    assert together.log_likelihood[0] == pytest.approx(nowcast(alone, given).log_likelihood[0], rel=1e-12)


def test_the_grid_has_weeks_and_every_day_of_news() -> None:
    series, _ = series_of([History(100, [0, 90], [100.0, 101.0], [10], [3.0])], FLAT)
    expected = sorted({*range(0, 100, 7), 10, 90, 100})
    assert series.day.tolist() == [expected]
    assert series.net_flow[0, expected.index(10)] == 3.0


def test_a_fit_finds_what_a_long_history_was_made_with() -> None:
    chance = np.random.default_rng(7)
    history, index = reports(chance, beta=1.3, state=0.12, noise=0.04, quarters=100)
    series, _ = series_of([history], index)
    fit = fit_parameters(series, parameters(1, 1.0, 0.2, 0.05))
    assert fit.fitted.tolist() == [True]
    assert fit.parameters.beta[0] == pytest.approx(1.3, abs=0.15)
    assert fit.parameters.state_volatility[0] == pytest.approx(0.12, abs=0.04)
    assert fit.parameters.report_volatility[0] == pytest.approx(0.04, abs=0.015)
    assert fit.log_likelihood[0] == pytest.approx(nowcast(series, fit.parameters).log_likelihood[0], rel=1e-9)
    truth = nowcast(series, parameters(1, 1.3, 0.12, 0.04))
    assert fit.log_likelihood[0] >= truth.log_likelihood[0]


def test_a_fit_with_smoothing_finds_the_weight_on_the_last_report() -> None:
    chance = np.random.default_rng(11)
    history, index = reports(chance, beta=1.2, state=0.05, noise=0.01, quarters=100, lag=0.6)
    series, _ = series_of([history], index)
    fit = fit_parameters(series, parameters(1, 1.0, 0.2, 0.05), with_smoothing=True)
    assert fit.parameters.smoothing[0] == pytest.approx(0.6, abs=0.08)
    assert fit.parameters.beta[0] == pytest.approx(1.2, abs=0.2)


def test_reports_that_follow_the_index_exactly_give_its_beta_and_floors() -> None:
    history, index = reports(np.random.default_rng(3), beta=1.3, state=0.0, noise=0.0, quarters=20)
    series, _ = series_of([history], index)
    fit = fit_parameters(series, parameters(1, 1.0, 0.2, 0.05))
    assert fit.parameters.beta[0] == pytest.approx(1.3, abs=1e-3)
    assert fit.parameters.state_volatility[0] == pytest.approx(0.005, rel=0.01)
    assert fit.parameters.report_volatility[0] == pytest.approx(0.001, rel=0.01)


def test_a_long_history_needs_no_priors_but_must_hold_together() -> None:
    history, index = reports(np.random.default_rng(5), beta=1.1, state=0.1, noise=0.03, quarters=30)
    emptied = replace(history, flow_days=[400], net_flows=[-9e9])
    series, _ = series_of([history, emptied], index)
    fit = fit_parameters(series, parameters(2, np.nan, np.nan, np.nan, np.nan))
    assert fit.status.tolist() == [Status.OK, Status.DATA_INCONSISTENT]
    assert fit.fitted.tolist() == [True, False]
    assert np.isfinite([fit.parameters.beta[0], fit.parameters.smoothing[0]]).all()
    assert np.isnan(fit.parameters.beta[1])


def test_a_short_history_keeps_the_priors_and_needs_them() -> None:
    series, _ = series_of([History(400, [0, 91, 182], [100.0, 101.0, 103.0])] * 2, FLAT)
    priors = Parameters(np.array([1.1, np.nan]), np.full(2, 0.2), np.full(2, 0.05), np.zeros(2))
    fit = fit_parameters(series, priors)
    assert fit.fitted.tolist() == [False, False]
    assert fit.status.tolist() == [Status.OK, Status.PARAMETERS_MISSING]
    assert fit.parameters.beta[0] == 1.1
    assert nowcast(series, fit.parameters).status.tolist() == [Status.OK, Status.PARAMETERS_MISSING]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"report": np.array([[np.nan, 5.0]])}, Status.NAV_MISSING),
        ({"report": np.array([[100.0, -5.0]])}, Status.NAV_NOT_POSITIVE),
        ({"report": np.array([[0.0, 5.0]])}, Status.NAV_NOT_POSITIVE),
        ({"report": np.array([[np.inf, 5.0]])}, Status.NOT_A_NUMBER),
        ({"report": np.array([[1e17, 5.0]])}, Status.TOO_LARGE),
        ({"net_flow": np.array([[0.0, np.nan]])}, Status.NOT_A_NUMBER),
        ({"net_flow": np.array([[0.0, -200.0]])}, Status.DATA_INCONSISTENT),
        ({"index_return": np.array([[0.0, 50.0]])}, Status.TOO_LARGE),
        ({"day": np.array([[5, 4]])}, Status.DATES_OUT_OF_ORDER),
    ],
)
def test_a_history_that_cannot_be_read_has_a_status(changes: dict[str, np.ndarray], status: Status) -> None:
    found = nowcast(replace(one_year(), **changes), parameters(1, 1.0, 0.2, 0.03))
    assert found.status.tolist() == [status]
    assert np.isnan([found.median[0], found.low[0], found.sd[0], found.log_likelihood[0]]).all()
    assert np.isnan(found.filtered.median).all()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (parameters(1, np.nan, 0.2, 0.03), Status.PARAMETERS_MISSING),
        (parameters(1, 7.0, 0.2, 0.03), Status.OUT_OF_RANGE),
        (parameters(1, 1.0, -0.2, 0.03), Status.OUT_OF_RANGE),
        (parameters(1, 1.0, 0.2, 0.0), Status.OUT_OF_RANGE),
        (parameters(1, 1.0, 0.2, 0.03, 0.99), Status.OUT_OF_RANGE),
    ],
)
def test_parameters_outside_the_model_have_a_status(given: Parameters, status: Status) -> None:
    assert nowcast(one_year(), given).status.tolist() == [status]


def test_histories_that_no_grid_can_hold_have_a_status() -> None:
    histories = [
        History(100, [], []),
        History(100, [150], [100.0]),
        History(100, [50, 50], [100.0, 101.0]),
        History(100, [0], [100.0], [60, 50], [1.0, 1.0]),
        History(9000, [0], [100.0]),
        History(100, [100], [100.0]),
    ]
    series, status = series_of(histories, FLAT)
    expected = [Status.NAV_MISSING] * 2 + [Status.DATES_OUT_OF_ORDER] * 2 + [Status.PARAMETERS_MISSING, Status.OK]
    assert status.tolist() == expected
    found = nowcast(series, parameters(6, 1.0, 0.2, 0.03))
    assert found.status.tolist() == [Status.NAV_MISSING] * 5 + [Status.OK]
    assert found.median[5] == pytest.approx(100.0)
