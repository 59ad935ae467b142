"""The floor under the order path: what its bare parts cost alone, in CPU seconds for 1,000 orders.

`python3 -m exchange bench floor`: (1) an HTTP server of ours that reads a body and answers one of an order's size,
no rule, no database, under the same client; (2) pgbench with 8 clients, one narrow row a commit; (3) the rows of an
order written by the same statement as the order path's, batch by batch, without reading or judging anything. On two
cores 2.0 divided by a sum is the rate that no version of the order path in this interpreter and server can pass.
"""

import argparse
import asyncio
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import uvicorn
from pydantic_core import to_json

from benchmarks.gateway_peer import await_port
from benchmarks.order_client import Caller, Plan, closed_loop
from benchmarks.order_costs import server_pid, tree_seconds
from benchmarks.order_system import HOST, free_port
from benchmarks.order_world import World, build
from benchmarks.orders_durable import pgbench_rate
from exchange.core.clock import system_now
from exchange.core.ids import new_id
from exchange.infra.database import transaction
from exchange.infra.embedded import EmbeddedPostgres
from exchange.infra.migrate import migrate
from exchange.infra.settings import settings
from exchange.matching.store.intake import write

ANSWER = b"x" * 900
CONNECTIONS = 32


async def bare(_: dict[str, Any], receive: Any, send: Any) -> None:
    """Read a body, answer 201 with the bytes of an order."""
    while (await receive()).get("more_body", False):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


@contextmanager
def bare_server() -> Iterator[tuple[int, int]]:
    """The bare application in a process of its own: port and process id."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.order_floor", "--serve", str(port)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1]) as child:
        try:
            await_port(port, child)
            yield port, child.pid
        finally:
            child.terminate()
            child.wait(10)


def http_floor(seconds: float) -> tuple[float, float, float]:
    """(requests a second, CPU s of the server, CPU s of the client) for 1,000 requests."""
    with bare_server() as (port, pid):
        plan = Plan(HOST, port, ["Bearer -"], [new_id("book")], seconds, CONNECTIONS, seed=1)
        caller = Caller(plan)
        server, own = tree_seconds([pid]), time.process_time()
        asyncio.run(_loop(caller, plan))
        server, own = tree_seconds([pid]) - server, time.process_time() - own
    answered = len(caller.results)
    return answered / seconds, 1000 * server / answered, 1000 * own / answered


async def _loop(caller: Caller, plan: Plan) -> None:
    await closed_loop(caller, time.monotonic() + plan.seconds)


def pgbench_floor(url: str, seconds: int) -> tuple[float, float]:
    """(commits a second, CPU s of server and pgbench for 1,000 commits)."""
    server, before = server_pid(url), resource.getrusage(resource.RUSAGE_CHILDREN)
    used = tree_seconds([server])
    rate = pgbench_rate(url, seconds)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    client = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return rate, (tree_seconds([server]) - used + client) / (rate * seconds) * 1000


def rows_floor(url: str, world: World, size: int, batches: int) -> tuple[float, float]:
    """CPU s for 1,000 orders of the server and of this process, writing nothing but the rows of accepted orders."""
    server = server_pid(url)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT organisation_id, id FROM account").fetchall()
        accounts: dict[str, str] = dict(found)
        found = connection.execute("SELECT id, last_sequence FROM book").fetchall()
        sequences: dict[str, int] = dict(found)
    prepared = [_rows(world, accounts, sequences, size) for _ in range(batches + 5)]
    for orders, answers in prepared[:5]:
        with transaction() as tx:
            write(tx, system_now(), orders, answers)
    used, own = tree_seconds([server]), time.process_time()
    for orders, answers in prepared[5:]:
        with transaction() as tx:
            write(tx, system_now(), orders, answers)
    used, own = tree_seconds([server]) - used, time.process_time() - own
    return 1000 * used / (size * batches), 1000 * own / (size * batches)


def _rows(
    world: World, accounts: Mapping[str, str], sequences: dict[str, int], size: int
) -> tuple[list[dict[str, object]], list[str]]:
    """A batch as the order path hands it to its writing statement."""
    orders: list[dict[str, object]] = []
    for number in range(size):
        book_id = world.books[number % len(world.books)]
        sequences[book_id] += 1
        investor = world.investors[number % len(world.investors)]
        terms = {"price_ppm": 850_000, "amount_minor": 100_000_000, "hold_minor": 3_740_000}
        orders.append(
            {
                "id": new_id("order"),
                "book_id": book_id,
                "fund_id": "fnd",
                "sequence": sequences[book_id],
                "organisation_id": investor.organisation_id,
                "user_id": investor.user_id,
                "buyer_class": "other",
                "class_rank": 3,
                "group_keys": [investor.organisation_id],
                **terms,
                "account_id": accounts[investor.organisation_id],
                "time_in_force": "good_till_cancelled",
                "all_or_none": False,
                "minimum_fill_minor": 0,
                "event_id": new_id("event"),
                "transfer_id": new_id("transfer"),
                "data": {"side": "buy", "sequence": sequences[book_id], **terms},
            }
        )
    kept = {"user_id": "usr", "operation": "floor", "key": secrets.token_hex(12), "body_hash": "", "status_code": 201}
    return orders, [to_json({**kept, "answer": {"accepted": size}}).decode()]


def main(argv: Sequence[str]) -> int:
    """Measure the three parts and print what they leave."""
    parser = argparse.ArgumentParser(prog="python3 -m exchange bench floor", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args(list(argv))
    if arguments.serve:
        uvicorn.run(bare, host=HOST, port=arguments.serve, loop="uvloop", http="httptools", log_level="warning")
        return 0
    rate, server, client = http_floor(arguments.seconds)
    print(f"bare HTTP, 32 connections      {rate:>8.0f}/s  CPU s/1,000: server {server:.3f}  client {client:.3f}")
    with (
        tempfile.TemporaryDirectory(prefix="exchange-floor-", ignore_cleanup_errors=True) as name,
        EmbeddedPostgres(Path(name)) as url,
    ):
        migrate(url)
        os.environ["EXCHANGE_DATABASE_URL"] = url
        settings.cache_clear()
        world = build(url, investors=50, books=30)
        commits, inserted = pgbench_floor(url, arguments.seconds)
        print(f"pgbench, 8 clients             {commits:>8.0f}/s  CPU s/1,000: {inserted:.3f}")
        for size, batches in ((32, 100), (500, 12)):
            rows, own = rows_floor(url, world, size, batches)
            print(f"rows of an order, {size:>3} a commit            CPU s/1,000: postgres {rows:.3f}  here {own:.3f}")
            parts = server + client + rows if size == 32 else rows
            print(f"  floor: {parts:.3f} CPU s/1,000, at most {2.0 / parts * 1000:.0f} orders/s on two cores")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
