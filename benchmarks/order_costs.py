"""What an order costs each process: CPU seconds for 1,000 orders, which no neighbour on the machine can distort much.

`python3 -m exchange bench costs`: a system of its own (fsync on), single orders over a closed loop of connections and
bulks, and after each load the processor time that every kind of process used until all of it was matched and
published. The sum over all kinds times the rate is what the machine must give; two cores give 2.0 a second.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from benchmarks.order_reconcile import await_matched, reconcile
from benchmarks.order_system import System, running_system
from benchmarks.order_world import build
from benchmarks.orders_durable import Told, load, percentile

PUBLISH_SECONDS = 30.0


def tree_seconds(roots: Sequence[int]) -> float:
    """User and system time of these processes, their descendants and the descendants that ended."""
    fields: dict[int, list[str]] = {}
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            found = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended between the two looks
        fields[int(folder.name)] = found
        children.setdefault(int(found[1]), []).append(int(folder.name))
    waiting, total = list(roots), 0
    while waiting:
        pid = waiting.pop()
        total += sum(int(value) for value in fields[pid][11:15]) if pid in fields else 0
        waiting += children.get(pid, [])
    return total / os.sysconf("SC_CLK_TCK")


def server_pid(url: str) -> int:
    """The process id of the PostgreSQL server behind a local URL."""
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        return int(Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()[1])


class Meter:
    """Reads the processor time of every kind of process of a system."""

    def __init__(self, system: System) -> None:
        self._roots = {**system.pids, "postgres": [server_pid(system.database_url)]}
        self._at = self._read()

    def lap(self) -> dict[str, float]:
        """CPU seconds by kind since the last lap."""
        before, self._at = self._at, self._read()
        return {kind: now - before[kind] for kind, now in self._at.items()}

    def _read(self) -> dict[str, float]:
        found = {kind: tree_seconds(pids) for kind, pids in self._roots.items()}
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {**found, "client": ended.ru_utime + ended.ru_stime}


def await_published(url: str) -> None:
    """Wait until nothing that is due waits for the relay, at most half a minute."""
    until = time.monotonic() + PUBLISH_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < until:
            row = connection.execute("SELECT count(*) FROM outbox WHERE due_at <= now()").fetchone()
            if row is not None and row[0] == 0:
                return
            time.sleep(0.05)


def main(argv: Sequence[str]) -> int:
    """Measure and print; 1 when the reconciliation finds a fault."""
    parser = argparse.ArgumentParser(prog="python3 -m exchange bench costs", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--bulk", type=int, default=500)
    parser.add_argument("--api-processes", type=int, default=1)
    arguments = parser.parse_args(list(argv))
    with (
        tempfile.TemporaryDirectory(prefix="exchange-costs-", ignore_cleanup_errors=True) as name,
        running_system(Path(name), api_processes=arguments.api_processes) as system,
    ):
        world, told = build(system.database_url, investors=50, books=30), Told()
        load(system, world, told, books=world.books, seconds=2, connections=8, seed=99)
        await_matched(system.database_url)
        await_published(system.database_url)
        meter = Meter(system)
        loads = (("singles", arguments.connections, 1), ("bulks", 2, arguments.bulk))
        for number in range(arguments.rounds):
            for kind, connections, bulk in loads:
                meter.lap()
                run = load(
                    system,
                    world,
                    told,
                    books=world.books,
                    seconds=arguments.seconds,
                    connections=connections,
                    bulk=bulk,
                    seed=number,
                )
                await_matched(system.database_url)
                await_published(system.database_url)
                costs = {part: 1000 * seconds / run.orders for part, seconds in meter.lap().items()}
                parts = "  ".join(f"{part} {value:.3f}" for part, value in costs.items())
                p50 = percentile(run.accept, 0.5) * 1e3
                print(
                    f"{kind:<8}{run.orders:>7} orders {run.rate:>7.0f}/s p50 {p50:6.1f} ms"
                    f"  CPU s/1,000: {parts}  sum {sum(costs.values()):.3f}",
                    flush=True,
                )
        found = reconcile(system.database_url, told.ids, told.in_bulks)
        print(f"reconciled: {found.orders} orders, {found.fills} fills, faults: {found.faults or 'none'}")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
