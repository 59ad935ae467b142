"""How fast many funds are nowcast at once, against statsmodels' Kalman smoother fund by fund with the same answers.

Workload: funds with weekly steps, an index return a week, monthly calls or distributions and a report every 13 weeks.
Two figures of ours: filter and smoother on ready matrices, which is what the peer's `smooth()` is timed on and what
the goal is about; and the whole nowcast from histories to bands (flow steps, matrices, filter, smoother, likelihood,
medians and bands of both paths). Rounds are interleaved, figures are medians of CPU time a fund; the peer runs on a
sample of the funds.

Run: python benchmarks/valuation_nowcast.py [--funds 1000] [--weeks 520] [--sample 30] [--rounds 5]
"""

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time

import numpy as np
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from exchange.valuation.nav.kalman import Model, kalman_filter, log_likelihood, smooth
from exchange.valuation.nav.nowcast import Parameters, Series, flow_steps, nowcast, parameters, state_space

GOAL_RATIO = 100
TOLERANCE = 1e-9


def make_funds(count: int, weeks: int, seed: int) -> tuple[Series, Parameters]:
    """Seeded histories and parameters: all differ in beta, volatilities, flows and reports."""
    chance = np.random.default_rng(seed)
    index_return = np.tile(chance.normal(0.0015, 0.022, weeks + 1), (count, 1))
    given = parameters(
        count, chance.uniform(0.7, 1.6, count), chance.uniform(0.1, 0.3, count), chance.uniform(0.01, 0.06, count)
    )
    own = given.state_volatility[:, None] * chance.normal(0, np.sqrt(7 / 365), (count, weeks + 1))
    log_value = np.cumsum(given.beta[:, None] * index_return + own, axis=1)
    noise = given.report_volatility[:, None] * chance.normal(0, 1, (count, weeks + 1))
    report = np.full((count, weeks + 1), np.nan)
    report[:, ::13] = 1e10 * np.exp(log_value + noise)[:, ::13]
    net_flow = np.zeros((count, weeks + 1))
    net_flow[:, 4::4] = chance.normal(0, 2e7, (count, len(range(4, weeks + 1, 4))))
    day = np.tile(np.arange(weeks + 1, dtype=np.int64) * 7, (count, 1))
    return Series(day, report, net_flow, index_return), given


def peer_of(model: Model, fund: int) -> KalmanSmoother:
    """statsmodels' smoother of one fund's model; its first period is our start, without a report."""
    seen = np.concatenate([[np.nan], np.where(model.observed[:, fund], model.z[:, fund], np.nan)])
    peer = KalmanSmoother(k_endog=1, k_states=1)
    peer.bind(seen.reshape(-1, 1))
    peer["design"] = np.array([[model.h[fund]]])
    peer["obs_cov"] = np.array([[model.r[fund]]])
    peer["transition"] = np.eye(1)
    peer["selection"] = np.eye(1)
    peer["state_intercept"] = np.concatenate([model.drift[:, fund], [0.0]])[None, :]
    peer["state_cov"] = np.concatenate([model.q[:, fund], [0.0]])[None, None, :]
    peer.initialize_known(np.array([model.x0[fund]]), np.array([[model.p0[fund]]]))
    return peer


def largest_difference(model: Model, sample: int) -> float:
    """Largest absolute difference in filtered and smoothed means and variances of log NAV and in log likelihood."""
    filtered = kalman_filter(model)
    smoothed = smooth(model, filtered)
    likelihood = log_likelihood(model, filtered)
    worst = 0.0
    for fund in range(sample):
        peer = peer_of(model, fund).smooth()
        pairs = (
            (filtered.mean, peer.filtered_state[0]),
            (filtered.variance, peer.filtered_state_cov[0, 0]),
            (smoothed.mean, peer.smoothed_state[0]),
            (smoothed.variance, peer.smoothed_state_cov[0, 0]),
        )
        worst = max(worst, *(float(np.abs(ours[:, fund] - theirs[1:]).max()) for ours, theirs in pairs))
        worst = max(worst, abs(float(likelihood[fund] - peer.llf_obs[1:].sum())))
    return worst


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    gc.collect()
    start = process_time()
    work()
    return process_time() - start


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 1 if answers differ or, at full size, the goal is missed."""
    parser = argparse.ArgumentParser(description="Nowcast of many funds: batched filter and smoother")
    parser.add_argument("--funds", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=520)
    parser.add_argument("--sample", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20230301)
    options = parser.parse_args(argv)
    series, given = make_funds(options.funds, options.weeks, options.seed)
    sample = min(options.sample, options.funds)
    model = state_space(series, given, flow_steps(series, given.beta))
    difference = largest_difference(model, sample)
    peers = [peer_of(model, fund) for fund in range(sample)]
    whole, core, theirs = [], [], []
    for _ in range(options.rounds):
        whole.append(seconds(lambda: nowcast(series, given)) / options.funds)
        core.append(seconds(lambda: smooth(model, kalman_filter(model))) / options.funds)
        theirs.append(seconds(lambda: [peer.smooth() for peer in peers]) / sample)
    ours, inner, peer_time = median(whole), median(core), median(theirs)
    ratio = peer_time / inner
    agrees = difference <= TOLERANCE
    print(
        f"{options.funds} funds x {options.weeks} weeks: filter and smoother {inner * 1e6:.1f} us CPU a fund,"
        f" statsmodels {peer_time * 1e6:.0f} us a fund ({sample} funds): {ratio:.0f}x (goal {GOAL_RATIO}x);"
        f" whole nowcast with bands of the path {ours * 1e6:.1f} us a fund: {peer_time / ours:.0f}x"
    )
    print(f"largest difference in means, variances and likelihood: {difference:.1e} (limit {TOLERANCE:.0e}): {agrees}")
    return 0 if agrees and (options.funds < 1000 or ratio >= GOAL_RATIO) else 1


if __name__ == "__main__":
    sys.exit(main())
