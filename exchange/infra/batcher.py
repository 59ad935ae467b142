"""Requests that wait together are worked together: an event loop hands them in, one thread takes all that wait.

While a batch is in the database the next one gathers, so the size of a batch follows the load by itself and nobody
waits for a timer. The queue is bounded: beyond the bound a request is refused at once with Busy, before any work.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

from exchange.core.errors import Busy

Q = TypeVar("Q")
A = TypeVar("A")

log = structlog.get_logger("exchange.batcher")

Waiting = tuple[asyncio.AbstractEventLoop, "asyncio.Future[A]", Q]


class Batcher(Generic[Q, A]):
    """One thread that answers requests in batches.

    ``work`` gets the requests of a batch and returns an answer or an exception for each, in their order; when it
    raises, every request of the batch gets that exception. ``after`` runs on the thread once the answers have left.
    A batch holds at most ``batch_max`` units of ``weight``, but always at least one request.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Sequence[Q]], Sequence[A | Exception]],
        *,
        batch_max: int,
        waiting_max: int,
        weight: Callable[[Q], int] = lambda _: 1,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self._work = work
        self._batch_max = batch_max
        self._waiting_max = waiting_max
        self._weight = weight
        self._after = after
        self._queue: queue.SimpleQueue[Waiting[A, Q] | None] = queue.SimpleQueue()
        self._held_over: Waiting[A, Q] | None = None
        self._waiting = 0
        self._lock = threading.Lock()
        self._closed = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Take no more, answer what waits, end the thread. Waits at most the timeout (seconds)."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)

    @property
    def waiting(self) -> int:
        """Units that wait or are being worked."""
        return self._waiting

    async def submit(self, item: Q) -> A:
        """The answer to one request; raises what the work gave for it. Busy when too much waits or after the stop.

        A caller that goes away does not take its request back: it may already be committed.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[A] = loop.create_future()
        weight = self._weight(item)
        with self._lock:
            if self._closed or (self._waiting and self._waiting + weight > self._waiting_max):
                raise Busy
            self._waiting += weight
            self._queue.put((loop, future, item))
        return await future

    def _run(self) -> None:
        while batch := self._take():
            self._answer(batch)

    def _take(self) -> "list[Waiting[A, Q]]":
        """The next batch; empty only at the end."""
        first = self._held_over or (None if self._ended else self._queue.get())
        self._held_over = None
        if first is None:
            return []
        batch, size = [first], self._weight(first[2])
        while size < self._batch_max and not self._ended:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                self._ended = True
                break
            size += self._weight(following[2])
            if size > self._batch_max:
                self._held_over = following
                break
            batch.append(following)
        return batch

    def _answer(self, batch: "Sequence[Waiting[A, Q]]") -> None:
        outcomes: Sequence[A | Exception]
        try:
            outcomes = self._work([item for _, _, item in batch])
        except Exception as error:  # the thread outlives any fault of one batch: its requests get the fault
            log.exception("batch failed", size=len(batch))
            outcomes = [error] * len(batch)
        with self._lock:
            self._waiting -= sum(self._weight(item) for _, _, item in batch)
        self._hand_out(batch, outcomes)
        try:
            self._after()
        except Exception:
            log.exception("after a batch")

    def _hand_out(self, batch: "Sequence[Waiting[A, Q]]", outcomes: "Sequence[A | Exception]") -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[A], A | Exception]]] = {}
        for (loop, future, _), outcome in zip(batch, outcomes, strict=True):
            by_loop.setdefault(loop, []).append((future, outcome))
        for loop, answers in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle, answers)
            except RuntimeError:  # the loop is closed: nobody waits any more, the work stays done
                log.warning("nobody to answer", size=len(answers))


def _settle(answers: "Sequence[tuple[asyncio.Future[A], A | Exception]]") -> None:
    for future, outcome in answers:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
