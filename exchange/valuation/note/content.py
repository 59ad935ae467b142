"""The content of a valuation note: every figure of the panel as text, in the order in which the note shows it.

The note never holds a figure that the panel does not hold, and no average. It says so when nobody entered weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from exchange.valuation.note.figures import amount_text, percent_text
from exchange.valuation.note.sentences import (
    Words,
    disagreement_sentence,
    field_words,
    input_name,
    input_value,
    mark_words,
    model_names,
    note_sentence,
    price_lines,
    reason_of,
    status_sentence,
)
from exchange.valuation.panel.opinion import Opinion, Panel, Weight
from exchange.valuation.pictures.drawing import ON_PAPER, Picture
from exchange.valuation.pictures.football_field import bars_of, football_field


@dataclass(frozen=True, slots=True)
class WeightsEntered:
    """Weights as a named person entered them, with the reason."""

    weights: tuple[Weight, ...]
    person: str
    entered_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class NoteSubject:
    """Everything a note says: a kept panel, whose fund it is, its hashes, and who weighted its models."""

    valuation_id: str
    fund_name: str
    fund_code: str
    manager: str
    strategy: str
    vintage: int
    panel: Panel
    facts_hash: str
    assumptions_hash: str
    panel_hash: str
    software_version: str
    made_at: datetime
    is_simulated: bool = False
    is_stale: bool = False
    weights: WeightsEntered | None = None


def shows_irr(panel: Panel) -> bool:
    """Whether an internal rate of return stands among the inputs or notes, which then need their warning."""
    names = [item.name for opinion in panel.opinions for item in opinion.inputs]
    names += [name for opinion in panel.opinions for note in opinion.notes for name, _ in note.values]
    return any("irr" in name.lower().split("_") for name in names)


def note_picture(subject: NoteSubject, words: Words, language: str) -> Picture:
    """The football field on paper."""
    panel = subject.panel
    bars = bars_of(panel, model_names(words), lambda opinion: status_sentence(opinion, words))
    lines = price_lines(panel, {}, words)
    return football_field(bars, lines, field_words(panel, words, language), width=720.0, palette=ON_PAPER)


def note_content(subject: NoteSubject, words: Words, language: str) -> dict[str, object]:
    """The data of the document: texts, lists and rows of cells, as the template reads them."""
    panel = subject.panel
    return {
        "language": language,
        "date": [panel.valued_on.year, panel.valued_on.month, panel.valued_on.day],
        "title": words["document.title"],
        "subtitle": words["document.subtitle"].format(fund=subject.fund_name, code=subject.fund_code),
        "checklist": words["document.checklist"],
        "simulated": words["document.simulated"] if subject.is_simulated or _has_simulated(panel) else "",
        "lead": words["document.no_average"],
        "headings": {name: words[f"document.{name}"] for name in _HEADINGS},
        "facts": _facts(subject, words),
        "picture_summary": note_picture(subject, words, language).summary,
        "opinion_columns": [
            words["document.model"],
            words["document.low"],
            words["document.point"],
            words["document.high"],
            words["document.status"],
        ],
        "opinions": [_opinion_row(opinion, panel, words) for opinion in panel.opinions],
        "notes": _notes(panel, words) or [words["document.no_notes"]],
        "input_columns": [words[f"document.{name}"] for name in ("input", "value", "mark", "source", "as_of")],
        "inputs": _inputs(panel, words),
        "weights": _weights(subject.weights, words),
        "irr_warning": words["document.irr_warning"] if shows_irr(panel) else "",
        "hashes": [
            [words["document.valuation_id"], subject.valuation_id],
            [words["document.facts_hash"], subject.facts_hash],
            [words["document.assumptions_hash"], subject.assumptions_hash],
            [words["document.panel_hash"], subject.panel_hash],
            [words["document.software"], subject.software_version],
            [words["document.made_at"], subject.made_at.strftime("%Y-%m-%d %H:%M:%S UTC")],
        ],
        "verify": words["document.verify"],
        "page": words["document.page"],
    }


_HEADINGS = ("facts", "picture", "opinions", "notes", "inputs", "weights", "hashes")


def _has_simulated(panel: Panel) -> bool:
    return any(item.mark == "simulated" for opinion in panel.opinions for item in opinion.inputs)


def _facts(subject: NoteSubject, words: Words) -> list[list[str]]:
    panel, missing = subject.panel, words["document.missing"]

    def money(minor: int | None) -> str:
        return missing if minor is None else f"{amount_text(minor, panel.currency)} {panel.currency}"

    age = missing
    if panel.nav_age_days is not None:
        age = words["document.age_stale" if subject.is_stale else "document.age_days"].format(days=panel.nav_age_days)
    rows = [
        ("fund", f"{subject.fund_name} ({subject.fund_code})"),
        ("manager", subject.manager or missing),
        ("strategy", f"{subject.strategy} {subject.vintage}".strip()),
        ("currency", panel.currency),
        ("valued_on", panel.valued_on.isoformat()),
        ("reference_date", panel.reference_date.isoformat() if panel.reference_date else missing),
        ("reference_nav", money(panel.reference_nav_minor)),
        ("rolled_nav", money(panel.rolled_nav_minor)),
        ("age", age),
    ]
    return [[words[f"document.{name}"], value] for name, value in rows]


def _opinion_row(opinion: Opinion, panel: Panel, words: Words) -> dict[str, object]:
    def cell(ppm: int | None, minor: int | None) -> list[str]:
        """The share of NAV and under it the amount."""
        shown = [] if ppm is None else [percent_text(ppm)]
        return shown if minor is None else [*shown, amount_text(minor, panel.currency)]

    speaks = opinion.point_minor is not None or opinion.low_minor is not None
    return {
        "model": words[f"model.{opinion.model.value}"],
        "kind": words[f"kind.{opinion.kind.value}"],
        "cells": [
            cell(opinion.low_ppm, opinion.low_minor),
            cell(opinion.point_ppm, opinion.point_minor),
            cell(opinion.high_ppm, opinion.high_minor),
        ]
        if speaks
        else [],
        "status": status_sentence(opinion, words) if speaks else reason_of(opinion, words),
    }


def _notes(panel: Panel, words: Words) -> list[str]:
    said = [note_sentence(note, words) for note in panel.notes]
    said += [disagreement_sentence(found, words) for found in panel.disagreements]
    for opinion in panel.opinions:
        if opinion.point_minor is not None:  # those of silent models stand beside their status
            name = words[f"model.{opinion.model.value}"]
            said += [f"{name}{words['document.colon']}{note_sentence(note, words)}" for note in opinion.notes]
    return said


def _inputs(panel: Panel, words: Words) -> list[dict[str, object]]:
    return [
        {
            "model": words[f"model.{opinion.model.value}"],
            "rows": [
                [
                    input_name(item, words),
                    input_value(item, panel.currency, words),
                    mark_words(item, words),
                    item.source,
                    item.as_of.isoformat() if item.as_of else words["document.missing"],
                ]
                for item in opinion.inputs
            ],
        }
        for opinion in panel.opinions
        if opinion.inputs
    ]


def _weights(entered: WeightsEntered | None, words: Words) -> dict[str, object]:
    if entered is None:
        return {"sentence": words["document.no_weights"], "columns": [], "rows": []}
    rows: Sequence[list[str]] = [
        [words[f"model.{item.model.value}"], percent_text(item.weight.value_ppm)] for item in entered.weights
    ]
    return {
        "sentence": words["document.weights_by"].format(
            person=entered.person, on=entered.entered_on.isoformat(), reason=entered.reason
        ),
        "columns": [words["document.model"], words["document.weight"]],
        "rows": list(rows),
    }
