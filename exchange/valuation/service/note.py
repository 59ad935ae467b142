"""The valuation note as a PDF, and what it says."""

from pathlib import Path

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.terms import SourceMark
from exchange.infra.database import Tx
from exchange.infra.typesetting import typeset
from exchange.parties import service as parties
from exchange.rulebook import service as rulebook
from exchange.valuation.note.content import NoteSubject, WeightsEntered, note_content, note_picture
from exchange.valuation.panel.facts import Sourced
from exchange.valuation.panel.opinion import ModelName, Weight
from exchange.valuation.service import valuations, weights
from exchange.valuation.service.weights import WeightSetRow
from exchange.valuation.service.words import words_of

TEMPLATE = Path(__file__).parents[1] / "note" / "document.typ"


def note_subject(tx: Tx, actor: Actor, valuation_id: str, language: str) -> NoteSubject:
    """What the note of a valuation says in one language: with the weights its reader may see, the newest set."""
    found, result, panel = valuations.computed_valuation(tx, actor, valuation_id)
    rules = rulebook.profile(found.row.profile, found.row.valued_on)
    sets = weights.weights_of(tx, actor, valuation_id=valuation_id)
    return NoteSubject(
        valuation_id=valuation_id,
        fund_name=found.fund.name,
        fund_code=found.fund.code,
        manager=_name(tx, found.fund.manager_organisation_id, language),
        strategy=words_of(language).get(f"strategy.{found.fund.strategy}", found.fund.strategy or ""),
        vintage=found.fund.vintage,
        panel=panel,
        facts_hash=result.facts_hash,
        assumptions_hash=result.assumptions_hash,
        panel_hash=result.panel_hash,
        software_version=result.software_version,
        made_at=result.computed_at,
        is_simulated=found.fund.source_mark is SourceMark.SIMULATED,
        is_stale=panel.nav_age_days is not None and panel.nav_age_days > rules.nav_warning_days.value,
        weights=_entered(sets[0]) if sets else None,
    )


def note_pdf(subject: NoteSubject, language: str) -> bytes:
    """The note of a kept valuation in one language, PDF/A-2b; the same valuation gives the same bytes.

    Raises:
        FontMissing: this machine has no Chinese font yet.
    """
    words = words_of(language)
    pictures = {"picture": note_picture(subject, words, language).svg}
    return typeset(TEMPLATE, note_content(subject, words, language), pictures, subject.made_at)


def _name(tx: Tx, organisation_id: str, language: str) -> str:
    chinese, english = parties.names_of(tx, [organisation_id]).get(organisation_id, ("", None))
    return (english or chinese) if language == "en" else chinese


def _entered(row: WeightSetRow) -> WeightsEntered:
    on = market_date(row.entered_at)
    return WeightsEntered(
        weights=tuple(
            Weight(
                ModelName(item["model"]), Sourced(int(item["weight_ppm"]), SourceMark.COMPUTED, row.entered_by_name, on)
            )
            for item in row.weights
        ),
        person=row.entered_by_name,
        entered_on=on,
        reason=row.reason,
    )
