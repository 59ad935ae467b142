"""The history of a fund's NAV as a stepped line over calls (down) and distributions (up), and the same as a table.

A reported NAV holds until the next report, hence steps and no slope between them: nothing is interpolated. A report
without a NAV leaves a gap. Amounts are in minor units of one currency.

Example: 100 on 2024-12-31 and 120 on 2025-12-31 with 10 called is a step up on the second day over a bar of 10
below the zero line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from exchange.valuation.pictures.drawing import ON_SCREEN, Palette, Picture, Table, element, frame
from exchange.valuation.pictures.time_plot import Plot, ground, key, plot_of


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A report: the NAV on a day, and what was called and distributed since the report before."""

    on: date
    nav_minor: int | None
    called_minor: int = 0
    distributed_minor: int = 0


@dataclass(frozen=True, slots=True)
class HistoryWords:
    """Words of one language. `summary` is a sentence with {first}, {last}, {from_nav}, {to_nav}, {called} and
    {distributed}; `figure` shows an amount short (axis), `money` in full (table)."""

    title: str
    summary: str
    nothing: str
    caption: str
    nav: str
    called: str
    distributed: str
    as_of: str
    figure: Callable[[int], str]
    money: Callable[[int], str]


def nav_history(
    points: Sequence[HistoryPoint],
    words: HistoryWords,
    *,
    width: float = 760.0,
    height: float = 300.0,
    palette: Palette = ON_SCREEN,
    prefix: str = "history",
) -> Picture:
    """The picture of some reports, in any order, and the same figures as a table, the newest first."""
    rows = sorted(points, key=lambda point: point.on)
    amounts = [value for point in rows for value in (point.nav_minor, -point.called_minor, point.distributed_minor)]
    plot = plot_of(
        [point.on for point in rows],
        [value for value in amounts if value is not None],
        words.figure,
        width=width,
        height=height,
    )
    entries = [
        ("line", palette.model_price, words.nav),
        ("bar", palette.called, words.called),
        ("bar", palette.distributed, words.distributed),
    ]
    content = [
        *key(entries, plot, palette),
        *ground(plot, words.figure, palette),
        *_bars(rows, plot, palette),
        *_steps(rows, plot, palette),
    ]
    summary = _summary(rows, words)
    svg = frame("nav-history", prefix, words.title, summary, width, height, palette, *content)
    return Picture(svg, _table(rows, words), summary, width, height)


def _bars(rows: Sequence[HistoryPoint], plot: Plot, palette: Palette) -> list[str]:
    gaps = [plot.x(after.on) - plot.x(before.on) for before, after in pairwise(rows)]
    size = max(2.0, min(22.0, *(gap * 0.5 for gap in gaps if gap > 0), 22.0))
    zero, parts = plot.y(0), []
    for point in rows:
        x = min(max(plot.x(point.on) - size / 2, plot.days.start), plot.days.end - size)
        for name, value, colour in (
            ("called", -point.called_minor, palette.called),
            ("distributed", point.distributed_minor, palette.distributed),
        ):
            if value:
                y = plot.y(value)
                parts.append(
                    element(
                        "rect",
                        x=x,
                        y=min(y, zero),
                        width=size,
                        height=abs(y - zero),
                        fill=colour,
                        class_=f"history-{name}",
                    )
                )
    return parts


def _steps(rows: Sequence[HistoryPoint], plot: Plot, palette: Palette) -> list[str]:
    """One path of steps for each unbroken run of reports, with a dot at each report."""
    parts: list[str] = []
    path = ""
    for index, point in enumerate(rows):
        if point.nav_minor is None:
            path = _ended(parts, path, palette)
            continue
        x, y = plot.x(point.on), plot.y(point.nav_minor)
        path += f"H{x:.2f}V{y:.2f}" if path else f"M{x:.2f} {y:.2f}"
        parts.append(element("circle", cx=x, cy=y, r=2.6, fill=palette.model_price, class_="history-report"))
        following = rows[index + 1] if index + 1 < len(rows) else None
        path += f"H{(plot.x(following.on) if following else plot.days.end):.2f}"
    _ended(parts, path, palette)
    return parts


def _ended(parts: list[str], path: str, palette: Palette) -> str:
    if path:
        parts.append(element("path", d=path, stroke=palette.model_price, stroke_width=2.2, class_="history-nav"))
    return ""


def _summary(rows: Sequence[HistoryPoint], words: HistoryWords) -> str:
    known = [(point.on, point.nav_minor) for point in rows if point.nav_minor is not None]
    if not known:
        return words.nothing
    (first, from_nav), (last, to_nav) = known[0], known[-1]
    return words.summary.format(
        first=first.isoformat(),
        last=last.isoformat(),
        from_nav=words.money(from_nav),
        to_nav=words.money(to_nav),
        called=words.money(sum(point.called_minor for point in rows)),
        distributed=words.money(sum(point.distributed_minor for point in rows)),
    )


def _table(rows: Sequence[HistoryPoint], words: HistoryWords) -> Table:
    return Table(
        words.caption,
        (words.as_of, words.nav, words.called, words.distributed),
        tuple(
            (
                point.on.isoformat(),
                "—" if point.nav_minor is None else words.money(point.nav_minor),
                words.money(point.called_minor),
                words.money(point.distributed_minor),
            )
            for point in reversed(rows)
        ),
    )
