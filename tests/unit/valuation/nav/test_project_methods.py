"""The seven project methods with hand-computed numbers, and what each refuses."""

from dataclasses import replace

import pytest

from exchange.valuation.nav.project_methods import (
    AssetBase,
    Compounding,
    Income,
    IndexReturn,
    ListedMarketValue,
    MarketMultiples,
    ProjectInputs,
    ProjectMethod,
    RecentRound,
    RedemptionCashFlow,
    fair_value,
    required_inputs,
    years_between,
)
from exchange.valuation.status import Status

ROUND = RecentRound(10.0, 1_000_000.0, days_since=200, days_max=365, peers_then=100.0, peers_now=120.0)
REDEMPTION = RedemptionCashFlow(100.0, 0.08, 3.0, 1.0, discount_rate=0.10, probability=1.0)
INCOME = Income((10.0, 11.0), (1.0, 2.0), discount_rate=0.1, net_cash=-5.0, terminal_growth=0.02)
MULTIPLES = MarketMultiples(metric=20.0, multiple=8.0, discount=0.25, net_cash=-30.0)


@pytest.mark.parametrize(
    ("inputs", "method", "value"),
    [
        (ListedMarketValue(12.5, 1000.0), ProjectMethod.LISTED_MARKET_VALUE, 12_500.0),
        (ListedMarketValue(10.0, 1.0, 0.1069002), ProjectMethod.LISTED_MARKET_VALUE, 8.930998),
        (IndexReturn(200.0, 1000.0, 900.0, 1.2), ProjectMethod.INDEX_RETURN, 176.0),
        (ROUND, ProjectMethod.RECENT_ROUND, 12_000_000.0),
        (replace(ROUND, elasticity=0.5, rights_discount=0.1), ProjectMethod.RECENT_ROUND, 9_900_000.0),
        (REDEMPTION, ProjectMethod.REDEMPTION_CASH_FLOW, 124 / 1.1),
        (
            replace(REDEMPTION, compounding=Compounding.COMPOUND),
            ProjectMethod.REDEMPTION_CASH_FLOW,
            1.08**3 * 100 / 1.1,
        ),
        (replace(REDEMPTION, probability=0.7, recovery=0.4), ProjectMethod.REDEMPTION_CASH_FLOW, 124 * 0.82 / 1.1),
        (INCOME, ProjectMethod.INCOME, 10 / 1.1 + 11 / 1.21 + 11 * 1.02 / 0.08 / 1.21 - 5),
        (replace(INCOME, terminal_growth=None), ProjectMethod.INCOME, 10 / 1.1 + 11 / 1.21 - 5),
        (MULTIPLES, ProjectMethod.MARKET_MULTIPLES, 90.0),
        (AssetBase(500.0, 180.0), ProjectMethod.ASSET_BASE, 320.0),
    ],
)
def test_fair_values_by_hand(inputs: ProjectInputs, method: ProjectMethod, value: float) -> None:
    found = fair_value(inputs)
    assert (found.method, found.status) == (method, Status.OK)
    assert found.value == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        (ListedMarketValue(None, 1000.0), Status.PARAMETERS_MISSING),
        (ListedMarketValue(float("nan"), 1000.0), Status.NOT_A_NUMBER),
        (ListedMarketValue(10.0, -5.0), Status.OUT_OF_RANGE),
        (ListedMarketValue(10.0, 5.0, 1.5), Status.OUT_OF_RANGE),
        (ListedMarketValue(10.0, 0.0), Status.NAV_NOT_POSITIVE),
        (ListedMarketValue(9e15, 9e15), Status.TOO_LARGE),
        (ListedMarketValue(1e16, 1.0), Status.TOO_LARGE),
        (IndexReturn(200.0, 0.0, 900.0), Status.OUT_OF_RANGE),
        (IndexReturn(200.0, 1000.0, 400.0, 2.0), Status.NAV_NOT_POSITIVE),
        (replace(ROUND, days_since=366), Status.NAV_STALE),
        (replace(ROUND, days_max=None), Status.PARAMETERS_MISSING),
        (replace(ROUND, changed_since=True), Status.NOT_APPLICABLE),
        (replace(ROUND, peers_now=0.0), Status.OUT_OF_RANGE),
        (replace(REDEMPTION, probability=1.2), Status.OUT_OF_RANGE),
        (replace(REDEMPTION, years_to_wait=4.0), Status.OUT_OF_RANGE),
        (replace(REDEMPTION, rate=100.0, years_to_redemption=1e6, compounding=Compounding.COMPOUND), Status.TOO_LARGE),
        (replace(INCOME, cash_flows=None), Status.PARAMETERS_MISSING),
        (replace(INCOME, cash_flows=()), Status.OUT_OF_RANGE),
        (replace(INCOME, years=(2.0, 1.0)), Status.OUT_OF_RANGE),
        (replace(INCOME, terminal_growth=0.1), Status.OUT_OF_RANGE),
        (replace(INCOME, cash_flows=(1.0, float("inf"))), Status.NOT_A_NUMBER),
        (replace(MULTIPLES, metric=-3.0), Status.NOT_APPLICABLE),
        (replace(MULTIPLES, multiple=0.0), Status.OUT_OF_RANGE),
        (replace(MULTIPLES, net_cash=-300.0), Status.NAV_NOT_POSITIVE),
        (AssetBase(-1.0, 0.0), Status.OUT_OF_RANGE),
        (AssetBase(100.0, 180.0), Status.NAV_NOT_POSITIVE),
    ],
)
def test_each_method_says_why_it_gives_nothing(inputs: ProjectInputs, status: Status) -> None:
    found = fair_value(inputs)
    assert (found.status, found.value) == (status, None)


def test_all_seven_methods_have_a_chinese_name_and_inputs() -> None:
    names = {method.chinese_name for method in ProjectMethod}
    expected = {"股票市值法", "指数收益法", "近期融资法", "回购现金流折现法", "收益法", "市场法", "资产基础法"}
    assert names == expected
    assert all(required_inputs(method) for method in ProjectMethod)
    assert required_inputs(ProjectMethod.ASSET_BASE) == ("assets", "liabilities")


def test_years_count_365_days() -> None:
    assert years_between(0, 730) == 2.0
