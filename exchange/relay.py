"""The relay: turns committed events into the audit chain, reactions, bells. Any number may run, one publishes.

Redis is only rung, after the commit. A sweep of PostgreSQL, at most a second apart, rings again for whatever a lost
bell was about, and calls a worker itself when work still waits after that.
"""

import signal
import threading
import time
from collections.abc import Sequence

import structlog

from exchange.core.errors import Busy
from exchange.infra import broadcast, queues
from exchange.infra.database import transaction
from exchange.infra.doorbell import doorbell
from exchange.infra.publication import BATCH, Published, is_work_waiting, publish_due
from exchange.infra.settings import settings
from exchange.reactions import jobs_of
from exchange.rest import logs

ACTIVE_SECONDS = 0.02
PACE_SECONDS = 0.0005
PACE_MAX_SECONDS = 0.1
"""After a batch the next one waits so long for each event it had: many small batches cost twice the work."""
IDLE_SECONDS = 0.1
STANDBY_SECONDS = 0.5
SWEEP_SECONDS = 0.5
SWEEPS_A_CALL = 4
FAULT_SECONDS = 0.5

log = structlog.get_logger("exchange.relay")


class Relay:
    """One relay process's loop."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._bell = broadcast.Bell()
        self._swept_at = 0.0
        self._waiting_sweeps = 0

    def run(self) -> None:
        """Publish until told to stop; a fault of a server only makes it wait."""
        while not self.stopping.is_set():
            try:
                pause = self.turn()
            except Busy:
                pause = FAULT_SECONDS
            except Exception:
                log.exception("relay turn failed")
                pause = FAULT_SECONDS
            if pause:
                self.stopping.wait(pause)

    def turn(self) -> float:
        """Publish one batch and ring for it, sweep when it is time; how long to wait before the next turn."""
        published = publish_once()
        if published is not None and published.events:
            self._bell.ring(broadcast.STREAM, str(published.top))
            if published.reactions:
                self._ring_workers()
        self._sweep()
        if published is None:
            return STANDBY_SECONDS
        return pause_after(published.events)

    def _sweep(self) -> None:
        now = time.monotonic()
        if now - self._swept_at < SWEEP_SECONDS:
            return
        self._swept_at = now
        with transaction() as tx:
            waiting = is_work_waiting(tx)
        self._waiting_sweeps = self._waiting_sweeps + 1 if waiting else 0
        if self._waiting_sweeps == 1:
            self._ring_workers()
        elif self._waiting_sweeps == 2 or self._waiting_sweeps % SWEEPS_A_CALL == 0:
            queues.call_worker()

    def _ring_workers(self) -> None:
        bell = doorbell()
        if bell is not None:
            bell.ring()


def pause_after(events: int) -> float:
    """Seconds until the next batch: none behind a full one, longer the more there was, a tenth when there was none."""
    if not events:
        return IDLE_SECONDS
    return 0.0 if events >= BATCH else min(max(ACTIVE_SECONDS, events * PACE_SECONDS), PACE_MAX_SECONDS)


def publish_once() -> Published | None:
    """Publish one batch in one transaction; None while another relay is at it."""
    with transaction() as tx:
        return publish_due(tx, jobs_of)


def publish_all() -> int:
    """Publish until nothing is due; how many events."""
    total = 0
    while (published := publish_once()) is not None and published.events:
        total += published.events
    return total


def main(_: Sequence[str] = ()) -> int:
    """``python3 -m exchange relay``."""
    logs.configure(settings().log_level)
    relay = Relay()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: relay.stopping.set())
    log.info("relay started")
    relay.run()
    return 0
