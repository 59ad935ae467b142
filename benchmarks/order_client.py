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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, cast

import uvloop

PRICES = ("0.8000", "0.8200", "0.8400", "0.8495", "0.8500", "0.8520", "0.8600")
DONE_MAX_SECONDS = 30.0


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
    """One kept-alive connection with at most one request under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class is none of asyncio's

    def data_received(self, data: bytes) -> None:
        """Answer the waiting request once head and body are complete."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        at = head.find(b"content-length: ")
        length = int(head[at + 16 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        if self.answer is not None and not self.answer.done():
            self.answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the waiting request."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(exc or ConnectionError("closed"))

    def send(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        """Write a request; the future gets status and body."""
        assert self.transport is not None
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.answer


class Caller:
    """Makes requests by a plan and notes what came of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = Random(plan.seed)
        self.results: list[tuple[float, float, int, Any]] = []

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

    def request(self) -> bytes:
        """The bytes of the next request."""
        body = self.body()
        path = "/api/v1/orders:bulk" if self.plan.bulk > 1 else "/api/v1/orders"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.plan.host}\r\nAuthorization: {self.random.choice(self.plan.bearers)}"
            f"\r\nIdempotency-Key: {secrets.token_hex(12)}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def call(self, connection: Connection, began: float) -> None:
        """Send one request and note it; ``began`` is when it was due."""
        try:
            status, body = await asyncio.wait_for(connection.send(self.request()), DONE_MAX_SECONDS)
            self.results.append((began, time.monotonic(), status, body))
        except (OSError, TimeoutError) as error:
            self.results.append((began, time.monotonic(), 0, type(error).__name__.encode()))
            raise


async def closed_loop(caller: Caller, connections: list[Connection], until: float) -> None:
    """Every connection sends its next request when the last is answered."""

    async def run(connection: Connection) -> None:
        while (now := time.monotonic()) < until:
            await caller.call(connection, now)

    await asyncio.gather(*(run(connection) for connection in connections), return_exceptions=True)


async def open_loop(caller: Caller, connections: list[Connection], until: float) -> None:
    """Requests leave at their due times whatever became of the earlier ones; latency counts from the due time."""
    free = list(connections)
    running: set[asyncio.Task[None]] = set()
    for due in due_times(caller.plan.rate, time.monotonic(), until):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        connection = free.pop() if free else await opened(caller.plan)

        def back(task: "asyncio.Task[None]", used: Connection = connection) -> None:
            running.discard(task)
            if task.exception() is None:
                free.append(used)

        task = asyncio.create_task(caller.call(connection, due))
        running.add(task)
        task.add_done_callback(back)
    if running:
        await asyncio.wait(running)


def due_times(rate: float, first: float, until: float) -> Iterator[float]:
    """Evenly spaced instants."""
    number = 0
    while (due := first + number / rate) < until:
        yield due
        number += 1


async def opened(plan: Plan) -> Connection:
    """A new connection."""
    factory: Callable[[], Connection] = Connection
    _, connection = await asyncio.get_running_loop().create_connection(factory, plan.host, plan.port)
    return connection


async def work(plan: Plan) -> Caller:
    """Run the plan."""
    caller = Caller(plan)
    connections = [await opened(plan) for _ in range(plan.connections)]
    loop = open_loop if plan.rate else closed_loop
    gc.freeze()
    gc.disable()
    await loop(caller, connections, time.monotonic() + plan.seconds)
    for connection in connections:
        if connection.transport is not None:
            connection.transport.close()
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
