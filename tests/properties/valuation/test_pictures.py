"""Axes hold their values, flags keep apart, text stays well-formed XML, whatever is drawn."""

from datetime import date
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.valuation.pictures.drawing import element, escaped
from exchange.valuation.pictures.lettering import flags, shortened, text_width
from exchange.valuation.pictures.scale import axis_of, day_axis

AMOUNTS = st.integers(-(10**18), 10**18)


@given(values=st.lists(AMOUNTS, max_size=8), count=st.integers(1, 12))
@settings(max_examples=200, deadline=None)
def test_an_axis_holds_every_value_with_few_round_ticks(values: list[int], count: int) -> None:
    axis = axis_of(values, count, 10.0, 500.0)
    assert axis.low < axis.high
    assert all(axis.low <= value <= axis.high for value in values)
    assert 2 <= len(axis.ticks) <= count + 3
    assert axis.ticks[0] == axis.low
    assert axis.ticks[-1] == axis.high
    step = axis.ticks[1] - axis.ticks[0]
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert all(10.0 <= axis.at(value) <= 500.0 for value in values)


@given(one=AMOUNTS, other=AMOUNTS)
@settings(max_examples=100, deadline=None)
def test_greater_values_stand_further_on(one: int, other: int) -> None:
    axis = axis_of([one, other], 5, 500.0, 10.0)
    assert (axis.at(one) >= axis.at(other)) or one > other


@given(days=st.lists(st.dates(), max_size=8), room=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_an_axis_of_days_names_few_years_within_it(days: list[date], room: int) -> None:
    axis = day_axis(days, room, 0.0, 100.0)
    assert len(axis.ticks) <= 9
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks)
    assert all(-0.01 <= axis.at(day.toordinal()) <= 100.01 for day in days)


@given(
    labels=st.lists(st.tuples(st.floats(0, 300), st.floats(10, 120)), max_size=6),
)
@settings(max_examples=200, deadline=None)
def test_flags_never_overlap_and_stay_inside(labels: list[tuple[float, float]]) -> None:
    placed = flags([x for x, _ in labels], [width for _, width in labels], 300.0)
    for index, one in enumerate(placed):
        assert one.left >= 0
        assert one.right <= 300.0 + 1e-9
        for other in placed[index + 1 :]:
            assert one.lane != other.lane or one.right <= other.left or other.right <= one.left


@given(words=st.text(max_size=60), width=st.floats(20, 300))
@settings(max_examples=150, deadline=None)
def test_shortened_words_fit_and_begin_alike(words: str, width: float) -> None:
    short = shortened(words, width, 12)
    assert short == words or short.endswith("…")
    assert text_width(short, 12) <= max(width, text_width("…", 12))
    assert words.startswith(short.removesuffix("…")) or short == words


@given(words=st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_stays_text_in_xml(words: str) -> None:
    read = ElementTree.fromstring(element("text", escaped(words), title=words))
    assert not list(read)
    assert set(read.attrib) == {"title"}
