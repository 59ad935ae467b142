"""Wait for the worker: one thread of the process asks for all waiting callers how far the matcher has come.

A cancel or amend is a line in a book's journal; its outcome is final once the matcher's progress has passed its
sequence. However many callers wait, one query in ten milliseconds answers them, and none while nobody waits.
"""

import asyncio
import threading
from collections.abc import Mapping
from functools import lru_cache

import structlog

from exchange.infra.database import transaction
from exchange.matching.store import orders as store

INTERVAL_SECONDS = 0.01
AFTER_FAULT_SECONDS = 0.25

Waiting = tuple[str, int, asyncio.AbstractEventLoop, "asyncio.Future[None]"]

log = structlog.get_logger("exchange.outcomes")


class Outcomes:
    """Callers that wait for a sequence of a book to be matched."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._pause = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outcomes", daemon=True)
        self._thread.start()

    async def matched(self, book_id: str, sequence: int, timeout: float) -> bool:
        """True once the matcher has applied this command, False when it has not within the timeout (seconds)."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        entry = (book_id, sequence, loop, future)
        with self._lock:
            self._waiting.append(entry)
        self._wanted.set()
        try:
            await asyncio.wait_for(future, timeout)
        except TimeoutError:
            return False
        finally:
            with self._lock:
                if entry in self._waiting:
                    self._waiting.remove(entry)
        return True

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            with self._lock:
                books = sorted({entry[0] for entry in self._waiting})
                if not books:
                    self._wanted.clear()
                    continue
            try:
                with transaction() as tx:
                    progress = store.matched_sequences(tx, books)
            except Exception:
                log.exception("progress not read")
                self._pause.wait(AFTER_FAULT_SECONDS)
                continue
            self._tell(progress)
            self._pause.wait(INTERVAL_SECONDS)

    def _tell(self, progress: Mapping[str, int]) -> None:
        with self._lock:
            done = [entry for entry in self._waiting if progress.get(entry[0], -1) >= entry[1]]
            self._waiting = [entry for entry in self._waiting if entry not in done]
        for _, _, loop, future in done:
            try:
                loop.call_soon_threadsafe(_settle, future)
            except RuntimeError:  # that loop is closed: nobody waits there any more
                log.warning("nobody to tell")


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


@lru_cache(maxsize=1)
def outcomes() -> Outcomes:
    """The waiting room of this process, started on first use."""
    return Outcomes()
