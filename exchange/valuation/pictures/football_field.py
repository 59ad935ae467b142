"""The football field: every model's range as a bar, models that could not run with their reason, prices as lines.

The axis is in ppm of the reference NAV; where that NAV is not positive a share of it means nothing and the axis is in
money. Bars are never averaged and none is left out: a model without figures keeps its row and says why. Kinds differ
by words and by the outline of the bar, prices by words and by dashes, never by colour alone.

Example: an opinion of 78 / 85 / 92 % of NAV beside an ask of 80 % is a bar from 78 to 92 with a diamond at 85, and a
solid vertical line at 80 that runs through it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from exchange.valuation.panel.opinion import Kind, Opinion, Panel
from exchange.valuation.pictures.drawing import ON_SCREEN, Palette, Picture, Table, element, frame, halo, line, text
from exchange.valuation.pictures.lettering import Flag, flags, shortened, text_width
from exchange.valuation.pictures.scale import Axis, axis_of

PRIVATE = "private"
DASHES: Mapping[str, str | None] = {"ask": None, "best_bid": "9 4", "floor": "2 3", "my_bid": "9 3 2 3"}
PAR_PPM = 1_000_000
_SIZE, _SMALL, _LANE, _AXIS_ROOM = 13.0, 11.5, 19.0, 40.0
_NARROW_BELOW = 560.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: a range in the unit of the axis, or the reason why there is none. `kind` is a `Kind` or PRIVATE;
    `detail` tells rows of one label apart, such as the name of a scenario."""

    label: str
    kind: str
    low: int | None = None
    point: int | None = None
    high: int | None = None
    reason: str = ""
    detail: str = ""

    @property
    def name(self) -> str:
        """The label with what tells it apart."""
        return f"{self.label} · {self.detail}" if self.detail else self.label

    @property
    def values(self) -> tuple[int, ...]:
        """Low, point and high in order, or nothing."""
        known = (self.low, self.point, self.high)
        return tuple(sorted(value for value in known if value is not None))


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A price of the market or the viewer on the axis: `name` is a key of DASHES."""

    name: str
    label: str
    value: int


@dataclass(frozen=True, slots=True)
class FieldWords:
    """All words of the picture in one language. `summary` is a sentence with {count}, {silent}, {low} and {high}."""

    title: str
    summary: str
    nothing: str
    caption: str
    axis: str
    figure: Callable[[int], str]
    kinds: Mapping[str, str]
    columns: tuple[str, str, str, str, str, str]  # model, kind, low, point, high, why not


def in_money(panel: Panel) -> bool:
    """Whether a share of the reference NAV has no meaning for this panel."""
    return panel.reference_nav_minor is None or panel.reference_nav_minor <= 0


def bars_of(panel: Panel, names: Mapping[str, str], reason: Callable[[Opinion], str]) -> tuple[Bar, ...]:
    """The rows of a panel in its own order; `names` by model, `reason` puts a silent opinion into words."""
    return tuple(bar_of(opinion, names[opinion.model], reason, money=in_money(panel)) for opinion in panel.opinions)


def bar_of(
    opinion: Opinion, name: str, reason: Callable[[Opinion], str], *, money: bool, kind: str = "", detail: str = ""
) -> Bar:
    """One opinion as a row, in money or in ppm of the reference NAV."""
    low, point, high = (
        (opinion.low_minor, opinion.point_minor, opinion.high_minor)
        if money
        else (opinion.low_ppm, opinion.point_ppm, opinion.high_ppm)
    )
    why = reason(opinion) if low is None and point is None and high is None else ""
    return Bar(name, kind or opinion.kind.value, low, point, high, why, detail)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things stand: the plot between `left` and `right`, rows from `top` on, labels above bars when narrow."""

    width: float
    left: float
    right: float
    top: float
    row: float
    narrow: bool
    axis: Axis
    flags: tuple[Flag, ...]

    def bar_middle(self, index: int) -> float:
        """Height of the middle of a row's bar."""
        return self.top + index * self.row + (self.row * 0.68 if self.narrow else self.row / 2)


def football_field(
    bars: Sequence[Bar],
    lines: Sequence[PriceLine],
    words: FieldWords,
    *,
    width: float = 760.0,
    palette: Palette = ON_SCREEN,
    prefix: str = "field",
) -> Picture:
    """The picture of some bars and price lines, and the same figures as a table.

    Args:
        bars: one a model, values in the unit of the axis (ppm of NAV, or minor units).
        lines: prices in the same unit; those the viewer may not see are simply not passed.
        words: the words of one language.
        width: in user units; below 560 the labels stand above their bars.
        palette: colours of the screen or of paper.
        prefix: keeps the ids of several pictures on one page apart.
    """
    plan = _plan(bars, lines, words, width)
    bottom = plan.top + len(bars) * plan.row
    height = bottom + _AXIS_ROOM
    summary = _summary(bars, words)
    stems, labels = _price_lines(plan, lines, bottom, words, palette)
    content = [  # words come last, so that no line runs over them
        *_grid(plan, bottom, words, palette),
        *(part for index, bar in enumerate(bars) for part in _shapes(plan, index, bar, palette)),
        *stems,
        *(part for index, bar in enumerate(bars) for part in _row_words(plan, index, bar, words, palette)),
        *labels,
    ]
    svg = frame("football-field", prefix, words.title, summary, width, height, palette, *content)
    return Picture(svg, _table(bars, lines, words), summary, width, height)


def _plan(bars: Sequence[Bar], lines: Sequence[PriceLine], words: FieldWords, width: float) -> _Plan:
    narrow = width < _NARROW_BELOW
    labels = [text_width(bar.label, _SIZE) for bar in bars] + [text_width(_below(bar, words), _SMALL) for bar in bars]
    figures = [max(map(text_width, _figures(bar, words), (_SIZE, _SMALL))) for bar in bars if bar.values]
    left = 14.0 if narrow else min(max(labels, default=0.0), width * 0.3) + 18
    right = width - (14.0 if narrow else max(figures, default=0.0) + 18)
    values = [value for bar in bars for value in bar.values] + [item.value for item in lines]
    widest = max((text_width(words.figure(value), _SMALL) for value in values), default=40.0) + 14
    axis = axis_of(values, max(2, int((right - left) / max(widest, 70))), left, right)
    placed = flags(
        [axis.at(item.value) for item in lines],
        [text_width(_line_label(item, words), _SMALL) for item in lines],
        width,
    )
    lanes = max((flag.lane + 1 for flag in placed), default=0)
    return _Plan(width, left, right, lanes * _LANE + 10, 56.0 if narrow else 42.0, narrow, axis, tuple(placed))


def _line_label(item: PriceLine, words: FieldWords) -> str:
    return f"{item.label} {words.figure(item.value)}"


def _below(bar: Bar, words: FieldWords) -> str:
    """The kind of a row with what tells it apart: the small line under its label."""
    kind = words.kinds[bar.kind]
    return f"{kind} · {bar.detail}" if bar.detail else kind


def _figures(bar: Bar, words: FieldWords) -> tuple[str, str]:
    """The point, and under it the range; a row without a point shows its ends."""
    values = bar.values
    ends = f"{words.figure(values[0])} – {words.figure(values[-1])}"
    if bar.point is None:
        return ends, ""
    return words.figure(bar.point), ends if values[0] != values[-1] else ""


def _grid(plan: _Plan, bottom: float, words: FieldWords, palette: Palette) -> list[str]:
    axis, parts = plan.axis, []
    for tick in axis.ticks:
        x = axis.at(tick)
        parts.append(line(x, plan.top, x, bottom, palette.grid_strong if tick == 0 else palette.grid))
        shown = words.figure(tick)
        half = text_width(shown, _SMALL) / 2
        centre = min(max(x, half), plan.width - half)
        parts.append(text(shown, centre, bottom + 16, _SMALL, palette.muted, text_anchor="middle"))
    named = shortened(words.axis, plan.width, _SMALL)
    parts.append(text(named, plan.width, bottom + 33, _SMALL, palette.muted, text_anchor="end"))
    return parts


def _shapes(plan: _Plan, index: int, bar: Bar, palette: Palette) -> list[str]:
    """The range as a bar and the point as a diamond; a range without extent is a thin upright."""
    if not bar.values:
        return []
    middle, colour = plan.bar_middle(index), _colour(bar.kind, palette)
    low, high = plan.axis.at(bar.values[0]), plan.axis.at(bar.values[-1])
    span = max(high - low, 2.0)
    box = element(
        "rect",
        x=(low + high - span) / 2,
        y=middle - 8,
        width=span,
        height=16.0,
        rx=min(3.0, span / 2),
        fill=colour,
        fill_opacity=0.32,
        stroke=colour,
        stroke_width=1.4,
        stroke_dasharray="4 3" if bar.kind == PRIVATE else None,
        class_="field-bar",
    )
    if bar.point is None:
        return [box]
    outline = f"M{plan.axis.at(bar.point):.2f} {middle - 10:.2f}l6 10-6 10-6-10z"
    return [
        box,
        element("path", d=outline, fill=colour, stroke=palette.surface, stroke_width=1.5, class_="field-point"),
    ]


def _row_words(plan: _Plan, index: int, bar: Bar, words: FieldWords, palette: Palette) -> list[str]:
    named = _names_above if plan.narrow else _names_beside
    parts = named(plan, plan.top + index * plan.row, bar, words, palette)
    if not bar.values:
        why = shortened(f"— {bar.reason}", plan.width - plan.left, _SMALL)
        middle = plan.bar_middle(index)
        parts.append(
            text(why, plan.left, middle + 4, _SMALL, palette.muted, class_="field-reason", **halo(palette.surface))
        )
    return parts


def _names_above(plan: _Plan, top: float, bar: Bar, words: FieldWords, palette: Palette) -> list[str]:
    point, ends = _figures(bar, words) if bar.values else ("", "")
    figures = f"{point} ({ends})" if ends else point
    room, clear = plan.width - text_width(figures, _SMALL) - 10, halo(palette.surface)
    return [
        text(shortened(bar.name, room, _SIZE), 0, top + 17, _SIZE, palette.ink, font_weight="600", **clear),
        text(figures, plan.width, top + 17, _SMALL, palette.ink, text_anchor="end", **clear),
    ]


def _names_beside(plan: _Plan, top: float, bar: Bar, words: FieldWords, palette: Palette) -> list[str]:
    middle, room = top + plan.row / 2, plan.left - 12
    point, ends = _figures(bar, words) if bar.values else ("", "")
    parts = [
        text(shortened(bar.label, room, _SIZE), 0, middle - 2, _SIZE, palette.ink, font_weight="600"),
        text(shortened(_below(bar, words), room, _SMALL), 0, middle + 13, _SMALL, palette.muted),
    ]
    if point:
        down = -2 if ends else 5
        parts.append(text(point, plan.width, middle + down, _SIZE, palette.ink, text_anchor="end", font_weight="600"))
    if ends:
        parts.append(text(ends, plan.width, middle + 13, _SMALL, palette.muted, text_anchor="end"))
    return parts


def _price_lines(
    plan: _Plan, lines: Sequence[PriceLine], bottom: float, words: FieldWords, palette: Palette
) -> tuple[list[str], list[str]]:
    stems, labels = [], []
    for item, flag in zip(lines, plan.flags, strict=True):
        x, foot = plan.axis.at(item.value), plan.top - 10 - flag.lane * _LANE
        stems.append(
            line(
                x,
                foot - _LANE + 5,
                x,
                bottom,
                palette.ink,
                stroke_width=1.8,
                stroke_dasharray=DASHES[item.name],
                class_=f"field-price field-{item.name}",
            )
        )
        said = _line_label(item, words)
        labels.append(
            text(said, flag.left, foot - 2, _SMALL, palette.ink, class_="field-flag", **halo(palette.surface))
        )
    return stems, labels


def _colour(kind: str, palette: Palette) -> str:
    colours = {
        Kind.NAV.value: palette.nav,
        Kind.MODEL_PRICE.value: palette.model_price,
        Kind.MARKET_PRICE.value: palette.market_price,
        Kind.APPRAISAL.value: palette.appraisal,
    }
    return colours.get(kind, palette.private)


def _summary(bars: Sequence[Bar], words: FieldWords) -> str:
    values = [value for bar in bars for value in bar.values]
    if not values:
        return words.nothing
    speaking = sum(bool(bar.values) for bar in bars)
    return words.summary.format(
        count=speaking,
        silent=len(bars) - speaking,
        low=words.figure(min(values)),
        high=words.figure(max(values)),
    )


def _table(bars: Sequence[Bar], lines: Sequence[PriceLine], words: FieldWords) -> Table:
    def shown(value: int | None) -> str:
        return "—" if value is None else words.figure(value)

    rows = [
        (bar.name, words.kinds[bar.kind], shown(bar.low), shown(bar.point), shown(bar.high), bar.reason) for bar in bars
    ]
    prices = [(item.label, "", "", words.figure(item.value), "", "") for item in lines]
    return Table(words.caption, words.columns, tuple(rows + prices))
