"""Scenarios are for their own organisation alone; weights have a person, a reason and no default."""

import json

import pytest

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.core.errors import Forbidden
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.oversight.service import export_lines
from exchange.valuation.errors import ScenarioInvalid, ScenarioNotFound, ValuationNotComputed, WeightsInvalid
from exchange.valuation.panel.opinion import ModelName, Opinion
from exchange.valuation.scenario import Overrides
from exchange.valuation.service import scenarios, valuations, weights
from exchange.valuation.service.subjects import Subject
from exchange.valuation.weighting import ModelWeight
from tests.builders import Exchange, a_user, an_investor, at_work
from tests.integration.valuation.valued_world import (
    a_market_price,
    a_pacing_set,
    a_reported_fund,
    a_valuation,
    enter,
    lock_up_figures,
    opinion_of,
    panel_of,
    target_returns,
)

OWN = Overrides(target_return_point_ppm=250_000, exit_delay_years=1)


@pytest.fixture
def valued(exchange: Exchange) -> tuple[str, Actor]:
    """A computed valuation in which market and cash flows speak, and the manager who asked for it."""
    enter(exchange, a_market_price(), target_returns(), a_pacing_set())
    fund_id, gp = a_reported_fund(exchange)
    return a_valuation(gp, fund_id), gp


def a_scenario(by: Actor, valuation_id: str, own: Overrides = OWN) -> str:
    with at_work() as (tx, now):
        row, _ = scenarios.add_scenario(tx, by, now, valuation_id=valuation_id, name="cautious", overrides=own)
        return row.id


def wrong_fields(by: Actor, valuation_id: str, own: Overrides) -> list[tuple[str, str]]:
    with pytest.raises(ScenarioInvalid) as caught:
        a_scenario(by, valuation_id, own)
    return [(field.pointer, field.code) for field in caught.value.fields]


def test_own_assumptions_move_the_price_and_leave_the_market_alone(
    exchange: Exchange, valued: tuple[str, Actor]
) -> None:
    valuation_id, _ = valued
    buyer = an_investor(exchange)
    before = panel_of(buyer, valuation_id)
    scenario_id = a_scenario(buyer, valuation_id)
    with at_work() as (tx, _):
        row, panel = scenarios.scenario_of(tx, buyer, scenario_id)
    market, own = (opinion_of(each, ModelName.DISCOUNTED_CASH_FLOW) for each in (before, panel))
    assert market.point_minor is not None
    assert own.point_minor is not None
    assert own.point_minor < market.point_minor
    assert opinion_of(panel, ModelName.MARKET_PRICE) == opinion_of(before, ModelName.MARKET_PRICE)
    assert row.overrides == {"target_return_point_ppm": 250_000, "exit_delay_years": 1}
    assert panel_of(buyer, valuation_id) == before


def test_a_scenario_exists_for_its_own_organisation_only(exchange: Exchange, valued: tuple[str, Actor]) -> None:
    valuation_id, gp = valued
    buyer, rival = an_investor(exchange), an_investor(exchange)
    colleague = a_user(exchange, buyer.organisation_id, Role.INVESTOR)
    scenario_id = a_scenario(buyer, valuation_id)
    with at_work() as (tx, _):
        for own_side in (buyer, colleague):
            assert scenarios.scenario_of(tx, own_side, scenario_id)[0].id == scenario_id
            assert len(scenarios.scenarios_of(tx, own_side, valuation_id=valuation_id)) == 1
        for stranger in (rival, gp):
            with pytest.raises(ScenarioNotFound):
                scenarios.scenario_of(tx, stranger, scenario_id)
            assert scenarios.scenarios_of(tx, stranger, valuation_id=valuation_id) == []
        for watcher in (exchange.maker, a_user(exchange, exchange.maker.organisation_id, Role.AUDITOR)):
            with pytest.raises(Forbidden):
                scenarios.scenario_of(tx, watcher, scenario_id)


def test_the_export_says_that_there_is_a_scenario_and_not_what_it_assumes(
    exchange: Exchange, valued: tuple[str, Actor]
) -> None:
    valuation_id, _ = valued
    buyer = an_investor(exchange)
    a_scenario(buyer, valuation_id)
    with at_work() as (tx, now):
        chosen = [ModelWeight(ModelName.MARKET_PRICE, 1_000_000)]
        weights.add_weights(tx, buyer, now, valuation_id=valuation_id, weights=chosen, reason="a secret reason")
    with transaction() as tx:
        now = business_now(tx)
    text = list(export_lines(now))
    rows = [json.loads(line) for line in text]
    (row,) = [each["row"] for each in rows if each.get("view") == "valuation_scenarios"]
    assert row["organisation_id"] == buyer.organisation_id
    assert set(row) == {
        "id", "valuation_id", "organisation_id", "assumptions_hash", "panel_hash", "software_version", "entered_by",
        "entered_at",
    }  # fmt: skip
    assert not [line for line in text if "own assumption" in line or "a secret reason" in line]


def test_an_own_lock_up_is_discounted_once_its_market_has_figures(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)

    def lock_up_under(valuation_id: str, own: Overrides) -> Opinion:
        scenario_id = a_scenario(gp, valuation_id, own)
        with at_work() as (tx, _):
            _, panel = scenarios.scenario_of(tx, gp, scenario_id)
        return opinion_of(panel, ModelName.LOCK_UP_DISCOUNT)

    bare = a_valuation(gp, fund_id)
    assert lock_up_under(bare, Overrides(lock_up_days=365)).status == "PARAMETERS_MISSING"
    own = Overrides(lock_up_days=365, lock_up_volatility_ppm=350_000, risk_free_rate_ppm=20_000)
    assert lock_up_under(bare, own).status == "OK"
    enter(exchange, *lock_up_figures())
    valuation_id = a_valuation(gp, fund_id, lock_up_days=730)
    market = opinion_of(panel_of(gp, valuation_id), ModelName.LOCK_UP_DISCOUNT)
    shorter = lock_up_under(valuation_id, Overrides(lock_up_days=365))
    assert market.point_minor is not None
    assert shorter.point_minor is not None
    assert market.point_minor < shorter.point_minor
    assert lock_up_under(valuation_id, Overrides(lock_up_days=0)).status == "NOT_APPLICABLE"


def test_what_makes_no_scenario_is_named(exchange: Exchange, valued: tuple[str, Actor]) -> None:
    valuation_id, _ = valued
    buyer = an_investor(exchange)
    assert wrong_fields(buyer, valuation_id, Overrides()) == [("", "SCENARIO_EMPTY")]
    assert wrong_fields(
        buyer,
        valuation_id,
        Overrides(target_return_point_ppm=9_000_000, deferred_share_ppm=400_000, market_price_low_ppm=800_000),
    ) == [
        ("/target_return", "PARAMETER_OUT_OF_RANGE"),
        ("/deferred_days", "FIELD_REQUIRED"),
        ("/market_price", "FIELD_REQUIRED"),
    ]
    for days in (-1, 3_651):
        assert wrong_fields(buyer, valuation_id, Overrides(lock_up_days=days)) == [
            ("/lock_up_days", "LOCK_UP_OUT_OF_RANGE")
        ]
    assert wrong_fields(buyer, valuation_id, Overrides(market_price_ppm=800_000, market_price_low_ppm=900_000)) == [
        ("/market_price", "RANGE_OUT_OF_ORDER")
    ]
    with at_work() as (tx, _):
        assert scenarios.scenarios_of(tx, buyer, valuation_id=valuation_id) == []


def test_there_is_no_scenario_over_figures_that_are_not_there_yet(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    with at_work() as (tx, now):
        asked = valuations.request(tx, gp, now, subject=Subject(fund_id), valued_on=None)
    with pytest.raises(ValuationNotComputed):
        a_scenario(gp, asked.row.id)


def test_without_a_projection_set_a_scenario_gives_all_of_it(exchange: Exchange) -> None:
    enter(exchange, target_returns())
    fund_id, gp = a_reported_fund(exchange)
    valuation_id = a_valuation(gp, fund_id)
    assert wrong_fields(gp, valuation_id, Overrides(growth_ppm=100_000)) == [("/life_years", "PACING_INCOMPLETE")]
    own = Overrides(
        growth_ppm=100_000, life_years=12, bow_ppm=2_500_000, yield_floor_ppm=0, contribution_rates_ppm=(250_000,)
    )
    scenario_id = a_scenario(gp, valuation_id, own)
    with at_work() as (tx, _):
        _, panel = scenarios.scenario_of(tx, gp, scenario_id)
    assert opinion_of(panel, ModelName.DISCOUNTED_CASH_FLOW).point_minor is not None


def test_weights_have_a_person_a_reason_and_a_figure_beside_the_range(
    exchange: Exchange, valued: tuple[str, Actor]
) -> None:
    valuation_id, gp = valued
    panel = panel_of(gp, valuation_id)
    chosen = [
        ModelWeight(ModelName.MARKET_PRICE, 600_000),
        ModelWeight(ModelName.DISCOUNTED_CASH_FLOW, 400_000),
    ]
    with at_work() as (tx, now):
        row = weights.add_weights(
            tx, gp, now, valuation_id=valuation_id, weights=chosen, reason="few sales, old cash flows"
        )
    points = [opinion_of(panel, item.model).point_minor or 0 for item in chosen]
    assert row.point_minor == (points[0] * 6 + points[1] * 4 + 5) // 10
    assert (row.entered_by, row.entered_by_name, row.is_public) == (gp.user_id, "Person", False)


def test_own_weights_stay_at_home_and_an_operators_are_for_everyone(
    exchange: Exchange, valued: tuple[str, Actor]
) -> None:
    valuation_id, gp = valued
    rival = an_investor(exchange)
    chosen = [ModelWeight(ModelName.MARKET_PRICE, 1_000_000)]
    with at_work() as (tx, now):
        own = weights.add_weights(tx, gp, now, valuation_id=valuation_id, weights=chosen, reason="mine")
        public = weights.add_weights(tx, exchange.maker, now, valuation_id=valuation_id, weights=chosen, reason="ours")

        def seen(by: Actor) -> set[str]:
            return {row.id for row in weights.weights_of(tx, by, valuation_id=valuation_id)}

        assert seen(gp) == {own.id, public.id}
        assert seen(rival) == seen(exchange.checker) == {public.id}


def test_weights_that_make_no_figure_are_named(exchange: Exchange, valued: tuple[str, Actor]) -> None:
    valuation_id, gp = valued
    chosen = [
        ModelWeight(ModelName.MARKET_PRICE, 500_000),
        ModelWeight(ModelName.MARKET_PRICE, 300_000),
        ModelWeight(ModelName.APPRAISAL, 100_000),
    ]
    with pytest.raises(WeightsInvalid) as caught, at_work() as (tx, now):
        weights.add_weights(tx, gp, now, valuation_id=valuation_id, weights=chosen, reason="why")
    assert [(field.pointer, field.code) for field in caught.value.fields] == [
        ("/weights/1/model", "MODEL_TWICE"),
        ("/weights/2/model", "MODEL_HAS_NO_FIGURE"),
        ("/weights", "WEIGHTS_DO_NOT_SUM"),
    ]
    with at_work() as (tx, _):
        assert weights.weights_of(tx, gp, valuation_id=valuation_id) == []
