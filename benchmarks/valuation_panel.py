"""A whole market revalued: every model of the panel over 5,000 funds, in chunks as the workers do it.

Synthetic funds of ten vintages with quarterly reports and flows, half of them with holdings, a lock-up or an appraisal.
There is no peer that does this; beside the whole, the same panels are made fund by fund on a sample, to show what the
vectorised pass saves. Prints seconds of CPU, funds a second and the peak memory of the process.
"""

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from exchange.core.terms import SourceMark
from exchange.valuation.panel.assumptions import Assumptions, IndexSeries, MarketPrice, Nowcast, Pacing
from exchange.valuation.panel.facts import (
    AppraisalFact,
    BalanceFact,
    FlowFact,
    FundFacts,
    HoldingFact,
    NavFact,
    Sourced,
)
from exchange.valuation.panel.value import value

VALUED = date(2025, 8, 31)
SOURCE = "synthetic"
CHUNK = 250
SAMPLE = 40
MARK = SourceMark.SIMULATED


def sourced(ppm: int) -> Sourced:
    """A figure of no real source."""
    return Sourced(ppm, MARK, SOURCE, date(2020, 1, 1))


def assumptions() -> Assumptions:
    """One complete set."""
    days = [date(2012, 1, 31) + timedelta(days=7 * week) for week in range(712)]
    draw = np.random.default_rng(1)
    levels = 100 * np.exp(np.cumsum(draw.normal(0.0015, 0.02, len(days))))
    return Assumptions(
        region="global",
        target_return_low=sourced(150_000),
        target_return_point=sourced(180_000),
        target_return_high=sourced(200_000),
        draw_ratio=sourced(900_000),
        pacing=Pacing(sourced(130_000), 12, sourced(2_500_000), sourced(0), (250_000, 333_333, 500_000)),
        remaining_years=sourced(2_000_000),
        market_prices=(MarketPrice("global", "all", "2024", None, 890_000, None, date(2025, 1, 31), SOURCE),),
        index=IndexSeries("synthetic", SOURCE, tuple(days), tuple(float(level) for level in levels)),
        nowcast=Nowcast(sourced(1_000_000), sourced(200_000), sourced(30_000)),
        lock_up_volatility=sourced(400_000),
        lock_up_dividend_yield=sourced(10_000),
        risk_free_rate=sourced(30_000),
        stale_after_days=180,
        refused_after_days=270,
    )


def a_fund(number: int, draw: np.random.Generator) -> FundFacts:
    """A fund of 2013 to 2022 with quarterly reports since its vintage."""
    vintage = 2013 + number % 10
    ends = quarter_ends(date(vintage, 3, 31), VALUED)
    nav, paid_in, paid_out = 0, 0, 0
    statements, flows = [], []
    for age, end in enumerate(ends):
        called = int(draw.integers(2, 9) * 10**9) if age < 20 else 0
        received = int(nav * draw.uniform(0, 0.08)) if age > 12 else 0
        nav = max(10**8, int(nav * (1 + draw.normal(0.03, 0.05))) + called - received)
        paid_in, paid_out = paid_in + called, paid_out + received
        unfunded = max(0, 10**11 - paid_in)
        statements.append(NavFact(f"nav_{number}_{age}", end, nav, 10**11, paid_in, paid_out, unfunded, MARK, SOURCE))
        flows.append(FlowFact(end, called, received, -called, MARK, SOURCE))
    holdings = tuple(
        HoldingFact(f"company {k}", 500_000, nav // 10, "recent_round", ends[-1], MARK, SOURCE, 200 * (k % 2), 500_000)
        for k in range(20 if number % 2 else 0)
    )
    balance = BalanceFact(ends[-1], 10**9, 0, 0, 10**7, 0, 900_000, MARK, SOURCE) if holdings else None
    appraisal = AppraisalFact(f"apr_{number}", ends[-1], date(2026, 6, 30), ends[-1], nav * 8 // 10, nav, nav, SOURCE)
    return FundFacts(
        fund_id=f"fund_{number}",
        code=str(number),
        currency="USD",
        strategy="all",
        vintage=vintage,
        valued_on=VALUED,
        statements=tuple(statements),
        flows=tuple(flows),
        holdings=holdings,
        balance=balance,
        appraisals=(appraisal,) if number % 3 == 0 else (),
        lock_up_days=365 if number % 4 == 0 else 0,
    )


def quarter_ends(first: date, until: date) -> list[date]:
    """Quarter-ends from the first one."""
    found, day = [], first
    while day <= until:
        found.append(day)
        following = (day + timedelta(days=80)).replace(day=1)
        day = (following + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return found


def chunks(funds: Sequence[FundFacts], size: int) -> list[Sequence[FundFacts]]:
    """The funds in chunks."""
    return [funds[start : start + size] for start in range(0, len(funds), size)]


def main(argv: Sequence[str]) -> int:
    """Revalue and print."""
    parser = argparse.ArgumentParser(prog="python3 -m exchange bench valuation_panel")
    parser.add_argument("--funds", type=int, default=5_000)
    count = parser.parse_args(list(argv)).funds
    draw = np.random.default_rng(7)
    funds, assumed = [a_fund(number, draw) for number in range(count)], assumptions()
    started, wall = time.process_time(), time.monotonic()
    spoken = 0
    for chunk in chunks(funds, CHUNK):
        panels = value(chunk, [assumed] * len(chunk))
        spoken += sum(opinion.point_minor is not None for panel in panels for opinion in panel.opinions)
    seconds = time.process_time() - started
    elapsed = time.monotonic() - wall
    sample = funds[:: max(1, count // SAMPLE)][:SAMPLE]
    started = time.process_time()
    for fund in sample:
        value([fund], [assumed])
    alone = (time.process_time() - started) / len(sample)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} funds, {spoken} opinions with figures, chunks of {CHUNK}")
    print(f"{seconds:.1f} s CPU, {elapsed:.1f} s elapsed, {count / seconds:.0f} funds a second of CPU")
    print(
        f"fund by fund {alone * 1000:.0f} ms each ({len(sample)} funds): together {alone * count / seconds:.1f}x faster"
    )
    print(f"peak memory {peak:.0f} MiB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
