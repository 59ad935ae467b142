"""Money in minor units (fen, cents) with its currency, and the one rounding of the exchange.

Rounding is half-up by magnitude: 0.5 goes away from zero, once for each published line. A sum is split by
the largest remainder, so the parts always add up to the whole.
Example: 100 minor units over weights 60, 45, 40 -> 41, 31, 28.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

PPM = 1_000_000
MINOR_DIGITS = {"CNY": 2, "USD": 2, "EUR": 2, "HKD": 2, "GBP": 2}
MAX_MINOR = 10**17  # one quadrillion yuan; keeps every sum of a book inside BIGINT

_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,6}))?", re.ASCII)


def divide_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded to an integer, halves away from zero. Denominator must be positive."""
    if denominator <= 0:
        raise ValueError("the denominator of a rounding must be positive")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total (>= 0) by weights (>= 0) with the largest remainder; ties go to the earlier part.

    The parts sum to the total. Source: largest-remainder (Hamilton) method.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("allocate needs a total >= 0 and weights >= 0 with a positive sum")
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    missing = total - sum(parts)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:missing]:
        parts[index] += 1
    return parts


def scale_decimal(text: str, digits: int) -> int:
    """A strict decimal string as an integer count of 10**-digits. ValueError for anything else.

    Refused: exponents, signs other than a leading minus, spaces, separators, unicode digits, NaN, more
    fractional digits than asked for (unless they are zero).
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError("not a strict decimal string")
    sign, whole, fraction = found.groups("")
    if fraction[digits:].strip("0"):
        raise ValueError("too many fractional digits")
    number = int(whole + fraction[:digits].ljust(digits, "0"))
    return -number if sign else number


def unscale_decimal(number: int, digits: int) -> str:
    """The decimal string of an integer count of 10**-digits, with exactly that many fractional digits."""
    sign = "-" if number < 0 else ""
    if digits == 0:
        return f"{sign}{abs(number)}"
    text = str(abs(number)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency. Two currencies never add."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def split(self, weights: Sequence[int]) -> "list[Money]":
        """Parts by largest remainder, keeping the sign of the whole; they sum to the whole."""
        sign = -1 if self.minor < 0 else 1
        return [Money(sign * part, self.currency) for part in allocate(abs(self.minor), weights)]

    def text(self) -> str:
        """The decimal string that goes over the wire, as ``72600000.00``."""
        return unscale_decimal(self.minor, MINOR_DIGITS[self.currency])

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add")
        return other


def money_from_text(text: str, currency: str) -> Money:
    """Money from its strict decimal string. ValueError for an unknown currency or a malformed number."""
    if currency not in MINOR_DIGITS:
        raise ValueError("unknown currency")
    minor = scale_decimal(text, MINOR_DIGITS[currency])
    if abs(minor) > MAX_MINOR:
        raise ValueError("amount out of bounds")
    return Money(minor, currency)
