"""Relay and workers as processes: matched quickly, after a flush, after kill -9, and with Redis gone and back."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from exchange.infra.database import transaction
from exchange.infra.doorbell import doorbell
from exchange.infra.embedded_redis import EmbeddedRedis
from exchange.infra.settings import settings
from exchange.matching.lifecycle import OrderStatus
from exchange.oversight.service import invariant_findings
from tests.integration.matching.exchange_world import Market, a_listing, a_market, bid, order_row, settle
from tests.integration.matching.fleet_world import Processes, eventually


@pytest.fixture
def queue(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedRedis]:
    """A Redis of the test's own, which it may stop."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("queue"), durable=False)
    monkeypatch.setenv("EXCHANGE_REDIS_URL", server.start())
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    settings.cache_clear()
    doorbell.cache_clear()
    yield server
    server.stop()
    settings.cache_clear()
    doorbell.cache_clear()


@pytest.fixture
def processes(database_url: str, queue: EmbeddedRedis, tmp_path: Path) -> Iterator[Processes]:
    """No processes yet; all that a test starts end with it, and every invariant holds then."""
    found = Processes(tmp_path)
    yield found
    found.stop()
    settle()
    with transaction() as tx:
        assert [finding.id for finding in invariant_findings(tx) if not finding.holds] == []


def place(market: Market, listing_id: str, count: int = 5) -> list[str]:
    """Bids that cross, and a ring after each as the intake would."""
    orders = []
    for _ in range(count):
        orders.append(bid(market, listing_id, "social", 1, 860_000))
        bell = doorbell()
        assert bell is not None
        bell.ring()
    return orders


def all_matched(orders: list[str]) -> bool:
    """Whether the worker has filled every one of the orders."""
    return all(order_row(order_id).status is OrderStatus.FILLED for order_id in orders)


def test_worker_matches_through_flush_kill_and_loss_of_redis(processes: Processes, queue: EmbeddedRedis) -> None:
    market = a_market()
    listing_id = a_listing(market, amount=60)
    processes.start("relay")
    worker = processes.start("worker")
    first = place(market, listing_id)
    eventually(lambda: all_matched(first), 15, processes.logs)

    second = place(market, listing_id)
    took = eventually(lambda: all_matched(second), 2, processes.logs)
    assert took < 1

    with redis.from_url(settings().redis_url) as client:
        client.flushall()
    flushed = place(market, listing_id)
    eventually(lambda: all_matched(flushed), 5, processes.logs)

    processes.kill(worker)
    left_alone = place(market, listing_id)
    worker = processes.start("worker")
    eventually(lambda: all_matched(left_alone), 15, processes.logs)

    queue.stop()
    without_redis = [bid(market, listing_id, "second", 1, 860_000) for _ in range(3)]
    eventually(lambda: all_matched(without_redis), 10, processes.logs)

    queue.start()
    after = place(market, listing_id)
    eventually(lambda: all_matched(after), 10, processes.logs)

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
