"""What the secondary market was seen to pay for such funds: low, middle and high in ppm of NAV, from published rows.

Rows are chosen by region, then strategy, then the latest publication known on the day: a row published after it is as
good as unwritten, and one older than five years is history. A strategy without a row of its own falls back on 'all',
with a note. A region without rows has no market price: PARAMETERS_MISSING; prices of one region never stand in for
another's.

The middle is the chosen row's. Low and high are the row's own; where a publisher gave an average only, they are the
span of the averages published for the same strategy over the five years up to the chosen row: what the market's own
average went through in about one cycle. With fewer than three such rows, the span of 'all' is laid around the middle in
proportion; without that too, there is no range: low and high are the middle and a note says so. A derived range never
leaves out the middle. It is the spread of averages in time, not of single sales, which is wider.
Example: all funds 92, 85, 89, 87 over four years: middle 87, low 85, high 92.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from exchange.core.money import divide_half_up
from exchange.valuation.panel.assumptions import MarketPrice
from exchange.valuation.panel.opinion import Note
from exchange.valuation.status import Status

ALL_STRATEGIES = "all"
SPAN_YEARS = 5
SPAN_ROWS_MIN = 3


@dataclass(frozen=True, slots=True)
class MarketRange:
    """A range in ppm of NAV with the row its middle comes from; no figures unless the status is OK."""

    status: Status
    low_ppm: int | None = None
    mid_ppm: int | None = None
    high_ppm: int | None = None
    row: MarketPrice | None = None
    notes: tuple[Note, ...] = ()


def market_range(rows: Iterable[MarketPrice], region: str, strategy: str, known_on: date) -> MarketRange:
    """The market's range for a fund of this region and strategy, from rows published on or before `known_on`."""
    since = _years_before(known_on, SPAN_YEARS)
    known = [row for row in rows if row.region == region and row.published_on <= known_on]
    own = [row for row in _of(known, strategy) if row.published_on > since]
    of_all = [row for row in _of(known, ALL_STRATEGIES) if row.published_on > since]
    chosen = own or of_all
    if not chosen:
        return MarketRange(Status.PARAMETERS_MISSING)
    row = chosen[-1]
    notes: tuple[Note, ...] = ()
    if not own:
        notes = (Note("MARKET_PRICE_OF_ALL_STRATEGIES", (("strategy", strategy),)),)
    if row.low_ppm is not None and row.high_ppm is not None:
        return MarketRange(Status.OK, row.low_ppm, row.mid_ppm, row.high_ppm, row, notes)
    low, high, how = _derived(row, _of(known, row.strategy), _of(known, ALL_STRATEGIES))
    low = row.low_ppm if row.low_ppm is not None else min(low, row.mid_ppm)
    high = row.high_ppm if row.high_ppm is not None else max(high, row.mid_ppm)
    return MarketRange(Status.OK, low, row.mid_ppm, high, row, (*notes, how))


def _of(rows: Iterable[MarketPrice], strategy: str) -> list[MarketPrice]:
    """Rows of a strategy from the earliest to the latest known; of one day the later period comes last."""
    return sorted((row for row in rows if row.strategy == strategy), key=lambda row: (row.published_on, row.period))


def _derived(row: MarketPrice, same: Sequence[MarketPrice], of_all: Sequence[MarketPrice]) -> tuple[int, int, Note]:
    """Low and high for a published average, and the note that says where they come from."""
    recent = _recent(same, row)
    if len(recent) >= SPAN_ROWS_MIN:
        return min(recent), max(recent), _note("MARKET_RANGE_OF_AVERAGES", row.strategy, len(recent))
    around = _recent(of_all, row)
    if len(around) >= SPAN_ROWS_MIN:
        middle = around[-1]
        low, high = (divide_half_up(row.mid_ppm * end, middle) for end in (min(around), max(around)))
        return low, high, _note("MARKET_RANGE_IN_PROPORTION", ALL_STRATEGIES, len(around))
    return row.mid_ppm, row.mid_ppm, _note("MARKET_RANGE_UNKNOWN", row.strategy, len(recent))


def _recent(rows: Sequence[MarketPrice], until: MarketPrice) -> list[int]:
    """Averages published over the years up to a row."""
    since = _years_before(until.published_on, SPAN_YEARS)
    return [row.mid_ppm for row in rows if since < row.published_on <= until.published_on]


def _years_before(day: date, years: int) -> date:
    """The same day some years before; 28 February for the 29th."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - years, 2, 28)
    return day.replace(year=day.year - years)


def _note(code: str, strategy: str, rows: int) -> Note:
    return Note(code, (("strategy", strategy), ("rows", str(rows)), ("years", str(SPAN_YEARS))))
