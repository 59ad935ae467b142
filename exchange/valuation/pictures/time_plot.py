"""The ground of charts over time: amounts upwards with their grid, years along the foot, a key of what is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from exchange.valuation.pictures.drawing import Palette, element, line, text
from exchange.valuation.pictures.lettering import text_width
from exchange.valuation.pictures.scale import Axis, axis_of, day_axis

SIZE = 11.5
_FOOT, _KEY = 26.0, 26.0


@dataclass(frozen=True, slots=True)
class Plot:
    """Where days and amounts stand. `top` and `bottom` bound the plot, below it the years."""

    days: Axis
    amounts: Axis
    width: float
    height: float
    top: float
    bottom: float

    def x(self, day: date) -> float:
        """Horizontal position of a day."""
        return self.days.at(day.toordinal())

    def y(self, amount: int) -> float:
        """Height of an amount."""
        return self.amounts.at(amount)


def plot_of(
    days: Sequence[date],
    amounts: Sequence[int],
    figure: Callable[[int], str],
    *,
    width: float,
    height: float,
    right_room: float = 10.0,
) -> Plot:
    """A plot with room for its tick labels, the zero line always in it."""
    top, bottom = _KEY + 8, height - _FOOT
    rows = max(2, int((bottom - top) / 46))
    plain = axis_of([*amounts, 0], rows, bottom, top)
    left = max(text_width(figure(tick), SIZE) for tick in plain.ticks) + 12
    spread = (max(days) - min(days)).days if days else 0
    return Plot(day_axis(days, max(30, spread // 40), left, width - right_room), plain, width, height, top, bottom)


def ground(plot: Plot, figure: Callable[[int], str], palette: Palette) -> list[str]:
    """Grid, amounts and years."""
    left, right = plot.days.start, plot.days.end
    parts = []
    for tick in plot.amounts.ticks:
        y = plot.y(tick)
        parts.append(line(left, y, right, y, palette.grid_strong if tick == 0 else palette.grid))
        parts.append(text(figure(tick), left - 8, y + 4, SIZE, palette.muted, text_anchor="end"))
    for tick in plot.days.ticks:
        x = plot.days.at(tick)
        parts.append(line(x, plot.bottom, x, plot.bottom + 5, palette.grid_strong))
        half = text_width("0000", SIZE) / 2
        shown = min(max(x, half), plot.width - half)
        parts.append(
            text(str(date.fromordinal(tick).year), shown, plot.bottom + 19, SIZE, palette.muted, text_anchor="middle")
        )
    return parts


def key(entries: Sequence[tuple[str, str, str]], plot: Plot, palette: Palette) -> list[str]:
    """What is drawn, in words: entries of swatch ("line", "bar", "band", "light band"), colour and words."""
    parts, x = [], 0.0
    for kind, colour, words in entries:
        if kind == "line":
            parts.append(line(x, 10, x + 16, 10, colour, stroke_width=2.4))
        else:
            fading = {"band": 0.38, "light band": 0.18}.get(kind)
            parts.append(element("rect", x=x, y=4.0, width=16.0, height=12.0, rx=2.0, fill=colour, fill_opacity=fading))
        parts.append(text(words, x + 21, 14, SIZE, palette.muted))
        x += 21 + text_width(words, SIZE) + 14
    return parts
