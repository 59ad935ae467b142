"""One share beside a total-return index: every public market equivalent in use, each with its own status.

Kaplan-Schoar, Long-Nickels (with the index holding at the end, whether the index was sold short and when first),
PME+ (lambda and rate), the modified PME, Direct Alpha as a discrete annual rate and as a logarithm. Formulas, sources
and published examples: `performance.pme`, `performance.modified_pme`. Flows are gross; the level of a day is the last
one published on or before it, at most `age_days_max` days old.

Worked example (Wikipedia, "Public Market Equivalent"): see `performance.comparison`.
"""

from dataclasses import dataclass
from datetime import date

from exchange.valuation.calculators.figures import Flow, currencies_of, no_measure, no_rate
from exchange.valuation.panel.opinion import Note
from exchange.valuation.performance.comparison import Comparison, DatedFlows, DatedLevels, compare
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class PmeQuestion:
    """Gross flows with the NAV at the end of `as_of`, earlier NAVs by date, and the levels of an index by date."""

    currency: str
    as_of: date
    nav_minor: int
    flows: tuple[Flow, ...]
    navs: tuple[tuple[date, int], ...]
    levels: tuple[tuple[date, float], ...]
    age_days_max: int


@dataclass(frozen=True, slots=True)
class PmeAnswer:
    """All comparisons, and notes on those that must not be read as a spread."""

    comparison: Comparison
    notes: tuple[Note, ...]


def public_market_equivalents(question: PmeQuestion) -> PmeAnswer:
    """Compare one share with an index. CURRENCIES_MIXED silences everything."""
    mixed = currencies_of(question.currency, question.flows)
    if mixed is not Status.OK:
        return PmeAnswer(_silent(mixed), ())
    fund = DatedFlows(
        [flow.on for flow in question.flows],
        [float(flow.called_minor) for flow in question.flows],
        [float(flow.distributed_minor) for flow in question.flows],
        question.as_of,
        float(question.nav_minor),
        {day: float(minor) for day, minor in question.navs},
    )
    levels = DatedLevels(
        [day for day, _ in question.levels], [level for _, level in question.levels], question.age_days_max
    )
    found = compare(fund, levels)
    notes = []
    if found.first_short_on is not None:
        notes.append(Note("INDEX_SOLD_SHORT", (("on", found.first_short_on.isoformat()),)))
    if found.pme_plus_scale.value is not None and found.pme_plus_scale.value < 0:
        notes.append(Note("LAMBDA_NEGATIVE"))
    if found.irr.is_below_a_year:
        notes.append(Note("RETURN_BELOW_A_YEAR"))
    return PmeAnswer(found, tuple(notes))


def _silent(status: Status) -> Comparison:
    none, rate = no_measure(status), no_rate(status)
    return Comparison(
        tvpi=none,
        dpi=none,
        rvpi=none,
        irr=rate,
        kaplan_schoar=none,
        long_nickels=rate,
        long_nickels_nav=none,
        first_short_on=None,
        pme_plus=rate,
        pme_plus_scale=none,
        modified_pme=rate,
        direct_alpha=rate,
        direct_alpha_continuous=none,
    )
