"""What a panel says, in words: why a model is silent, what a note warns of, the words of its pictures.

`words` is the catalogue of one language (`service.words`). A code without words is shown as it is, with its values,
so that nothing said by a model is lost.

Example: `Note("NAV_OLD", (("days", "200"), ("limit", "180")))` is the sentence under `note.NAV_OLD` with both filled
in; a ratio among the values of a note, `0.955000`, is shown as 95.50%.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from exchange.core.money import PPM, divide_half_up, scale_decimal
from exchange.valuation.note.figures import grouped, number_text, percent_text, short_text
from exchange.valuation.panel.opinion import Disagreement, Input, ModelName, Note, Opinion, Panel
from exchange.valuation.pictures.football_field import DASHES, FieldWords, PriceLine, in_money

Words = Mapping[str, str]
MARKET_FIGURES = frozenset(
    {"target_return_low", "target_return_point", "target_return_high", "growth", "bow", "yield_floor", "draw_ratio"}
    | {"remaining_years", "beta", "index", "state_volatility", "report_volatility", "market_price", "volatility"}
    | {"dividend_yield", "risk_free_rate"}
)
PURE_NUMBERS = frozenset({"beta", "bow"})
_RATIO = re.compile(r"-?[0-9]{1,12}\.[0-9]{6}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,2})?", re.ASCII)


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"  # a gap in a sentence is better than no sentence


def note_sentence(note: Note, words: Words) -> str:
    """A note in words, its numbers filled in."""
    template = words.get(f"note.{note.code}")
    if template is None:
        values = ", ".join(f"{name}={value}" for name, value in note.values)
        return words["note.UNKNOWN"].format(code=note.code, values=values) if values else note.code
    return template.format_map(_Values((name, _said(name, value, words)) for name, value in note.values))


def _said(name: str, value: str, words: Words) -> str:
    """A value of a note: strategies in words, ratios (six decimals) as percentages."""
    if name == "strategy":
        return words.get(f"strategy.{value}", value)
    return percent_text(scale_decimal(value, 6)) if _RATIO.fullmatch(value) else value


def status_sentence(opinion: Opinion, words: Words) -> str:
    """The short name of an opinion's status."""
    return words.get(f"status.{opinion.status}", opinion.status)


def reason_of(opinion: Opinion, words: Words) -> str:
    """Why an opinion has no figures: the sentence of its status, then its notes."""
    parts = [
        words.get(f"why.{opinion.status}", opinion.status),
        *(note_sentence(note, words) for note in opinion.notes),
    ]
    return joined(parts, words)


def joined(sentences: list[str], words: Words) -> str:
    """Sentences after one another, each ended once."""
    stop, gap = words["document.stop"], words["document.gap"]
    return gap.join(sentence if sentence.endswith(("。", ".", "）")) else sentence + stop for sentence in sentences)


def disagreement_sentence(found: Disagreement, words: Words) -> str:
    """Two ranges that do not meet."""
    return words["document.disagreement"].format(
        one=words[f"model.{found.one.value}"],
        other=words[f"model.{found.other.value}"],
        gap=percent_text(found.gap_ppm),
    )


def input_value(item: Input, currency: str, words: Words) -> str:
    """The value of an input with its unit: ratios as percentages (pure numbers as they are), amounts grouped."""
    if item.unit == "ratio" and _RATIO.fullmatch(item.value):
        ppm = scale_decimal(item.value, 6)
        if item.name == "remaining_years":
            return f"{number_text(ppm)} {words['unit.years']}"
        return number_text(ppm) if item.name in PURE_NUMBERS else percent_text(ppm)
    if item.unit == currency and _DECIMAL.fullmatch(item.value):
        return f"{grouped(item.value)} {currency}"
    return f"{item.value} {words.get(f'unit.{item.unit}', item.unit)}".strip()


def input_name(item: Input, words: Words) -> str:
    """What an input is."""
    return words.get(f"input.{item.name}", item.name)


def mark_of(item: Input) -> str:
    """The source mark of an input as it is shown: a reported figure of the market is a published one, reported by no
    manager."""
    return "published" if item.mark == "reported" and item.name in MARKET_FIGURES else item.mark


def mark_words(item: Input, words: Words) -> str:
    """The source mark of an input in words."""
    mark = mark_of(item)
    return words.get(f"mark.{mark}", mark)


def model_names(words: Words) -> dict[str, str]:
    """The name of every model."""
    return {model.value: words[f"model.{model.value}"] for model in ModelName}


def field_words(panel: Panel, words: Words, language: str) -> FieldWords:
    """The words and figures of the football field of a panel."""
    money, currency = in_money(panel), panel.currency
    return FieldWords(
        title=words["field.title"],
        summary=words["field.summary"],
        nothing=words["field.nothing"],
        caption=words["field.caption"],
        axis=words["field.axis_money"].format(unit=currency) if money else words["field.axis_ratio"],
        figure=(lambda minor: short_text(minor, currency, language)) if money else percent_text,
        kinds={name.removeprefix("kind."): text for name, text in words.items() if name.startswith("kind.")},
        columns=(
            words["field.model"],
            words["field.kind"],
            words["field.low"],
            words["field.point"],
            words["field.high"],
            words["field.why"],
        ),
    )


@dataclass(frozen=True, slots=True)
class Price:
    """A price in ppm of a NAV, which may be another statement's than the panel's reference."""

    ppm: int
    nav_minor: int


def price_lines(panel: Panel, prices: Mapping[str, Price | None], words: Words) -> tuple[PriceLine, ...]:
    """Prices as lines on the panel's axis, in the order of DASHES; those that are None are not drawn.

    A price refers to the NAV of its own statement; on an axis of the panel's reference NAV it is brought over by the
    money both amount to. Where that NAV is not positive the line stands at the money itself.
    """
    found = []
    for name in DASHES:
        price = prices.get(name)
        if price is None:
            continue
        found.append(PriceLine(name, words[f"price.{name}"], _on_axis(price, panel)))
    return tuple(found)


def _on_axis(price: Price, panel: Panel) -> int:
    if in_money(panel):
        return divide_half_up(price.ppm * price.nav_minor, PPM)
    reference = panel.reference_nav_minor
    if reference is None or price.nav_minor == reference:
        return price.ppm
    return divide_half_up(price.ppm * price.nav_minor, reference)
