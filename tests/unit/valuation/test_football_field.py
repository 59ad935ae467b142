"""The football field: bars from low to high, lines at their prices, words that can be read."""

import pytest

from exchange.valuation.panel.opinion import ModelName
from exchange.valuation.pictures.drawing import ON_PAPER
from exchange.valuation.pictures.football_field import PRIVATE, Bar, PriceLine, bars_of, football_field, in_money
from tests.unit.valuation.drawn import Drawn, a_panel, an_opinion, field_words, money

NAMES = {model.value: model.value.replace("_", " ") for model in ModelName}
BARS = (
    Bar("报告净值", "nav", 1_000_000, 1_000_000, 1_000_000),
    Bar("现金流折现", "model_price", 720_000, 805_000, 890_000),
    Bar("穿透估值", "nav", reason="没有底层资产明细"),
    Bar("独立评估", "appraisal", 830_000, 860_000, 880_000),
)
LINES = (
    PriceLine("ask", "要价", 820_000),
    PriceLine("best_bid", "最高报价", 790_000),
    PriceLine("floor", "底价", 830_000),
    PriceLine("my_bid", "我的报价", 791_000),
)
WIDTHS = (340.0, 560.0, 760.0)


def test_each_bar_runs_from_low_to_high_on_one_scale() -> None:
    drawn = Drawn(football_field(BARS, LINES, field_words()).svg)
    bars = [(float(bar.attrib["x"]), float(bar.attrib["width"])) for bar in drawn.all("rect", "field-bar")]
    ask = float(drawn.all("line", "field-ask")[0].attrib["x1"])
    floor = float(drawn.all("line", "field-floor")[0].attrib["x1"])
    per_ppm = (floor - ask) / 10_000
    nav, cash_flow, appraisal = bars
    assert nav[0] + nav[1] / 2 == pytest.approx(ask + 180_000 * per_ppm, abs=1)
    assert cash_flow[0] == pytest.approx(ask - 100_000 * per_ppm, abs=1)
    assert cash_flow[1] == pytest.approx(170_000 * per_ppm, abs=1)
    assert appraisal[0] == pytest.approx(floor, abs=0.02)


def test_the_point_stands_within_its_bar() -> None:
    drawn = Drawn(football_field(BARS, LINES, field_words()).svg)
    starts = [float(path.attrib["d"].split()[0].removeprefix("M")) for path in drawn.all("path", "field-point")]
    for start, bar in zip(starts, drawn.all("rect", "field-bar"), strict=True):
        left = float(bar.attrib["x"])
        assert left - 0.02 <= start <= left + float(bar.attrib["width"]) + 0.02


def test_a_model_that_could_not_run_keeps_its_row_and_says_why() -> None:
    picture = football_field(BARS, (), field_words())
    drawn = Drawn(picture.svg)
    assert len(drawn.all("rect", "field-bar")) == 3
    assert [item.text for item in drawn.all("text", "field-reason")] == ["— 没有底层资产明细"]
    assert picture.table.rows[2] == ("穿透估值", "nav", "—", "—", "—", "没有底层资产明细")
    assert "3 个模型给出区间，1 个不能运行" in picture.summary


def test_prices_differ_by_dashes_and_are_named_with_their_figure() -> None:
    drawn = Drawn(football_field(BARS, LINES, field_words()).svg)
    assert len({line.get("stroke-dasharray") for line in drawn.all("line", "field-price")}) == len(LINES)
    assert {item.text for item in drawn.all("text", "field-flag")} == {
        "要价 82.00%",
        "最高报价 79.00%",
        "底价 83.00%",
        "我的报价 79.10%",
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_lies_outside_and_no_words_overlap(width: float) -> None:
    drawn = Drawn(football_field(BARS, LINES, field_words(), width=width).svg)
    assert drawn.outside() == []
    assert drawn.overlaps() == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "bar",
    [
        Bar("负值", "model_price", -2_500_000, -100_000, 400_000),
        Bar("极宽", "model_price", 1, 10**9, 10**15),
        Bar("无幅度", "market_price", 0, 0, 0),
        Bar("没有中点", "market_price", 500_000, None, 700_000),
        Bar("很长很长很长很长很长很长很长很长很长很长很长很长的名称", PRIVATE, 500_000, 600_000, 700_000),
    ],
    ids=lambda bar: bar.label,
)
def test_unusual_ranges_stay_in_the_picture(bar: Bar, width: float) -> None:
    drawn = Drawn(football_field([bar, *BARS], LINES, field_words(), width=width).svg)
    assert drawn.outside() == []
    assert drawn.overlaps() == []
    assert len(drawn.all("rect", "field-bar")) == 4


def test_a_scenario_of_one_s_own_is_told_apart_by_its_name_and_its_outline() -> None:
    own = Bar("现金流折现", PRIVATE, 600_000, 650_000, 700_000, detail="谨慎")
    picture = football_field([*BARS, own], (), field_words())
    drawn = Drawn(picture.svg)
    assert "我的假设 · 谨慎" in drawn.texts()
    assert [bar.get("stroke-dasharray") for bar in drawn.all("rect", "field-bar")] == [None, None, None, "4 3"]
    assert picture.table.rows[-1][:2] == ("现金流折现 · 谨慎", "我的假设")


def test_an_empty_panel_says_so() -> None:
    picture = football_field((), (), field_words())
    assert picture.summary == "没有模型给出区间。"
    assert picture.table.rows == ()
    assert Drawn(picture.svg).outside() == []


def test_one_value_stands_in_the_middle() -> None:
    picture = football_field([Bar("报告净值", "nav", 900_000, 900_000, 900_000)], (), field_words())
    bar = Drawn(picture.svg).all("rect", "field-bar")[0]
    assert 0 < float(bar.attrib["x"]) < picture.width


def test_hostile_words_stay_words() -> None:
    hostile = '</text><script>alert(1)</script>"\x00\u0008&'
    picture = football_field(
        [Bar(hostile, "nav", reason=hostile), *BARS], [PriceLine("ask", hostile, 820_000)], field_words(), prefix="p"
    )
    drawn = Drawn(picture.svg)
    assert "<script" not in picture.svg
    assert not drawn.all("script")
    assert any(words.startswith("</text>") for words in drawn.texts())


def test_the_picture_has_a_role_a_name_and_a_description() -> None:
    drawn = Drawn(football_field(BARS, LINES, field_words(), prefix="one").svg)
    assert drawn.root.attrib["role"] == "img"
    named = {item.get("id"): item.text for item in [*drawn.all("title"), *drawn.all("desc")]}
    assert drawn.root.attrib["aria-labelledby"].split() == ["one-title", "one-desc"]
    assert named["one-title"] == "估值区间"
    assert "3 个模型" in (named["one-desc"] or "")


def test_no_inline_style_and_no_script_is_needed() -> None:
    svg = football_field(BARS, LINES, field_words()).svg
    assert " style=" not in svg
    assert "<style" not in svg
    assert " on" not in svg.replace(" on=", "")


def test_paper_has_fixed_colours_and_a_font() -> None:
    svg = football_field(BARS, LINES, field_words(), palette=ON_PAPER).svg
    assert "var(" not in svg
    assert 'font-family="Noto Sans' in svg


def test_the_same_values_give_the_same_text() -> None:
    assert football_field(BARS, LINES, field_words()).svg == football_field(BARS, LINES, field_words()).svg


def test_bars_are_in_ppm_of_nav_and_in_money_when_nav_is_not_positive() -> None:
    opinion = an_opinion(ModelName.DISCOUNTED_CASH_FLOW, 700_000, 800_000, 900_000)
    silent = an_opinion(ModelName.LOOK_THROUGH, None, None, None, status="PARAMETERS_MISSING")
    panel = a_panel(opinion, silent)
    assert not in_money(panel)
    assert [bar.values for bar in bars_of(panel, NAMES, lambda item: item.status)] == [(700_000, 800_000, 900_000), ()]
    assert bars_of(panel, NAMES, lambda item: item.status)[1].reason == "PARAMETERS_MISSING"
    for nav in (0, -5, None):
        underwater = a_panel(opinion, nav=nav)
        assert in_money(underwater)
        assert bars_of(underwater, NAMES, lambda item: item.status)[0].values == (7_000, 8_000, 9_000)
    drawn = Drawn(football_field(bars_of(a_panel(opinion, nav=0), NAMES, str), (), field_words(money)).svg)
    assert "80.00" in drawn.texts()
