"""Real relay and worker processes for tests, watched and stopped by their own process ids."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from exchange.processes import PARENT

ROOT = Path(__file__).parents[3]


class Processes:
    """Processes that a test started; all of them are ended with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, command: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start one command of the exchange under the settings of the test."""
        number = len(list(self.folder.glob("*.log")))
        with (self.folder / f"{command}-{number}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "exchange.cli", command, *arguments],
                cwd=ROOT,
                env={**os.environ, PARENT: str(os.getpid())},
                stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """End a process and its children at once, as a crash would."""
        kill_all(children_of(process.pid))
        process.kill()
        process.wait()
        self.running.remove(process)

    def stop(self) -> None:
        """End everything."""
        for process in list(self.running):
            process.terminate()
        for process in list(self.running):
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                self.kill(process)

    def logs(self) -> str:
        """What the processes said, for a failing test."""
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.folder.glob("*.log")))


PATIENCE = 3.0
"""A crowded machine starts processes slowly; what is waited for comes, and how fast is no test's matter."""


def children_of(pid: int) -> list[int]:
    """Process ids of the children of a process."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def kill_all(pids: list[int]) -> None:
    """End processes of ours at once; those that are gone are gone."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def eventually(is_so: Callable[[], bool], seconds: float, what: Callable[[], str] = lambda: "") -> float:
    """Wait until something is so; how long it took. Fails with what the caller has to say."""
    started = time.monotonic()
    while not is_so():
        if time.monotonic() - started > PATIENCE * seconds:
            raise AssertionError(f"not within {seconds} s\n{what()}")
        time.sleep(0.02)
    return time.monotonic() - started
