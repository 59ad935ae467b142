"""What was known about a fund at a report: statements and flows up to that day, nothing after it.

A panel is rows of reports (columns of `exchange/data/operf_pe_panel.csv`); flows are the changes of the cumulative
figures from report to report. The valuation day is the reference report's own date. A sale whose reference report is
not in the panel cannot be replayed.
Example: reports of March, June and September and a reference of June -> two statements, the flows of June.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from exchange.core.money import scale_decimal
from exchange.core.terms import SourceMark
from exchange.funds.kinds import CashFlowKind
from exchange.funds.panel import cash_flow_rows, nav_rows
from exchange.valuation.market import strategy_class
from exchange.valuation.panel.facts import FlowFact, FundFacts, NavFact

Row = Mapping[str, str]
REQUIRED = frozenset(
    {"as_of", "fund_id", "vintage", "commitment_usd_m", "paid_in_usd_m", "distributed_usd_m", "nav_usd_m"}
)
OPTIONAL = ("tvpi_reported", "irr_reported", "strategy_name_hint")
CURRENCY = "USD"


def by_fund(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Reports of each fund, oldest first; missing optional columns are empty. ValueError for a missing column."""
    reports: dict[str, list[Row]] = {}
    for row in rows:
        if missing := REQUIRED - row.keys():
            raise ValueError(f"the panel has no column {sorted(missing)[0]}")
        reports.setdefault(row["fund_id"], []).append({**dict.fromkeys(OPTIONAL, ""), **row})
    return {fund: sorted(history, key=lambda row: row["as_of"]) for fund, history in reports.items()}


def facts_known_at(history: Sequence[Row], reference_on: date, source: str) -> FundFacts | None:
    """The fund as its holder knew it at a report; None when there is no report of that date."""
    known = [row for row in history if date.fromisoformat(row["as_of"]) <= reference_on]
    if not known or date.fromisoformat(known[-1]["as_of"]) != reference_on:
        return None
    last = known[-1]
    return FundFacts(
        fund_id=last["fund_id"],
        code=last["fund_id"],
        currency=CURRENCY,
        strategy=strategy_class(last["strategy_name_hint"]).value,
        vintage=int(last["vintage"]),
        valued_on=reference_on,
        statements=tuple(_statement(row, source) for row in nav_rows(last["fund_id"], known, source)),
        flows=tuple(_flow(row, source) for row in cash_flow_rows(last["fund_id"], known, source)),
    )


def _statement(row: Row, source: str) -> NavFact:
    subscribed, paid_in = _minor(row["subscribed"]), _minor(row["paid_in"])
    return NavFact(
        statement_id=f"{row['fund_code']}/{row['as_of']}",
        as_of=date.fromisoformat(row["as_of"]),
        nav_minor=_minor(row["nav"]),
        subscribed_minor=subscribed,
        paid_in_minor=paid_in,
        distributed_minor=_minor(row["distributed"]),
        unfunded_minor=max(0, subscribed - paid_in),
        mark=SourceMark.REPORTED,
        source=source,
    )


def _flow(row: Row, source: str) -> FlowFact:
    amount = _minor(row["amount"])
    pays_out = row["kind"] == CashFlowKind.DISTRIBUTION.value
    lowers_paid_out = row["kind"] == CashFlowKind.RESTATEMENT.value and row["notice_no"].endswith("-S")
    called = 0 if pays_out or lowers_paid_out else amount
    return FlowFact(
        on=date.fromisoformat(row["occurred_on"]),
        called_minor=called,
        paid_out_minor=amount if pays_out else -amount if lowers_paid_out else 0,
        effect_on_unfunded_minor=_minor(row["effect_on_unfunded"]),
        mark=SourceMark.COMPUTED,
        source=source,
    )


def _minor(text: str) -> int:
    return scale_decimal(text, 2)
