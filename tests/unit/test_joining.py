"""A command that joins a running system takes its servers and its clock."""

import os
from pathlib import Path

import pytest

from exchange.cli import join_running_system
from exchange.processes import write_runtime

NAMES = ("EXCHANGE_DATABASE_URL", "EXCHANGE_REDIS_URL", "EXCHANGE_ADDRESS", "EXCHANGE_SANDBOX")


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_DATA", str(tmp_path))
    for name in NAMES:
        monkeypatch.setenv(name, "")
    write_runtime(
        {
            "pid": os.getpid(),
            "address": "http://127.0.0.1:1",
            "database_url": "postgresql://a",
            "redis_url": "unix://b",
            "sandbox": "true",
        }
    )


@pytest.mark.usefixtures("running")
def test_a_command_lives_on_the_clock_of_the_system_it_joins() -> None:
    join_running_system()
    assert [os.environ[name] for name in NAMES] == ["postgresql://a", "unix://b", "http://127.0.0.1:1", "true"]


@pytest.mark.usefixtures("running")
def test_what_the_environment_names_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_SANDBOX", "false")
    join_running_system()
    assert os.environ["EXCHANGE_SANDBOX"] == "false"
