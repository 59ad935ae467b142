"""``python3 -m exchange backtest``: the valuation models replayed over real sales of fund interests.

At each sale's reference report the panel gives its ranges from what was known then; only then the price paid is
revealed. Without arguments the shipped sales are replayed; ``--sales`` and ``--panel`` take any CSV of their columns.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from exchange.valuation.backtest import report
from exchange.valuation.backtest.replay import Backtest
from exchange.valuation.service import backtests


def main(arguments: Sequence[str] = ()) -> int:
    """Print the report as tables, JSON or Markdown. Exit code 1 when a file cannot be read or no sale was replayed."""
    parser = argparse.ArgumentParser(prog="python3 -m exchange backtest", description=__doc__)
    parser.add_argument("--sales", type=Path, default=backtests.SALES, help="CSV of sales (default: the shipped ones)")
    parser.add_argument(
        "--panel", type=Path, action="append", help="CSV of reports; may be given more than once, the first one leads"
    )
    parser.add_argument("--format", choices=("table", "json", "markdown"), default="table")
    given = parser.parse_args(list(arguments))
    try:
        result = backtests.run(given.sales, given.panel or backtests.PANELS)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if given.format == "json":
        sys.stdout.write(json.dumps(report.as_json(result), ensure_ascii=False, indent=2) + "\n")
    elif given.format == "markdown":
        sys.stdout.write(markdown(result))
    else:
        show(result)
    return 0 if result.replays else 1


def show(result: Backtest) -> None:
    """The report in a terminal."""
    console = Console(width=170)
    console.print(report.headline(result))
    for title, scores in (("Reliable sales", result.reliable), ("All sales", result.every)):
        _print(console, title, report.SCORE_HEADINGS, report.score_rows(scores))
    models = report.models_of(result)
    headings = (*report.SALE_HEADINGS, *models)
    _print(console, "Sales: low-point-high in % of NAV, * covered", headings, report.sale_rows(result.replays, models))
    for line in report.remarks(result):
        console.print(line, markup=False)


def markdown(result: Backtest) -> str:
    """The report as a page of documentation."""
    models = report.models_of(result)
    conventions = (
        "Written by `python3 -m exchange backtest --format markdown`. Errors in points of NAV (1 point = 1 % of the "
        "reference NAV); a figure is low-point-high in % of NAV, `*` where the range held the price."
    )
    parts = [
        "# Backtest of the valuation models",
        conventions,
        report.headline(result),
        "## Reliable sales",
        _markdown_table(report.SCORE_HEADINGS, report.score_rows(result.reliable)),
        "## All sales",
        _markdown_table(report.SCORE_HEADINGS, report.score_rows(result.every)),
        "## Sale by sale",
        _markdown_table((*report.SALE_HEADINGS, *models), report.sale_rows(result.replays, models)),
    ]
    if remarks := report.remarks(result):
        parts.append("\n".join(f"- {line}" for line in remarks))
    return "\n\n".join(parts) + "\n"


def _print(console: Console, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---", *["--:"] * (len(headings) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
