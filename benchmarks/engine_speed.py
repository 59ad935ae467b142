"""The matching engine beside its peers: same seeded order flow, same fills, interleaved rounds, CPU time.

Peers live in environments of their own under `build/`, made on first use from hash-pinned locks. Our engine runs with
everything on (classes, self-trade rule, validation, events); peers get the price folded with the class, which asks
the same matching of them.

The interpreters: ours runs on the project's Python 3.11, where liquibook and order-matching run too; matching-engine
needs 3.12, so ours is also measured on 3.12, in the environment of that peer, and both ratios to it are reported.

Ours gets a flow as the worker gets it: in passes, sorted by book, the commands of one book as one batch; the sorting is
timed. The peers have no such entry and get one command after the other, as their gateway or library is called.

Every round measures two modes. `as used`: each engine as its product runs it, ours as the worker does (`gc.freeze`,
then `gc.disable` while it drains), peers under Python's default collector, which is what their gateway or library
leaves them; the goals are judged here. `drain`: the collector frozen and stopped for everybody, shown beside it.

Goals: 2x matching-engine and 1.5x liquibook on every workload, 50x order-matching, no workload below 0.4x of mixed.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import engine_scaling, workloads

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
RUNNER = ROOT / "benchmarks" / "engine_runner.py"
AS_USED, DRAIN = "as used", "drain"
NEWER = "exchange on 3.12"
MODES = (AS_USED, DRAIN)
QUICK = (50_000, 3)
GOALS = {"matching-engine": 2.0, "liquibook": 1.5, "order-matching": 50.0}
SPREAD_GOAL = 0.4
SLOW_PEER_EVENTS = 4_000
SLOW_PEER_EVENTS_BY_BOOK = 100


@dataclass(frozen=True, slots=True)
class Contender:
    """An engine and the interpreter that runs it."""

    label: str
    engine: str
    python: Path


@dataclass(frozen=True, slots=True)
class Row:
    """One engine on one workload: median rate, and the median over rounds of our rate divided by its rate."""

    workload: str
    mode: str
    label: str
    events: int
    events_per_second: float
    ours_over_it: float


def interpreter(version: str) -> Path | None:
    """A Python of this version: this one, one on the PATH that answers, or one kept by pyenv."""
    if sys.version_info[:2] == tuple(int(part) for part in version.split(".")):
        return Path(sys.executable)
    found = shutil.which(f"python{version}")
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    for candidate in ([Path(found)] if found else []) + kept:
        answer = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.startswith(f"Python {version}."):
            return candidate
    return None


def peer_environment(version: str) -> Path | None:
    """The Python of the peers' environment, made from its lock if it is not there; None without the interpreter."""
    base = interpreter(version)
    if base is None:
        return None
    lock = ROOT / "benchmarks" / f"peers-{version}.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    home = BUILD / f"bench-env-{version}-{digest}"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        print(f"installing peers for Python {version} ...", flush=True)
        subprocess.run([base, "-m", "venv", home], check=True)
        install: list[str | Path] = [
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            lock,
        ]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        (home / "ready").touch()
    return python


def contenders() -> tuple[list[Contender], list[str]]:
    """Everything that can be measured here, ours first, and why the rest is left out."""
    ours = [
        Contender("exchange", "exchange", Path(sys.executable)),
        Contender("exchange guidance_first", "exchange guidance_first", Path(sys.executable)),
    ]
    left_out = []
    old, new = peer_environment("3.11"), peer_environment("3.12")
    if old is None:
        left_out.append("liquibook and order-matching: no Python 3.11 found")
    else:
        ours += [Contender("liquibook", "liquibook", old), Contender("order-matching", "order-matching", old)]
    if new is None:
        left_out.append("matching-engine: needs Python 3.12, none found on the PATH or kept by pyenv")
    else:
        ours.append(Contender("matching-engine", "matching-engine", new))
        ours.append(Contender(NEWER, "exchange", new))  # what the interpreter alone does
    return ours, left_out


def run_once(contender: Contender, path: Path, events: int, collector: str) -> tuple[float, str]:
    """CPU seconds and hash of the fills; `collector` is `drain` (frozen and stopped) or `gc` (left alone)."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command: list[str | Path] = [contender.python, RUNNER, contender.engine, path, str(events), collector]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    answer = json.loads(done.stdout)
    return answer["seconds"], answer["hash"]


def flow(name: str, events: int) -> Path:
    """The file of a workload of this size."""
    path = BUILD / "bench-engine" / f"{name.replace(' ', '-')}-{events}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    workloads.write(workloads.make(name, events), path)
    return path


def measure(name: str, events: int, rounds: int, entries: list[Contender]) -> Iterable[Row]:
    """Interleaved rounds of one workload. Raises ValueError when an engine disagrees about the fills."""
    slow = [entry for entry in entries if entry.engine == "order-matching"]
    fast = [entry for entry in entries if entry.engine != "order-matching"]
    yield from compare(name, flow(name, events), events, rounds, fast)
    if slow:
        few = min(events, max(SLOW_PEER_EVENTS, SLOW_PEER_EVENTS_BY_BOOK * workloads.RECIPES[name].books))
        yield from (
            row for row in compare(name, flow(name, few), few, 1, [entries[0], *slow]) if row.label == slow[0].label
        )


def compare(name: str, path: Path, events: int, rounds: int, entries: list[Contender]) -> Iterable[Row]:
    """All entries in turn, as often as there are rounds; the first one is ours, by which the others are judged."""
    seconds: dict[tuple[str, str], list[float]] = {(mode, entry.label): [] for mode in MODES for entry in entries}
    hashes: dict[str, set[str]] = {entry.label: set() for entry in entries}
    for _ in range(rounds):
        for entry in entries:
            spent, digest = run_once(entry, path, events, "drain")
            seconds[DRAIN, entry.label].append(spent)
            hashes[entry.label].add(digest)
            if not entry.engine.startswith("exchange"):  # ours is used drained: one run stands for both modes
                spent, digest = run_once(entry, path, events, "gc")
                hashes[entry.label].add(digest)
            seconds[AS_USED, entry.label].append(spent)
    plain = {label: digests for label, digests in hashes.items() if label != "exchange guidance_first"}
    if len(set().union(*plain.values())) != 1:
        raise ValueError(f"{name}: the engines disagree about the fills: {plain}")
    for (mode, label), spent_in in seconds.items():
        ratio = median(its / ours for its, ours in zip(spent_in, seconds[mode, entries[0].label], strict=True))
        yield Row(name, mode, label, events, events / median(spent_in), ratio)


def verdicts(rows: list[Row]) -> list[str]:
    """Each goal with what was reached: judged as used, the drained figure beside it."""
    lines = []
    for peer, goal in GOALS.items():
        ratios = {(row.mode, row.workload): row.ours_over_it for row in rows if row.label == peer}
        used = {name: ratio for (mode, name), ratio in ratios.items() if mode == AS_USED}
        drained = {name: ratio for (mode, name), ratio in ratios.items() if mode == DRAIN}
        if used:
            worst = min(used, key=lambda name: used[name])
            reached = sum(ratio >= goal for ratio in used.values())
            met = "met" if reached == len(used) else "MISSED"
            lines.append(
                f"- {met}: >= {goal:g}x {peer}, reached on {reached} of {len(used)} workloads; "
                f"least {used[worst]:.2f}x on {worst} (drained: least {min(drained.values()):.2f}x)"
            )
    lines += same_interpreter(rows)
    rates = {row.workload: row.events_per_second for row in rows if row.label == "exchange" and row.mode == AS_USED}
    if "mixed" in rates:
        worst = min(rates, key=lambda name: rates[name])
        share = rates[worst] / rates["mixed"]
        met = "met" if share >= SPREAD_GOAL else "MISSED"
        lines.append(f"- {met}: no workload below {SPREAD_GOAL:g}x of mixed; least {share:.2f}x on {worst}")
    return lines


def same_interpreter(rows: list[Row]) -> list[str]:
    """Ours against matching-engine where both run on Python 3.12, as used; shown, the goal is judged above."""
    used = {(row.label, row.workload): row.ours_over_it for row in rows if row.mode == AS_USED}
    ratios = [
        f"{ratio / used[NEWER, name]:.2f}x {name}"
        for (label, name), ratio in used.items()
        if label == "matching-engine" and (NEWER, name) in used
    ]
    return [f"- both on Python 3.12, times matching-engine: {', '.join(ratios)}"] if ratios else []


def run(events: int, rounds: int, names: list[str]) -> tuple[list[Row], list[str]]:
    """All rows, and the reasons for what is left out."""
    entries, left_out = contenders()
    return [row for name in names for row in measure(name, events, rounds, entries)], left_out


def table(rows: list[Row], mode: str) -> str:
    """One mode as a Markdown table: events per CPU second, and how many times faster the first engine is."""
    labels = list(dict.fromkeys(row.label for row in rows))
    cells = {(row.workload, row.label): row for row in rows if row.mode == mode}
    lines = [f"| workload | {' | '.join(labels)} |", f"| --- |{' --: |' * len(labels)}"]
    for name in dict.fromkeys(row.workload for row in rows):
        shown = []
        for label in labels:
            row = cells[name, label]
            ratio = "" if label == "exchange" else f" ({row.ours_over_it:.2f}x)"
            shown.append(f"{row.events_per_second:,.0f}{ratio}")
        lines.append(f"| {name} | {' | '.join(shown)} |")
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """Measure and print; 1 if an engine disagrees about the fills."""
    parser = argparse.ArgumentParser(prog="engine_speed", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK[0]:,} events and {QUICK[1]} rounds")
    parser.add_argument("--workload", action="append", choices=sorted(workloads.RECIPES))
    options = parser.parse_args(argv)
    events, rounds = QUICK if options.quick else (options.events, options.rounds)
    try:
        rows, left_out = run(events, rounds, options.workload or list(workloads.RECIPES))
    except ValueError as error:
        print(error)
        return 1
    print(f"Events per CPU second, {events:,} events, median of {rounds} interleaved rounds; in brackets, times")
    print(f"faster `exchange` is in the same round (order-matching: one round of {SLOW_PEER_EVENTS:,} events, or of")
    print(f"{SLOW_PEER_EVENTS_BY_BOOK} events a book where there are many books).\n")
    print(f"As used: ours as the worker drains, peers with Python's default collector\n\n{table(rows, AS_USED)}\n")
    print(f"Drain: the collector frozen and stopped for everybody\n\n{table(rows, DRAIN)}\n")
    print("\n".join([*(f"- left out: {reason}" for reason in left_out), *verdicts(rows)]))
    print("\nWhat a match costs as the resting book grows\n")
    return engine_scaling.main([])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
