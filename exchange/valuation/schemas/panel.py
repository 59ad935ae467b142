"""A panel on the wire: every opinion with its range, status, notes and inputs; money and ratios as strict strings."""

from datetime import date

from exchange.rest.model import ViewModel
from exchange.rest.numbers import MoneyView, ratio_text
from exchange.rest.texts import detail, title
from exchange.valuation.panel.opinion import Input, Kind, ModelName, Note, Opinion, Panel

STATUS_PREFIX, NOTE_PREFIX = "STATUS_", "NOTE_"
"""What stands before the code of a status or a note where its texts are kept."""


class NoteView(ViewModel):
    """Something a reader must know: a stable code, the numbers behind it, and the sentence in both languages."""

    code: str
    values: dict[str, str]
    detail_zh: str
    detail_en: str

    @classmethod
    def of(cls, note: Note) -> "NoteView":
        """From a note of the panel."""
        values = dict(note.values)
        key = f"{NOTE_PREFIX}{note.code}"
        return cls(
            code=note.code, values=values, detail_zh=detail(key, "zh", values), detail_en=detail(key, "en", values)
        )


class StatusView(ViewModel):
    """Whether a model gave figures, or why not."""

    code: str
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str

    @classmethod
    def of(cls, status: str) -> "StatusView":
        """From the stable text of a status."""
        key = f"{STATUS_PREFIX}{status}"
        return cls(
            code=status,
            title_zh=title(key, "zh"),
            title_en=title(key, "en"),
            detail_zh=detail(key, "zh"),
            detail_en=detail(key, "en"),
        )


class InputView(ViewModel):
    """A figure an opinion rests on: where it comes from (source mark and text) and as of when."""

    name: str
    value: str
    unit: str
    mark: str
    source: str
    as_of: date | None

    @classmethod
    def of(cls, item: Input) -> "InputView":
        """From an input of the panel."""
        return cls(
            name=item.name, value=item.value, unit=item.unit, mark=item.mark, source=item.source, as_of=item.as_of
        )


class FigureView(ViewModel):
    """A figure as money and as the headline price: a ratio of the reference NAV, null when that is not positive."""

    value: MoneyView
    price: str | None

    @classmethod
    def of(cls, minor: int | None, ppm: int | None, currency: str) -> "FigureView | None":
        """From minor units and ppm; None when there is no figure."""
        if minor is None:
            return None
        return cls(value=MoneyView.of(minor, currency), price=None if ppm is None else ratio_text(ppm))


class OpinionView(ViewModel):
    """One model's range for the whole valued capital account, or why it has none."""

    model: ModelName
    kind: Kind
    status: StatusView
    low: FigureView | None
    point: FigureView | None
    high: FigureView | None
    notes: list[NoteView]
    inputs: list[InputView]

    @classmethod
    def of(cls, opinion: Opinion, currency: str) -> "OpinionView":
        """From an opinion of the panel."""
        return cls(
            model=opinion.model,
            kind=opinion.kind,
            status=StatusView.of(opinion.status),
            low=FigureView.of(opinion.low_minor, opinion.low_ppm, currency),
            point=FigureView.of(opinion.point_minor, opinion.point_ppm, currency),
            high=FigureView.of(opinion.high_minor, opinion.high_ppm, currency),
            notes=[NoteView.of(note) for note in opinion.notes],
            inputs=[InputView.of(item) for item in opinion.inputs],
        )


class DisagreementView(ViewModel):
    """Two models whose ranges do not meet, and the gap between them as a ratio of the reference NAV."""

    one: ModelName
    other: ModelName
    gap: str


class PanelView(ViewModel):
    """All opinions about one fund on one day. There is no average of them."""

    valued_on: date
    currency: str
    reference_date: date | None
    reference_nav: MoneyView | None
    rolled_nav: MoneyView | None
    nav_age_days: int | None
    opinions: list[OpinionView]
    disagreements: list[DisagreementView]
    notes: list[NoteView]

    @classmethod
    def of(cls, panel: Panel) -> "PanelView":
        """From a panel."""
        return cls(
            valued_on=panel.valued_on,
            currency=panel.currency,
            reference_date=panel.reference_date,
            reference_nav=_money(panel.reference_nav_minor, panel.currency),
            rolled_nav=_money(panel.rolled_nav_minor, panel.currency),
            nav_age_days=panel.nav_age_days,
            opinions=[OpinionView.of(opinion, panel.currency) for opinion in panel.opinions],
            disagreements=[
                DisagreementView(one=item.one, other=item.other, gap=ratio_text(item.gap_ppm))
                for item in panel.disagreements
            ],
            notes=[NoteView.of(note) for note in panel.notes],
        )


def _money(minor: int | None, currency: str) -> MoneyView | None:
    return None if minor is None else MoneyView.of(minor, currency)
