"""Replay of sales: facts and assumptions known at the reference report, the panel's word, then the price paid.

Assumptions are made for the reference day by the caller's function, which must not use anything published later.
Sales graded C are unreliable by their own source: they are replayed and shown, but scored apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from exchange.core.money import PPM
from exchange.valuation.backtest.history import Row, facts_known_at
from exchange.valuation.backtest.sales import RowProblem, Sale
from exchange.valuation.backtest.score import Replay, Score, guesses_of, scores, with_baselines
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.panel.value import value

UNRELIABLE = frozenset({"C", "D"})
NAV_TOLERANCE_PPM = 1_000


@dataclass(frozen=True, slots=True)
class NotReplayed:
    """A sale that could not be replayed, and why: FUND_NOT_IN_PANEL or REPORT_NOT_IN_PANEL."""

    sale: Sale
    code: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """All sales replayed, the scores over the reliable ones and over all of them, and what was left out.

    `nav_differs`: sales whose own reference NAV is not the panel's; they are replayed on the panel's.
    """

    replays: tuple[Replay, ...]
    reliable: tuple[Score, ...]
    every: tuple[Score, ...]
    not_replayed: tuple[NotReplayed, ...]
    nav_differs: tuple[Sale, ...]
    problems: tuple[RowProblem, ...]

    @property
    def reliable_count(self) -> int:
        """How many sales stand behind the scores of the reliable ones."""
        return sum(is_reliable(replay.sale) for replay in self.replays)


def backtest(
    sales: Sequence[Sale],
    problems: Sequence[RowProblem],
    histories: Mapping[str, Sequence[Row]],
    source: str,
    assumptions_for: Callable[[FundFacts], Assumptions],
) -> Backtest:
    """Replay the sales over the histories of a panel (reports by fund id)."""
    known: list[tuple[Sale, FundFacts]] = []
    left_out: list[NotReplayed] = []
    for sale in sales:
        facts = facts_known_at(histories.get(sale.fund_id, ()), sale.reference_on, source)
        if facts is None:
            code = "REPORT_NOT_IN_PANEL" if sale.fund_id in histories else "FUND_NOT_IN_PANEL"
            left_out.append(NotReplayed(sale, code))
        else:
            known.append((sale, facts))
    panels = value([facts for _, facts in known], [assumptions_for(facts) for _, facts in known])
    replays = []
    for (sale, _), panel in zip(known, panels, strict=True):
        guesses, silent = guesses_of(panel)
        replays.append(Replay(sale, with_baselines(guesses), silent))
    return Backtest(
        replays=tuple(replays),
        reliable=tuple(scores([replay for replay in replays if is_reliable(replay.sale)])),
        every=tuple(scores(replays)),
        not_replayed=tuple(left_out),
        nav_differs=tuple(sale for sale, facts in known if nav_differs(sale, facts)),
        problems=tuple(problems),
    )


def is_reliable(sale: Sale) -> bool:
    """Whether the source of a sale does not itself call its price unreliable."""
    return sale.grade not in UNRELIABLE


def nav_differs(sale: Sale, facts: FundFacts) -> bool:
    """Whether the NAV named by the sale is more than a rounding away from the panel's."""
    difference = abs(facts.statements[-1].nav_minor - sale.reference_nav_minor)
    return difference * PPM > NAV_TOLERANCE_PPM * sale.reference_nav_minor
