"""Child processes that never outlive us, and the note that tells other commands where the system runs.

Standard library only. A child of ours gets a signal from the kernel when we die (Linux), is in a session of its own
so that a terminal's Ctrl-C reaches only us, and writes its output to a log file.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from exchange.install import data_folder

SOCKET_PATH_MAX = 90
"""Bytes of a folder's path so that a socket in it stays within the kernel's limit of 107."""
LOG_BYTES_MAX = 20_000_000
PARENT = "EXCHANGE_PARENT"
_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def signal_on_parent_death(number: int) -> None:
    """Ask the kernel to send us this signal when our parent dies. Call it after any change of user."""
    if sys.platform == "linux":
        _libc.prctl(_PDEATHSIG, number, 0, 0, 0)


def follow_parent() -> None:
    """In a child that was told its parent: end with it."""
    parent = os.environ.pop(PARENT, "")
    if parent:
        signal_on_parent_death(signal.SIGTERM)
        if os.getppid() != int(parent):
            sys.exit(1)


def in_child(become: Callable[[], None], death_signal: int) -> Callable[[], None]:
    """What a foreign program's process does between fork and exec: user, session, death signal."""
    parent = os.getpid()

    def prepare() -> None:
        become()
        os.setsid()
        signal_on_parent_death(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def open_log(path: Path) -> IO[bytes]:
    """The log file, opened to append; a large one is put aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 8192))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def start_python(
    arguments: Sequence[str], log: Path, env: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start `python -m exchange.cli ...` of the same environment as our child."""
    with open_log(log) as out:
        return subprocess.Popen(
            [sys.executable, "-m", "exchange.cli", *arguments],
            env={**os.environ, **env, PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
        )


def stop(process: subprocess.Popen[bytes], number: int, seconds: float, last: int = signal.SIGKILL) -> None:
    """Signal a child and wait for its end; after that many seconds send the last signal and wait on."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(last)
            process.wait()


def wait_for_orphan(pid: int, folder: Path, number: int, seconds: float) -> bool:
    """Wait for a server that an earlier supervisor left working in this folder; signal it first.

    Returns:
        True when no living process of that id works in the folder, so that its leavings may be removed.
    """
    until = time.monotonic() + seconds
    signalled = False
    while works_in(pid, folder):
        if not signalled:
            os.kill(pid, number)
            signalled = True
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def works_in(pid: int, folder: Path) -> bool:
    """True when the process is alive (not a zombie) and the folder is its working directory."""
    if sys.platform != "linux":
        return is_alive(pid)
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:
        return False


def is_alive(pid: int) -> bool:
    """True when a process of this id exists (a zombie counts)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def socket_folder(home: Path) -> Path:
    """The folder for a server's socket: its home, or a short temporary one when the home's path is too long."""
    if len(os.fsencode(home)) < SOCKET_PATH_MAX:
        return home
    return Path(tempfile.mkdtemp(prefix="exchange-"))


def runtime_file() -> Path:
    """Where a running `up` says how to reach it."""
    return data_folder() / "runtime.json"


def write_runtime(values: Mapping[str, object]) -> None:
    """Publish the addresses of the running system, for this user only."""
    path = runtime_file()
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    with part.open("w") as out:
        json.dump(dict(values), out, indent=1)
    part.replace(path)


def read_runtime() -> dict[str, object]:
    """The running system's note, or an empty one when nothing runs."""
    try:
        values = json.loads(runtime_file().read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(values, dict) or not is_alive(int(values.get("pid", 0)) or -1):
        return {}
    return values
