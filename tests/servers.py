"""Real servers for the tests: one PostgreSQL and one Valkey a session, a fresh database a test.

The database of a test is a copy of a template that was migrated once; PostgreSQL copies it in some hundredths of a
second. fsync is off: a test server has nothing to keep. Its files lie in memory where there is room: for each new file
ext4 looks through those that were deleted in the last seconds, and a database is hundreds of files.
"""

import contextlib
import importlib.util
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis

from exchange.infra.database import forget_engine
from exchange.infra.embedded import DATABASE, EmbeddedPostgres
from exchange.infra.embedded_redis import EmbeddedRedis
from exchange.infra.settings import settings

TEMPLATE = "migrated"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 3 << 30
FOLDER = "exchange-tests-"
_NUMBERS = itertools.count(1)


@dataclass
class PostgresServer:
    """A running test server: the URL of its first database and what has been made on it."""

    url: str
    is_migrated: bool = field(default=False)

    def url_of(self, database: str) -> str:
        """The URL of another database of the server."""
        return self.url.replace(f"/{DATABASE}?", f"/{database}?")

    def execute(self, statement: str) -> None:
        """Run one statement of our own wording outside a transaction."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def migrated_copy(self) -> str:
        """A new database with all tables.

        Returns:
            Its name.
        """
        if not self.is_migrated:
            self.execute(f"CREATE DATABASE {TEMPLATE}")
            migrate_if_there(self.url_of(TEMPLATE))
            self.is_migrated = True
        name = f"test_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        return name

    def drop(self, database: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def migrate_if_there(url: str) -> None:
    """Bring the database to the newest version."""
    if importlib.util.find_spec("exchange.infra.migrate"):
        from exchange.infra.migrate import migrate

        migrate(url)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One PostgreSQL server for the session, from the wheel."""
    with (
        quick_folder(tmp_path_factory.mktemp("postgres")) as folder,
        EmbeddedPostgres(folder, durable=False) as url,
    ):
        yield PostgresServer(url)


@contextlib.contextmanager
def quick_folder(otherwise: Path) -> Iterator[Path]:
    """A folder in memory, gone at the end; another one where the machine has no room for it there."""
    try:
        state = os.statvfs(MEMORY)
        has_room = state.f_bavail * state.f_frsize >= ROOM_BYTES and os.access(MEMORY, os.W_OK)
    except OSError:
        has_room = False
    if not has_room:
        yield otherwise
        return
    remove_leavings()
    with tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-", dir=MEMORY, ignore_cleanup_errors=True) as name:
        yield Path(name)


def remove_leavings() -> None:
    """Remove the folders of test runs that were killed: nobody else would, and memory is dear."""
    for folder in MEMORY.glob(f"{FOLDER}*"):
        owner = folder.name.removeprefix(FOLDER).partition("-")[0]
        if folder.stat().st_uid == os.geteuid() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Redis-protocol server for the session, from the wheel."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis"), durable=False) as url:
        yield url


@pytest.fixture
def database_url(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The URL of a fresh, migrated database and an empty data folder; this process points at them."""
    monkeypatch.setenv("EXCHANGE_DATA", str(tmp_path_factory.mktemp("data")))
    database = postgres_server.migrated_copy()
    url = postgres_server.url_of(database)
    monkeypatch.setenv("EXCHANGE_DATABASE_URL", url)
    start_anew()
    yield url
    start_anew()
    postgres_server.drop(database)


@pytest.fixture
def redis_url(redis_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty Redis; the settings of this process point at it."""
    with redis.from_url(redis_server) as client:
        client.flushall()
    monkeypatch.setenv("EXCHANGE_REDIS_URL", redis_server)
    settings.cache_clear()
    yield redis_server
    settings.cache_clear()


def start_anew() -> None:
    """Forget the engine and the settings of the test before."""
    forget_engine()
    settings.cache_clear()


def long_folder(parent: Path) -> Path:
    """A folder whose path is too long for a socket in it."""
    return parent / "a-name-that-makes-the-path-of-a-socket-longer-than-the-kernel-allows" / ("x" * 60)
