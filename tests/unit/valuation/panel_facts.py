"""Facts and assumptions of one fund, as the panel's tests need them."""

from collections.abc import Sequence
from datetime import date, timedelta

from exchange.core.terms import SourceMark
from exchange.valuation.panel.assumptions import Assumptions, IndexSeries, MarketPrice, Nowcast, Pacing
from exchange.valuation.panel.facts import FlowFact, FundFacts, NavFact, Sourced

SOURCE = "test"
REFERENCE = date(2025, 3, 31)
VALUED = date(2025, 6, 30)
MILLION = 1_000_000_00


def sourced(ppm: int) -> Sourced:
    return Sourced(ppm, SourceMark.REPORTED, SOURCE, date(2024, 1, 1))


def a_statement(as_of: date = REFERENCE, nav: int = 88 * MILLION, unfunded: int = 10 * MILLION) -> NavFact:
    return NavFact(
        statement_id=f"nav_{as_of}",
        as_of=as_of,
        nav_minor=nav,
        subscribed_minor=100 * MILLION,
        paid_in_minor=90 * MILLION,
        distributed_minor=20 * MILLION,
        unfunded_minor=unfunded,
        mark=SourceMark.REPORTED,
        source=SOURCE,
    )


def a_flow(on: date, called: int = 0, paid_out: int = 0) -> FlowFact:
    return FlowFact(on, called, paid_out, -called, SourceMark.REPORTED, SOURCE)


def a_fund(statements: Sequence[NavFact] | None = None, flows: Sequence[FlowFact] = (), **changes: object) -> FundFacts:
    """NAV 88 of 100 million at the end of March 2025, valued at the end of June, vintage 2017."""
    values: dict[str, object] = {
        "fund_id": "fund_1",
        "code": "F1",
        "currency": "USD",
        "strategy": "buyout",
        "vintage": 2017,
        "valued_on": VALUED,
        "statements": tuple([a_statement()] if statements is None else statements),
        "flows": tuple(flows),
    }
    return FundFacts(**{**values, **changes})  # type: ignore[arg-type]


def an_index(days: int = 2_000, last: date = date(2025, 12, 31), drift: float = 0.0002) -> IndexSeries:
    dates = tuple(last - timedelta(days=days - number) for number in range(days + 1))
    return IndexSeries("index", SOURCE, dates, tuple(100 * (1 + drift) ** number for number in range(days + 1)))


def assumed(**changes: object) -> Assumptions:
    """Everything entered: 15 to 20 % target returns, the leveraged buyout pacing, prices, an index with priors."""
    values: dict[str, object] = {
        "region": "global",
        "target_return_low": sourced(150_000),
        "target_return_point": sourced(180_000),
        "target_return_high": sourced(200_000),
        "pacing": Pacing(sourced(130_000), 12, sourced(2_500_000), sourced(0), (250_000, 500_000)),
        "market_prices": (
            MarketPrice("global", "buyout", "2024", 900_000, 940_000, 960_000, date(2025, 1, 31), SOURCE),
        ),
        "index": an_index(),
        "nowcast": Nowcast(sourced(1_000_000), sourced(200_000), sourced(30_000)),
        "lock_up_volatility": sourced(300_000),
        "risk_free_rate": sourced(40_000),
        "stale_after_days": 180,
        "refused_after_days": 270,
    }
    return Assumptions(**{**values, **changes})  # type: ignore[arg-type]
