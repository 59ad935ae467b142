"""The valuation note: what it says in both languages, figures as text, and the PDF made of it."""

import ast
import io
import re
import string
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from exchange.core.terms import SourceMark
from exchange.fonts import font_files
from exchange.infra.coverage import covered, displayable
from exchange.valuation.note.content import NoteSubject, WeightsEntered, note_content, shows_irr
from exchange.valuation.note.figures import amount_text, number_text, percent_text, short_text
from exchange.valuation.note.sentences import Price, input_value, mark_words, note_sentence, price_lines, reason_of
from exchange.valuation.panel.facts import Sourced
from exchange.valuation.panel.opinion import Disagreement, Input, Kind, ModelName, Note, Opinion, Panel, Weight
from exchange.valuation.service.note import note_pdf
from exchange.valuation.service.words import words_of
from exchange.valuation.status import Status
from tests.architecture.source import PACKAGE, python_files
from tests.unit.valuation.drawn import a_panel, an_opinion

ON = date(2026, 3, 31)
NAV = 1_234_567_800
HOSTILE = '#panic("x") $y$ *bold* @ref \\u{0} </svg> 𠮷 ก \x00'


def a_subject(panel: Panel | None = None, **changes: object) -> NoteSubject:
    """A note about a fund whose two models disagree and whose look-through is silent."""
    nav = an_opinion(ModelName.REPORTED_NAV, 1_000_000, 1_000_000, 1_000_000, nav=NAV)
    cash_flow = replace(
        an_opinion(ModelName.DISCOUNTED_CASH_FLOW, 700_000, 780_000, 860_000, nav=NAV),
        inputs=(
            Input("target_return_point", "0.180000", "ratio", "computed", "Buyer survey 2025H2", date(2025, 12, 31)),
        ),
    )
    silent = Opinion(
        ModelName.LOOK_THROUGH, Kind.NAV, "PARAMETERS_MISSING", notes=(Note("NO_SCHEDULE", (("n", "0"),)),)
    )
    made = panel or replace(
        a_panel(nav, cash_flow, silent, nav=NAV),
        disagreements=(Disagreement(ModelName.REPORTED_NAV, ModelName.DISCOUNTED_CASH_FLOW, 140_000),),
    )
    subject = NoteSubject(
        "valuation_01", "海河硬科技一期基金", "HH01", "海河资本", "创投", 2019, made, "f" * 64, "a" * 64, "b" * 64,
        "panel 1",
        datetime(2026, 6, 30, 8, tzinfo=UTC),
    )  # fmt: skip
    return replace(subject, **changes)  # type: ignore[arg-type]


def read(pdf: bytes) -> str:
    """All words of a PDF on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture(scope="module")
def with_font() -> Path:
    """The bold file of the Chinese font."""
    files = font_files()
    if not files:
        pytest.skip("no Chinese font on this machine: neither Noto Sans CJK nor the npm package")
    return files[-1]


def test_figures_are_rounded_half_up_and_grouped() -> None:
    assert percent_text(855_049) == "85.50%"
    assert percent_text(-855_050) == "-85.51%"
    assert percent_text(12_345_678_900) == "1,234,567.89%"
    assert number_text(1_435_000) == "1.44"
    assert amount_text(123_456_789_01, "CNY") == "123,456,789.01"
    assert amount_text(-1, "CNY") == "-0.01"


def test_short_amounts_use_the_units_of_the_language() -> None:
    assert short_text(123_456_789_000, "CNY", "zh") == "12.35 亿"
    assert short_text(123_456_789_000, "CNY", "en") == "1.23bn"
    assert short_text(-5_000_000, "USD", "zh") == "-5 万"
    assert short_text(50_000_000, "USD", "en") == "500k"
    assert short_text(0, "CNY", "en") == "0"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_model_kind_status_and_mark_has_words(language: str) -> None:
    words = words_of(language)
    keys = [f"model.{model.value}" for model in ModelName]
    keys += [f"kind.{kind.value}" for kind in Kind]
    keys += [f"{kind}.{status.code}" for status in Status for kind in ("status", "why")]
    keys += [f"mark.{mark.value}" for mark in SourceMark]
    assert [key for key in keys if not words.get(key)] == []


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    def placeholders(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    chinese, english = words_of("zh"), words_of("en")
    assert chinese.keys() == english.keys()
    assert [key for key in chinese if placeholders(chinese[key]) != placeholders(english[key])] == []


def test_every_code_of_the_panel_has_words() -> None:
    found = set()
    for source in python_files(PACKAGE / "valuation" / "panel", PACKAGE / "valuation" / "pricing"):
        texts = (node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant))
        found |= {text for text in texts if isinstance(text, str) and re.fullmatch(r"[A-Z]{2,}(_[A-Z]+)+", text)}
    assert "NAV_OLD" in found
    known = {key.removeprefix("note.") for key in words_of("zh") if key.startswith("note.")}
    assert found - known == set()


def test_values_are_put_into_words() -> None:
    words = words_of("en")
    note = Note("DEFERRED_HEADLINE", (("headline", "0.955000"), ("share", "0.400000"), ("days", "365")))
    assert note_sentence(note, words) == (
        "With 40.00% of the price paid after 365 days, a headline of 95.50% of NAV has the same present value."
    )
    strategy = Note("MARKET_PRICE_OF_ALL_STRATEGIES", (("strategy", "venture"),))
    assert note_sentence(strategy, words).startswith("No price is published for venture;")


@pytest.mark.parametrize(
    ("name", "value", "unit", "shown"),
    [
        ("target_return_point", "0.180000", "ratio", "18.00%"),
        ("beta", "1.400000", "ratio", "1.40"),
        ("remaining_years", "1.500000", "ratio", "1.50 years"),
        ("nav", "-1234567.80", "CNY", "-1,234,567.80 CNY"),
        ("life_years", "12", "years", "12 years"),
        ("index", "US equity", "text", "US equity"),
        ("odd", "what", "furlongs", "what furlongs"),
    ],
)
def test_inputs_are_shown_in_their_unit(name: str, value: str, unit: str, shown: str) -> None:
    assert input_value(Input(name, value, unit, "reported", "x", None), "CNY", words_of("en")) == shown


def test_a_published_figure_is_not_said_to_be_a_manager_s() -> None:
    words = words_of("en")
    beta, nav = (Input(name, "1.000000", "ratio", "reported", "x", None) for name in ("beta", "nav"))
    assert (mark_words(beta, words), mark_words(nav, words)) == ("Published", "Reported")


def test_a_code_without_words_is_shown_with_its_values() -> None:
    words = words_of("en")
    assert note_sentence(Note("SOMETHING_NEW", (("days", "9"),)), words) == "SOMETHING_NEW (days=9)"
    assert note_sentence(Note("SOMETHING_NEW"), words) == "SOMETHING_NEW"
    silent = Opinion(ModelName.LOOK_THROUGH, Kind.NAV, "NAV_MISSING", notes=(Note("SOMETHING_NEW"),))
    assert reason_of(silent, words) == "No NAV is reported up to the valuation day. SOMETHING_NEW."


def test_prices_are_brought_to_the_axis_of_the_panel() -> None:
    words = words_of("zh")
    prices = {"ask": Price(850_000, 10_000), "best_bid": None, "my_bid": Price(700_000, 20_000)}
    assert [(line.name, line.value) for line in price_lines(a_panel(), prices, words)] == [
        ("ask", 850_000),
        ("my_bid", 1_400_000),
    ]
    in_money = price_lines(a_panel(nav=0), prices, words)
    assert [(line.name, line.value) for line in in_money] == [("ask", 8_500), ("my_bid", 14_000)]


def test_the_note_never_averages_and_says_when_there_are_no_weights() -> None:
    content = note_content(a_subject(), words_of("en"), "en")
    assert content["weights"] == {
        "sentence": "Nobody has entered weights for the models, so there is no weighted figure.",
        "columns": [],
        "rows": [],
    }


def test_weights_are_shown_with_who_entered_them_and_why() -> None:
    mark = SourceMark.COMPUTED
    weights = tuple(
        Weight(model, Sourced(ppm, mark, "own", ON))
        for model, ppm in ((ModelName.DISCOUNTED_CASH_FLOW, 600_000), (ModelName.REPORTED_NAV, 400_000))
    )
    subject = a_subject(weights=WeightsEntered(weights, "王芳", ON, "近期有可比成交"))
    entered = note_content(subject, words_of("zh"), "zh")["weights"]
    assert entered == {
        "sentence": "由 王芳 于 2026-03-31 录入。理由：近期有可比成交",
        "columns": ["模型", "权重"],
        "rows": [["现金流折现", "60.00%"], ["报告净值", "40.00%"]],
    }


def test_the_irr_warning_stands_where_an_irr_stands() -> None:
    assert not shows_irr(a_subject().panel)
    opinion = replace(
        an_opinion(ModelName.DISCOUNTED_CASH_FLOW, 1, 1, 1), notes=(Note("IMPLIED", (("implied_irr", "0.15"),)),)
    )
    assert shows_irr(a_panel(opinion))
    assert note_content(a_subject(a_panel(opinion)), words_of("en"), "en")["irr_warning"]
    assert not note_content(a_subject(), words_of("en"), "en")["irr_warning"]


@pytest.mark.usefixtures("with_font")
def test_the_pdf_tells_everything_in_chinese() -> None:
    words = read(note_pdf(a_subject(is_simulated=True, is_stale=True), "zh"))
    for said in (
        "估值说明", "海河硬科技一期基金", "2026-06-30", "2026-03-31", "12,345,678.00 CNY", "91 天（过旧）", "78.00%",
        "9,629,628.84", "该市场尚无人录入模型所需的参数", "区间不相交，相差 14.00%", "18.00%", "平台计算",
        "Buyer survey 2025H2",
        "没有人为各模型录入权重", "a" * 64, "b" * 64, "模拟数据", "现金流折现", "占参考净值的百分比",
    ):  # fmt: skip
        assert said in words, said


@pytest.mark.usefixtures("with_font")
def test_the_pdf_tells_everything_in_english() -> None:
    words = read(note_pdf(a_subject(), "en"))
    for said in ("Valuation note", "海河硬科技一期基金", "Discounted cash flow", "Page 1 of", "Nobody has entered"):
        assert said in words, said


@pytest.mark.usefixtures("with_font")
def test_the_same_valuation_gives_the_same_bytes() -> None:
    assert note_pdf(a_subject(), "zh") == note_pdf(a_subject(), "zh")


@pytest.mark.usefixtures("with_font")
def test_the_pdf_is_an_archive_document_of_the_valuation_day() -> None:
    reader = PdfReader(io.BytesIO(note_pdf(a_subject(), "zh")))
    assert reader.metadata is not None
    assert reader.metadata.title == "估值说明 海河硬科技一期基金（HH01）"
    assert reader.metadata.creation_date == datetime(2026, 6, 30, tzinfo=UTC)
    assert reader.xmp_metadata is not None
    assert b"pdfaid" in reader.xmp_metadata.stream.get_data()


@pytest.mark.usefixtures("with_font")
def test_hostile_text_stays_text_and_rare_characters_are_named() -> None:
    words = read(note_pdf(a_subject(fund_name=HOSTILE, manager=HOSTILE), "zh"))
    assert '#panic("x") $y$ *bold* @ref' in words
    assert "[U+20BB7]" in words
    assert "[U+0E01]" in words


def test_an_empty_panel_still_makes_a_note(with_font: Path) -> None:
    nothing = Panel("fund", ON, "CNY", None, None, None, None, (), ())
    words = read(note_pdf(a_subject(nothing), "en"))
    assert "No model gives a range." in words
    assert with_font.exists()


def test_coverage_is_read_from_the_font(with_font: Path) -> None:
    ranges = covered(with_font)
    assert displayable("净值 NAV ≥ 85%", ranges) == "净值 NAV ≥ 85%"
    assert displayable("a\u202eb\x07\ud800\n", ranges) == "ab\n"
    assert displayable("𠮷", ranges) == "[U+20BB7]"
    assert displayable("e\u0301", ranges) == "é"
