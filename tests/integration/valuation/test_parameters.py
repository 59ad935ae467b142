"""Figures of a market take two operators, keep every version, and say what is wrong with them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from exchange.access.approval import ApprovalStatus
from exchange.access.errors import SamePerson
from exchange.access.service import approvals
from exchange.core.clock import market_date
from exchange.core.errors import Forbidden
from exchange.valuation.errors import ParametersInvalid
from exchange.valuation.panel.opinion import ModelName
from exchange.valuation.parameters import ParameterKind
from exchange.valuation.service import parameters, valuations
from exchange.valuation.service.parameters import Entered
from exchange.valuation.service.published import published_figures
from exchange.valuation.tables import ValuationParameterRow
from tests.builders import Exchange, an_investor, at_work
from tests.integration.valuation.valued_world import (
    a_figure,
    a_market_price,
    a_pacing_set,
    a_reported_fund,
    a_valuation,
    enter,
    models_with_figures,
    opinion_of,
    panel_of,
    target_returns,
)


def in_force(exchange: Exchange, kind: ParameterKind | None = None) -> Sequence[ValuationParameterRow]:
    with at_work() as (tx, _):
        return parameters.parameters_of(tx, exchange.maker, kind=kind, limit=1_000)


def refused(exchange: Exchange, *figures: Entered) -> list[tuple[str, str]]:
    with pytest.raises(ParametersInvalid) as caught, at_work() as (tx, now):
        parameters.propose(tx, exchange.maker, now, entered=figures)
    return [(field.pointer, field.code) for field in caught.value.fields]


def test_a_figure_counts_once_a_second_operator_approves(exchange: Exchange) -> None:
    with at_work() as (tx, now):
        asked = parameters.propose(tx, exchange.maker, now, entered=[a_market_price()])
    assert in_force(exchange) == []
    with at_work() as (tx, _):
        shown = parameters.proposal_of(tx, exchange.checker, asked.subject_id)
    assert shown.items[0]["values"] == {"low": 600_000, "point": 870_000, "high": 920_000}
    with pytest.raises(SamePerson), at_work() as (tx, now):
        approvals.decide(tx, exchange.maker, now, asked.id, ApprovalStatus.APPROVED, reason="me")
    assert in_force(exchange) == []
    with at_work() as (tx, now):
        approvals.decide(tx, exchange.checker, now, asked.id, ApprovalStatus.APPROVED, reason="seen")
    (row,) = in_force(exchange)
    assert (row.entered_by, row.approved_by) == (exchange.maker.user_id, exchange.checker.user_id)
    assert (row.values, row.version) == ({"low": 600_000, "point": 870_000, "high": 920_000}, 1)


def test_a_rejected_proposal_changes_nothing(exchange: Exchange) -> None:
    with at_work() as (tx, now):
        asked = parameters.propose(tx, exchange.maker, now, entered=[a_market_price()])
        approvals.decide(tx, exchange.checker, now, asked.id, ApprovalStatus.REJECTED, reason="no source")
    assert in_force(exchange) == []


def test_a_correction_is_the_next_version_and_the_newest_counts(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    enter(exchange, a_market_price("0.87"))
    before = a_valuation(gp, fund_id)
    enter(exchange, a_market_price("0.85"))
    after = a_valuation(gp, fund_id)
    assert [(row.version, row.values["point"]) for row in in_force(exchange)] == [(1, 870_000), (2, 850_000)]
    assert opinion_of(panel_of(gp, before), ModelName.MARKET_PRICE).point_ppm == 870_000
    assert opinion_of(panel_of(gp, after), ModelName.MARKET_PRICE).point_ppm == 850_000


def test_only_operators_enter_figures(exchange: Exchange) -> None:
    with pytest.raises(Forbidden), at_work() as (tx, now):
        parameters.propose(tx, an_investor(exchange), now, entered=[a_market_price()])


def test_every_wrong_figure_is_named_at_once(exchange: Exchange) -> None:
    tomorrow = date(2199, 1, 1)
    assert refused(
        exchange,
        a_figure(ParameterKind.TARGET_RETURN, low="0.2", point="0.1", high="0.3"),
        a_figure(ParameterKind.DRAW_RATIO, point="1.5"),
        a_figure(ParameterKind.DRAW_RATIO, region="mars", point="0.5"),
        replace(a_figure(ParameterKind.DRAW_RATIO, region="china", point="0.5"), effective_on=tomorrow),
        a_figure(ParameterKind.MARKET_PRICE, point=0.87),
        a_figure(ParameterKind.PACING, growth="0.1", life_years="12", bow="2", yield_floor="0"),
        a_figure(ParameterKind.RISK_FREE_RATE, region="europe", point="0.02", high="1"),
    ) == [
        ("/items/0/values", "RANGE_OUT_OF_ORDER"),
        ("/items/1/values/point", "PARAMETER_OUT_OF_RANGE"),
        ("/items/2/region", "REGION_UNKNOWN"),
        ("/items/3/effective_on", "DATE_IN_FUTURE"),
        ("/items/4/values/point", "RATIO_FORMAT"),
        ("/items/4/name", "FIELD_REQUIRED"),
        ("/items/5/values/life_years", "FIELD_NOT_INTEGER"),
        ("/items/5/values/contribution_rates", "FIELD_REQUIRED"),
        ("/items/6/values/high", "FIELD_UNKNOWN"),
    ]
    assert refused(exchange, a_market_price(), a_market_price("0.88")) == [("/items/1", "PARAMETER_TWICE")]
    assert refused(exchange) == [("/items", "FIELD_LENGTH")]
    assert in_force(exchange) == []


def test_what_the_exchange_ships_is_published_somewhere_and_nothing_of_it_is_chinese(exchange: Exchange) -> None:
    figures = published_figures()
    assert all(figure.source for figure in figures)
    assert {figure.region for figure in figures} == {"global", "united_states", "europe"}
    with at_work() as (_, now):
        known = [figure for figure in figures if figure.effective_on <= market_date(now)]
    enter(exchange, *known)
    assert len(in_force(exchange)) == len(known)
    levels = in_force(exchange, ParameterKind.INDEX_LEVEL)
    assert (levels[0].effective_on, levels[0].values["level"]) == (date(1979, 12, 31), 100_000_000)


def test_figures_make_the_models_speak(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    silent = models_with_figures(panel_of(gp, a_valuation(gp, fund_id)))
    enter(exchange, a_market_price(), target_returns(), a_pacing_set())
    speaking = models_with_figures(panel_of(gp, a_valuation(gp, fund_id)))
    assert set(speaking) - set(silent) == {ModelName.MARKET_PRICE, ModelName.DISCOUNTED_CASH_FLOW}
    with at_work() as (tx, _):
        newest, _, _ = valuations.latest_valuation_of(tx, gp, fund_id)
        grid = valuations.sensitivity_of(tx, gp, newest.row.id)
    assert grid is not None
    assert (grid.target_returns_ppm, grid.delays_years) == ((150_000, 180_000, 220_000), (0, 1, 2, 3))
    now_and_later = [price or 0 for price in grid.headline_ppm[2]]
    assert now_and_later == sorted(now_and_later, reverse=True)
