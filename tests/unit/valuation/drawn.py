"""A picture read back as XML: what tests of the charts look at, and panels and words to draw."""

from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree

from exchange.valuation.panel.opinion import Kind, ModelName, Opinion, Panel
from exchange.valuation.pictures.football_field import FieldWords
from exchange.valuation.pictures.lettering import text_width
from exchange.valuation.pictures.nav_history import HistoryWords
from exchange.valuation.pictures.projection_fan import FanWords

NAMESPACE = "{http://www.w3.org/2000/svg}"


def percent(ppm: int) -> str:
    return f"{ppm / 10_000:.2f}%"


def money(minor: int) -> str:
    return f"{minor / 100:,.2f}"


def field_words(figure: Callable[[int], str] = percent) -> FieldWords:
    return FieldWords(
        title="估值区间",
        summary="{count} 个模型给出区间，{silent} 个不能运行；最低 {low}，最高 {high}。",
        nothing="没有模型给出区间。",
        caption="估值区间与价格",
        axis="占参考净值",
        figure=figure,
        kinds={kind.value: kind.value for kind in Kind} | {"private": "我的假设"},
        columns=("模型", "性质", "低", "中", "高", "说明"),
    )


HISTORY_WORDS = HistoryWords(
    title="净值历史",
    summary="{first} 至 {last}：净值由 {from_nav} 变为 {to_nav}，缴款 {called}，分配 {distributed}。",
    nothing="没有净值。",
    caption="净值与现金流",
    nav="净值",
    called="缴款",
    distributed="分配",
    as_of="日期",
    figure=money,
    money=money,
)
FAN_WORDS = FanWords(
    title="预测",
    summary="至 {last}：{low} – {median} – {high}",
    nothing="没有预测。",
    caption="预测",
    median="中位数",
    half="50% 区间",
    nine_tenths="90% 区间",
    on="日期",
    figure=money,
    money=money,
)


def an_opinion(
    model: ModelName, low: int | None, point: int | None, high: int | None, *, status: str = "OK", nav: int = 10_000
) -> Opinion:
    """An opinion in ppm of a NAV; its money follows from it."""

    def minor(ppm: int | None) -> int | None:
        return None if ppm is None else ppm * nav // 1_000_000

    kind = Kind.NAV if model.value.endswith("nav") else Kind.MODEL_PRICE
    return Opinion(model, kind, status, minor(low), minor(point), minor(high), low, point, high)


def a_panel(*opinions: Opinion, nav: int | None = 10_000) -> Panel:
    """A panel on 2026-06-30 over a NAV of the quarter before."""
    return Panel("fund", date(2026, 6, 30), "CNY", date(2026, 3, 31), nav, nav, 91, opinions, ())


class Drawn:
    """An SVG and where its parts stand."""

    def __init__(self, svg: str) -> None:
        self.svg = svg
        self.root = ElementTree.fromstring(svg)

    def all(self, name: str, class_: str | None = None) -> list[ElementTree.Element]:
        """Elements of a name, and of a class if one is given."""
        found = self.root.iter(NAMESPACE + name)
        return [item for item in found if class_ is None or class_ in item.get("class", "").split()]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the view box."""
        _, _, width, height = (float(part) for part in self.root.attrib["viewBox"].split())
        return width, height

    def texts(self) -> list[str]:
        """All words."""
        return [item.text or "" for item in self.all("text")]

    def boxes(self) -> list[tuple[str, float, float, float, float]]:
        """Estimated box of every text: words, left, top, right, bottom."""
        found = []
        for item in self.all("text"):
            size, x, y = (float(item.attrib[key]) for key in ("font-size", "x", "y"))
            words = item.text or ""
            width = text_width(words, size)
            left = x - width * {"start": 0, "middle": 0.5, "end": 1}[item.get("text-anchor", "start")]
            found.append((words, left, y - size * 0.8, left + width, y + size * 0.2))
        return found

    def overlaps(self) -> list[tuple[str, str]]:
        """Pairs of texts that run into each other."""
        boxes = self.boxes()
        return [
            (one[0], other[0])
            for index, one in enumerate(boxes)
            for other in boxes[index + 1 :]
            if one[1] < other[3] and other[1] < one[3] and one[2] < other[4] and other[2] < one[4]
        ]

    def points(self) -> list[tuple[float, float]]:
        """Corners of everything drawn."""
        found: list[tuple[float, float]] = []
        for item in self.all("rect"):
            x, y, width, height = (float(item.attrib[key]) for key in ("x", "y", "width", "height"))
            found += [(x, y), (x + width, y + height)]
        for item in self.all("line"):
            x1, y1, x2, y2 = (float(item.attrib[key]) for key in ("x1", "y1", "x2", "y2"))
            found += [(x1, y1), (x2, y2)]
        for item in [*self.all("polygon"), *self.all("polyline")]:
            corners = [corner.split(",") for corner in item.attrib["points"].split()]
            found += [(float(x), float(y)) for x, y in corners]
        for words, left, top, right, bottom in self.boxes():
            assert words is not None
            found += [(left, top), (right, bottom)]
        return found

    def outside(self) -> list[tuple[float, float]]:
        """Corners outside the view box."""
        width, height = self.size
        return [(x, y) for x, y in self.points() if not (-0.5 <= x <= width + 0.5 and -0.5 <= y <= height + 0.5)]
