"""A whole system of its own for a measurement: durable servers in a temporary folder, API, workers, relay.

Everything is on (fsync, checks, holds, idempotency, audit, outbox); nothing is shared with a running installation.
"""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from exchange import processes
from exchange.infra.embedded import EmbeddedPostgres
from exchange.infra.embedded_redis import EmbeddedRedis
from exchange.infra.migrate import migrate

HOST = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class System:
    """Where a running system is, and its processes by kind."""

    database_url: str
    redis_url: str
    port: int
    pids: dict[str, list[int]]
    logs: Path

    def cpu_seconds(self, kind: str) -> float:
        """User and system time that the processes of a kind (and their ended children) have used."""
        return sum(_cpu_seconds(pid) for pid in self.pids[kind])


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(value) for value in fields[11:15]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_system(folder: Path, *, api_processes: int = 1, workers: int = 1) -> Iterator[System]:
    """Start everything, yield when it answers, stop everything."""
    with ExitStack() as stack:
        database_url = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
        redis_url = stack.enter_context(EmbeddedRedis(folder / "redis"))
        migrate(database_url)
        port = free_port()
        env = {
            "EXCHANGE_DATABASE_URL": database_url,
            "EXCHANGE_REDIS_URL": redis_url,
            "EXCHANGE_LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        commands = {
            "api": [["api", "--host", HOST, "--port", str(port), "--api-processes", str(api_processes)]],
            "worker": [["worker"]] * workers,
            "relay": [["relay"]],
        }
        pids: dict[str, list[int]] = {}
        for kind, lines in commands.items():
            for number, arguments in enumerate(lines):
                child = processes.start_python(arguments, folder / f"{kind}-{number}.log", env)
                stack.callback(processes.stop, child, signal.SIGTERM, STOP_SECONDS)
                pids.setdefault(kind, []).append(child.pid)
        _await_ready(port, folder)
        yield System(database_url, redis_url, port, pids, folder)


def _await_ready(port: int, folder: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/ready", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    text = (folder / "api-0.log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"the API did not come up:\n{text}")


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as door:
        door.bind((HOST, 0))
        number: int = door.getsockname()[1]
        return number
