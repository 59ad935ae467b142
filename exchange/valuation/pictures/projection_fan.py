"""A fan of projected amounts: the median as a line, between the quartiles a dark band, between 5 and 95 % a light one.

Drawn for projected NAV or for cumulative net cash, so amounts may lie below zero. Quantiles are in minor units, on
the days of the projection.

Example: quantiles of 80 / 90 / 100 / 110 / 120 a year from now are a light band from 80 to 120, a dark one from 90
to 110 and a line at 100.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from exchange.valuation.pictures.drawing import ON_SCREEN, Palette, Picture, Table, element, frame
from exchange.valuation.pictures.time_plot import Plot, ground, key, plot_of

QUANTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True, slots=True)
class FanPoint:
    """A day of the projection: the amounts that 5, 25, 50, 75 and 95 % of the scenarios do not exceed."""

    on: date
    quantiles_minor: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class FanWords:
    """Words of one language. `summary` is a sentence with {last}, {low}, {median} and {high}."""

    title: str
    summary: str
    nothing: str
    caption: str
    median: str
    half: str  # between the quartiles
    nine_tenths: str  # between 5 and 95 %
    on: str
    figure: Callable[[int], str]
    money: Callable[[int], str]


def projection_fan(
    points: Sequence[FanPoint],
    words: FanWords,
    *,
    width: float = 760.0,
    height: float = 300.0,
    palette: Palette = ON_SCREEN,
    prefix: str = "fan",
) -> Picture:
    """The picture of a projection, and the same figures as a table.

    Raises:
        ValueError: quantiles of a day that are not in order; that is no distribution.
    """
    rows = sorted(points, key=lambda point: point.on)
    for row in rows:
        if list(row.quantiles_minor) != sorted(row.quantiles_minor):
            raise ValueError(f"quantiles of {row.on.isoformat()} are not in order")
    amounts = [value for row in rows for value in row.quantiles_minor]
    plot = plot_of([row.on for row in rows], amounts, words.figure, width=width, height=height)
    colour = palette.model_price
    entries = [
        ("line", colour, words.median),
        ("band", colour, words.half),
        ("light band", colour, words.nine_tenths),
    ]
    content = [
        *key(entries, plot, palette),
        *ground(plot, words.figure, palette),
        *_band(rows, plot, 0, 4, colour, "fan-nine-tenths", 0.18),
        *_band(rows, plot, 1, 3, colour, "fan-half", 0.26),
        *_median(rows, plot, colour),
    ]
    summary = _summary(rows, words)
    svg = frame("projection-fan", prefix, words.title, summary, width, height, palette, *content)
    return Picture(svg, _table(rows, words), summary, width, height)


def _band(
    rows: Sequence[FanPoint], plot: Plot, low: int, high: int, colour: str, name: str, opacity: float
) -> list[str]:
    if len(rows) == 1:
        x, quantiles = plot.x(rows[0].on), rows[0].quantiles_minor
        top, bottom = plot.y(quantiles[high]), plot.y(quantiles[low])
        box = element(
            "rect", x=x - 6, y=top, width=12.0, height=bottom - top, fill=colour, fill_opacity=opacity, class_=name
        )
        return [box]
    there = [f"{plot.x(row.on):.2f},{plot.y(row.quantiles_minor[high]):.2f}" for row in rows]
    back = [f"{plot.x(row.on):.2f},{plot.y(row.quantiles_minor[low]):.2f}" for row in reversed(rows)]
    outline = " ".join([*there, *back])
    return [element("polygon", points=outline, fill=colour, fill_opacity=opacity, class_=name)] if rows else []


def _median(rows: Sequence[FanPoint], plot: Plot, colour: str) -> list[str]:
    places = [(plot.x(row.on), plot.y(row.quantiles_minor[2])) for row in rows]
    if len(places) == 1:
        return [element("circle", cx=places[0][0], cy=places[0][1], r=3.0, fill=colour, class_="fan-median")]
    outline = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
    return [element("polyline", points=outline, stroke=colour, stroke_width=2.2, class_="fan-median")] if places else []


def _summary(rows: Sequence[FanPoint], words: FanWords) -> str:
    if not rows:
        return words.nothing
    last = rows[-1]
    return words.summary.format(
        last=last.on.isoformat(),
        low=words.money(last.quantiles_minor[0]),
        median=words.money(last.quantiles_minor[2]),
        high=words.money(last.quantiles_minor[4]),
    )


def _table(rows: Sequence[FanPoint], words: FanWords) -> Table:
    return Table(
        words.caption,
        (words.on, *(f"P{quantile}" for quantile in QUANTILES)),
        tuple((row.on.isoformat(), *(words.money(value) for value in row.quantiles_minor)) for row in rows),
    )
