"""The doorbell: heard at once, one job when nobody listens, and never in the way while Redis is slow or gone."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from exchange.infra import doorbell as bells
from exchange.infra.broadcast import Listener
from exchange.infra.doorbell import CHANNEL, DRAIN_JOB, PAUSE_SECONDS, QUEUE, TIMEOUT_SECONDS, Doorbell
from exchange.infra.embedded_redis import EmbeddedRedis
from exchange.infra.settings import settings


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedRedis]:
    """A Redis of the test's own, which it may stop."""
    found = EmbeddedRedis(tmp_path_factory.mktemp("bell"), durable=False)
    monkeypatch.setenv("EXCHANGE_REDIS_URL", found.start())
    settings.cache_clear()
    yield found
    found.stop()
    settings.cache_clear()


def queued(url: str) -> list[str]:
    """Names of the jobs that wait."""
    with redis.from_url(url) as client:
        jobs = Queue(QUEUE, connection=client, serializer=JSONSerializer).jobs
        return [str(job.func_name) for job in jobs]


def seconds_of_a_ring(bell: Doorbell) -> tuple[bool, float]:
    started = time.monotonic()
    rung = bell.ring()
    return rung, time.monotonic() - started


def test_who_listens_hears_it_and_no_job_is_queued(server: EmbeddedRedis) -> None:
    with Listener(CHANNEL) as listener:
        listener.wait(0.05)
        assert Doorbell(server.url).ring()
        assert listener.wait(2)
        assert not listener.wait(0.05)
    assert queued(server.url) == []


def test_many_rings_that_nobody_hears_are_one_job(server: EmbeddedRedis) -> None:
    first, second = Doorbell(server.url), Doorbell(server.url)
    assert all(bell.ring() for bell in (first, second) for _ in range(20))
    assert queued(server.url) == [DRAIN_JOB]


def test_without_redis_a_ring_fails_fast_leaves_it_alone_and_works_again_when_it_is_back(server: EmbeddedRedis) -> None:
    bell = Doorbell(server.url)
    assert bell.ring()
    server.stop()
    rung, seconds = seconds_of_a_ring(bell)
    assert not rung
    assert seconds < 2 * TIMEOUT_SECONDS
    server.start()
    assert not bell.ring(), "the circuit stays open for a moment, even when Redis is back"
    assert max(seconds_of_a_ring(bell)[1] for _ in range(100)) < 0.05
    time.sleep(PAUSE_SECONDS)
    again = Doorbell(server.url)
    assert again.ring()
    assert queued(server.url) == [DRAIN_JOB]


def test_a_bell_rings_again_after_its_pause(server: EmbeddedRedis) -> None:
    bell, address = Doorbell(server.url), server.url
    server.stop()
    assert not bell.ring()
    assert server.start() == address
    time.sleep(PAUSE_SECONDS + 0.1)
    assert bell.ring()


def test_a_redis_that_does_not_answer_costs_one_time_out_and_then_nothing(tmp_path: Path) -> None:
    address = str(tmp_path / "silent.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.bind(address)
        silent.listen(8)
        bell = Doorbell(f"unix://{address}")
        rung, seconds = seconds_of_a_ring(bell)
        assert not rung
        assert TIMEOUT_SECONDS / 2 < seconds < 4 * TIMEOUT_SECONDS
        assert seconds_of_a_ring(bell)[1] < 0.05


def test_ringing_soon_costs_the_caller_nothing_and_is_heard(server: EmbeddedRedis) -> None:
    bell = Doorbell(server.url)
    with Listener(CHANNEL) as listener:
        listener.wait(0.05)
        bell.ring_soon()
        assert listener.wait(2)
    server.stop()
    started = time.monotonic()
    for _ in range(1000):
        bell.ring_soon()
    assert time.monotonic() - started < 0.2
    assert sum(thread.name == "doorbell" and thread.is_alive() for thread in threading.enumerate()) >= 1


def test_without_an_address_there_is_no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_REDIS_URL", "")
    settings.cache_clear()
    bells.doorbell.cache_clear()
    try:
        assert bells.doorbell() is None
        bells.ring()
    finally:
        settings.cache_clear()
        bells.doorbell.cache_clear()
