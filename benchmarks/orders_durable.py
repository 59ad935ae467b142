"""Orders end to end, durable: POST -> checks, hold, audit, outbox, one commit -> the worker's match.

`python3 -m exchange bench orders`: starts a system of its own (fsync on) and measures
  spread    a fixed rate over thirty books, to the committed answer and to the visible match
  onebook   a fixed rate with everything in one book
  two       two connections, closed loop
  ceiling   closed loops of 8, 32 and 64 connections and bulks, interleaved with pgbench (8 clients) on the same server
  gateway   the HTTP gateway of `matching-engine` (fsync on) under the same client, when there is a Python 3.12
Every run ends with an exact reconciliation; the exit code is 1 when anything does not add up or a goal is missed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg

from benchmarks import gateway_peer
from benchmarks.order_client import Plan
from benchmarks.order_reconcile import await_matched, reconcile
from benchmarks.order_system import HOST, System, running_system
from benchmarks.order_world import World, build
from exchange.infra.embedded import programs

POLL_SECONDS = 0.004
ACCEPT_GOAL_SECONDS = 0.100
MATCH_GOAL_SECONDS = 0.250
TWO_GOAL_SECONDS = 0.010
SINGLE_GOAL = 0.1
BULK_GOAL = 1.0
LOADS = (("8 connections", 8, 1), ("32 connections", 32, 1), ("64 connections", 64, 1), ("bulks of 500", 2, 500))
PARTS = ("spread", "onebook", "two", "ceiling", "gateway")


@dataclass(slots=True)
class Run:
    """What one load came to. Times in seconds."""

    seconds: float
    orders: int = 0
    requests: int = 0
    accept: list[float] = field(default_factory=list)
    match: list[float] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    refused: int = 0

    @property
    def rate(self) -> float:
        """Accepted orders a second."""
        return self.orders / self.seconds


@dataclass(slots=True)
class Told:
    """What clients were told over the whole measurement, for the reconciliation."""

    ids: list[str] = field(default_factory=list)
    in_bulks: int = 0


class Watch:
    """Follows the matcher's progress on a thread: when each book reached which sequence."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self._seen: dict[str, tuple[list[int], list[float]]] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stop.is_set():
                rows = connection.execute("SELECT book_id, matched_sequence FROM book_progress").fetchall()
                now = time.monotonic()
                for book_id, matched in rows:
                    sequences, times = self._seen.setdefault(book_id, ([], []))
                    if not sequences or sequences[-1] < matched:
                        sequences.append(matched)
                        times.append(now)
                time.sleep(POLL_SECONDS)

    @contextmanager
    def watching(self) -> Iterator["Watch"]:
        """Follow inside the block, and until everything is matched."""
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join(10)

    def matched_at(self, book_id: str, sequence: int) -> float | None:
        """When this command was first seen matched."""
        sequences, times = self._seen.get(book_id, ([], []))
        position = bisect_left(sequences, sequence)
        return times[position] if position < len(times) else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; NaN for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def load(
    system: System, world: World, told: Told, *, books: Sequence[str], watched: bool = False, **plan: float
) -> Run:
    """One client process by this plan; its measurements, and every order it was told of noted."""
    whole = Plan(
        host=HOST,
        port=system.port,
        bearers=[investor.bearer for investor in world.investors],
        books=list(books),
        seconds=plan["seconds"],
        connections=int(plan["connections"]),
        seed=int(plan.get("seed", 1)),
        rate=plan.get("rate", 0.0),
        bulk=int(plan.get("bulk", 1)),
    )
    watch = Watch(system.database_url)
    if not watched:
        return _measured(_sent(whole), whole, told, None)
    with watch.watching():
        sent = _sent(whole)
        await_matched(system.database_url)
        time.sleep(2 * POLL_SECONDS + 0.05)
    return _measured(sent, whole, told, watch)


def _sent(plan: Plan) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.order_client"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return result.stdout


def _measured(text: str, plan: Plan, told: Told, watch: Watch | None) -> Run:
    values = json.loads(text)
    run = Run(plan.seconds, faults=values["faults"])
    for began, ended, status, *placed in values["lines"]:
        run.requests += 1
        if status not in {200, 201}:
            continue
        run.accept.append(ended - began)
        if plan.bulk > 1:
            run.orders += placed[0]
            run.refused += placed[1]
            told.in_bulks += placed[0]
            continue
        run.orders += 1
        told.ids.append(placed[2])
        matched = watch.matched_at(placed[0], placed[1]) if watch else None
        if matched is not None:
            run.match.append(matched - began)
    return run


def pgbench_rate(url: str, seconds: int, clients: int = 8) -> float:
    """Commits a second of prepared single inserts by this many clients on the server of this URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS bench_insert (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
            "book int, price bigint, amount bigint, at timestamptz DEFAULT now())"
        )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(
            "\\set b random(1, 30)\n\\set p random(800000, 860000)\n"
            "INSERT INTO bench_insert (book, price, amount) VALUES (:b, :p, 1000000);\n"
        )
        script.flush()
        command = [str(programs() / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2"]
        command += ["-T", str(seconds), "-f", script.name, url]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = next(line for line in output.splitlines() if line.startswith("tps"))
    return float(line.split("=")[1].split()[0])


def shown(name: str, run: Run) -> str:
    """One line of the report."""
    parts = [
        f"{name:<28}{run.orders:>8} orders {run.rate:>8.0f}/s",
        f"accepted p50 {percentile(run.accept, 0.5) * 1e3:6.1f} p99 {percentile(run.accept, 0.99) * 1e3:6.1f} ms",
    ]
    if run.match:
        parts.append(
            f"matched p50 {percentile(run.match, 0.5) * 1e3:6.1f} p99 {percentile(run.match, 0.99) * 1e3:6.1f} ms"
        )
    if run.faults or run.refused:
        parts.append(f"faults {run.faults} refused {run.refused}")
    return "  ".join(parts)


class Report:
    """Prints as it goes and remembers what was missed."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def say(self, text: str) -> None:
        """One line."""
        print(text, flush=True)

    def goal(self, text: str, *, held: bool) -> None:
        """A goal and whether it was held."""
        self.say(f"  {'held  ' if held else 'MISSED'} {text}")
        if not held:
            self.missed.append(text)


def fixed(
    report: Report, system: System, world: World, told: Told, *, name: str, rate: float, seconds: float, books: int
) -> None:
    """A fixed rate over so many books: no error, p99 to the answer and to the match."""
    run = load(system, world, told, books=world.books[:books], watched=True, rate=rate, seconds=seconds, connections=32)
    report.say(shown(f"{name} {rate:.0f}/s, {books} books", run))
    lost = run.requests - run.orders
    report.goal(f"{name}: no error ({lost} of {run.requests})", held=lost == 0)
    accept, match = percentile(run.accept, 0.99), percentile(run.match, 0.99)
    report.goal(f"{name}: p99 accepted {accept * 1e3:.1f} <= 100 ms", held=accept <= ACCEPT_GOAL_SECONDS)
    report.goal(f"{name}: p99 matched {match * 1e3:.1f} <= 250 ms", held=match <= MATCH_GOAL_SECONDS)
    report.goal(f"{name}: every order seen matched", held=len(run.match) == run.orders)


def two(report: Report, system: System, world: World, told: Told, *, seconds: float) -> None:
    """Two connections: how long a lone order takes to the match."""
    run = load(system, world, told, books=world.books, watched=True, seconds=seconds, connections=2)
    report.say(shown("two connections", run))
    median = percentile(run.match, 0.5)
    report.goal(f"two: p50 matched {median * 1e3:.1f} <= 10 ms", held=median <= TWO_GOAL_SECONDS)


def ceiling(report: Report, system: System, world: World, told: Told, *, rounds: int, seconds: float) -> float:
    """Closed loops and bulks beside pgbench, interleaved; the best median rate of single orders."""
    rates: dict[str, list[float]] = {name: [] for name, _, _ in LOADS}
    ratios: dict[str, list[float]] = {name: [] for name, _, _ in LOADS}
    for number in range(rounds):
        peer = pgbench_rate(system.database_url, max(2, int(seconds / 2)))
        report.say(f"{'pgbench, 8 clients':<28}{peer:>24.0f} commits/s")
        for name, connections, bulk in LOADS:
            run = load(
                system, world, told, books=world.books, seconds=seconds, connections=connections, bulk=bulk, seed=number
            )
            report.say(shown(name, run))
            ratios[name].append(run.rate / peer)
            rates[name].append(run.rate)
            await_matched(system.database_url)
    medians = {name: statistics.median(values) for name, values in ratios.items()}
    for name, ratio in medians.items():
        report.say(f"  {name}: {ratio:.3f} x pgbench (median of {rounds})")
    singles = [name for name, _, bulk in LOADS if bulk == 1]
    best = max(medians[name] for name in singles)
    report.goal(f"single orders {best:.3f} >= {SINGLE_GOAL} x pgbench", held=best >= SINGLE_GOAL)
    report.goal(
        f"bulk {medians['bulks of 500']:.3f} >= {BULK_GOAL} x pgbench", held=medians["bulks of 500"] >= BULK_GOAL
    )
    return max(statistics.median(rates[name]) for name in singles)


def gateway(report: Report, folder: Path, own_rate: float | None, *, seconds: float) -> None:
    """The peer's gateway under the same client, when its environment is there."""
    counts = [connections for _, connections, bulk in LOADS if bulk == 1]
    found = 0.0
    for connections in counts:
        rate = gateway_peer.measure(folder / str(connections), seconds=seconds, connections=connections)
        if rate is None:
            report.say("gateway: no Python 3.12 for `matching-engine` on the PATH or kept by pyenv")
            return
        report.say(f"matching-engine gateway {rate:>28.0f} orders/s, {connections} connections, fsync on, no rules")
        found = max(found, rate)
    if own_rate is not None:
        report.goal(f"single orders {own_rate:.0f} >= the gateway's {found:.0f} a second", held=own_rate >= found)


def measure(arguments: argparse.Namespace, folder: Path) -> int:
    """Run the chosen parts; 0 when everything held."""
    report, told, own_rate = Report(), Told(), None
    parts = arguments.only or PARTS
    with running_system(folder, api_processes=arguments.api_processes, workers=arguments.workers) as system:
        world = build(system.database_url, investors=arguments.investors, books=30)
        report.say(
            f"{arguments.api_processes} API process(es), {arguments.workers} worker(s), relay, PostgreSQL with fsync, "
            "load on one machine"
        )
        load(system, world, told, books=world.books, seconds=2, connections=8, seed=99)
        await_matched(system.database_url)
        if "two" in parts:
            two(report, system, world, told, seconds=min(20.0, arguments.seconds))
        if "ceiling" in parts:
            own_rate = ceiling(report, system, world, told, rounds=arguments.rounds, seconds=arguments.round_seconds)
        if "onebook" in parts:
            fixed(report, system, world, told, name="one book", rate=150, seconds=arguments.seconds, books=1)
        if "spread" in parts:
            fixed(report, system, world, told, name="spread", rate=250, seconds=arguments.seconds, books=30)
        await_matched(system.database_url)
        found = reconcile(system.database_url, told.ids, told.in_bulks)
        report.say(f"reconciled: {found.orders} orders, {found.fills} fills")
        for fault in found.faults:
            report.goal(f"adds up: {fault}", held=False)
        for kind in system.pids:
            report.say(f"  {kind}: {system.cpu_seconds(kind):.1f} s CPU")
    if "gateway" in parts:
        gateway(report, folder, own_rate, seconds=arguments.round_seconds)
    return 1 if report.missed else 0


def main(argv: Sequence[str]) -> int:
    """Measure with a system of its own in a temporary folder."""
    parser = argparse.ArgumentParser(prog="python3 -m exchange bench orders", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="length of the fixed-rate runs")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds of the ceilings")
    parser.add_argument("--round-seconds", type=float, default=6.0)
    parser.add_argument("--api-processes", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--investors", type=int, default=50)
    parser.add_argument("--only", choices=PARTS, action="append", help="only these parts (may be repeated)")
    arguments = parser.parse_args(list(argv))
    with tempfile.TemporaryDirectory(prefix="exchange-bench-", ignore_cleanup_errors=True) as name:
        return measure(arguments, Path(name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
