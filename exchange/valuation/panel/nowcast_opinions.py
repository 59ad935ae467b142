"""The opinion of the state-space nowcast: the NAV on the valuation day given old, noisy reports and an index.

A fund with enough reports has its own parameters by maximum likelihood, rounded to a ppm before they are used, so that
the figures do not hang on the last bits of a search; the others keep the priors of their strategy. Point = median,
low and high = the 90 % band.
Example: report 100 a year ago, index +10 %, beta 1, volatilities 20 % and 3 %: 110, band 78.9 to 153.4.
"""

from collections.abc import Sequence

import numpy as np

from exchange.core.money import PPM, unscale_decimal
from exchange.valuation.nav.checks import Floats
from exchange.valuation.nav.nowcast import Parameters, nowcast
from exchange.valuation.nav.nowcast_fit import fit_parameters
from exchange.valuation.nav.nowcast_grid import History, series_of
from exchange.valuation.panel.assumptions import Assumptions, IndexSeries
from exchange.valuation.panel.columns import Columns
from exchange.valuation.panel.nav_opinions import by_index, index_notes, index_of, last_index_day, reference_inputs
from exchange.valuation.panel.opinion import Input, Kind, ModelName, Note, Opinion
from exchange.valuation.panel.speak import Voice, computed, ratio, silent
from exchange.valuation.status import Status

NAMES = ("beta", "state_volatility", "report_volatility")


def nowcasts(columns: Columns, assumptions: Sequence[Assumptions]) -> list[Opinion]:
    """One opinion a fund; funds with the same index go together."""
    found = [
        silent(
            ModelName.NOWCAST_NAV,
            Kind.NAV,
            Status.PARAMETERS_MISSING if columns.good[row] else Status(columns.roll_status[row]),
        )
        for row in range(len(columns.facts))
    ]
    for series, rows in by_index(columns, assumptions):
        for row, opinion in zip(rows, _of_one_index(columns, assumptions, series, rows), strict=True):
            found[row] = opinion
    return found


def _of_one_index(
    columns: Columns, assumptions: Sequence[Assumptions], series: IndexSeries, rows: list[int]
) -> list[Opinion]:
    grid, status = series_of([history_of(columns, row) for row in rows], index_of(series))
    fit = fit_parameters(grid, _priors([assumptions[row] for row in rows]))
    used = Parameters(*(_to_ppm(values) for values in _arrays(fit.parameters)))
    result = nowcast(grid, used, with_paths=False)
    opinions = []
    for place, row in enumerate(rows):
        why = Status(status[place]) if status[place] != Status.OK else Status(result.status[place])
        values = [float(values[place]) for values in _arrays(used)[:3]]
        fitted = bool(fit.fitted[place])
        inputs = (*reference_inputs(columns, row), *_parameter_inputs(assumptions[row], values, fitted=fitted))
        inputs += (Input("index", series.name, "text", "reported", series.source, last_index_day(series)),)
        if why != Status.OK:
            notes = index_notes(series) if why == Status.PARAMETERS_MISSING else ()
            opinions.append(silent(ModelName.NOWCAST_NAV, Kind.NAV, why, notes, inputs))
            continue
        reports = len(columns.facts[row].statements)
        notes = (Note("NOWCAST_FITTED" if fitted else "NOWCAST_PRIORS", (("reports", str(reports)),)),)
        figures = (float(result.low[place]), float(result.median[place]), float(result.high[place]))
        opinions.append(
            Voice.of(columns, row).opinion(ModelName.NOWCAST_NAV, Kind.NAV, figures, notes=notes, inputs=inputs)
        )
    return opinions


def history_of(columns: Columns, row: int) -> History:
    """Reports and net flows of a fund as the nowcast takes them; leading reports without a positive NAV are left out,
    since a fund that has not begun to invest has no log NAV."""
    fund = columns.facts[row]
    statements = list(fund.statements)
    while len(statements) > 1 and statements[0].nav_minor <= 0:
        statements.pop(0)
    return History(
        valued_day=fund.valued_on.toordinal(),
        report_days=[statement.as_of.toordinal() for statement in statements],
        reports=[float(statement.nav_minor) for statement in statements],
        flow_days=[flow.on.toordinal() for flow in fund.flows],
        net_flows=[float(flow.called_minor - flow.paid_out_minor) for flow in fund.flows],
    )


def _priors(assumptions: Sequence[Assumptions]) -> Parameters:
    given = [assumed.nowcast for assumed in assumptions]
    columns = (
        np.array([prior.beta.value_ppm / PPM if prior else np.nan for prior in given]),
        np.array([prior.state_volatility.value_ppm / PPM if prior else np.nan for prior in given]),
        np.array([prior.report_volatility.value_ppm / PPM if prior else np.nan for prior in given]),
    )
    return Parameters(*columns, np.zeros(len(given)))


def _arrays(parameters: Parameters) -> tuple[Floats, Floats, Floats, Floats]:
    return parameters.beta, parameters.state_volatility, parameters.report_volatility, parameters.smoothing


def _to_ppm(values: Floats) -> Floats:
    return np.asarray(np.round(values * PPM) / PPM)


def _parameter_inputs(assumed: Assumptions, values: Sequence[float], *, fitted: bool) -> tuple[Input, ...]:
    prior = assumed.nowcast
    if not fitted and prior is not None:
        sources = (prior.beta, prior.state_volatility, prior.report_volatility)
        return tuple(ratio(name, source) for name, source in zip(NAMES, sources, strict=True))
    return tuple(
        computed(name, unscale_decimal(round(value * PPM), 6), "ratio")
        for name, value in zip(NAMES, values, strict=True)
    )
