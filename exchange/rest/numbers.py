"""Numbers on the wire: strict decimal strings in, exact strings out. JSON numbers never carry money.

Refused with a code of their own: JSON numbers, NaN, exponents, unicode digits, spaces, underscores, signs
(but where a type allows a minus), more fractional digits than the unit has, leading zeros.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from exchange.core.money import MINOR_DIGITS, Money, scale_decimal, unscale_decimal
from exchange.rest.model import ViewModel

AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$"
SIGNED_AMOUNT_PATTERN = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$"
RATIO_PATTERN = r"^(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?$"
SIGNED_RATIO_PATTERN = r"^-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?$"
DATE_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _text(code: str, pattern: str, *, above_zero: bool = False) -> Callable[[object], str]:
    compiled = re.compile(pattern, re.ASCII)

    def strict(value: object) -> str:
        if not isinstance(value, str) or len(value) > 20 or value.endswith("\n") or not compiled.match(value):
            raise PydanticCustomError(code, "not a strict decimal string")
        if above_zero and not value.strip("0."):
            raise PydanticCustomError("NUMBER_NOT_POSITIVE", "must be above zero")
        return value

    return strict


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


AmountText = Annotated[
    str,
    BeforeValidator(_text("AMOUNT_FORMAT", AMOUNT_PATTERN)),
    _schema(AMOUNT_PATTERN, "72600000.00"),
]
"""Money that is zero or more, in currency units: ``72600000.00``."""

PositiveAmountText = Annotated[
    str,
    BeforeValidator(_text("AMOUNT_FORMAT", AMOUNT_PATTERN, above_zero=True)),
    _schema(AMOUNT_PATTERN, "20000000.00"),
]
"""Money above zero."""

SignedAmountText = Annotated[
    str,
    BeforeValidator(_text("AMOUNT_FORMAT", SIGNED_AMOUNT_PATTERN)),
    _schema(SIGNED_AMOUNT_PATTERN, "-1250000.00"),
]
"""Money of either sign."""

RatioText = Annotated[
    str,
    BeforeValidator(_text("RATIO_FORMAT", RATIO_PATTERN)),
    _schema(RATIO_PATTERN, "0.8550"),
]
"""A ratio with at most six fractional digits: ``0.8550`` is 85.50 %."""

SignedRatioText = Annotated[
    str,
    BeforeValidator(_text("RATIO_FORMAT", SIGNED_RATIO_PATTERN)),
    _schema(SIGNED_RATIO_PATTERN, "-0.0250"),
]
"""A ratio of either sign, such as a growth rate: ``-0.0250`` is -2.50 %."""

PositiveRatioText = Annotated[
    str,
    BeforeValidator(_text("RATIO_FORMAT", RATIO_PATTERN, above_zero=True)),
    _schema(RATIO_PATTERN, "0.8550"),
]
"""A ratio above zero, such as a price."""


def _date(value: object) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(DATE_PATTERN[1:-1], value, re.ASCII):
        raise PydanticCustomError("DATE_FORMAT", "not a date")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("DATE_FORMAT", "not a date") from error


DateText = Annotated[
    date,
    BeforeValidator(_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DATE_PATTERN, "examples": ["2026-07-01"]}),
]
"""A calendar date, ``2026-07-01``, and nothing looser."""


def _currency(value: str) -> str:
    if value not in MINOR_DIGITS:
        raise PydanticCustomError("CURRENCY_UNKNOWN", "unknown currency")
    return value


CurrencyText = Annotated[
    str, Strict(), AfterValidator(_currency), WithJsonSchema({"type": "string", "enum": sorted(MINOR_DIGITS)})
]

Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
"""A JSON integer, for counts and ratings; never for money."""


def ratio_ppm(text: str) -> int:
    """Parts per million of a checked ratio: ``0.8550`` -> 855_000."""
    return scale_decimal(text, 6)


def ratio_text(ppm: int) -> str:
    """A ratio with six digits' precision and at least four shown: 855_000 -> ``0.8550``."""
    text = unscale_decimal(ppm, 6)
    return text[:-2] if text.endswith("00") else text


class MoneyView(ViewModel):
    """An amount with its currency: ``{"amount": "72600000.00", "currency": "CNY"}``."""

    amount: Annotated[str, _schema(SIGNED_AMOUNT_PATTERN, "72600000.00")]
    currency: str

    @classmethod
    def of(cls, minor: int, currency: str) -> "MoneyView":
        """From minor units (fen, cents)."""
        return cls(amount=Money(minor, currency).text(), currency=currency)
