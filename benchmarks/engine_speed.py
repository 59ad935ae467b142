"""The matching engine beside its peers: same seeded order flow, same fills, interleaved rounds, CPU time.

Peers live in environments of their own under `build/`, made on first use from hash-pinned locks. Our engine runs with
everything on (classes, self-trade rule, validation, events); peers get the price folded with the class, which asks
the same matching of them. Two modes, the same for every engine of a round: `drain` freezes and stops the garbage
collector while commands are applied, as the worker does, `gc` leaves it alone.

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
MODES = ("drain", "gc")
GOALS = {"matching-engine": 2.0, "liquibook": 1.5, "order-matching": 50.0}
SPREAD_GOAL = 0.4
SLOW_PEER_EVENTS = 10_000


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
        ours += [Contender("matching-engine", "matching-engine", new), Contender("exchange on 3.12", "exchange", new)]
    return ours, left_out


def run_once(contender: Contender, path: Path, events: int, mode: str) -> tuple[float, str, int]:
    """CPU seconds, hash of the fills, number of events."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command: list[str | Path] = [contender.python, RUNNER, contender.engine, path, str(events), mode]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    answer = json.loads(done.stdout)
    return answer["seconds"], answer["hash"], answer["events"]


def measure(name: str, events: int, rounds: int, mode: str, entries: list[Contender]) -> Iterable[Row]:
    """Interleaved rounds of one workload. Raises ValueError when an engine disagrees about the fills."""
    path = BUILD / "bench-engine" / f"{name.replace(' ', '-')}-{events}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    workloads.write(workloads.make(name, events), path)
    slow = [entry for entry in entries if entry.engine == "order-matching"]
    fast = [entry for entry in entries if entry.engine != "order-matching"]
    yield from compare(name, path, events, rounds, mode, fast)
    if slow:
        yield from compare(name, path, min(events, SLOW_PEER_EVENTS), 1, mode, [entries[0], *slow])


def compare(name: str, path: Path, events: int, rounds: int, mode: str, entries: list[Contender]) -> Iterable[Row]:
    """All entries in turn, as often as there are rounds; the first one is ours, by which the others are judged."""
    seconds: dict[str, list[float]] = {entry.label: [] for entry in entries}
    hashes: dict[str, str] = {}
    for _ in range(rounds):
        for entry in entries:
            spent, digest, count = run_once(entry, path, events, mode)
            seconds[entry.label].append(spent)
            hashes[entry.label] = digest
    plain = {label: digest for label, digest in hashes.items() if label != "exchange guidance_first"}
    if len(set(plain.values())) != 1:
        raise ValueError(f"{name}: the engines disagree about the fills: {plain}")
    for label, spent_in in seconds.items():
        ratio = median(its / ours for its, ours in zip(spent_in, seconds[entries[0].label], strict=True))
        if label != entries[0].label or (events == count and len(entries) > 2):
            yield Row(name, mode, label, events, events / median(spent_in), ratio)


def verdicts(rows: list[Row]) -> list[str]:
    """Each goal with what was reached, in drain mode."""
    lines = []
    drained = [row for row in rows if row.mode == "drain"]
    for peer, goal in GOALS.items():
        ratios = {row.workload: row.ours_over_it for row in drained if row.label == peer}
        if ratios:
            worst = min(ratios, key=lambda name: ratios[name])
            met = "met" if ratios[worst] >= goal else "MISSED"
            lines.append(f"{met}: >= {goal:g}x {peer} on every workload; least {ratios[worst]:.2f}x on {worst}")
    rates = {row.workload: row.events_per_second for row in drained if row.label == "exchange"}
    if "mixed" in rates:
        worst = min(rates, key=lambda name: rates[name])
        share = rates[worst] / rates["mixed"]
        met = "met" if share >= SPREAD_GOAL else "MISSED"
        lines.append(f"{met}: no workload below {SPREAD_GOAL:g}x of mixed; least {share:.2f}x on {worst}")
    return lines


def run(events: int, rounds: int, names: list[str], modes: Iterable[str] = MODES) -> tuple[list[Row], list[str]]:
    """All rows, and the reasons for what is left out."""
    entries, left_out = contenders()
    rows = [row for mode in modes for name in names for row in measure(name, events, rounds, mode, entries)]
    return rows, left_out


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| workload | mode | engine | events | events/s | exchange is faster by |",
        "| --- | --- | --- | --: | --: | --: |",
    ]
    lines += [
        f"| {row.workload} | {row.mode} | {row.label} | {row.events:,} | {row.events_per_second:,.0f} | "
        f"{row.ours_over_it:.2f}x |"
        for row in rows
    ]
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """Measure and print; 1 if an engine disagrees about the fills."""
    parser = argparse.ArgumentParser(prog="engine_speed", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workload", action="append", choices=sorted(workloads.RECIPES))
    parser.add_argument("--mode", action="append", choices=MODES)
    options = parser.parse_args(argv)
    try:
        names = options.workload or list(workloads.RECIPES)
        rows, left_out = run(options.events, options.rounds, names, options.mode or MODES)
    except ValueError as error:
        print(error)
        return 1
    print(table(rows))
    for reason in left_out:
        print(f"left out: {reason}")
    for line in verdicts(rows):
        print(line)
    print("\nWhat a match costs as the resting book grows\n")
    return engine_scaling.main([])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
