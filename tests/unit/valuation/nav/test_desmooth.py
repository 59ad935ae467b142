"""De-smoothing by hand, against statsmodels' exact likelihood, and on simulated smoothed returns."""

import numpy as np
import pytest
from statsmodels.tsa.arima_process import arma_generate_sample
from statsmodels.tsa.statespace.sarimax import SARIMAX

from exchange.valuation.nav.desmooth import (
    geltner,
    inverted,
    moving_average,
    moving_average_log_likelihood,
)
from exchange.valuation.status import Status


def smoothed(chance: np.random.Generator, theta: list[float], count: int) -> np.ndarray:
    """Reported returns of true ones with 10 % a quarter and mean 2 %."""
    true = chance.normal(0.02, 0.10, count + len(theta) - 1)
    return np.convolve(true, theta, mode="valid")


def counts(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_geltner_by_hand() -> None:
    returns = np.array([[0.02, 0.04, 0.03, 0.01, 0.00, 0.02, 0.05, 0.04]])
    found = geltner(returns, counts(8), rho=np.array([0.5]))
    assert np.isnan(found.returns[0, 0])
    assert found.returns[0, 1:3].tolist() == pytest.approx([0.06, 0.02])
    assert found.xi[0] == pytest.approx(1 / 3)
    assert found.volatility_before[0] == pytest.approx(returns.std(ddof=1) * 2)
    assert found.volatility_after[0] == pytest.approx(found.returns[0, 1:].std(ddof=1) * 2)


def test_geltner_undoes_its_own_smoothing_and_xi_is_the_ratio_of_variances() -> None:
    true = np.random.default_rng(3).normal(0.02, 0.1, 20_000)
    reported = np.zeros_like(true)
    for t in range(1, len(true)):
        reported[t] = 0.4 * true[t] + 0.6 * reported[t - 1]
    given = geltner(reported[None], counts(len(true)), rho=np.array([0.6]))
    np.testing.assert_allclose(given.returns[0, 1:], true[1:], atol=1e-12)
    estimated = geltner(reported[None], counts(len(true)))
    assert estimated.weights[0, 1] == pytest.approx(0.6, abs=0.02)
    ratio = (estimated.volatility_before / estimated.volatility_after)[0] ** 2
    assert ratio == pytest.approx(estimated.xi[0], rel=0.03)


def test_the_likelihood_is_statsmodels_exact_likelihood() -> None:
    values = np.random.default_rng(5).normal(0, 0.05, 40)
    for psi in ([0.5, 0.3], [0.9, 0.0], [0.2, 0.95], [1.4, 0.5]):
        ours = moving_average_log_likelihood(values, np.array([psi]))[0]
        peer = SARIMAX(values, order=(0, 0, 2), concentrate_scale=True)
        peer.ssm.tolerance = 0  # it stops updating variances early otherwise
        assert ours == pytest.approx(peer.loglike(psi), abs=1e-9)


def test_the_moving_average_finds_the_weights_of_long_smoothed_returns() -> None:
    chance = np.random.default_rng(20)
    theta = [0.5, 0.3, 0.2]
    returns = np.stack([smoothed(chance, theta, 400) for _ in range(2)])
    found = moving_average(returns, counts(400, 400))
    assert found.status.tolist() == [Status.OK] * 2
    np.testing.assert_allclose(found.weights, [theta] * 2, atol=0.1)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(found.xi, 0.38, atol=0.05)
    np.testing.assert_allclose(found.volatility_after, 0.20, rtol=0.1)
    np.testing.assert_allclose((found.volatility_before / found.volatility_after) ** 2, found.xi, rtol=0.05)


def test_the_moving_average_agrees_with_statsmodels_where_weights_are_inside() -> None:
    values = arma_generate_sample(
        [1.0], [1.0, 0.6, 0.3], 160, scale=0.05, distrvs=np.random.default_rng(9).standard_normal
    )
    found = moving_average(values[None], counts(160))
    psi = found.weights[0, 1:] / found.weights[0, 0]
    peer = SARIMAX(values - values.mean(), order=(0, 0, 2), concentrate_scale=True)
    best = peer.loglike(psi)
    for step in (0.003, -0.003):  # statsmodels' own likelihood falls on every side of what was found
        assert peer.loglike(np.add(psi, [step, 0.0])) < best
        assert peer.loglike(np.add(psi, [0.0, step])) < best


def test_one_lag_has_two_weights() -> None:
    returns = smoothed(np.random.default_rng(2), [0.7, 0.3], 400)[None]
    found = moving_average(returns, counts(400), lags=1)
    np.testing.assert_allclose(found.weights, [[0.7, 0.3]], atol=0.08)
    with pytest.raises(ValueError, match="one or two lags"):
        moving_average(returns, counts(400), lags=3)


def test_inversion_gives_back_the_shocks() -> None:
    shocks = np.concatenate([[0.0, 0.0], np.random.default_rng(1).normal(0, 1, 30)])
    theta = np.array([0.6, 0.3, 0.1])
    np.testing.assert_allclose(inverted(np.convolve(shocks, theta, mode="valid"), theta), shocks[2:], atol=1e-12)


def test_unsmoothed_returns_stay_nearly_as_they_are() -> None:
    returns = np.random.default_rng(4).normal(0.02, 0.1, 400)[None]
    found = moving_average(returns, counts(400))
    assert found.weights[0, 0] > 0.88  # each of the two others has a standard error of 0.05
    assert found.volatility_after[0] == pytest.approx(found.volatility_before[0], rel=0.12)


def test_series_of_different_length_do_not_touch_each_other() -> None:
    returns = np.random.default_rng(6).normal(0.02, 0.1, (2, 40))
    returns[0] = np.convolve(np.random.default_rng(8).normal(0.02, 0.1, 42), [0.4, 0.3, 0.3], mode="valid")
    padded = returns.copy()
    padded[0, 30:] = np.nan
    for model in (geltner, moving_average):
        alone = model(returns[:1, :30], counts(30))
        together = model(padded, counts(30, 40))
        assert together.status[0] == alone.status[0] == Status.OK
        assert together.xi[0] == pytest.approx(alone.xi[0], rel=1e-12)
        assert np.isnan(together.returns[0, 30:]).all()


def test_what_cannot_be_desmoothed_has_a_status() -> None:
    chance = np.random.default_rng(0)
    good = np.convolve(chance.normal(0.02, 0.1, 21), [0.6, 0.4], mode="valid")
    bad, huge = good.copy(), good.copy()
    bad[3], huge[3] = np.nan, 1e9
    returns = np.stack([good, good, bad, huge, np.full(20, 0.02)])
    lengths = counts(20, 5, 20, 20, 20)
    expected = [Status.OK, Status.TOO_FEW_OBSERVATIONS, Status.NOT_A_NUMBER, Status.TOO_LARGE, Status.UNDEFINED]
    for model in (geltner, moving_average):
        found = model(returns, lengths)
        assert found.status.tolist() == expected
        assert np.isnan(found.xi[1:]).all()
    given = geltner(np.stack([good] * 4), counts(20, 20, 20, 20), rho=np.array([0.95, -0.1, np.nan, 0.949]))
    assert given.status.tolist() == [Status.OUT_OF_RANGE, Status.NOT_APPLICABLE, Status.NOT_A_NUMBER, Status.OK]
