"""The tour passes against real processes: several of each, and with Redis flushed and a worker killed in its middle."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from rich.console import Console

from exchange import tour
from exchange.infra.database import transaction
from exchange.oversight.service import invariant_findings
from exchange.tour_stage import Tour
from tests.running import Market, running_market
from tests.servers import PostgresServer

pytestmark = pytest.mark.timeout(500)  # a whole market's way through every gate


@pytest.fixture(scope="module")
def system(
    postgres_server: PostgresServer, redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Market]:
    """Two API processes and three workers."""
    folder = tmp_path_factory.mktemp("tour")
    with running_market(postgres_server, redis_server, folder, api_processes=2, workers=3) as market:
        yield market


def broken_invariants() -> list[str]:
    with transaction() as tx:
        return [finding.id for finding in invariant_findings(tx) if not finding.holds]


def worker_pids(market: Market) -> list[int]:
    return [pid for name, pid in market.fleet.pids().items() if name.startswith("worker")]


def test_the_tour_passes_with_two_api_processes_and_three_workers(system: Market) -> None:
    assert tour.main(["--address", system.address]) == 0
    assert broken_invariants() == []


def test_the_tour_passes_while_redis_is_flushed_and_a_worker_is_killed(system: Market, redis_server: str) -> None:
    outcome: list[int] = []
    arguments = ["--address", system.address, "--scene", "negotiated"]
    walk = threading.Thread(target=lambda: outcome.append(tour.main(arguments)))
    killed = worker_pids(system)[0]
    walk.start()
    time.sleep(1.0)
    with redis.from_url(redis_server) as client:
        client.flushall()
    os.kill(killed, signal.SIGKILL)
    while walk.is_alive():
        system.fleet.tend()
        walk.join(0.2)
    assert outcome == [0]
    assert killed not in worker_pids(system)
    assert broken_invariants() == []


def test_the_tour_names_what_did_not_come_out_as_stated(system: Market, capsys: pytest.CaptureFixture[str]) -> None:
    visit = Tour(system.address, Console(width=120))
    visit.step("a step")
    visit.expect("two and two", 5, 4)
    assert visit.failures == ["step 1: two and two: saw 5, wanted 4"]
    assert "NOT" in capsys.readouterr().out


def test_the_logs_of_the_system_hold_no_password(system: Market, tmp_path_factory: pytest.TempPathFactory) -> None:
    logs = [path for path in Path(tmp_path_factory.getbasetemp()).glob("tour*/**/*.log") if path.stat().st_size]
    assert logs
    assert [path.name for path in logs if system.password in path.read_text(encoding="utf-8")] == []
