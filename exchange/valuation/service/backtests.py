"""The models held to sales in files: the shipped ones or anybody's of the same columns, with published figures only.

Figures are those of the exchange's own data files as known on the day of the reference report; nothing entered later,
and nothing of a running market, comes in. So the same files give the same report everywhere.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path

from exchange.valuation.backtest.history import CURRENCY, by_fund
from exchange.valuation.backtest.replay import Backtest, backtest
from exchange.valuation.backtest.sales import sales_of
from exchange.valuation.market import StrategyClass, regions_of
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.parameters import Parameter, Selection, read_values
from exchange.valuation.service.published import published_figures

DATA = Path(__file__).parents[2] / "data"
SALES = DATA / "operf_secondary_sales.csv"
PANELS = (DATA / "operf_sold_funds.csv", DATA / "operf_pe_panel.csv")
LEGAL_FORM = "partnership"


@lru_cache(maxsize=1)
def shipped_backtest() -> Backtest:
    """The backtest over the sales that the exchange ships."""
    return run(SALES, PANELS)


def run(sales: Path, panels: Sequence[Path]) -> Backtest:
    """Replay the sales of a CSV over the reports of one or more panel CSVs. A fund's reports come from the first panel
    that knows it. OSError for a file that cannot be read, ValueError for one without the needed columns."""
    with _rows(sales) as rows:
        found, problems = sales_of(rows)
    histories: dict[str, list[dict[str, str]]] = {}
    for panel in panels:
        with _rows(panel) as rows:
            for fund_id, history in by_fund(rows).items():
                histories.setdefault(fund_id, [dict(row) for row in history])
    return backtest(found, problems, histories, ", ".join(panel.name for panel in panels), known_assumptions())


def known_assumptions() -> Callable[[FundFacts], Assumptions]:
    """Published figures as known on a fund's valuation day, one selection a day."""
    figures = published_parameters()
    selections: dict[date, Selection] = {}

    def assumptions_for(fund: FundFacts) -> Assumptions:
        if fund.valued_on not in selections:
            selections[fund.valued_on] = Selection(figures, fund.valued_on)
        return selections[fund.valued_on].assumptions(
            regions_of(CURRENCY, LEGAL_FORM),
            StrategyClass(fund.strategy),
            stale_after_days=None,
            refused_after_days=None,
        )

    return assumptions_for


@lru_cache(maxsize=1)
def published_parameters() -> tuple[Parameter, ...]:
    """The shipped figures as the models take them. ValueError names a row that does not hold its own bounds."""
    parameters = []
    for row in published_figures():
        values, wrong = read_values(row.kind, row.values)
        if wrong:
            raise ValueError(f"{row.kind} {row.region} {row.strategy} {row.effective_on}: {wrong[0].code}")
        parameters.append(
            Parameter(row.kind, row.region, row.strategy, row.name, row.effective_on, values, row.mark, row.source)
        )
    return tuple(parameters)


@contextmanager
def _rows(path: Path) -> Iterator[Iterator[dict[str, str]]]:
    """Rows of a CSV in UTF-8, with or without a byte order mark."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield csv.DictReader(file, restval="")
