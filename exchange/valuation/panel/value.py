"""The panel: every model's opinion about every fund, side by side, in one vectorised pass.

Pure: the same facts and assumptions give the same panels. What a reader must know of a fund as a whole stands in the
panel's notes: an NAV older than the market profile allows to pass unmentioned (NAV_OLD), or older than it allows at
all (NAV_REFUSED): then models that price on it are silent. Ranges are compared among NAVs and among prices, never
across: an NAV and a price are different things.
Example: a discounted cash flow of 80 to 90 % and a market price of 92 to 95 % do not meet: a gap of 2 points.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.cash_flow_opinions import discounted
from exchange.valuation.panel.columns import Columns, columns_of
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.panel.nav_opinions import index_moved, look_through_of, reported, rolled
from exchange.valuation.panel.nowcast_opinions import nowcasts
from exchange.valuation.panel.opinion import Disagreement, Kind, Note, Opinion, Panel
from exchange.valuation.panel.price_opinions import appraisal, lock_up, market
from exchange.valuation.panel.speak import silent
from exchange.valuation.status import Status

RESTS_ON_A_FRESH_NAV = frozenset({Kind.MODEL_PRICE, Kind.MARKET_PRICE})


def value(facts: Sequence[FundFacts], assumptions: Sequence[Assumptions]) -> list[Panel]:
    """Panels of n funds with one set of assumptions each, in the same order. ValueError when the counts differ."""
    if len(facts) != len(assumptions):
        raise ValueError("one set of assumptions a fund is needed")
    if not facts:
        return []
    columns = columns_of(facts)
    by_model = (
        reported(columns),
        rolled(columns),
        index_moved(columns, assumptions),
        nowcasts(columns, assumptions),
        look_through_of(columns),
        discounted(columns, assumptions),
        market(columns, assumptions),
        lock_up(columns, assumptions),
        appraisal(columns),
    )
    rows = zip(*by_model, strict=True)
    return [_panel(columns, row, assumptions[row], opinions) for row, opinions in enumerate(rows)]


def disagreements(opinions: Sequence[Opinion]) -> tuple[Disagreement, ...]:
    """Pairs of NAVs, and of prices, whose ranges do not meet, with the gap in ppm of the reference NAV."""
    found = []
    for one, other in combinations(opinions, 2):
        if (one.kind is Kind.NAV) is not (other.kind is Kind.NAV):
            continue
        if one.low_ppm is None or one.high_ppm is None or other.low_ppm is None or other.high_ppm is None:
            continue
        gap = max(one.low_ppm, other.low_ppm) - min(one.high_ppm, other.high_ppm)
        if gap > 0:
            found.append(Disagreement(one.model, other.model, gap))
    return tuple(found)


def _panel(columns: Columns, row: int, assumed: Assumptions, opinions: Sequence[Opinion]) -> Panel:
    fund = columns.facts[row]
    has_reference = columns.status[row] == Status.OK
    age = int(columns.valued_day[row] - columns.nav_day[row]) if has_reference else None
    notes = _age_notes(age, assumed)
    if any(note.code == "NAV_REFUSED" for note in notes):
        opinions = [_refused(each) if each.kind in RESTS_ON_A_FRESH_NAV else each for each in opinions]
    return Panel(
        fund_id=fund.fund_id,
        valued_on=fund.valued_on,
        currency=fund.currency,
        reference_date=fund.statements[-1].as_of if has_reference else None,
        reference_nav_minor=int(columns.nav_minor[row]) if has_reference else None,
        rolled_nav_minor=int(columns.rolled_minor[row]) if columns.good[row] else None,
        nav_age_days=age,
        opinions=tuple(opinions),
        disagreements=disagreements(opinions),
        notes=notes,
    )


def _age_notes(age: int | None, assumed: Assumptions) -> tuple[Note, ...]:
    if age is None:
        return ()
    for code, limit in (("NAV_REFUSED", assumed.refused_after_days), ("NAV_OLD", assumed.stale_after_days)):
        if limit is not None and age > limit:
            return (Note(code, (("days", str(age)), ("limit", str(limit)))),)
    return ()


def _refused(opinion: Opinion) -> Opinion:
    if opinion.status not in {Status.OK.code, Status.MULTIPLE_ROOTS.code}:
        return opinion
    return replace(silent(opinion.model, opinion.kind, Status.NAV_STALE), inputs=opinion.inputs)
