"""Sends orders over HTTP/1.1 as cheaply as Python can, so that what is measured is the server.

Run as a process of its own: the plan comes as JSON on standard input, the measurements go as JSON to standard output.
Times are CLOCK_MONOTONIC seconds, comparable between processes of one machine.
"""

import asyncio
import gc
import json
import secrets
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, cast

import uvloop

PRICES = ("0.8000", "0.8200", "0.8400", "0.8495", "0.8500", "0.8520", "0.8600")
DONE_MAX_SECONDS = 30.0
PREPARED = 4000
"""Orders made beforehand; they are sent again and again, each time under a new key."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process of clients does."""

    host: str
    port: int
    bearers: list[str]
    books: list[str]
    seconds: float
    connections: int
    seed: int
    rate: float = 0.0
    """Requests a second in an open loop; 0 sends the next when the last is answered."""
    bulk: int = 1
    warmup: float = 0.0


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request under way; ``answered`` gets (connection, status, body)."""

    def __init__(self, answered: "Callable[[Connection, int, bytes], None]") -> None:
        self.transport: asyncio.Transport | None = None
        self.began = 0.0
        self.waits = False
        self._answered = answered
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class is none of asyncio's

    def data_received(self, data: bytes) -> None:
        """Hand on the answer once head and body are complete."""
        self._buffer = data = self._buffer + data if self._buffer else data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return
        at = data.find(b"content-length: ", 0, end)
        length = int(data[at + 16 : data.index(b"\r\n", at)])
        if at < 0 or len(data) < end + 4 + length:
            return
        self._buffer = data[end + 4 + length :]
        self.waits = False
        self._answered(self, int(data[9:12]), data[end + 4 : end + 4 + length])

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the request that stays without an answer."""
        if self.waits:
            self.waits = False
            self._answered(self, 0, type(exc or ConnectionError()).__name__.encode())

    def send(self, request: bytes, began: float) -> None:
        """Write a request; ``began`` is when it was due."""
        assert self.transport is not None
        self.began, self.waits = began, True
        self.transport.write(request)


class Caller:
    """Requests by a plan, made before the clock starts, and what came of them.

    Only the key of a request is new each time: making bodies while measuring would take the server's processor time.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = Random(plan.seed)
        self.results: list[tuple[float, float, int, bytes]] = []
        self.pieces = [self.prepared() for _ in range(max(8, PREPARED // plan.bulk))]
        self._key = f"{secrets.token_hex(6)}%012x"
        self._sent = 0

    def body(self) -> bytes:
        """A random order, or bulk of them."""
        pick = self.random
        orders = [
            {
                "book_id": pick.choice(self.plan.books),
                "amount": f"{pick.randint(1, 9)}000000.00",
                "price": pick.choice(PRICES),
            }
            for _ in range(self.plan.bulk)
        ]
        return json.dumps({"orders": orders} if self.plan.bulk > 1 else orders[0]).encode()

    def prepared(self) -> tuple[bytes, bytes]:
        """The bytes of a request before and after its key."""
        body = self.body()
        path = "/api/v1/orders:bulk" if self.plan.bulk > 1 else "/api/v1/orders"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.plan.host}\r\nAuthorization: {self.random.choice(self.plan.bearers)}"
            f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nIdempotency-Key: "
        )
        return head.encode(), b"\r\n\r\n" + body

    def key(self, number: int) -> bytes:
        """A key of its own for each request."""
        return (self._key % number).encode()

    def request(self) -> bytes:
        """The bytes of the next request."""
        self._sent += 1
        before, after = self.pieces[self._sent % len(self.pieces)]
        return before + self.key(self._sent) + after

    def note(self, connection: Connection, status: int, body: bytes) -> None:
        """Remember an answer; status 0 when there was none."""
        self.results.append((connection.began, time.monotonic(), status, body))


async def closed_loop(caller: Caller, until: float) -> None:
    """Every connection sends its next request when the last is answered."""
    ended = asyncio.Event()
    connections: list[Connection] = []

    def answered(connection: Connection, status: int, body: bytes) -> None:
        caller.note(connection, status, body)
        now = time.monotonic()
        if status and now < until:
            connection.send(caller.request(), now)
        elif not any(other.waits for other in connections):
            ended.set()

    connections += [await opened(caller.plan, answered) for _ in range(caller.plan.connections)]
    for connection in connections:
        connection.send(caller.request(), time.monotonic())
    await _ended(caller, ended, connections, until)


async def open_loop(caller: Caller, until: float) -> None:
    """Requests leave at their due times whatever became of the earlier ones; latency counts from the due time."""
    ended = asyncio.Event()
    connections: list[Connection] = []
    free: deque[Connection] = deque()

    def answered(connection: Connection, status: int, body: bytes) -> None:
        caller.note(connection, status, body)
        if status:
            free.append(connection)
        if time.monotonic() >= until and not any(other.waits for other in connections):
            ended.set()

    connections += [await opened(caller.plan, answered) for _ in range(caller.plan.connections)]
    free += connections
    for due in due_times(caller.plan.rate, time.monotonic(), until):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if not free:
            free.append(await opened(caller.plan, answered))
            connections.append(free[-1])
        free.popleft().send(caller.request(), due)  # in turn: one that rests too long is closed by the server
    await asyncio.sleep(max(0.0, until - time.monotonic()))
    if any(connection.waits for connection in connections):
        await _ended(caller, ended, connections, until)


async def _ended(caller: Caller, ended: asyncio.Event, connections: Sequence[Connection], until: float) -> None:
    """Wait for the last answers, at most half a minute; what stays open is a fault."""
    try:
        await asyncio.wait_for(ended.wait(), until - time.monotonic() + DONE_MAX_SECONDS)
    except TimeoutError:
        for connection in connections:
            if connection.waits:
                caller.note(connection, 0, b"TimeoutError")
    for connection in connections:
        if connection.transport is not None:
            connection.waits = False
            connection.transport.close()


def due_times(rate: float, first: float, until: float) -> Iterator[float]:
    """Evenly spaced instants."""
    number = 0
    while (due := first + number / rate) < until:
        yield due
        number += 1


async def opened(plan: Plan, answered: Callable[[Connection, int, bytes], None]) -> Connection:
    """A new connection."""
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: Connection(answered), plan.host, plan.port
    )
    return connection


async def work(plan: Plan) -> Caller:
    """Run the plan."""
    caller = Caller(plan)
    loop = open_loop if plan.rate else closed_loop
    gc.freeze()
    gc.disable()
    await loop(caller, time.monotonic() + plan.seconds)
    return caller


def told(caller: Caller) -> dict[str, object]:
    """Measurements: one line a request: due, answered, status, book, sequence (or counts of a bulk)."""
    lines = []
    faults: dict[str, int] = {}
    for began, ended, status, body in caller.results:
        line: list[object] = [began, ended, status]
        if status in {200, 201}:
            values = json.loads(body)
            line += [values["accepted"], values["refused"]] if "accepted" in values else _placed(values)
        else:
            text = body.decode(errors="replace")
            name = f"{status} {json.loads(text)['code'] if text.startswith('{') else text}"
            faults[name] = faults.get(name, 0) + 1
        lines.append(line)
    return {"lines": lines, "faults": faults}


def _placed(order: dict[str, Any]) -> list[object]:
    return [order["book_id"], order["sequence"], order["id"]]


def main() -> None:
    """Read the plan, run it, write the measurements."""
    plan = Plan(**json.load(sys.stdin))
    caller = uvloop.run(work(plan))
    json.dump(told(caller), sys.stdout)


if __name__ == "__main__":
    main()
