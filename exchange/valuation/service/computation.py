"""From inputs to panels, with the canonical texts and hashes under which all of it is kept.

The models are loaded when the first panel is computed: a process that only asks and reads carries no scipy. Workers
load them before they fork (`exchange.valuation.jobs`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from exchange.infra.database import Tx
from exchange.valuation import store
from exchange.valuation.catalogue import PANEL_VERSION
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.canonical import from_text, text_hash, to_text
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.panel.opinion import Panel
from exchange.valuation.scenario import PresentLife
from exchange.valuation.service.gathering import Inputs
from exchange.valuation.tables import ValuationResultRow

if TYPE_CHECKING:
    from exchange.valuation.panel.sensitivity import Sensitivity

COMPUTING_MILLISECONDS = 60_000


@dataclass(frozen=True, slots=True)
class Made:
    """The hashes of one fund's inputs and of its panel."""

    facts_hash: str
    assumptions_hash: str
    panel_hash: str


@dataclass(frozen=True, slots=True)
class Computation:
    """What came out for each fund, and every text by its hash."""

    made: tuple[Made, ...]
    documents: dict[str, str]


@lru_cache(maxsize=1)
def software_version() -> str:
    """The panel's version with those of the libraries its figures rest on."""
    return f"panel {PANEL_VERSION}, numpy {version('numpy')}, scipy {version('scipy')}"


def panels_of(facts: Sequence[FundFacts], assumptions: Sequence[Assumptions]) -> list[Panel]:
    """The panels of funds, one set of assumptions each."""
    from exchange.valuation.panel.value import value

    return value(facts, assumptions)


def present_life(facts: FundFacts, assumptions: Assumptions) -> PresentLife:
    """How long the models let a fund live under these assumptions."""
    from exchange.valuation.panel.cash_flow_opinions import life_of, remaining_years
    from exchange.valuation.panel.columns import columns_of

    known = assumptions.pacing is not None and facts.statements
    life = life_of(columns_of([facts]), 0, assumptions) if known else None
    return PresentLife(life, remaining_years(assumptions))


def sensitivity_grid(facts: FundFacts, assumptions: Assumptions, delays_years: Sequence[int]) -> "Sensitivity | None":
    """How the discounted price moves with the assumed target returns and with later exits."""
    from exchange.valuation.panel.sensitivity import sensitivity

    targets = (assumptions.target_return_low, assumptions.target_return_point, assumptions.target_return_high)
    wanted = tuple(dict.fromkeys(target.value_ppm for target in targets if target is not None))
    return sensitivity(facts, assumptions, wanted, delays_years)


def compute(inputs: Inputs) -> Computation:
    """All panels in one pass over all funds."""
    panels = panels_of(inputs.facts, inputs.assumptions)
    documents: dict[str, str] = {}
    shared: dict[int, str] = {}  # funds of one market and strategy have the same assumptions: one text for all

    def keep(item: object) -> str:
        text = to_text(item)
        content_hash = text_hash(text)
        documents[content_hash] = text
        return content_hash

    made = []
    for facts, assumptions, panel in zip(inputs.facts, inputs.assumptions, panels, strict=True):
        if id(assumptions) not in shared:
            shared[id(assumptions)] = keep(assumptions)
        made.append(Made(keep(facts), shared[id(assumptions)], keep(panel)))
    return Computation(tuple(made), documents)


def recomputed_hash(tx: Tx, result: ValuationResultRow) -> str:
    """The hash of the panel that the kept inputs give now."""
    facts, assumptions = kept_inputs(tx, result)
    (panel,) = panels_of([facts], [assumptions])
    return text_hash(to_text(panel))


def kept_inputs(tx: Tx, result: ValuationResultRow) -> tuple[FundFacts, Assumptions]:
    """What a result was made from. The caller is about to compute with it, so the transaction may idle longer."""
    store.allow_long_work(tx, COMPUTING_MILLISECONDS)
    facts = from_text(FundFacts, store.document(tx, result.facts_hash))
    return facts, from_text(Assumptions, store.document(tx, result.assumptions_hash))


def kept_panel(tx: Tx, result: ValuationResultRow) -> Panel:
    """What came out."""
    return from_text(Panel, store.document(tx, result.panel_hash))
