"""Live events for any number of clients of one process: one thread reads what is new, every client gets its copy.

The position in the stream is the number in the audit chain, so a client that comes back names the last one it saw and
misses nothing. A bell over Redis makes it quick; without it the thread looks at PostgreSQL at least once a second.
A client too slow for its queue is cut off and resumes from its position. The wire form is server-sent events.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC

import structlog
from starlette.concurrency import run_in_threadpool

from exchange.infra.broadcast import STREAM, Listener
from exchange.infra.database import transaction
from exchange.infra.publication import PublishedEvent, last_position, published_after

LOOK_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
LIFE_SECONDS = 300.0
"""Then the client reconnects from its position and is asked again who it is."""
BLOCK = 1_000
QUEUE_MAX = 5_000
FAULT_SECONDS = 0.5

Wanted = Callable[[PublishedEvent], bool]

log = structlog.get_logger("exchange.streams")


@dataclass(eq=False)
class Client:
    """One open stream: which events it may see and wants, and those that wait to be sent."""

    wanted: Wanted
    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[PublishedEvent | None]" = field(default_factory=lambda: asyncio.Queue(QUEUE_MAX))

    def offer(self, events: list[PublishedEvent]) -> None:
        """Queue events on the client's own loop; a full queue ends the stream."""
        try:
            self.loop.call_soon_threadsafe(self._put, events)
        except RuntimeError:
            log.warning("the loop of a stream is closed")

    async def next(self, seconds: float) -> list[PublishedEvent] | None:
        """What waits, or the next event; empty after so many seconds, None when the stream is to end."""
        try:
            async with asyncio.timeout(seconds):
                first = await self.queue.get()
        except TimeoutError:
            return []
        return None if first is None else [first]

    def _put(self, events: list[PublishedEvent]) -> None:
        for event in events:
            if self.queue.full():
                self.queue.get_nowait()
                self.queue.put_nowait(None)
                return
            self.queue.put_nowait(event)


class Hub:
    """Reads new events once for all clients of this process."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._position = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the reading thread; it sleeps while nobody listens."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="streams", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End every stream and the thread."""
        self._stopping.set()
        self._wanted.set()
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            client.loop.call_soon_threadsafe(_end, client.queue)
        if self._thread is not None:
            self._thread.join(2)

    def join(self, client: Client) -> None:
        """Let a client have every event published from now on."""
        self.start()
        with self._lock:
            if not self._clients:
                with transaction() as tx:
                    self._position = last_position(tx)
            self._clients.add(client)
        self._wanted.set()

    def leave(self, client: Client) -> None:
        """Forget a client."""
        with self._lock:
            self._clients.discard(client)

    def _run(self) -> None:
        with Listener(STREAM) as bell:
            while not self._stopping.is_set():
                with self._lock:
                    idle = not self._clients
                if idle:
                    self._wanted.clear()
                    self._wanted.wait(1.0)
                    continue
                try:
                    found = self._read()
                except Exception:
                    log.exception("new events not read")
                    self._stopping.wait(FAULT_SECONDS)
                    continue
                if not found:
                    bell.wait(LOOK_SECONDS)

    def _read(self) -> bool:
        with transaction() as tx:
            events = published_after(tx, self._position, BLOCK)
        if not events:
            return False
        with self._lock:
            self._position = max(self._position, events[-1].number)
            clients = list(self._clients)
        for client in clients:
            mine = [event for event in events if client.wanted(event)]
            if mine:
                client.offer(mine)
        return True


def _end(queue: "asyncio.Queue[PublishedEvent | None]") -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(None)


_hub = Hub()


def start() -> None:
    """Make the hub of this process ready."""
    global _hub
    _hub = Hub()


def stop() -> None:
    """End the hub of this process with its streams."""
    _hub.stop()


async def events_from(position: int | None, wanted: Wanted) -> AsyncIterator[str]:
    """The lines of one stream: what was published after the position, then what comes, with heartbeats.

    None starts with what comes. A stream ends after a while, so that nobody outlives his right to it.
    """
    loop = asyncio.get_running_loop()
    client, ends_at = Client(wanted, loop), loop.time() + LIFE_SECONDS
    await run_in_threadpool(_hub.join, client)
    sent = position or 0
    try:
        yield "retry: 1000\n: open\n\n"
        if position is not None:
            while block := await run_in_threadpool(_block, sent):
                for event in block:
                    sent = event.number
                    if wanted(event):
                        yield message(event)
        while loop.time() < ends_at:
            waiting = await client.next(HEARTBEAT_SECONDS)
            if waiting is None:
                return
            if not waiting:
                yield ": heartbeat\n\n"
            for event in waiting:
                if event.number > sent:
                    sent = event.number
                    yield message(event)
    finally:
        _hub.leave(client)


def _block(after: int) -> list[PublishedEvent]:
    with transaction() as tx:
        return published_after(tx, after, BLOCK)


def envelope(event: PublishedEvent) -> dict[str, object]:
    """The JSON of an event: ``{type, timestamp, data}`` with ids and the event's own data."""
    return {
        "type": event.event.type,
        "timestamp": event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {
            **event.event.data,
            "subject_id": event.event.subject_id,
            "book_id": event.event.book_id,
            "listing_id": event.event.listing_id,
        },
    }


def message(event: PublishedEvent) -> str:
    """One server-sent event; its id is the position to resume from."""
    return f"id: {event.number}\ndata: {json.dumps(envelope(event), ensure_ascii=False)}\n\n"
