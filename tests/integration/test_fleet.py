"""Processes of ours come back after a crash, are named when they cannot, and end when asked."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from exchange import processes, up
from exchange.fleet import Fleet


@pytest.fixture
def said() -> list[str]:
    """What the fleet told the person at the terminal."""
    return []


def fleet_with(tmp_path: Path, said: list[str], url: str) -> Fleet:
    env = {"EXCHANGE_DATABASE_URL": url, "EXCHANGE_REDIS_URL": "unix:///nowhere", "EXCHANGE_DATA": str(tmp_path)}
    return Fleet(tmp_path / "logs", env, said.append)


def test_process_that_cannot_start_is_tried_again_and_then_named(tmp_path: Path, said: list[str]) -> None:
    fleet = fleet_with(tmp_path, said, "postgresql://exchange@/exchange?host=/nowhere")
    fleet.add("worker", "worker-1", ["ping"])
    until = time.monotonic() + 60
    while fleet.hopeless() is None:
        fleet.tend()
        assert time.monotonic() < until
        time.sleep(0.02)
    failed = fleet.hopeless()
    assert failed
    assert failed.name == "worker-1"
    assert "PostgreSQL" in processes.tail(fleet.log_of(failed))
    assert [line.rpartition(" in ")[2].partition(" s.")[0] for line in said] == ["0.2", "0.5", "1", "2", "5"]
    fleet.stop()


def test_taken_port_gives_the_next_free_one(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with up.listen("127.0.0.1", port) as door:
            assert door.getsockname()[1] > port
    assert f"Port {port} is not free" in capsys.readouterr().out


def test_note_of_a_system_that_ended_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_DATA", str(tmp_path))
    processes.write_runtime({"pid": os.getpid(), "address": "http://127.0.0.1:1"})
    assert processes.read_runtime()["address"] == "http://127.0.0.1:1"
    assert processes.runtime_file().stat().st_mode & 0o777 == 0o600
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    processes.write_runtime({"pid": child, "address": "http://127.0.0.1:1"})
    assert processes.read_runtime() == {}


def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    with processes.open_log(log) as out:
        command = ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"]
        child = subprocess.Popen(command, stdout=out, start_new_session=True)
    while "ready" not in processes.tail(log):
        time.sleep(0.01)
    began = time.monotonic()
    processes.stop(child, signal.SIGTERM, 0.3)
    assert child.returncode == -signal.SIGKILL
    assert time.monotonic() - began < 5
