"""The embedded servers keep what was committed, whatever happens to them or to us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from exchange import processes
from exchange.infra.embedded import EmbeddedPostgres, ServerError
from exchange.infra.embedded_redis import EmbeddedRedis
from tests.servers import PostgresServer, long_folder

SUPERVISOR = """
import sys, time
from pathlib import Path
from exchange.infra.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def count_rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row
    return int(row[0])


def test_committed_rows_outlive_a_killed_server_and_a_restart(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres")
    with server as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        while server.is_running():
            time.sleep(0.01)
        assert server.restart_if_dead()
        assert server.url == url
        assert count_rows(url) == 1
    with server as url:
        assert count_rows(url) == 1
    assert not server.is_running()


def test_durable_server_syncs_and_checks_its_pages(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as url, psycopg.connect(url) as connection:
        names = ("fsync", "data_checksums", "synchronous_commit", "full_page_writes", "TimeZone", "listen_addresses")
        found = [connection.execute("SELECT current_setting(%s)", (name,)).fetchone() for name in names]
    assert [row[0] for row in found if row] == ["on", "on", "on", "on", "UTC", ""]


def test_a_folder_has_one_supervisor(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as url:
        with pytest.raises(ServerError, match="in use"):
            EmbeddedPostgres(tmp_path / "postgres", durable=False).start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_server_ends_with_its_killed_supervisor_and_starts_again(tmp_path: Path) -> None:
    home = tmp_path / "postgres"
    command = [sys.executable, "-c", SUPERVISOR, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        pid = int(supervisor.stdout.readline())
        assert processes.works_in(pid, home / "cluster")
        supervisor.kill()
    until = time.monotonic() + 10
    while processes.works_in(pid, home / "cluster"):
        assert time.monotonic() < until
        time.sleep(0.02)
    with EmbeddedPostgres(home, durable=False) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_note_of_a_process_that_is_not_the_server_does_not_hinder_a_start(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    with server:
        cluster = server.cluster
    (cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster}\n")
    with server as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_long_paths_get_a_socket_elsewhere(tmp_path: Path) -> None:
    home = long_folder(tmp_path)
    postgres, valkey = EmbeddedPostgres(home / "postgres", durable=False), EmbeddedRedis(home / "redis", durable=False)
    with postgres as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert str(home) not in url
    with valkey as url, redis.from_url(url) as client:
        assert client.ping()
        folder = Path(url.removeprefix("unix://")).parent
    assert not folder.exists()


def test_redis_keeps_its_writes_over_a_kill_and_evicts_nothing(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")
    with server as url:
        with redis.from_url(url) as client:
            for number in range(100):
                client.rpush("kept", number)
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        while server.is_running():
            time.sleep(0.01)
        assert server.restart_if_dead()
        with redis.from_url(url) as client:
            assert client.llen("kept") == 100
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_each_test_has_a_migrated_database_of_its_own(postgres_server: PostgresServer, database_url: str) -> None:
    other = postgres_server.migrated_copy()
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE only_here (n int)")
    with psycopg.connect(postgres_server.url_of(other)) as connection:
        assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
    postgres_server.drop(other)


def test_each_test_has_an_empty_redis(redis_url: str) -> None:
    with redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")
