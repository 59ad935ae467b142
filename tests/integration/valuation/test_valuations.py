"""Asked for, computed on the worker, kept with its inputs, proved."""

import json
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from exchange.access.roles import Role
from exchange.core.clock import market_date
from exchange.core.errors import Forbidden
from exchange.core.terms import SourceMark
from exchange.funds import service as funds
from exchange.funds.kinds import HoldingMethod
from exchange.funds.schedule import Investment, Schedule
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.oversight.service import export_lines
from exchange.valuation.errors import ValuationInvalid, ValuationNotComputed, ValuationNotFound
from exchange.valuation.panel.opinion import ModelName
from exchange.valuation.service import valuations
from exchange.valuation.service.computation import software_version
from exchange.valuation.service.subjects import Subject
from tests.builders import Exchange, a_nav_statement, an_actor, an_investor, at_work
from tests.integration.valuation.valued_world import (
    MILLION,
    a_market_price,
    a_reported_fund,
    a_valuation,
    enter,
    lock_up_figures,
    models_with_figures,
    opinion_of,
    panel_of,
    valuation_seen,
    work_through,
)


def test_a_valuation_is_requested_computed_by_the_worker_and_kept_with_its_inputs(exchange: Exchange) -> None:
    enter(exchange, a_market_price())
    fund_id, gp = a_reported_fund(exchange)
    with at_work() as (tx, now):
        asked = valuations.request(tx, gp, now, subject=Subject(fund_id), valued_on=None)
    assert not valuation_seen(gp, asked.row.id).is_computed
    with pytest.raises(ValuationNotComputed), at_work() as (tx, _):
        valuations.computed_valuation(tx, gp, asked.row.id)
    work_through()
    found = valuation_seen(gp, asked.row.id)
    assert found.result is not None
    assert found.result.software_version == software_version()
    panel = panel_of(gp, asked.row.id)
    assert panel.reference_nav_minor == 88 * MILLION
    assert opinion_of(panel, ModelName.MARKET_PRICE).point_ppm == 870_000
    with at_work() as (tx, _):
        result, facts, assumptions = valuations.inputs_kept(tx, gp, asked.row.id)
    assert facts.statements[-1].nav_minor == 88 * MILLION
    assert assumptions.market_prices[0].source == "survey of a test"
    assert len({result.facts_hash, result.assumptions_hash, result.panel_hash}) == 3


def test_the_same_inputs_give_the_same_bytes(exchange: Exchange) -> None:
    enter(exchange, a_market_price())
    fund_id, gp = a_reported_fund(exchange)
    one, other = a_valuation(gp, fund_id), a_valuation(gp, fund_id)
    with at_work() as (tx, _):
        results = [valuations.verify(tx, gp, valuation_id=each) for each in (one, other)]
    assert all(result.agrees for result in results)
    assert results[0].kept_hash == results[1].kept_hash == results[1].recomputed_hash


def test_a_forged_panel_does_not_verify(exchange: Exchange, database_url: str) -> None:
    fund_id, gp = a_reported_fund(exchange)
    valuation_id = a_valuation(gp, fund_id)
    kept = "valuation_document WHERE hash = (SELECT facts_hash FROM valuation_result WHERE valuation_id = %s)"
    write = "UPDATE valuation_document SET content = %s WHERE hash = %s"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        ((hash_, content),) = connection.execute("SELECT hash, content FROM " + kept, [valuation_id]).fetchall()
        connection.execute(write, [content.replace("88", "89"), hash_])
        with at_work() as (tx, _):
            assert not valuations.verify(tx, gp, valuation_id=valuation_id).agrees
        connection.execute(write, [content, hash_])
    with at_work() as (tx, _):
        assert valuations.verify(tx, gp, valuation_id=valuation_id).agrees


def test_a_kept_valuation_does_not_move_when_the_facts_are_corrected(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    before = a_valuation(gp, fund_id)
    a_nav_statement(fund_id, gp, nav="91000000.00")
    after = a_valuation(gp, fund_id)
    assert panel_of(gp, before).reference_nav_minor == 88 * MILLION
    assert panel_of(gp, after).reference_nav_minor == 91 * MILLION
    with at_work() as (tx, _):
        assert valuations.verify(tx, gp, valuation_id=before).agrees
        assert valuations.latest_valuation_of(tx, gp, fund_id)[0].row.id == after
        assert [item.row.id for item in valuations.valuations_of(tx, gp, fund_id=fund_id)] == [after, before]


def test_running_a_computed_valuation_again_changes_nothing(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    valuation_id = a_valuation(gp, fund_id)
    before = valuation_seen(gp, valuation_id)
    with at_work() as (tx, now):
        valuations.run(tx, now, valuation_id=valuation_id)
        valuations.run(tx, now, valuation_id="val_01KAR3Z5V9W3M8Q4T6X2Y7B1C0")
    assert valuation_seen(gp, valuation_id) == before


def test_a_valuation_of_an_earlier_day_knows_no_later_statement(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange, days_ago=60)
    with at_work() as (tx, now):
        day = market_date(now) - timedelta(days=90)
        asked = valuations.request(tx, gp, now, subject=Subject(fund_id), valued_on=day)
    work_through()
    assert panel_of(gp, asked.row.id).reference_nav_minor == 85 * MILLION


def test_a_model_that_cannot_run_says_why(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    panel = panel_of(gp, a_valuation(gp, fund_id))
    market = opinion_of(panel, ModelName.MARKET_PRICE)
    assert (market.status, market.point_minor) == ("PARAMETERS_MISSING", None)
    assert ModelName.REPORTED_NAV in models_with_figures(panel)


def test_international_figures_do_not_reach_a_fund_in_yuan(exchange: Exchange) -> None:
    enter(exchange, a_market_price())
    fund_id, gp = a_reported_fund(exchange, currency="CNY")
    assert opinion_of(panel_of(gp, a_valuation(gp, fund_id)), ModelName.MARKET_PRICE).status == "PARAMETERS_MISSING"
    enter(exchange, a_market_price("0.65", region="china"))
    assert opinion_of(panel_of(gp, a_valuation(gp, fund_id)), ModelName.MARKET_PRICE).point_ppm == 650_000


def test_a_lock_up_of_the_share_is_discounted_once_its_market_has_figures(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    before = opinion_of(panel_of(gp, a_valuation(gp, fund_id, lock_up_days=365)), ModelName.LOCK_UP_DISCOUNT)
    assert (before.status, before.point_minor) == ("PARAMETERS_MISSING", None)
    enter(exchange, *lock_up_figures())
    valuation_id = a_valuation(gp, fund_id, lock_up_days=365)
    locked = opinion_of(panel_of(gp, valuation_id), ModelName.LOCK_UP_DISCOUNT)
    assert locked.low_minor is not None
    assert locked.point_minor is not None
    assert locked.low_minor < locked.point_minor < 88 * MILLION
    assert ("lock_up_days", "365") in [(item.name, item.value) for item in locked.inputs]
    row = valuation_seen(gp, valuation_id).row
    assert row.lock_up_days == 365
    longer = opinion_of(panel_of(gp, a_valuation(gp, fund_id, lock_up_days=730)), ModelName.LOCK_UP_DISCOUNT)
    assert longer.point_minor is not None
    assert longer.point_minor < locked.point_minor
    free = opinion_of(panel_of(gp, a_valuation(gp, fund_id)), ModelName.LOCK_UP_DISCOUNT)
    assert free.status == "NOT_APPLICABLE"
    with at_work() as (tx, _):
        assert valuations.verify(tx, gp, valuation_id=valuation_id).agrees


@pytest.mark.parametrize("days", [-1, 3_651])
def test_a_lock_up_beyond_ten_years_or_below_nothing_is_refused(exchange: Exchange, days: int) -> None:
    fund_id, gp = a_reported_fund(exchange)
    with pytest.raises(ValuationInvalid) as caught:
        a_valuation(gp, fund_id, lock_up_days=days)
    assert [(field.pointer, field.code) for field in caught.value.fields] == [("/lock_up_days", "LOCK_UP_OUT_OF_RANGE")]


def test_a_stale_nav_is_flagged_by_the_profile(exchange: Exchange) -> None:
    old, gp = a_reported_fund(exchange, days_ago=130)
    fresh, other = a_reported_fund(exchange, days_ago=30)
    assert [note.code for note in panel_of(gp, a_valuation(gp, old)).notes] == ["NAV_OLD"]
    assert panel_of(other, a_valuation(other, fresh)).notes == ()


def test_the_look_through_rests_on_the_schedule_of_investments(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    with at_work() as (tx, now):
        company = Investment(
            "Company A", 200_000, 400 * MILLION, HoldingMethod.RECENT_ROUND, SourceMark.APPRAISED, "round B"
        )
        schedule = Schedule(
            fund_id=fund_id,
            as_of=market_date(now) - timedelta(days=60),
            cash_minor=12 * MILLION,
            other_assets_minor=0,
            debt_minor=0,
            fees_payable_minor=2 * MILLION,
            accrued_carry_minor=0,
            investor_share_ppm=1_000_000,
            source_mark=SourceMark.REPORTED,
            source="report",
            investments=(company,),
        )
        first = funds.record_schedule(tx, gp, now, schedule=schedule)
        assert funds.record_schedule(tx, gp, now, schedule=schedule).row.id == first.row.id
        corrected = replace(schedule, cash_minor=14 * MILLION)
        assert funds.record_schedule(tx, gp, now, schedule=corrected).row.version == 2
    look_through = opinion_of(panel_of(gp, a_valuation(gp, fund_id)), ModelName.LOOK_THROUGH)
    assert look_through.point_minor == 92 * MILLION


def test_who_may_ask_and_what_cannot_be_asked(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    auditor = an_actor("auditor", "watch", Role.AUDITOR)
    for actor, allowed in ((auditor, False), (an_investor(exchange), True), (gp, True), (exchange.maker, True)):
        with at_work() as (tx, now):
            if allowed:
                valuations.request(tx, actor, now, subject=Subject(fund_id), valued_on=None)
            else:
                with pytest.raises(Forbidden):
                    valuations.request(tx, actor, now, subject=Subject(fund_id), valued_on=None)
    with at_work() as (tx, now):
        for day in (market_date(now) + timedelta(days=1), market_date(now).replace(year=1980)):
            with pytest.raises(ValuationInvalid):
                valuations.request(tx, gp, now, subject=Subject(fund_id), valued_on=day)
        with pytest.raises(ValuationNotFound):
            valuations.valuation_of(tx, auditor, "val_01KAR3Z5V9W3M8Q4T6X2Y7B1C0")
    work_through()
    with at_work() as (tx, _):
        assert len(valuations.valuations_of(tx, auditor, fund_id=fund_id)) == 3


def test_the_export_of_the_auditor_holds_valuations_and_what_they_were_made_from(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    valuation_id = a_valuation(gp, fund_id)
    with transaction() as tx:
        now = business_now(tx)
    rows = [json.loads(line) for line in export_lines(now)]
    kept = [row["row"] for row in rows if row.get("view") == "valuations"]
    assert [row["id"] for row in kept] == [valuation_id]
    hashes = {row["row"]["hash"] for row in rows if row.get("view") == "valuation_documents"}
    assert {kept[0]["facts_hash"], kept[0]["assumptions_hash"], kept[0]["panel_hash"]} <= hashes
