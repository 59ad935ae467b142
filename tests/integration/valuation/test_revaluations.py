"""The whole market in chunks that workers share, with progress, kept as ordinary valuations."""

import threading
import time

import pytest

from exchange.core.errors import Forbidden
from exchange.infra.database import cursor, transaction
from exchange.reactions import react_due, react_once
from exchange.relay import publish_all
from exchange.valuation.command.revalue import main as revalue_main
from exchange.valuation.errors import NothingToRevalue, RevaluationNotFound
from exchange.valuation.panel.opinion import ModelName
from exchange.valuation.service import revaluations, valuations
from tests.builders import Exchange, an_investor, at_work
from tests.integration.valuation.valued_world import (
    a_market_price,
    a_reported_fund,
    a_valuation,
    enter,
    opinion_of,
    panel_of,
    work_through,
)


def events_of(kind: str) -> int:
    with transaction() as tx, cursor(tx) as sql:
        row = sql.execute("SELECT count(*) FROM event WHERE type = %s", (kind,)).fetchone()
        return int(str(row[0])) if row else 0


def test_every_fund_is_valued_in_chunks_with_progress(exchange: Exchange) -> None:
    enter(exchange, a_market_price())
    funds = [a_reported_fund(exchange, currency=currency) for currency in ("USD", "USD", "CNY")]
    with at_work() as (tx, now):
        asked = revaluations.request(tx, exchange.maker, now, chunk_funds=2)
    assert (asked.row.fund_count, asked.row.chunk_count, asked.is_done) == (3, 2, False)
    publish_all()
    done = []
    while react_once():
        with at_work() as (tx, _):
            found = revaluations.revaluation_of(tx, exchange.checker, asked.row.id)
        done.append((found.funds_done, found.is_done))
    assert done == [(2, False), (3, True)]
    for fund_id, gp in funds:
        with at_work() as (tx, _):
            (kept,) = valuations.valuations_of(tx, gp, fund_id=fund_id)
            assert kept.row.revaluation_id == asked.row.id
            assert valuations.verify(tx, gp, valuation_id=kept.row.id).agrees
    assert events_of("revaluation.computed") == 1


def test_one_by_one_and_all_at_once_give_the_same_bytes(exchange: Exchange) -> None:
    enter(exchange, a_market_price())
    funds = [a_reported_fund(exchange, days_ago=days) for days in (20, 130)]
    singles = [a_valuation(gp, fund_id) for fund_id, gp in funds]
    with at_work() as (tx, now):
        revaluations.request(tx, exchange.maker, now)
    work_through()
    for (fund_id, gp), single in zip(funds, singles, strict=True):
        with at_work() as (tx, _):
            newest, result, _ = valuations.latest_valuation_of(tx, gp, fund_id)
            alone = valuations.valuation_of(tx, gp, single).result
        assert newest.row.id != single
        assert alone is not None
        assert result.panel_hash == alone.panel_hash


def test_a_chunk_that_comes_twice_is_computed_once(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    with at_work() as (tx, now):
        asked = revaluations.request(tx, exchange.maker, now)
    work_through()
    with at_work() as (tx, now):
        revaluations.run_chunk(tx, now, revaluation_id=asked.row.id, number=0)
        revaluations.run_chunk(tx, now, revaluation_id=asked.row.id, number=7)
        assert len(valuations.valuations_of(tx, gp, fund_id=fund_id)) == 1
    assert events_of("revaluation.computed") == 1


def test_who_may_revalue_and_when_there_is_nothing(exchange: Exchange) -> None:
    with pytest.raises(NothingToRevalue), at_work() as (tx, now):
        revaluations.request(tx, exchange.maker, now)
    a_reported_fund(exchange)
    with pytest.raises(Forbidden), at_work() as (tx, now):
        revaluations.request(tx, an_investor(exchange), now)
    with pytest.raises(RevaluationNotFound), at_work() as (tx, _):
        revaluations.revaluation_of(tx, exchange.maker, "rvl_01KAR3Z5V9W3M8Q4T6X2Y7B1C0")


def test_the_command_says_when_no_worker_comes(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    fund_id, gp = a_reported_fund(exchange)
    assert revalue_main(["--timeout", "0"]) == 1
    assert "0 of 1 funds; is a worker running?" in capsys.readouterr().err
    work_through()
    with at_work() as (tx, _):
        (kept,) = valuations.valuations_of(tx, gp, fund_id=fund_id)
    panel = panel_of(gp, kept.row.id)
    assert opinion_of(panel, ModelName.REPORTED_NAV).point_ppm == 1_000_000
    assert kept.row.requested_by == "system"


def test_workers_turn_back_to_the_books_between_chunks(exchange: Exchange) -> None:
    for _ in range(3):
        a_reported_fund(exchange)
    with at_work() as (tx, now):
        asked = revaluations.request(tx, exchange.maker, now, chunk_funds=1)
    publish_all()
    assert react_due(seconds=0.0) == 0
    assert react_due(most=2) == 2
    assert react_due() == 1
    with at_work() as (tx, _):
        assert revaluations.progress_of(tx, asked.row.id).is_done


def test_the_command_watches_the_workers_until_all_is_done(
    exchange: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    a_reported_fund(exchange)
    worker = threading.Thread(target=_work_soon)
    worker.start()
    assert revalue_main(["--chunk", "1", "--timeout", "60"]) == 0
    worker.join()
    assert "1/1" in capsys.readouterr().out


def _work_soon() -> None:
    """A worker that finds the revaluation once it is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not events_of("revaluation.computed"):
        work_through()
        time.sleep(0.05)
