"""From inputs to panels, with the canonical texts and hashes under which all of it is kept."""

from dataclasses import dataclass

import numpy
import scipy

from exchange.infra.database import Tx
from exchange.valuation import store
from exchange.valuation.catalogue import PANEL_VERSION
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.canonical import from_text, text_hash, to_text
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.panel.opinion import Panel
from exchange.valuation.panel.value import value
from exchange.valuation.service.gathering import Inputs
from exchange.valuation.tables import ValuationResultRow


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


def software_version() -> str:
    """The panel's version with those of the libraries its figures rest on."""
    return f"panel {PANEL_VERSION}, numpy {numpy.__version__}, scipy {scipy.__version__}"


def compute(inputs: Inputs) -> Computation:
    """All panels in one pass over all funds."""
    panels = value(inputs.facts, inputs.assumptions)
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
    (panel,) = value([facts], [assumptions])
    return text_hash(to_text(panel))


def kept_inputs(tx: Tx, result: ValuationResultRow) -> tuple[FundFacts, Assumptions]:
    """What a result was made from."""
    facts = from_text(FundFacts, store.document(tx, result.facts_hash))
    return facts, from_text(Assumptions, store.document(tx, result.assumptions_hash))


def kept_panel(tx: Tx, result: ValuationResultRow) -> Panel:
    """What came out."""
    return from_text(Panel, store.document(tx, result.panel_hash))
