"""The opinions that are NAVs: reported, rolled by cash, moved by an index, and added up from the holdings.

A reported NAV has no range. The index-moved NAV ranges from the cash-only roll (beta 0) to the full move at the
strategy's beta, which is its point. The look-through ranges over the discount of locked-up holdings: none, the AAP
formula (its point), and Ghaidarov's; without such holdings it is one number.
Example: NAV 100, index +10 %, beta 1.4: exp(1.4 ln 1.1) x 100 = 114.27; range 100 to 114.27.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np

from exchange.core.money import PPM
from exchange.valuation.discount.finnerty import aap
from exchange.valuation.discount.ghaidarov import ghaidarov
from exchange.valuation.nav.checks import Floats, Statuses
from exchange.valuation.nav.index_beta import Index, index_adjusted_nav
from exchange.valuation.nav.look_through import Balance, Holdings, look_through
from exchange.valuation.nav.roll_forward import Flows
from exchange.valuation.panel.assumptions import Assumptions, IndexSeries
from exchange.valuation.panel.columns import Columns, as_floats, net_flows_after
from exchange.valuation.panel.facts import BalanceFact, FundFacts, Sourced
from exchange.valuation.panel.opinion import Input, Kind, ModelName, Note, Opinion
from exchange.valuation.panel.speak import Voice, ratio, silent
from exchange.valuation.status import Status

DAYS_A_YEAR = 365


def reported(columns: Columns) -> list[Opinion]:
    """The NAV as the manager stated it; not brought to the valuation day."""
    found = []
    for row, fund in enumerate(columns.facts):
        if columns.status[row] != Status.OK:
            found.append(silent(ModelName.REPORTED_NAV, Kind.NAV, Status(columns.status[row])))
            continue
        voice, last = Voice.of(columns, row), fund.statements[-1]
        ppm = PPM if last.nav_minor > 0 else None
        found.append(
            Opinion(
                model=ModelName.REPORTED_NAV,
                kind=Kind.NAV,
                status=Status.OK.code,
                low_minor=last.nav_minor,
                point_minor=last.nav_minor,
                high_minor=last.nav_minor,
                low_ppm=ppm,
                point_ppm=ppm,
                high_ppm=ppm,
                inputs=(voice.money("nav", last.nav_minor, last.mark.value, last.source, last.as_of),),
            )
        )
    return found


def rolled(columns: Columns) -> list[Opinion]:
    """The reported NAV plus contributions less distributions since, in whole minor units."""
    found = []
    for row in range(len(columns.facts)):
        voice = Voice.of(columns, row)
        inputs = reference_inputs(columns, row)
        if not columns.good[row]:
            found.append(silent(ModelName.ROLLED_NAV, Kind.NAV, Status(columns.roll_status[row]), inputs=inputs))
            continue
        figure = float(columns.rolled_minor[row])
        found.append(voice.opinion(ModelName.ROLLED_NAV, Kind.NAV, (figure, figure, figure), inputs=inputs))
    return found


def index_moved(columns: Columns, assumptions: Sequence[Assumptions]) -> list[Opinion]:
    """The reported NAV and later flows moved by beta times the index; funds with the same index go together."""
    found = [
        silent(ModelName.INDEX_NAV, Kind.NAV, Status.PARAMETERS_MISSING if columns.good[row] else _why(columns, row))
        for row in range(len(columns.facts))
    ]
    for series, rows in by_index(columns, assumptions):
        index = index_of(series)
        betas = np.array([_beta(assumptions[row]) for row in rows])
        picked = np.array(rows)
        flows = Flows(columns.flows.day[picked], columns.flows.called[picked], columns.flows.distributed[picked])
        moved = index_adjusted_nav(
            as_floats(columns.nav_minor[picked]),
            columns.nav_day[picked],
            columns.valued_day[picked],
            flows,
            betas,
            index,
        )
        for place, row in enumerate(rows):
            found[row] = _index_opinion(
                columns, row, assumptions[row], series, Status(moved.status[place]), moved.nav[place]
            )
    return found


def look_through_of(columns: Columns) -> list[Opinion]:
    """Holdings added up, brought from their date to the valuation day by the account's own flows."""
    rows = [
        row
        for row, fund in enumerate(columns.facts)
        if fund.balance is not None and fund.holdings and columns.good[row]
    ]
    found = [_no_holdings(columns, row) for row in range(len(columns.facts))]
    if not rows:
        return found
    funds = [columns.facts[row] for row in rows]
    low, point, high = (_sums(funds, discounts) for discounts in _lock_up_discounts(funds))
    for place, row in enumerate(rows):
        fund, status = funds[place], Status(point[1][place])
        balance = balance_of(fund)
        inputs = _holding_inputs(Voice.of(columns, row), fund)
        if status != Status.OK:
            found[row] = silent(ModelName.LOOK_THROUGH, Kind.NAV, status, inputs=inputs)
            continue
        called, paid_out = net_flows_after(fund, balance.as_of)
        figures = tuple(float(values[place]) + called - paid_out for values, _ in (low, point, high))
        found[row] = Voice.of(columns, row).opinion(ModelName.LOOK_THROUGH, Kind.NAV, figures, inputs=inputs)
    return found


def reference_inputs(columns: Columns, row: int) -> tuple[Input, ...]:
    """Reference NAV and the flows since, for models that start from it."""
    if columns.status[row] != Status.OK:
        return ()
    fund, voice = columns.facts[row], Voice.of(columns, row)
    last = fund.statements[-1]
    return (
        voice.money("nav", last.nav_minor, last.mark.value, last.source, last.as_of),
        voice.money("contributions_since", voice.called_minor, "computed", last.source, fund.valued_on),
        voice.money("distributions_since", voice.paid_out_minor, "computed", last.source, fund.valued_on),
    )


def balance_of(fund: FundFacts) -> BalanceFact:
    """The balance sheet of a fund. ValueError when there is none."""
    if fund.balance is None:
        raise ValueError("the fund has no balance sheet")
    return fund.balance


def by_index(columns: Columns, assumptions: Sequence[Assumptions]) -> list[tuple[IndexSeries, list[int]]]:
    """Rows of funds with a rolled NAV, an index and a beta, gathered by index; one shared series is one group."""
    groups: dict[int, tuple[IndexSeries, list[int]]] = {}
    for row, assumed in enumerate(assumptions):
        if columns.good[row] and assumed.index is not None and assumed.nowcast is not None:
            groups.setdefault(id(assumed.index), (assumed.index, []))[1].append(row)
    return list(groups.values())


def index_of(series: IndexSeries) -> Index:
    """The index as the models take it; a level stands until the next one was due, monthly levels for a month."""
    days = np.array([day.toordinal() for day in series.dates], dtype=np.int64)
    gap = int(np.median(np.diff(days))) + 5 if len(days) > 1 else 10
    return Index(days, np.array(series.levels, dtype=np.float64), gap_days_max=max(10, gap))


def last_index_day(series: IndexSeries) -> date | None:
    """The day of the newest level."""
    return series.dates[-1] if series.dates else None


def _index_opinion(
    columns: Columns, row: int, assumed: Assumptions, series: IndexSeries, status: Status, moved: float
) -> Opinion:
    beta = (ratio("beta", assumed.nowcast.beta),) if assumed.nowcast else ()
    inputs = (
        *reference_inputs(columns, row),
        *beta,
        Input("index", series.name, "text", "reported", series.source, last_index_day(series)),
    )
    if status != Status.OK:
        notes = index_notes(series) if status == Status.PARAMETERS_MISSING else ()
        return silent(ModelName.INDEX_NAV, Kind.NAV, status, notes, inputs)
    cash = float(columns.rolled_minor[row])
    return Voice.of(columns, row).opinion(ModelName.INDEX_NAV, Kind.NAV, (cash, moved, moved), inputs=inputs)


def index_notes(series: IndexSeries) -> tuple[Note, ...]:
    """That the index does not reach the days it is needed for."""
    first, last = (series.dates[0], series.dates[-1]) if series.dates else (None, None)
    return (Note("INDEX_DOES_NOT_COVER", (("index", series.name), ("from", str(first)), ("to", str(last)))),)


def _beta(assumed: Assumptions) -> float:
    return assumed.nowcast.beta.value_ppm / PPM if assumed.nowcast else float("nan")


def _why(columns: Columns, row: int) -> Status:
    return Status(columns.roll_status[row])


def _no_holdings(columns: Columns, row: int) -> Opinion:
    if not columns.good[row]:
        return silent(ModelName.LOOK_THROUGH, Kind.NAV, _why(columns, row))
    return silent(ModelName.LOOK_THROUGH, Kind.NAV, Status.NOT_APPLICABLE, (Note("NO_HOLDINGS"),))


def _lock_up_discounts(funds: Sequence[FundFacts]) -> tuple[Floats, Floats, Floats]:
    """Discounts of the holdings (n, k): Ghaidarov's, AAP's and none; a failed one is NaN and makes a status."""
    width = max(len(fund.holdings) for fund in funds)
    volatility, years, dividends = (np.zeros((len(funds), width)) for _ in range(3))
    for row, fund in enumerate(funds):
        for column, holding in enumerate(fund.holdings):
            volatility[row, column] = holding.volatility_ppm / PPM
            years[row, column] = holding.lock_up_days / DAYS_A_YEAR
            dividends[row, column] = holding.dividend_yield_ppm / PPM
    greatest = ghaidarov(volatility, years, dividends).discount
    return greatest, aap(volatility, years, dividends).discount, np.zeros_like(volatility)


def _sums(funds: Sequence[FundFacts], discounts: Floats) -> tuple[Floats, Statuses]:
    owned, value = np.zeros_like(discounts), np.zeros_like(discounts)
    for row, fund in enumerate(funds):
        for column, holding in enumerate(fund.holdings):
            owned[row, column] = holding.owned_ppm / PPM
            value[row, column] = holding.fair_value_minor
    balances = [balance_of(fund) for fund in funds]
    sheet = Balance(
        cash=np.array([float(each.cash_minor) for each in balances]),
        other_assets=np.array([float(each.other_assets_minor) for each in balances]),
        debt=np.array([float(each.debt_minor) for each in balances]),
        fees_payable=np.array([float(each.fees_payable_minor) for each in balances]),
        accrued_carry=np.array([float(each.accrued_carry_minor) for each in balances]),
        investor_share=np.array([each.investor_share_ppm / PPM for each in balances]),
    )
    result = look_through(Holdings(owned, value, discounts), sheet)
    return result.nav, result.status


def _holding_inputs(voice: Voice, fund: FundFacts) -> tuple[Input, ...]:
    balance = balance_of(fund)
    held = tuple(
        voice.money(
            "holding",
            holding.fair_value_minor,
            holding.mark.value,
            f"{holding.name} · {holding.method} · {holding.source}",
            holding.as_of,
        )
        for holding in fund.holdings
    )
    sheet = tuple(
        voice.money(name, amount, balance.mark.value, balance.source, balance.as_of)
        for name, amount in (
            ("cash", balance.cash_minor),
            ("other_assets", balance.other_assets_minor),
            ("debt", balance.debt_minor),
            ("fees_payable", balance.fees_payable_minor),
            ("accrued_carry", balance.accrued_carry_minor),
        )
    )
    share = Sourced(balance.investor_share_ppm, balance.mark, balance.source, balance.as_of)
    return (*held, *sheet, ratio("investor_share", share))
