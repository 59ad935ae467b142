"""Parts of answers that calculators share: figures with a status, money, rates with all roots, texts of what is odd."""

import math
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field

from exchange.rest.model import ViewModel
from exchange.rest.numbers import MoneyView
from exchange.rest.texts import detail, title
from exchange.valuation.calculators.figures import Amount
from exchange.valuation.panel.opinion import Note
from exchange.valuation.performance.comparison import Measure
from exchange.valuation.performance.irr import Irr
from exchange.valuation.schemas.panel import NoteView, StatusView
from exchange.valuation.status import Status

FIGURE_PREFIX = "FIGURE_"
"""What stands before a status where its text for a calculator is kept."""
DIGITS, DIGITS_MIN = 9, 4
DECIMAL_PATTERN = r"^-?(0|[1-9][0-9]{0,14})\.[0-9]{4,9}$"
LARGEST = 1e15

DecimalText = Annotated[str, Field(pattern=DECIMAL_PATTERN, examples=["0.154321987"])]
"""A decimal number with four to nine fractional digits; a rate of 0.154321987 is 15.4321987 % a year."""
StatusCode = Annotated[str, Field(json_schema_extra={"enum": [status.code for status in Status]})]


def decimal_text(value: float) -> str | None:
    """A number with nine fractional digits, of which zeros beyond four are dropped; None from 10**15 on."""
    if not abs(value) < LARGEST:
        return None
    whole, _, fraction = f"{value:.{DIGITS}f}".partition(".")
    text = f"{whole}.{fraction.rstrip('0').ljust(DIGITS_MIN, '0')}"
    return text.removeprefix("-") if not text.strip("-0.") else text


class MeasureView(ViewModel):
    """A number with its status: null unless the status is OK or MULTIPLE_ROOTS."""

    status: StatusCode
    value: DecimalText | None

    @classmethod
    def of(cls, measure: Measure) -> "MeasureView":
        """From a figure of a calculator; one too large to write down says so."""
        value = None if measure.value is None else decimal_text(measure.value)
        is_lost = measure.value is not None and value is None
        return cls(status=Status.TOO_LARGE.code if is_lost else measure.status.code, value=value)


class AmountView(ViewModel):
    """Money with its status: null unless the status is OK."""

    status: StatusCode
    money: MoneyView | None

    @classmethod
    def of(cls, amount: Amount, currency: str) -> "AmountView":
        """From an amount of a calculator."""
        money = None if amount.minor is None else MoneyView.of(amount.minor, currency)
        return cls(status=amount.status.code, money=money)


class RateView(ViewModel):
    """A rate of return. ``rate`` is effective for a year (or a period, where flows have no dates), ``continuous`` is
    ln(1 + rate). ``roots``: every rate that solves the flows, ascending; ``roots_beyond`` counts those too large to
    write down. ``period_return`` covers the whole horizon and is not annualised: below a year it is what is shown.
    """

    status: StatusCode
    rate: DecimalText | None
    continuous: DecimalText | None
    roots: list[DecimalText]
    roots_beyond: int
    horizon: DecimalText | None
    period_return: DecimalText | None
    is_below_a_year: bool

    @classmethod
    def of(cls, irr: Irr, *, is_dated: bool = True) -> "RateView":
        """From a rate with its roots."""
        roots = [text for text in map(decimal_text, irr.roots) if text is not None]
        horizon, over_horizon = irr.horizon_years, irr.period_return
        return cls(
            status=irr.status.code,
            rate=None if irr.rate is None else decimal_text(irr.rate),
            continuous=None if irr.rate is None else decimal_text(_log(irr.rate)),
            roots=roots,
            roots_beyond=len(irr.roots) - len(roots),
            horizon=None if horizon is None else decimal_text(horizon),
            period_return=None if over_horizon is None else decimal_text(over_horizon),
            is_below_a_year=is_dated and irr.is_below_a_year,
        )


def _log(rate: float) -> float:
    """ln(1 + rate); a rate that rounds to -100 % has none."""
    return math.log1p(rate) if rate > -1 else -math.inf


class AnswerView(ViewModel):
    """What every answer ends with: notes on the figures, and a sentence for each status other than OK in it."""

    notes: list[NoteView]
    explanations: list[StatusView]

    def explained(self) -> Self:
        """The answer with its statuses explained, in the order in which they stand."""
        found = dict.fromkeys(code for code in _statuses(self) if code != Status.OK.code)
        return self.model_copy(update={"explanations": [explanation(code) for code in found]})


def _statuses(value: object) -> Iterator[str]:
    """Every status in an answer."""
    if isinstance(value, ViewModel):
        for name, part in value:
            if name == "status" and isinstance(part, str):
                yield part
            else:
                yield from _statuses(part)
    elif isinstance(value, list):
        for part in value:
            yield from _statuses(part)


def explanation(code: str) -> StatusView:
    """What a status means beside a calculator's figure."""
    key = f"{FIGURE_PREFIX}{code}"
    return StatusView(
        code=code,
        title_zh=title(key, "zh"),
        title_en=title(key, "en"),
        detail_zh=detail(key, "zh"),
        detail_en=detail(key, "en"),
    )


def note_views(notes: tuple[Note, ...]) -> list[NoteView]:
    """Notes with their sentences in both languages."""
    return [NoteView.of(note) for note in notes]
