"""What holds for every fund beside every index: units of money and index do not matter, and the measures agree."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.valuation.performance.growth import IndexedFlows, indexed_flows
from exchange.valuation.performance.modified_pme import modified_pme, pme_plus
from exchange.valuation.performance.multiples import multiples
from exchange.valuation.performance.pme import direct_alpha, fund_rates, kaplan_schoar, long_nickels

SOME = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
STEPS = 10


def random_funds(seed: int, *, money: float = 1.0, index: float = 1.0, is_tracking: bool = False) -> IndexedFlows:
    """Four conventional funds of ten irregular steps: five calls, then five distributions, with NAVs at each."""
    chance = np.random.default_rng(seed)
    times = np.sort(chance.uniform(0, 10, (4, STEPS)), axis=1)
    levels = 100 * np.exp(np.cumsum(chance.normal(0.03, 0.12, (4, STEPS)), axis=1))
    calls, distributions = np.zeros((4, STEPS)), np.zeros((4, STEPS))
    calls[:, :5], distributions[:, 5:] = chance.uniform(1, 20, (4, 5)), chance.uniform(1, 20, (4, 5))
    navs = chance.uniform(0, 60, (4, STEPS))
    end_navs = chance.uniform(0, 40, 4)
    end_levels = levels[:, -1] * np.exp(chance.normal(0, 0.1, 4))
    if is_tracking:
        units = np.zeros(4)
        for step in range(STEPS):
            held = units * levels[:, step] + calls[:, step]
            distributions[:, step] = np.where(step >= 5, held * chance.uniform(0.1, 0.9, 4), 0)
            navs[:, step] = held - distributions[:, step]
            units = navs[:, step] / levels[:, step]
        end_navs = units * end_levels
    return indexed_flows(
        times,
        calls * money,
        distributions * money,
        levels * index,
        end_times=10.5,
        end_levels=end_levels * index,
        end_navs=end_navs * money,
        navs=navs * money,
    )


def measures(flows: IndexedFlows) -> np.ndarray:
    """All ratios and rates of the funds, one row a measure."""
    return np.array(
        [
            kaplan_schoar(flows).values,
            fund_rates(flows).rates,
            pme_plus(flows).scale.values,
            pme_plus(flows).rates.rates,
            modified_pme(flows).rates.rates,
            direct_alpha(flows).discrete,
            direct_alpha(flows).continuous,
        ]
    )


@SOME
@given(SEEDS, st.sampled_from([1e-6, 0.01, 100.0, 1e9]))
def test_units_of_money_and_of_the_index_change_no_measure(seed: int, factor: float) -> None:
    plain = measures(random_funds(seed))
    for other in (random_funds(seed, money=factor), random_funds(seed, index=factor)):
        assert np.allclose(measures(other), plain, rtol=1e-8, atol=1e-10, equal_nan=True)
        assert np.array_equal(long_nickels(other).is_short, long_nickels(random_funds(seed)).is_short)


@SOME
@given(SEEDS)
def test_kaplan_schoar_is_above_one_exactly_when_direct_alpha_is_positive(seed: int) -> None:
    flows = random_funds(seed)
    ratio, alpha = kaplan_schoar(flows).values, direct_alpha(flows).discrete
    decided = np.abs(ratio - 1) > 1e-9
    assert np.array_equal((ratio > 1)[decided], (alpha > 0)[decided])
    assert np.allclose(np.expm1(direct_alpha(flows).continuous), alpha, atol=1e-13)


@SOME
@given(SEEDS)
def test_a_fund_that_is_the_index_scores_one_and_zero(seed: int) -> None:
    flows = random_funds(seed, is_tracking=True)
    assert np.allclose(kaplan_schoar(flows).values, 1, atol=1e-11)
    assert np.allclose(direct_alpha(flows).discrete, 0, atol=1e-10)
    assert np.allclose(pme_plus(flows).scale.values, 1, atol=1e-9)
    own = fund_rates(flows).rates
    for rates in (long_nickels(flows).rates, pme_plus(flows).rates, modified_pme(flows).rates):
        assert np.allclose(rates.rates, own, atol=1e-8)
    assert not long_nickels(flows).is_short.any()


@SOME
@given(SEEDS)
def test_the_balance_put_into_the_index_step_by_step_is_the_closed_form(seed: int) -> None:
    flows = random_funds(seed)
    comparison = long_nickels(flows)
    for fund in range(len(comparison.navs)):
        balance, level, short_at = 0.0, flows.levels[fund, 0], np.nan
        for step in range(STEPS):
            balance = balance * flows.levels[fund, step] / level - flows.net[fund, step]
            level = flows.levels[fund, step]
            if balance < -1e-9 and np.isnan(short_at):
                short_at = flows.times[fund, step]
        assert np.isclose(balance * flows.end_levels[fund] / level, comparison.navs[fund], atol=1e-9)
        assert np.array_equal(comparison.first_short_times[fund], short_at, equal_nan=True)


@SOME
@given(SEEDS)
def test_pme_plus_ends_at_the_nav_of_the_fund_and_the_modified_pme_is_never_short(seed: int) -> None:
    flows = random_funds(seed)
    scale = pme_plus(flows).scale.values
    left = ((flows.calls - scale[:, None] * flows.distributions) * flows.growth).sum(axis=1)
    assert np.allclose(left, flows.end_navs, atol=1e-9)
    modified = modified_pme(flows)
    assert (modified.sold >= 0).all()
    assert (modified.end_values >= 0).all()
    held = (modified.sold * flows.growth).sum(axis=1) + modified.end_values
    assert np.allclose(held, (flows.calls * flows.growth).sum(axis=1), rtol=1e-12)


@SOME
@given(SEEDS)
def test_total_value_is_what_is_paid_out_and_what_is_left(seed: int) -> None:
    flows = random_funds(seed)
    found = multiples(flows.calls, flows.distributions, flows.end_navs)
    assert np.allclose(found.tvpi.values, found.dpi.values + found.rvpi.values, atol=1e-14)
