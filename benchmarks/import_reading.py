"""Reading a file of 200,000 rows: CSV beside XLSX, each in a process of its own, CPU seconds and peak memory.

What is measured is everything that depends on the format: the inspection of the workbook, opening, and every cell
parsed to its typed value. Comparing with the registers and staging are the same for both.

    python3 -m benchmarks.import_reading [--rows 200000] [--rounds 3]
"""

import argparse
import csv
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

from exchange.imports.kinds import AmountUnit, ImportKind
from exchange.imports.rows import read_header, read_rows
from exchange.imports.service.reading import rows_of

HEADER = ("fund_code", "as_of", "nav", "subscribed", "paid_in", "distributed", "source")
FORMATS = ("csv", "xlsx")


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """NAV statements of many funds, day by day."""
    first = date(2000, 1, 1)
    for number in range(count):
        day = first + timedelta(days=number % 9_000)
        yield (f"F-{number // 9_000}", day, 1_000 + number / 100, 20_000, 15_000.5, number % 700, "report")


def write(path: Path, count: int) -> None:
    """A file of so many rows, in the format of its name."""
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADER, *((row[0], f"{row[1]}", *row[2:]) for row in rows(count))])
        return
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for row in rows(count):
        sheet.append(row)
    book.save(path)


def read(path: str, answers: "multiprocessing.Queue[tuple[int, int, float, int]]") -> None:
    """Parse every row; tells rows, wrong rows, CPU seconds and the growth of the peak in KiB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    with Path(path).open("rb") as file:
        numbered = rows_of(file)
        header = read_header(ImportKind.NAV_HISTORY, next(numbered)[1], unit=AmountUnit.TEN_THOUSAND)
        count = wrong = 0
        for row in read_rows(header, numbered):
            count += 1
            wrong += bool(row.errors)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    answers.put((count, wrong, time.process_time() - began, peak))


def main(argv: Sequence[str] = ()) -> int:
    """Measure both formats in turns and print medians; 1 when a row was lost or wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=199_999)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(list(argv))
    spawn = multiprocessing.get_context("spawn")
    results: dict[str, list[tuple[float, int]]] = {name: [] for name in FORMATS}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"rows.{name}" for name in FORMATS}
        for path in paths.values():
            write(path, given.rows)
        for _ in range(given.rounds):
            for name, path in paths.items():
                answers = spawn.Queue()
                child = spawn.Process(target=read, args=(str(path), answers))
                child.start()
                count, wrong, seconds, peak = answers.get(timeout=900)  # a reader that fell over answers nothing
                child.join()
                if count != given.rows or wrong:
                    print(f"{name}: {count} rows, {wrong} of them wrong")
                    return 1
                results[name].append((seconds, peak))
        for name, found in results.items():
            seconds = statistics.median(item[0] for item in found)
            peak = statistics.median(item[1] for item in found)
            size = paths[name].stat().st_size / 1e6
            print(f"{name:<5}{given.rows:>9,} rows {size:6.1f} MB  {seconds:6.2f} CPU s  +{peak / 1024:6.1f} MiB")
    ratio = statistics.median(item[0] for item in results["xlsx"]) / statistics.median(i[0] for i in results["csv"])
    print(f"xlsx / csv: {ratio:.2f}")
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
