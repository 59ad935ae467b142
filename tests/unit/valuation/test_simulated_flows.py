"""Simulated flows: seeded, centred on what is expected, and silent for unsound inputs."""

from dataclasses import replace

import numpy as np
import pytest

from exchange.valuation.projection.stochastic import FlowDynamics, bands, simulate
from exchange.valuation.status import Status

DYNAMICS = FlowDynamics(
    intensity_now=0.3,
    intensity_mean=0.5,
    intensity_reversion=2.0,
    intensity_volatility=0.6,
    pace=0.03,
    distribution_volatility=0.3,
    growth=0.13,
    life_years=12.0,
)
STEADY = replace(DYNAMICS, intensity_now=0.5, intensity_volatility=0.0, distribution_volatility=0.0)


def test_without_volatility_every_path_is_the_expected_one() -> None:
    found = simulate(100, 0, 0, STEADY, np.random.default_rng(1), paths=3)
    assert found.calls.shape == (3, 48)
    assert found.calls[:, :4].sum(axis=1) == pytest.approx(100 * (1 - np.exp(-0.5)), rel=1e-12)
    assert np.ptp(found.distributions, axis=0).max() == 0


@pytest.mark.parametrize(("unfunded", "nav", "age"), [(100, 0, 0), (20, 60, 5), (0, 40, 11.75)])
def test_the_expected_path_grows_at_the_given_rate(unfunded: float, nav: float, age: float) -> None:
    found = simulate(unfunded, nav, age, STEADY, np.random.default_rng(1), paths=1)
    before = np.concatenate([[nav], found.nav[0, :-1]])
    rolled = before * 1.13**0.25 + found.calls[0] - found.distributions[0]
    assert found.nav[0] == pytest.approx(rolled, abs=1e-9)
    assert found.nav[0, -1] == pytest.approx(0, abs=1e-12)


def test_paths_are_centred_on_the_expected_one() -> None:
    found = simulate(20, 60, 5, DYNAMICS, np.random.default_rng(5), paths=4000)
    years = np.arange(1, found.calls.shape[1] + 1) / 4
    value = (found.distributions - found.calls) @ 1.13**-years
    assert value.mean() == pytest.approx(60, abs=4 * value.std() / np.sqrt(4000))
    assert (found.calls >= 0).all()
    assert (found.calls.sum(axis=1) <= 20).all()


def test_the_same_seed_gives_the_same_paths() -> None:
    one, same, other = (simulate(20, 60, 8, DYNAMICS, np.random.default_rng(seed), paths=50) for seed in (1, 1, 2))
    assert one.distributions.tolist() == same.distributions.tolist()
    assert one.calls.tolist() == same.calls.tolist()
    assert one.calls.tolist() != other.calls.tolist()


def test_bands_are_quantiles_by_period() -> None:
    paths = simulate(20, 60, 8, DYNAMICS, np.random.default_rng(3), paths=500)
    found = bands(paths, (0.05, 0.5, 0.95))
    assert found.nav.shape == (3, paths.nav.shape[1])
    for flows in (found.calls, found.distributions, found.nav):
        assert (np.diff(flows, axis=0) >= 0).all()
    assert found.distributions[1, 0] == np.median(paths.distributions[:, 0])


def test_distributions_follow_their_expected_curve() -> None:
    """Of all that is expected, exp(-alpha t^2 / 2) is left at age t; the last period pays what is left at its start."""
    paid = simulate(100, 0, 0, STEADY, np.random.default_rng(1), paths=1).distributions[0]
    ages = np.arange(1, 48) / 4
    assert paid.cumsum()[:-1] / paid.sum() == pytest.approx(1 - np.exp(-0.03 * ages**2 / 2), rel=1e-12)


def test_an_intensity_that_reverts_to_zero_is_drawn_too() -> None:
    dying = replace(DYNAMICS, intensity_mean=0.0)
    found = simulate(100, 50, 2, dying, np.random.default_rng(4), paths=500)
    assert found.status == Status.OK
    assert np.isfinite(found.calls).all()
    # E[U] over the whole life from the closed form lies above exp(-delta / kappa), by Jensen's inequality
    assert (100 - found.calls.sum(axis=1)).mean() > 100 * np.exp(-0.3 / 2) - 1


def test_unsound_inputs_get_a_status_and_no_paths() -> None:
    cases = [
        (simulate(np.nan, 0, 0, DYNAMICS, np.random.default_rng(1)), Status.NOT_A_NUMBER),
        (simulate(-1, 0, 0, DYNAMICS, np.random.default_rng(1)), Status.OUT_OF_RANGE),
        (simulate(1, 0, 0, replace(DYNAMICS, pace=0), np.random.default_rng(1)), Status.OUT_OF_RANGE),
        (simulate(1, 0, 0, replace(DYNAMICS, intensity_volatility=1e9), np.random.default_rng(1)), Status.OUT_OF_RANGE),
        (simulate(1, -50, 0, DYNAMICS, np.random.default_rng(1)), Status.NAV_NOT_POSITIVE),
        (simulate(1, 0, 0, DYNAMICS, np.random.default_rng(1), paths=2_000_000), Status.TOO_LARGE),
    ]
    for found, status in cases:
        assert found.status == status
        assert found.calls.size == found.distributions.size == found.nav.size == 0


def test_a_fund_past_its_life_still_has_the_years_it_is_given() -> None:
    found = simulate(0, 30, 14, DYNAMICS, np.random.default_rng(1), paths=10, remaining_years=2)
    assert found.nav.shape == (10, 8)
