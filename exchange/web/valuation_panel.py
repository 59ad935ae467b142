"""A panel of opinions as pages show it: pictures with the viewer's prices, tables, flags, the reasons of silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from exchange.core.money import Money
from exchange.valuation.note.content import shows_irr
from exchange.valuation.note.sentences import (
    Price,
    disagreement_sentence,
    field_words,
    input_name,
    input_value,
    mark_of,
    model_names,
    note_sentence,
    price_lines,
    reason_of,
    status_sentence,
)
from exchange.valuation.panel.opinion import Opinion, Panel
from exchange.valuation.pictures.drawing import Picture
from exchange.valuation.pictures.football_field import PRIVATE, Bar, bar_of, bars_of, football_field, in_money
from exchange.valuation.service.words import words_of
from exchange.web.valuation_models import Drawing, InputLine, OpinionLine, PanelView
from exchange.web.visit import Visit

WIDE, NARROW = 760.0, 350.0


@dataclass(frozen=True, slots=True)
class OwnPanel:
    """A scenario of the viewer: its name and the panel under its assumptions."""

    name: str
    panel: Panel


@dataclass(frozen=True, slots=True)
class Known:
    """What a page knows beside the panel: its id, whether its NAV is stale, whether its fund is simulated."""

    valuation_id: str
    is_stale: bool
    is_simulated: bool


def panel_view(
    visit: Visit,
    panel: Panel,
    known: Known,
    *,
    prices: Mapping[str, Price | None],
    own: Sequence[OwnPanel] = (),
) -> PanelView:
    """Everything of a panel that a page shows. ``prices``: the market's and the viewer's, by name of their line."""
    words, currency = words_of(visit.language), panel.currency
    opinions = tuple(opinion_line(visit, opinion, panel) for opinion in panel.opinions)
    inputs = tuple(line for opinion in panel.opinions for line in _inputs(visit, opinion, currency))
    return PanelView(
        valuation_id=known.valuation_id,
        valued_on=panel.valued_on,
        reference_date=panel.reference_date,
        reference_nav=_money(panel.reference_nav_minor, currency),
        rolled_nav=_money(panel.rolled_nav_minor, currency),
        age_days=panel.nav_age_days,
        is_stale=known.is_stale,
        drawing=_field(visit, panel, prices, own),
        disagreements=tuple(disagreement_sentence(found, words) for found in panel.disagreements),
        notes=tuple(note_sentence(note, words) for note in panel.notes),
        opinions=opinions,
        inputs=inputs,
        is_simulated=known.is_simulated,
        shows_irr=shows_irr(panel),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


def opinion_line(visit: Visit, opinion: Opinion, panel: Panel) -> OpinionLine:
    """One model's word in the viewer's language."""
    words = words_of(visit.language)
    speaks = opinion.point_minor is not None
    return OpinionLine(
        model=opinion.model.value,
        title=words[f"model.{opinion.model.value}"],
        kind=words[f"kind.{opinion.kind.value}"],
        status=status_sentence(opinion, words),
        speaks=speaks,
        low_ppm=opinion.low_ppm,
        point_ppm=opinion.point_ppm,
        high_ppm=opinion.high_ppm,
        low=_money(opinion.low_minor, panel.currency),
        point=_money(opinion.point_minor, panel.currency),
        high=_money(opinion.high_minor, panel.currency),
        reason="" if speaks else reason_of(opinion, words),
        notes=tuple(note_sentence(note, words) for note in opinion.notes) if speaks else (),
    )


def _inputs(visit: Visit, opinion: Opinion, currency: str) -> list[InputLine]:
    words = words_of(visit.language)
    return [
        InputLine(
            model=words[f"model.{opinion.model.value}"],
            name=input_name(item, words),
            value=input_value(item, currency, words),
            mark=mark_of(item),
            source=item.source,
            as_of=item.as_of,
        )
        for item in opinion.inputs
    ]


def _field(visit: Visit, panel: Panel, prices: Mapping[str, Price | None], own: Sequence[OwnPanel]) -> Drawing:
    words = words_of(visit.language)
    bars = (
        *bars_of(panel, model_names(words), lambda opinion: status_sentence(opinion, words)),
        *(bar for scenario in own for bar in own_bars(panel, scenario, words)),
    )
    lines = price_lines(panel, prices, words)
    said = field_words(panel, words, visit.language)
    return drawing_of(
        football_field(bars, lines, said, width=WIDE, prefix="field-wide"),
        football_field(bars, lines, said, width=NARROW, prefix="field-narrow"),
    )


def own_bars(panel: Panel, scenario: OwnPanel, words: Mapping[str, str]) -> list[Bar]:
    """The models that a scenario changes, each as a bar of the viewer's own."""
    names = model_names(words)
    return [
        bar_of(
            opinion,
            names[opinion.model.value],
            lambda silent: status_sentence(silent, words),
            money=in_money(panel),
            kind=PRIVATE,
            detail=scenario.name,
        )
        for opinion in changed(panel, scenario.panel)
    ]


def changed(public: Panel, own: Panel) -> list[Opinion]:
    """The opinions of a scenario with other figures than the public ones."""
    before = {opinion.model: opinion for opinion in public.opinions}
    return [opinion for opinion in own.opinions if _figures(opinion) != _figures(before.get(opinion.model))]


def _figures(opinion: Opinion | None) -> tuple[int | None, ...]:
    return (None,) * 3 if opinion is None else (opinion.low_minor, opinion.point_minor, opinion.high_minor)


def drawing_of(wide: Picture, narrow: Picture) -> Drawing:
    """A picture in both widths. Its text is markup of our own making: everything foreign in it is escaped there."""
    return Drawing(
        wide=Markup(wide.svg),  # noqa: S704
        narrow=Markup(narrow.svg),  # noqa: S704
        summary=wide.summary,
        table=wide.table,
    )
