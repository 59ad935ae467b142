"""How one share has done: multiples of gross flows, and its rate of return with and without the fund's credit line.

TVPI, DPI, RVPI and PIC are of gross flows (`performance.multiples`): a recallable distribution is a distribution when
it is paid, and what is called again is paid in again, so PIC may pass 1. MOIC is of capital invested in companies,
before fees. The rate takes the NAV as received on `as_of`; for less than a year the return over the period is what
may be shown (GIPS 2020). Where the fund first drew on a subscription line, `line_drawn_on` is the day the line paid
and the rate without the line moves that call there, less the interest and fees of the line contained in it: GIPS 2020
asks for both rates.

Worked example: calls 10 and 20, distributions 15 and 30, NAV 15: TVPI 2.0, DPI 1.5, RVPI 0.5.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from exchange.valuation.calculators.figures import (
    Amount,
    Flow,
    currencies_of,
    first_reason,
    no_amount,
    no_measure,
    no_rate,
    parts_hold,
    whole,
)
from exchange.valuation.panel.opinion import Note
from exchange.valuation.performance.comparison import DatedFlows, Measure, measure, own_rate
from exchange.valuation.performance.irr import Irr
from exchange.valuation.performance.multiples import multiple_on_invested_capital, multiples, paid_in_ratio
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class FinancedFlow:
    """A flow, and for a call that repaid the fund's credit line: the day the line paid, and what the line cost."""

    flow: Flow
    line_drawn_on: date | None = None
    line_cost_minor: int = 0


@dataclass(frozen=True, slots=True)
class Invested:
    """Capital invested in companies, what came back from them, and what they are still worth."""

    invested_minor: int
    realised_minor: int
    unrealised_minor: int


@dataclass(frozen=True, slots=True)
class ReturnsQuestion:
    """Gross flows of one share up to `as_of`, its NAV at the end of that day, and what else is known."""

    currency: str
    as_of: date
    flows: tuple[FinancedFlow, ...]
    nav_minor: int | None = None
    commitment_minor: int | None = None
    invested: Invested | None = None


@dataclass(frozen=True, slots=True)
class ReturnsAnswer:
    """Multiples and rates, each with its status; sums of the flows; what may still be called."""

    tvpi: Measure
    dpi: Measure
    rvpi: Measure
    pic: Measure
    moic: Measure
    irr: Irr
    irr_without_line: Irr
    paid_in: Amount
    distributed: Amount
    unfunded: Amount
    notes: tuple[Note, ...]


def returns(question: ReturnsQuestion) -> ReturnsAnswer:
    """All measures of one share. CURRENCIES_MIXED and DATES_OUT_OF_ORDER (a flow after `as_of`) silence all of them;
    PARAMETERS_MISSING marks a measure whose input was not given."""
    flows = [financed.flow for financed in question.flows]
    refused = first_reason(
        [
            (currencies_of(question.currency, flows) is not Status.OK, Status.CURRENCIES_MIXED),
            (any(flow.on > question.as_of for flow in flows), Status.DATES_OUT_OF_ORDER),
        ]
    )
    if refused is not Status.OK:
        none, rate, amount = no_measure(refused), no_rate(refused), no_amount(refused)
        return ReturnsAnswer(none, none, none, none, none, rate, rate, amount, amount, amount, ())
    nav = np.nan if question.nav_minor is None else float(question.nav_minor)
    calls = [float(flow.called_minor) for flow in flows]
    dated = DatedFlows(
        [flow.on for flow in flows], calls, [float(flow.distributed_minor) for flow in flows], question.as_of, nav, {}
    )
    money = multiples([calls], [dated.distributions], [nav])
    irr = own_rate(dated)
    return ReturnsAnswer(
        measure(money.tvpi),
        measure(money.dpi),
        measure(money.rvpi),
        _paid_in_ratio(calls, question.commitment_minor),
        _on_invested(question.invested),
        irr,
        _without_line(question, dated),
        whole(sum(flow.called_minor for flow in flows)),
        whole(sum(flow.distributed_minor for flow in flows)),
        _unfunded(question.commitment_minor, flows),
        (Note("RETURN_BELOW_A_YEAR"),) if irr.is_below_a_year else (),
    )


def _paid_in_ratio(calls: list[float], commitment_minor: int | None) -> Measure:
    if commitment_minor is None:
        return no_measure(Status.PARAMETERS_MISSING)
    return measure(paid_in_ratio([calls], [float(commitment_minor)]))


def _on_invested(invested: Invested | None) -> Measure:
    if invested is None:
        return no_measure(Status.PARAMETERS_MISSING)
    sums = (invested.invested_minor, invested.realised_minor, invested.unrealised_minor)
    return measure(multiple_on_invested_capital(*([float(minor)] for minor in sums)))


def _without_line(question: ReturnsQuestion, dated: DatedFlows) -> Irr:
    """The rate had investors paid when the line did; NOT_APPLICABLE without a line."""
    if all(financed.line_drawn_on is None for financed in question.flows):
        return no_rate(Status.NOT_APPLICABLE)
    days, calls = [], []
    for financed in question.flows:
        drawn = financed.line_drawn_on or financed.flow.on
        if drawn > financed.flow.on:
            return no_rate(Status.DATES_OUT_OF_ORDER)
        days.append(drawn)
        calls.append(float(financed.flow.called_minor - financed.line_cost_minor))
    # A call that moves leaves a distribution of the same day where it was.
    later = [float(financed.flow.distributed_minor) for financed in question.flows]
    moved = replace(
        dated,
        dates=[*days, *dated.dates],
        calls=[*calls, *([0.0] * len(later))],
        distributions=[*([0.0] * len(calls)), *later],
    )
    return own_rate(moved)


def _unfunded(commitment_minor: int | None, flows: list[Flow]) -> Amount:
    """Commitment less calls within it, plus what was paid out to be called again."""
    if commitment_minor is None:
        return no_amount(Status.PARAMETERS_MISSING)
    within = sum(flow.called_minor - flow.outside_minor for flow in flows)
    left = commitment_minor - within + sum(flow.recallable_minor for flow in flows)
    return whole(left) if left >= 0 and parts_hold(flows) else no_amount(Status.DATA_INCONSISTENT)
