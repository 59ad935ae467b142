"""The exchange's own processes on this machine: started together, restarted after a crash, stopped in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exchange import processes

BACKOFF_SECONDS = (0.2, 0.5, 1, 2, 5, 10, 30)
STEADY_SECONDS = 30
"""A process that lived this long starts its back-off anew when it crashes."""
STOP_SECONDS = {"api": 4.0, "worker": 4.0, "relay": 2.0}
"""How long each kind may take to finish what it is doing, in the order in which they are stopped."""


@dataclass
class Service:
    """One process that should run: its kind, name and arguments, and how it fares."""

    kind: str
    name: str
    arguments: Sequence[str]
    pass_fds: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    due: float = 0.0
    started: float = field(default=0.0)


class Fleet:
    """All services of this machine. Call `tend` a few times a second from the main thread."""

    def __init__(self, logs: Path, env: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.logs = logs
        self.env = dict(env)
        self.say = say
        self.services: list[Service] = []

    def add(self, kind: str, name: str, arguments: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        """A service to be started by the next `tend`."""
        self.services.append(Service(kind, name, arguments, pass_fds))

    def log_of(self, service: Service) -> Path:
        """The service's log file."""
        return self.logs / f"{service.name}.log"

    def tend(self) -> bool:
        """Start what should run and does not, unless it crashed and its pause is not over.

        Returns:
            True when a process was started.
        """
        started = False
        now = time.monotonic()
        for service in self.services:
            if service.process and service.process.poll() is not None:
                self._note_end(service, service.process, now)
            if service.process is None and now >= service.due:
                service.process = processes.start_python(
                    service.arguments, self.log_of(service), self.env, service.pass_fds
                )
                service.started = now
                started = True
        return started

    def _note_end(self, service: Service, process: subprocess.Popen[bytes], now: float) -> None:
        if now - service.started > STEADY_SECONDS:
            service.crashes = 0
        pause = BACKOFF_SECONDS[min(service.crashes, len(BACKOFF_SECONDS) - 1)]
        service.crashes += 1
        service.due = now + pause
        service.process = None
        reason = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
        self.say(f"{service.name} ended ({reason}); it starts again in {pause} s. Log: {self.log_of(service)}")

    def hopeless(self) -> Service | None:
        """A service that has crashed five times without a steady while, if there is one."""
        return next((service for service in self.services if service.crashes >= 5), None)

    def pids(self) -> dict[str, int]:
        """Name and process id of what runs."""
        return {service.name: service.process.pid for service in self.services if service.process}

    def stop(self) -> None:
        """Stop kind after kind: no new requests first, then the work that is under way, then its announcement."""
        for kind, seconds in STOP_SECONDS.items():
            stop_all([s.process for s in self.services if s.kind == kind and s.process], seconds)
        self.services.clear()


def stop_all(children: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    """Ask all to end, wait for them together, kill with their own children who did not in time."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    until = time.monotonic() + seconds
    for child in children:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
