"""`python3 -m exchange bench`: run every measurement beside its peer and write docs/benchmarks.md.

Each measurement is a process of its own. What it prints is what the document shows, under the machine it ran on.
A measurement that was not run keeps the text of its last run. Options after `--` go to the measurement.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
MEASUREMENTS = {
    "engine": ("benchmarks.engine_speed", (), "The continuous book against other engines"),
    "auction": ("benchmarks.auction_speed", (), "The one-way auction of a million bids"),
    "orders": ("benchmarks.orders_durable", ("--seconds", "60"), "Orders end to end, durable"),
    "costs": ("benchmarks.order_costs", (), "CPU time of an order, by process"),
    "floor": ("benchmarks.order_floor", (), "The floor under the order path"),
    "endurance": (
        "benchmarks.orders_durable",
        ("--only", "spread", "--seconds", "600"),
        "250 orders a second for ten minutes, durable",
    ),
    "one_book": (
        "benchmarks.orders_durable",
        ("--only", "onebook", "--seconds", "600"),
        "150 orders a second on one book for ten minutes, durable",
    ),
    "irr": ("benchmarks.valuation_irr", (), "Rates of return of many series"),
    "discount": ("benchmarks.valuation_discount", (), "Discounts for a lock-up"),
    "projection": ("benchmarks.valuation_projection", (), "Projection of many funds"),
    "nowcast": ("benchmarks.valuation_nowcast", (), "Nowcast of a thousand funds"),
    "panel": ("benchmarks.valuation_panel", (), "A whole market revalued"),
    "room": ("benchmarks.room_index", (), "The index of a data room of 2,000 documents"),
}


def machine() -> str:
    """Processor, cores, memory and Python of this machine."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{found.group(1) if found else platform.processor()}, {os.cpu_count()} cores, {pages >> 30} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def earlier_sections(text: str) -> dict[str, str]:
    """Sections of the document as it is, by the name in their marker."""
    found = re.findall(r"<!-- (\w+) -->\n(.*?)(?=<!-- \w+ -->|\Z)", text, re.DOTALL)
    return {name: body.strip() for name, body in found}


def measure(name: str, arguments: Sequence[str]) -> tuple[str, int]:
    """Run one measurement, show it as it goes, and return its section and exit code."""
    module, own_arguments, title = MEASUREMENTS[name]
    command = [sys.executable, "-m", module, *own_arguments, *arguments]
    lines: list[str] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
    shown = " ".join(["python3 -m exchange bench", name, *(["--", *arguments] if arguments else [])])
    day = datetime.now(UTC).date().isoformat()
    section = f"## {title}\n\n`{shown}`, {day}, {machine()}\n\n```\n{''.join(lines).rstrip()}\n```"
    return section, process.returncode


def main(argv: Sequence[str]) -> int:
    """Run the named measurements (all without a name); 1 when one of them misses its goal or disagrees."""
    own, passed = list(argv), []
    if "--" in own:
        place = own.index("--")
        own, passed = own[:place], own[place + 1 :]
    parser = argparse.ArgumentParser(prog="python3 -m exchange bench")
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], help="which (default: all)")
    names = parser.parse_args(own).names or list(MEASUREMENTS)
    sections = earlier_sections(DOCUMENT.read_text(encoding="utf-8")) if DOCUMENT.exists() else {}
    worst = 0
    for name in names:
        sections[name], code = measure(name, passed)
        worst = max(worst, code)
    parts = [f"<!-- {name} -->\n{sections[name]}" for name in MEASUREMENTS if name in sections]
    head = (
        "# Benchmarks\n\nWritten by `python3 -m exchange bench`. Single figures swing with the machine; "
        "the ratios are taken inside one interleaved run.\n\n"
    )
    DOCUMENT.write_text(head + "\n\n".join(parts) + "\n", encoding="utf-8")
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
