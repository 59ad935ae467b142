"""SVG written as text: elements, escaping, colours, and the frame every picture stands in.

Everything is said with presentation attributes, never with `style`, so that a page whose policy allows no inline
style shows it. On screen colours are the client's custom properties (light and dark follow by themselves); on paper
they are fixed. Numbers have at most two decimals: the same values give the same text everywhere.

Example: `element("rect", x=1.251, width=20.0)` is `<rect x="1.25" width="20"/>`.
"""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they stand for, and the font (empty: that of the page around the picture)."""

    ink: str
    muted: str
    grid: str
    grid_strong: str
    surface: str
    nav: str
    model_price: str
    market_price: str
    appraisal: str
    private: str
    called: str
    distributed: str
    font: str = ""


ON_SCREEN = Palette(
    ink="var(--ink, #101828)",
    muted="var(--muted, #5b6470)",
    grid="var(--line, #dbe2ea)",
    grid_strong="var(--line-strong, #8a96a6)",
    surface="var(--surface, #ffffff)",
    nav="var(--ink-2, #3a4658)",
    model_price="var(--accent, #164fa8)",
    market_price="var(--chart-market, #a4680a)",
    appraisal="var(--chart-appraisal, #6b3fa0)",
    private="var(--chart-private, #0f766e)",
    called="var(--chart-called, #8a94a6)",
    distributed="var(--chart-distributed, #c98a1b)",
)
ON_PAPER = Palette(
    ink="#101828",
    muted="#5b6470",
    grid="#dbe2ea",
    grid_strong="#8a96a6",
    surface="#ffffff",
    nav="#3a4658",
    model_price="#164fa8",
    market_price="#a4680a",
    appraisal="#6b3fa0",
    private="#0f766e",
    called="#8a94a6",
    distributed="#c98a1b",
    font="Noto Sans CJK SC, Noto Sans SC",
)


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a picture as plain strings: a caption, headings, rows whose first cell names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: its SVG, the same figures as a table, the sentence that sums it up, its size in user units."""

    svg: str
    table: Table
    summary: str
    width: float
    height: float


def escaped(text: str) -> str:
    """Text safe between tags and in quoted attributes; characters that XML does not know are dropped."""
    return escape(_FORBIDDEN.sub("", text), {'"': "&quot;", "'": "&#39;"})


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def element(name: str, *content: str, **attributes: str | float | None) -> str:
    """An element; attributes that are None are left out, `stroke_width` is written `stroke-width`, `class_` `class`.

    `content` is markup that is safe already: other elements, or text that went through `escaped`.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(content)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def text(words: str, x: float, y: float, size: float, colour: str, **attributes: str | float | None) -> str:
    """A line of text with its baseline at y."""
    return element("text", escaped(words), x=x, y=y, font_size=size, fill=colour, **attributes)


def halo(colour: str) -> dict[str, str | float | None]:
    """Attributes that keep text legible where a line runs behind it."""
    return {"stroke": colour, "stroke_width": 4.0, "stroke_linejoin": "round", "paint_order": "stroke"}


def line(x1: float, y1: float, x2: float, y2: float, colour: str, **attributes: str | float | None) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, **attributes)


def frame(
    kind: str, prefix: str, title: str, summary: str, width: float, height: float, palette: Palette, *content: str
) -> str:
    """The whole SVG: an image with a name and a description; `prefix` keeps its ids apart from others on a page."""
    size = f"0 0 {number(width)} {number(height)}"
    return element(
        "svg",
        element("title", escaped(title), id=f"{prefix}-title"),
        element("desc", escaped(summary), id=f"{prefix}-desc"),
        *content,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"picture {kind}",
        viewBox=size,
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{prefix}-title {prefix}-desc",
        font_family=palette.font or None,
        fill="none",
    )
