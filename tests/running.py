"""The demo world behind real processes: API, relay and workers as `python3 -m exchange up` starts them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from exchange.fleet import Fleet
from exchange.up import Options, listen, staff, wait_until_ready
from tests.servers import PostgresServer, start_anew

SETTINGS = {
    "EXCHANGE_SANDBOX": "1",
    "EXCHANGE_COOKIE_SECURE": "false",
    "EXCHANGE_PASSWORD_MEMORY_KIB": "64",
    "EXCHANGE_PASSWORD_TIME_COST": "1",
}
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Market:
    """The running exchange: its address, its processes, the password of everyone in the demo world."""

    address: str
    fleet: Fleet
    password: str


@contextmanager
def running_market(
    postgres: PostgresServer, redis_url: str, folder: Path, *, api_processes: int, workers: int
) -> Iterator[Market]:
    """The demo world in a database of its own, served until the block ends. For the main thread only."""
    with pytest.MonkeyPatch.context() as patch:
        url = postgres.url_of(postgres.migrated_copy())
        for name, value in {**SETTINGS, "EXCHANGE_DATABASE_URL": url, "EXCHANGE_REDIS_URL": redis_url}.items():
            patch.setenv(name, value)
        start_anew()
        from exchange import seed

        seed.seed(lambda done, total, text: None)
        door = listen(HOST, 8700)
        fleet = Fleet(folder, {}, print)
        port = door.getsockname()[1]
        staff(fleet, Options(folder, HOST, port, api_processes=api_processes, workers=workers, demo=True), door)
        try:
            wait_until_ready(fleet, HOST, port)
            yield Market(f"http://{HOST}:{port}", fleet, seed.DEMO["password"])
        finally:
            fleet.stop()
            door.close()
            start_anew()
