"""The batched filter and smoother against statsmodels' Kalman filter of the very same model, fund by fund."""

import numpy as np
import pytest
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from exchange.valuation.nav.kalman import Model, kalman_filter, log_likelihood, smooth

STEPS, FUNDS = 60, 7


def a_model(seed: int) -> Model:
    """Random drifts, uneven variances and sparse reports; the last fund reports at every step."""
    chance = np.random.default_rng(seed)
    observed = chance.random((STEPS, FUNDS)) < 0.2
    observed[:, -1] = True
    return Model(
        z=np.where(observed, chance.normal(0, 1, (STEPS, FUNDS)), np.nan),
        observed=observed,
        drift=chance.normal(0, 0.1, (STEPS, FUNDS)),
        q=chance.uniform(0, 0.02, (STEPS, FUNDS)),
        h=chance.uniform(0.4, 1.0, FUNDS),
        r=chance.uniform(0.001, 0.1, FUNDS),
        x0=chance.normal(0, 1, FUNDS),
        p0=chance.uniform(0.01, 1, FUNDS),
    )


def oracle(model: Model, fund: int) -> KalmanSmoother:
    """statsmodels' form: its first period is our start, without a report."""
    endog = np.concatenate([[np.nan], np.where(model.observed[:, fund], model.z[:, fund], np.nan)])
    peer = KalmanSmoother(k_endog=1, k_states=1)
    peer.bind(endog.reshape(-1, 1))
    peer["design"] = np.array([[model.h[fund]]])
    peer["obs_cov"] = np.array([[model.r[fund]]])
    peer["transition"] = np.eye(1)
    peer["selection"] = np.eye(1)
    peer["state_intercept"] = np.concatenate([model.drift[:, fund], [0.0]])[None, :]
    peer["state_cov"] = np.concatenate([model.q[:, fund], [0.0]])[None, None, :]
    peer.initialize_known(np.array([model.x0[fund]]), np.array([[model.p0[fund]]]))
    return peer


@pytest.mark.parametrize("seed", [1, 2])
def test_filter_smoother_and_likelihood_agree_with_statsmodels(seed: int) -> None:
    model = a_model(seed)
    filtered = kalman_filter(model)
    smoothed = smooth(model, filtered)
    likelihood = log_likelihood(model, filtered)
    for fund in range(FUNDS):
        found = oracle(model, fund).smooth()
        np.testing.assert_allclose(filtered.mean[:, fund], found.filtered_state[0, 1:], atol=1e-9)
        np.testing.assert_allclose(filtered.variance[:, fund], found.filtered_state_cov[0, 0, 1:], atol=1e-9)
        np.testing.assert_allclose(smoothed.mean[:, fund], found.smoothed_state[0, 1:], atol=1e-9)
        np.testing.assert_allclose(smoothed.variance[:, fund], found.smoothed_state_cov[0, 0, 1:], atol=1e-9)
        np.testing.assert_allclose(smoothed.start[fund], found.smoothed_state[0, 0], atol=1e-9)
        np.testing.assert_allclose(smoothed.start_variance[fund], found.smoothed_state_cov[0, 0, 0], atol=1e-9)
        np.testing.assert_allclose(likelihood[fund], found.llf_obs[1:].sum(), atol=1e-9)


def test_the_worked_example_of_one_step() -> None:
    one = np.ones(1)
    model = Model(
        z=np.array([[4.0]]),
        observed=np.array([[True]]),
        drift=np.zeros((1, 1)),
        q=one[None],
        h=one,
        r=2 * one,
        x0=0 * one,
        p0=one,
    )
    filtered = kalman_filter(model)
    smoothed = smooth(model, filtered)
    assert (filtered.mean[0, 0], filtered.variance[0, 0]) == (2.0, 1.0)
    assert (smoothed.start[0], smoothed.start_variance[0]) == (1.0, 0.75)
