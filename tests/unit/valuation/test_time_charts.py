"""NAV history and projection fan: steps, bars above and below zero, bands around the median."""

from datetime import date, timedelta

import pytest

from exchange.valuation.pictures.nav_history import HistoryPoint, nav_history
from exchange.valuation.pictures.projection_fan import FanPoint, projection_fan
from tests.unit.valuation.drawn import FAN_WORDS, HISTORY_WORDS, Drawn

REPORTS = (
    HistoryPoint(date(2024, 12, 31), 10_000),
    HistoryPoint(date(2025, 6, 30), 12_000, called_minor=3_000),
    HistoryPoint(date(2025, 12, 31), 9_000, called_minor=500, distributed_minor=4_000),
)
FAN = tuple(
    FanPoint(date(2026 + year, 12, 31), (100 - 80 * year, 100 - 20 * year, 100, 100 + 30 * year, 100 + 90 * year))
    for year in range(4)
)


def heights(drawn: Drawn, name: str) -> list[tuple[float, float]]:
    return [(float(bar.attrib["y"]), float(bar.attrib["height"])) for bar in drawn.all("rect", f"history-{name}")]


def zero_line(drawn: Drawn) -> float:
    """Height of the grid line that is named zero."""
    label = next(item for item in drawn.all("text") if item.text == "0.00")
    return float(label.attrib["y"]) - 4


def test_calls_hang_below_zero_and_distributions_stand_on_it() -> None:
    drawn = Drawn(nav_history(REPORTS, HISTORY_WORDS).svg)
    zero = zero_line(drawn)
    called, distributed = heights(drawn, "called"), heights(drawn, "distributed")
    assert [top for top, _ in called] == pytest.approx([zero, zero], abs=0.02)
    assert [top + height for top, height in distributed] == pytest.approx([zero], abs=0.02)
    assert called[0][1] == pytest.approx(6 * called[1][1], abs=0.05)
    assert distributed[0][1] == pytest.approx(8 * called[1][1], abs=0.1)


def test_nav_is_a_stepped_line_with_a_dot_at_each_report() -> None:
    drawn = Drawn(nav_history(REPORTS, HISTORY_WORDS).svg)
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in drawn.all("circle", "history-report")]
    assert len(dots) == 3
    assert dots[1][1] < dots[0][1] < dots[2][1]
    path = drawn.all("path", "history-nav")[0].attrib["d"]
    assert set(path) & {"L", "C"} == set()
    assert path.count("V") == 2


def test_a_report_without_nav_leaves_a_gap() -> None:
    rows = [*REPORTS, HistoryPoint(date(2026, 3, 31), None), HistoryPoint(date(2026, 6, 30), 9_500)]
    picture = nav_history(rows, HISTORY_WORDS)
    assert len(Drawn(picture.svg).all("path", "history-nav")) == 2
    assert picture.table.rows[1] == ("2026-03-31", "—", "0.00", "0.00")


def test_the_table_of_a_history_begins_with_the_newest() -> None:
    picture = nav_history(REPORTS, HISTORY_WORDS)
    assert picture.table.rows[0] == ("2025-12-31", "90.00", "5.00", "40.00")
    assert picture.summary == "2024-12-31 至 2025-12-31：净值由 100.00 变为 90.00，缴款 35.00，分配 40.00。"
    assert nav_history(tuple(reversed(REPORTS)), HISTORY_WORDS) == picture


def test_the_bands_of_a_fan_contain_each_other_and_the_median() -> None:
    drawn = Drawn(projection_fan(FAN, FAN_WORDS).svg)

    def corners(name: str, class_: str) -> list[tuple[float, float]]:
        outline = drawn.all(name, class_)[0].attrib["points"].split()
        return [(float(corner.split(",")[0]), float(corner.split(",")[1])) for corner in outline]

    wide, narrow, median = (
        corners("polygon", "fan-nine-tenths"),
        corners("polygon", "fan-half"),
        corners("polyline", "fan-median"),
    )
    for index in range(4):
        top, inner_top, middle = wide[index], narrow[index], median[index]
        inner_bottom, bottom = narrow[7 - index], wide[7 - index]
        assert len({top[0], inner_top[0], middle[0], inner_bottom[0], bottom[0]}) == 1
        assert top[1] <= inner_top[1] <= middle[1] <= inner_bottom[1] <= bottom[1]
    assert bottom[1] > zero_line(drawn)


def test_the_table_of_a_fan_names_its_quantiles() -> None:
    picture = projection_fan(FAN, FAN_WORDS)
    assert picture.table.columns == ("日期", "P5", "P25", "P50", "P75", "P95")
    assert picture.table.rows[-1] == ("2029-12-31", "-1.40", "0.40", "1.00", "1.90", "3.70")
    assert picture.summary == "至 2029-12-31：-1.40 – 1.00 – 3.70"


def test_quantiles_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="2026-12-31"):
        projection_fan([FanPoint(date(2026, 12, 31), (5, 4, 3, 2, 1))], FAN_WORDS)


@pytest.mark.parametrize("width", [340.0, 760.0])
@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_nothing_lies_outside_whatever_the_length(count: int, width: float) -> None:
    first = date(2008, 3, 31)
    days = [first + timedelta(days=91 * index) for index in range(count)]
    reports = [HistoryPoint(day, 10**14 * (index + 1), 10**15, 10**12) for index, day in enumerate(days)]
    fan = [FanPoint(day, (-(10**15), -5, 0, 10**3, 10**13)) for day in days]
    for svg in (
        nav_history(reports, HISTORY_WORDS, width=width).svg,
        projection_fan(fan, FAN_WORDS, width=width).svg,
    ):
        drawn = Drawn(svg)
        assert drawn.outside() == []
        assert drawn.overlaps() == []
        assert drawn.root.attrib["role"] == "img"


def test_pictures_of_nothing_say_so() -> None:
    assert nav_history((), HISTORY_WORDS).summary == "没有净值。"
    assert projection_fan((), FAN_WORDS).summary == "没有预测。"
